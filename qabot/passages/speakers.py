"""The clause in a sentence that says who speaks: "Kirby said", "said a senior official", "according to Milley"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from qabot.language.openings import OPENERS
from qabot.language.people import OFFICES, TITLES
from qabot.language.speech import SAYING, SAYING_WITH_MORE, SPEAKERS
from qabot.passages.marks import QUOTED

SpeakerKind = Literal["name", "noun", "pronoun"]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, in the sentence's words ``[start, end)``; ``title`` is a "mr" or "gen" that stands before a name."""

    words: str
    kind: SpeakerKind
    start: int
    end: int
    title: str = ""


_TOKEN = re.compile(
    rf"(?:[A-Z]\.)+(?=\s)|[\w£$€&](?:[\w’'&./-]*\w)?(?:\.(?=\w| [A-Z])|['’](?=\s))?|[^\w\s{QUOTED}]|{QUOTED}"
)
_VERBS = SAYING | SAYING_WITH_MORE
_BETWEEN = frozenset(
    "has have had also later recently reportedly therefore then publicly repeatedly since already further previously "
    "now once earlier simply bluntly always often still even himself herself itself themselves both all nevertheless "
    "however meanwhile yesterday today correctly rightly angrily flatly strongly firmly consistently openly".split()
)
_PASSIVE = frozenset("is are was were be been being am to is not".split())
_PRONOUNS = frozenset("he she they it".split())
_DETERMINERS = frozenset(
    "a an the one another some several two three many most other one's his her its their these those this".split()
)
_ARTICLES = frozenset("the these those his her its their".split())
_COUNTS = frozenset("two three many other".split())
# Adjectives that also open sentences.
_ADJECTIVES = frozenset("new old great good big little major top key first second third other many much last".split())
# These are nouns as often: "Milley's comments", "media reports".
_NOUNS_TOO = frozenset(
    "comments claims reports notes states estimates calls demands hopes promises answers shows "
    "finds asks hints points blamed thought found".split()
)
_JOINING = frozenset("of for at from with in on by to and".split())
_IN_NAMES = frozenset("of for and & the de van von al bin der da la le du".split())
_ENDS = frozenset(
    "who which that in on at after before during to when as while is are was were will would has had have about adding "
    "from by into with this last earlier late if because but and speaking".split()
)
_TITLES = frozenset(title.casefold() for title in TITLES)
_HEADS = SPEAKERS | OFFICES
_SPEAKS = re.compile(rf"\b(?:{'|'.join(sorted(_VERBS))}|quoted|according)\b", re.IGNORECASE)
_ACCORDING = re.compile(r"\b[Aa]ccording to ")
_REPORT_OF = re.compile(
    r"^(?:an?|the)(?: [\w-]+){0,2} (?:report|story|article|interview|account|statement)s? (?:from|by|in|published by) ",
    re.IGNORECASE,
)
_MOST_WORDS = 9


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        return self.text.casefold().rstrip(".")

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()


def speakers(plain: str) -> list[Speaker]:
    """Those whom a sentence names as speaking, the ones beside quoted words first.

    ``plain`` is the sentence with what is quoted as U+FFFC.
    """
    if not _SPEAKS.search(plain):
        return []
    tokens = [_Token(found[0], *found.span()) for found in _TOKEN.finditer(plain)]
    beside: list[Speaker] = []
    others: list[Speaker] = []
    for n, token in enumerate(tokens):
        if token.low == "quoted" and (found := _quoted_as_saying(tokens, n)) is not None:
            beside.append(found)
        if token.low not in _VERBS or (token.is_capital and n):
            continue
        if n and tokens[n - 1].low in _PASSIVE and token.low != "quoted":
            continue
        found = _before(tokens, n) or (_after(tokens, n) if _inverted(tokens, n) else None)
        if found is None or (token.low in _NOUNS_TOO and found.kind == "noun"):
            continue
        preceding = next((other for other in reversed(tokens[:n]) if other.end <= found.start), None)
        if preceding is not None and preceding.low in _CONDITIONAL:
            continue
        ends = (
            preceding is not None and preceding.text in ",–—-" and _ends_sentence(tokens, max(n, _index(tokens, found)))
        )
        quoted = _quote_near(tokens, n) or ends
        if token.low in SAYING or quoted or _takes_that(tokens, n):
            (beside if quoted else others).append(found)
    said = [*beside, *others]
    for match in _ACCORDING.finditer(plain):
        following = [token for token in tokens if token.start >= match.end()]
        found = _according(following, plain)
        if found is not None:
            said.append(found)
    return said


