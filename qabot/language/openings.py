"""The words that a sentence begins with, which a capital there does not make into names."""

from __future__ import annotations

import re

from qabot.language.people import OFFICES

# Determiners, pronouns, conjunctions, prepositions, adverbs and question words; then the people without a name, and
# the nouns and participles, that reports begin with.
OPENERS = frozenset(
    """
    a an the this that these those each every either neither both all any some many much more most few fewer several
    another other others such no none one two three four five six seven eight nine ten half
    i you he she it we they his her its their our your my mine here there
    and but or nor so yet for if unless until till while whereas whether because although though even as since once
    when whenever where wherever who whom whose which what why how than
    about above across after against along alongside amid among around at before behind below beneath beside besides
    between beyond by concerning despite down during except following from given in including inside into like near
    of off on onto out outside over past per regarding through throughout to toward towards under unlike up upon via
    with within without
    also again almost already always anyway apart clearly earlier elsewhere especially eventually ever finally first
    firstly second secondly third thirdly fortunately further furthermore generally hence however importantly indeed
    initially instead just last lastly late later lately likewise maybe meanwhile moreover mostly nearly never
    nevertheless next nonetheless not nothing now obviously often only originally otherwise overall particularly
    perhaps presently previously probably quite rather recently sadly separately similarly simply sometimes soon
    still subsequently suddenly then thereafter therefore thus today together tomorrow tonight too typically
    ultimately unfortunately usually very well yesterday yes
    is are was were be been being am do does did has have had can could will would shall should may might must let
    lets let's
    according asked added speaking writing responding referring citing quoting adding noting having being seeing
    based compared considering depending owing thanks due regardless
    people critics analysts experts officials officers authorities observers investigators researchers scientists
    lawmakers politicians ministers diplomats leaders sources aides advisers advisors opponents supporters protesters
    police soldiers troops rebels shares investors traders economists campaigners residents witnesses everyone
    everybody someone somebody nobody anyone anybody everything something anything
    new old great good big little major top key asking making taking getting
    """.split()
)

_FINITE = (
    r"said|says|told|tells|is|was|are|were|has|have|had|will|would|could|can|may|might|must|should|did|does|do|"
    r"added|announced|wrote|warned|argued|called|claimed|denied|began|became|made|took|went|came|remains?"
)
_CLAUSE = re.compile(rf"[\"“‘'(\[]|(?:[A-Z][\w’'-]+ ){{1,2}}(?:also |then |now |later )?(?:{_FINITE})\b")
_FIRST_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")


def begins_clause(text: str) -> bool:
    """Whether a sentence seems to begin with ``text``: a function word, a quotation, a name with its verb."""
    first = _FIRST_WORD.match(text)
    word = first[0].casefold() if first else ""
    # After "U.S." an office goes with the name: "U.S. President Biden said".
    return (word in OPENERS and text[0].isupper()) or (word not in OFFICES and bool(_CLAUSE.match(text)))