_CONDITIONAL = frozenset("which if whether when whenever unless until before once should than".split())


def _index(tokens: list[_Token], found: Speaker) -> int:
    return next(n for n, token in enumerate(tokens) if token.end >= found.end)


def _ends_sentence(tokens: list[_Token], last: int) -> bool:
    """Whether nothing but when and where follows: ", the general suggested on Monday." """
    following = tokens[last + 1 :]
    return not following or following[0].text in ".!?" or (len(following) < _MOST_WORDS and following[0].low in _ENDS)


def _quoted_as_saying(tokens: list[_Token], verb: int) -> Speaker | None:
    """ "The paper quoted the executive as saying", "Lee was quoted as saying"."""
    if tokens[verb + 1 : verb + 2] and tokens[verb + 1].low == "as" and tokens[verb - 1].low in _PASSIVE:
        return _before(tokens, verb - 1)
    return _after(tokens, verb) if any(token.low == "saying" for token in tokens[verb + 2 : verb + 12]) else None


def _quote_near(tokens: list[_Token], verb: int) -> bool:
    """Whether quoted words stand within a clause of the verb."""
    return any(token.text == QUOTED for token in tokens[max(0, verb - 8) : verb + 8])


def _takes_that(tokens: list[_Token], verb: int) -> bool:
    return any(token.low == "that" for token in tokens[verb + 1 : verb + 4])


def _inverted(tokens: list[_Token], verb: int) -> bool:
    """Whether the subject can follow: right after quoted words or a comma, or as the first word."""
    if tokens[verb].low in ("told", "tell", "tells"):
        return False
    if verb == 0:
        return True
    before = tokens[verb - 1].text
    return before == QUOTED or (before in ",-–—" and verb + 1 < len(tokens))


def _before(tokens: list[_Token], verb: int) -> Speaker | None:
    n = verb - 1
    while n >= 0 and (tokens[n].low in _BETWEEN or (tokens[n].low.endswith("ly") and not tokens[n].is_capital)):
        n -= 1
    if n >= 0 and tokens[n].text == QUOTED:
        while n >= 0 and tokens[n].text == QUOTED:
            n -= 1
        found = _ending_at(tokens, n)  # 'a source "close to the mayor" said'
        return found if found is not None and found.words.split()[0] in _DETERMINERS else None
    if n >= 1 and tokens[n].low == "who":
        found = _ending_at(tokens, n - 1)
        reports = _takes_that(tokens, verb) or any(token.text == QUOTED for token in tokens[verb + 1 : verb + 6])
        return found if found is not None and found.kind == "noun" and reports else None
    if n >= 0 and tokens[n].text == ")":
        while n >= 0 and tokens[n].text != "(":
            n -= 1
        n -= 1
    if n >= 0 and tokens[n].text == ",":
        return _before_apposition(tokens, n)
    found = _ending_at(tokens, n)
    if found is not None and found.kind == "noun":
        comma = next((m for m in range(n, -1, -1) if tokens[m].end <= found.start), -1)
        first = found.words.split()[0]
        apposed = first not in _DETERMINERS or (first in ("a", "an") and " of " in found.words)
        if apposed and comma > 0 and tokens[comma].text == ",":
            owner = _ending_at(tokens, comma - 1)  # "Mr Poole, the firm's chief executive said"
            if owner is not None and owner.kind == "name" and (owner.title or " " in owner.words):
                return owner
    return found


def _before_apposition(tokens: list[_Token], comma: int) -> Speaker | None:
    """ "John Kirby, the spokesman of the council, said": the name before the comma before."""
    for n in range(comma - 1, max(-1, comma - 16), -1):
        if tokens[n].text == QUOTED or tokens[n].text in ";:.":
            return None
        if tokens[n].text == "," and n >= 1:
            inside = tokens[n + 1 : comma]
            if inside[0].low in ("who", "which") or (
                any(token.low in _HEADS for token in inside) and not any(token.low in _VERBS for token in inside)
            ):
                found = _ending_at(tokens, n - 1)
                if found is not None and found.kind == "name":
                    return found
    return None


def _ending_at(tokens: list[_Token], last: int) -> Speaker | None:
    """The noun phrase whose last word is ``tokens[last]``."""
    if last < 0 or not tokens[last].is_word:
        return None
    head = tokens[last]
    if head.low in _PRONOUNS:
        return Speaker(head.text, "pronoun", head.start, head.end)
    if not head.is_capital and _singular(head.low) not in _HEADS:
        if head.low in OPENERS or head.low in _VERBS:
            return None
        joining = next((n for n in range(last, max(0, last - 5), -1) if tokens[n].low in _JOINING), 0)
        first = _joined(tokens, joining, last)
        return None if first is None else _named(tokens[first : last + 1], opening=first == 0)
    first = last
    while first > 0 and last - first < _MOST_WORDS and _within(tokens, first - 1, last):
        first -= 1
    while first <= last and tokens[first].low in _IN_NAMES - {"the"}:
        first += 1
    if re.search(r"['’]s?$", head.text) and not head.text.endswith(("s's", "s’s")):
        return None  # "Milley's comments"
    if first > 0 and tokens[first - 1].low in _JOINING:
        longer = _joined(tokens, first - 1, last)
        owner = _ending_at(tokens, first - 2) if tokens[first - 1].low != "and" else None
        if longer is not None:
            first = longer
        elif owner is not None and owner.kind == "name" and (owner.title or " " in owner.words):
            return owner  # "Eric Rowe of the council said"
        elif tokens[first - 1].low not in ("and", "that", "with"):
            return None
    return _named(tokens[first : last + 1], opening=first == 0)


def _within(tokens: list[_Token], n: int, last: int) -> bool:
    """Whether the phrase that ends at ``last`` can begin with ``tokens[n]`` or before."""
    token, after = tokens[n], tokens[n + 1]
    if token.low in _ARTICLES and after.low in _COUNTS:
        return True
    if not token.is_word or token.low in _VERBS or (after.low in _DETERMINERS and not after.is_capital):
        return False
    if after.low in _DETERMINERS and token.low not in _IN_NAMES:
        return False
    if token.is_capital:
        return token.low not in OPENERS or token.low in _DETERMINERS or n == 0 or token.low in _ADJECTIVES
    if token.low in _DETERMINERS:
        return True
    if token.low in _IN_NAMES:
        return n > 0 and (tokens[n - 1].is_capital or token.low in ("of", "for")) and after.is_capital
    return (token.low not in OPENERS or token.low in _ADJECTIVES) and token.low not in _NOT_IN_PHRASE


_NOT_IN_PHRASE = _JOINING | _ENDS | frozenset("than whether what how why not or so yet like".split())


def _joined(tokens: list[_Token], joining: int, last: int) -> int | None:
    """ "a spokesman for the firm": where the phrase begins, when a person or a body stands before the preposition."""
    if joining < 1 or _singular(tokens[joining - 1].low) not in _HEADS or tokens[joining - 1].is_capital:
        return None
    first = joining - 1
    while first > 0 and last - first < _MOST_WORDS + 4 and _within(tokens, first - 1, joining - 1):
        first -= 1
    return first


def _after(tokens: list[_Token], verb: int) -> Speaker | None:
    n = verb + 1
    if n < len(tokens) and tokens[n].low in _PRONOUNS:
        if not any(token.text == QUOTED for token in tokens[:verb]):
            return None
        return Speaker(tokens[n].text, "pronoun", tokens[n].start, tokens[n].end)
    first, has_head = n, False
    while n < len(tokens) and n - first <= _MOST_WORDS + 3 and tokens[n].is_word:
        low = tokens[n].low
        if low in _ENDS and not (low in _JOINING and has_head and not tokens[n - 1].is_capital):
            break
        if low == "and" and not (n + 1 < len(tokens) and tokens[n + 1].is_capital):
            break
        has_head = has_head or _singular(low) in _HEADS
        n += 1
    phrase = tokens[first:n]
    if n + 1 < len(tokens) and tokens[n].text == "," and tokens[n + 1].is_capital and has_head:
        owner = _named([token for token in takewhile(_is_name_word, tokens[n + 1 :])], opening=False)
        if owner is not None and owner.kind == "name" and " " in owner.words:
            return owner  # "said the firm's chief economist, Steve Radley"
    if not phrase or (not any(token.is_capital for token in phrase) and not has_head):
        return None
    return _named(phrase, opening=False)


def _is_name_word(token: _Token) -> bool:
    return token.is_capital and token.is_word


def _according(tokens: list[_Token], plain: str) -> Speaker | None:
    n = 0
    while (
        n < len(tokens)
        and n <= _MOST_WORDS + 3
        and tokens[n].is_word
        and tokens[n].low not in ("who", "which", "that", "citing")
    ):
        n += 1
    phrase = tokens[:n]
    if not phrase:
        return None
    words = plain[phrase[0].start : phrase[-1].end]
    source = _REPORT_OF.match(words)
    if source:
        phrase = [token for token in phrase if token.start >= phrase[0].start + source.end()]
    elif not phrase[0].is_capital and not any(_singular(token.low) in _HEADS for token in phrase):
        return None
    # A report's title or figures speak for nobody.
    while phrase and phrase[-1].low in (
        "on",
        "in",
        "this",
        "last",
        "week",
        "thursday",
        "friday",
        "monday",
        "tuesday",
        "wednesday",
    ):
        phrase = phrase[:-1]
    return _named(phrase, opening=False) if phrase else None


def _named(phrase: list[_Token], *, opening: bool) -> Speaker | None:
    """The phrase as a speaker: the bare name where it ends in one after offices and titles."""
    while phrase and opening and len(phrase) > 1 and phrase[0].low in OPENERS and phrase[0].low not in _DETERMINERS:
        phrase, opening = phrase[1:], False
    if not phrase:
        return None
    if len(phrase) == 1 and phrase[0].low in _LONELY:
        return None
    prepositions = [n for n, token in enumerate(phrase) if token.low in _JOINING and not token.is_capital]
    run = len(phrase)
    while run > 0 and (phrase[run - 1].is_capital or (phrase[run - 1].low in _IN_NAMES and run < len(phrase) and run > 1
                                                      and phrase[run - 2].is_capital)):  # fmt: skip
        run -= 1
    before, name = phrase[:run], phrase[run:]
    heads = [n for n, token in enumerate(name) if _singular(token.low) in OFFICES or token.low in _TITLES]
    title = ""
    if heads and heads[-1] + 1 < len(name):
        title = name[heads[-1]].low if name[heads[-1]].low in _TITLES else ""
        name = name[heads[-1] + 1 :]
    elif before and any(_singular(token.low) in _HEADS for token in before) and not any(
        n < run for n in prepositions if phrase[n].low != "of"
    ) and _singular(before[-1].low) in _HEADS:  # fmt: skip
        pass  # "chief economist Ifzal Ali"
    elif (before and before[0].low not in ("the",)) or len(before) > 1 or (before and not name):
        return _noun(phrase)
    the = bool(before) and before[-1].low == "the" and not (heads and heads[-1] + 1 < len(phrase[run:]))
    owned = [n for n, token in enumerate(name[:-1]) if re.search(r"['’]s?$", token.text)]
    if owned and len(name) - owned[-1] > 2:
        name = name[owned[-1] + 1 :]
    if not name:
        return _noun(phrase)
    while len(name) > 1 and name[0].low in OPENERS and name[0].low not in ("new", "great", "first", "good", "old"):
        the = the or name[0].low == "the"
        name = name[1:]
    if len(name) == 1 and (name[0].low in OPENERS or _singular(name[0].low) in _HEADS):
        return _noun(phrase)
    if all(_singular(token.low) in _NATIONS_AND_SUCH for token in name):
        return None
    text = " ".join(token.text for token in name)
    text = re.sub(r"['’]s?$", "", text) if text.endswith(("'s", "’s")) else text
    return Speaker(f"the {text}" if the else text, "name", name[0].start, name[-1].end, title)


_LONELY = frozenset(
    "i we you who which that what this these those there here one many some most all both and but so yet or nobody "
    "none everyone people others it's".split()
)
_NATIONS_AND_SUCH = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december".split()
)


def _noun(phrase: list[_Token]) -> Speaker | None:
    while phrase and phrase[0].low in OPENERS - _DETERMINERS - _PLURALS and _singular(phrase[0].low) not in _HEADS:
        phrase = phrase[1:]
    if not phrase or phrase[0].low in _POSSESSIVES or (len(phrase) == 1 and phrase[0].low in _DETERMINERS):
        return None
    words = _FAMILIAR.sub("", " ".join(token.text for token in phrase))
    if phrase[0].low in _DETERMINERS or phrase[0].low in _PLURALS or _singular(phrase[0].low) in _HEADS:
        words = words[0].lower() + words[1:]
    return Speaker(words, "noun", phrase[0].start, phrase[-1].end)


_FAMILIAR = re.compile(r" familiar(?: with(?: the \w+)?)?$")
_POSSESSIVES = frozenset("its his her their".split())
_PLURALS = frozenset(
    "critics analysts experts officials officers authorities observers investigators researchers scientists lawmakers "
    "politicians ministers diplomats leaders sources aides advisers advisors opponents supporters police".split()
)


def _singular(word: str) -> str:
    for ending, put in (("ies", "y"), ("women", "woman"), ("men", "man"), ("sses", "ss"), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss") and word not in _HEADS:
            return word[: -len(ending)] + put
    return word.rsplit("-", 1)[-1] if "-" in word and word not in _HEADS else word
