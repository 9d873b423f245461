"""A follow-up made into a question that stands alone, before anything is searched."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qabot.language import stem
from qabot.questions.asked import FollowUp
from qabot.questions.conversation import Conversation, Turn
from qabot.questions.elliptic import asked_of_the_same, bare_word, like_for_like, without_aside
from qabot.questions.mentions import bare_words, mentions_of
from qabot.questions.pointing import asks_for_others, intent_of
from qabot.questions.proposition import event, on_event, said_of, supposed
from qabot.questions.relevance import Lacking, LinearWeights, lacking, load_weights, scored_mentions
from qabot.questions.rewrite import OF_ANYBODY, whole
from qabot.questions.slots import slots

_COMPLETE = 3  # content words: a question with as many, and no pronoun, has a topic of its own
# "Who bid for it?" has its answer's name for "they"; "who is Ann Poole?" has its own for "she".
_ASKED_WHO = re.compile(
    r"^(?:and |so |but )?who\b(?! (?:is|was|are|were) (?:the )?[\w.’'-]+(?: [\w.’'-]+){0,2}\W*$)(?! (?:did|does|do)\b)",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"^(?:(?:and|but|or|so|then|also|ok(?:ay)?|lol|haha|thanks|thank you|well|right|hm+|oh|wow|really|seriously|great|nice|interesting|forget (?:it|that)|never ?mind|anyway)\b(?![’'])[\s,.!?]*)+(?=\w)",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(r"^(?:what|how) about\s+", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|said|says|say|wants?|"
    r"(?:do|does|did|is|are|was|were|has|have|had|could|would|should|ca|wo)n['’]?t|happened|happens|gave|gives|made|makes|took|takes|met|meets)\b",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how)s?\b", re.IGNORECASE)
_RESOLVED = re.compile(r"^(?:(?:the|a) )?[\w’' -]{3,30}, (?=.*\b(?:it|that|they|he|she|this)\b)", re.IGNORECASE)
_DEFINED = re.compile(
    r"^(?:what|who)(?:['’]?s| is| are| was| were) (?:(?:a|an) )?(?!.*\b(?:the|his|her|their|its|your|it|that|this|he|she|they|him|them)\b)[\w’'-]+(?: [\w’'-]+)?(?: then)?\W*$",
    re.IGNORECASE,
)
# "that brother and sister" is named, "that" alone is not.
_POINTING = re.compile(
    r"\b(?:that|this|these|those)(?: ones?)?(?=\W*$| (?:is|was|are|were|did|does|do|has|had|would|will|mean|compare|work)\b)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^(?:please )?(?:tell|show|give) (?:me|us) (?:something |more |all |everything )?about\s+(?!it\b|that\b|this\b|them\b)",
    re.IGNORECASE,
)
# What one does about something said before: "did Zelensky agree?" leaves out to what, "did Zelensky resign?" nothing.
_ABOUT_WHAT_STEMS = frozenset(
    stem(verb)
    for verb in (
        "accept agree answer argue believe cause change claim comment confirm decide deny disagree do expect explain get give go "
        "happen have help involve know like make mean oppose opinion part position predict propose react reaction refuse reject "
        "reply respond response role said say stance support take tell think told view want warn work"
    ).split()
)
_PERSONAL = re.compile(r"\b(?:he|she|they)\b", re.IGNORECASE)  # who is to be known first
_MARKS = " ?!."
# "How much aid was asked for?", and then "how much is left?", "how much of it is for Arden?".
_COUNTED = re.compile(
    r"\bhow (?:much|many) (?:of (?:the|that|this|these|those) )?(?P<noun>(?!(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|more|of)\b)[a-z]+"
    r"(?: [a-z]+s(?= (?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b))?)\b",
    re.IGNORECASE,
)
_OF_IT = re.compile(r"^(?P<how>how (?:much|many)) (?:of )?(?:it|that|this|them|those|these)\b", re.IGNORECASE)
_HOW_MUCH = re.compile(
    r"^(?P<how>how (?:much|many))(?= (?:is|are|was|were|will|has|have|remains?|went|goes|go|came|survived|died|returned)\b)",
    re.IGNORECASE,
)
# "Who is against more?" after "how much aid was given?".
_MORE = re.compile(r"\b(?P<more>(?:any )?more|less|fewer|enough)[\s?!.]*$", re.IGNORECASE)


def no_names(word: str) -> bool:
    """Knows no word as a name."""
    return False


def standalone(
    question: str,
    conversation: Conversation,
    known_name: Callable[[str], bool] = no_names,
    weights: LinearWeights | None = None,
) -> FollowUp:
    """``question`` with what it leaves out, taken from what was asked and answered; or as it is, on a new topic.

    ``known_name`` tells whether a folded word is (of) a name, so that "milley" is known for one.
    """
    if not conversation.turns:
        return FollowUp(question)
    intent = intent_of(question)
    if intent != "question":
        turn = conversation.turns[-1]
        return FollowUp(turn.searched_for, intent, turn)
    turns = _on_topic(conversation.turns, known_name)
    turn = turns[-1]
    word = bare_word(question)
    if word:
        text = asked_of_the_same(word, turn.searched_for)
        return FollowUp(text, about=turn)
    text = _LINK.sub("", question)
    fragment = _WHAT_ABOUT.sub("", text).strip(" ?!.")
    links = bool(_LINK.match(question) or _WHAT_ABOUT.match(text))
    text = text if text == question else text[0].upper() + text[1:]
    counted = _COUNTED.search(turn.searched_for)
    if counted:
        text = _OF_IT.sub(lambda found: f"{found['how']} of the {counted['noun']}", text)
        text = _MORE.sub(lambda found: f"{found['more']} {counted['noun']}?", text)
    if not _VERB.search(fragment) and not _QUESTION_WORD.search(fragment) and (links or len(fragment.split()) <= 4):
        turns = [t for t in turns if not bare_word(t.question)] or turns  # "why?" is not what "and Quist?" is asked of
        turn = turns[-1]
        swapped = like_for_like(fragment, turns, known_name)
        if swapped is None and not links and not question.rstrip().endswith("?"):
            return FollowUp(question)  # a name or a few words are a search of their own
        if swapped is None or not swapped.lacks:
            text = f"{swapped.question if swapped else f'{turn.searched_for.rstrip(_MARKS)} and {fragment}'}?"
            return FollowUp(text, about=turn)
        text = f"{swapped.question}?"
    elif _complete(text, links, known_name):
        return FollowUp(text, about=turn if asks_for_others(text) else None)
    asked = [without_aside(t.searched_for) for t in reversed(turns)]
    clause = next(filter(None, map(supposed, asked)), "")
    denied = said_of(text, clause) if clause else None
    if denied and not _PERSONAL.search(text):
        return FollowUp(denied, about=turn)
    told = next(filter(None, map(event, asked[:2])), "")
    on_it = on_event(text, told) if told else None
    if on_it:
        return FollowUp(on_it, about=turn)
    weights = weights or load_weights()
    has_name = _names_in(known_name)
    scored = scored_mentions(text, turns, known_name, weights)
    matter_asked = next(filter(None, map(_matter_of, asked)), "")
    asked_who = bool(_ASKED_WHO.match(turn.searched_for))
    result = whole(text, scored, weights.threshold, has_name, matter_asked, asked_who=asked_who)
    needs = lacking(text, known_name)
    if counted:
        result = _HOW_MUCH.sub(lambda found: f"{found['how']} {counted['noun']}", result)
    begins = needs.has_name or (len(needs.content) >= _COMPLETE - 1 and not OF_ANYBODY.match(text))
    may_start = begins and not needs.kinds and result != question
    return FollowUp(result, about=turn, may_start=may_start)


def _matter_of(question: str) -> str:
    """What a yes-or-no question is about."""
    return event(question) if supposed(question) else ""


def _on_topic(turns: Sequence[Turn], known_name: Callable[[str], bool]) -> Sequence[Turn]:
    """The turns without those that leave the topic where it was - "when was that published?", "who said that?" - and
    from the last one on that began a topic: complete by itself, and with none of the names before it."""
    kept = [turn for turn in turns if intent_of(turn.question) == "question"] or [*turns]
    for n in range(len(kept) - 1, 0, -1):
        question = kept[n].question
        question = _LINK.sub("", question)
        named = _names_of(question, known_name)
        as_typed = _LINK.sub("", kept[n].searched_for).casefold() == question.casefold()
        if named and as_typed and _complete(question, False, known_name):
            said = (text for turn in kept[:n] for text in (turn.question, *turn.statements))
            if all(named.isdisjoint(bare_words(text)) for text in said):
                return kept[n:]
    return kept


def _names_of(text: str, known_name: Callable[[str], bool]) -> set[str]:
    return {word for mention in mentions_of([_only(text)], known_name) if mention.is_name for word in mention.words}


def _complete(question: str, links: bool, known_name: Callable[[str], bool]) -> bool:
    """Whether the question says by itself what it is about."""
    needs = lacking(question, known_name)
    if asks_for_others(question) and needs.content and needs.kinds <= {"other"}:
        return True
    has_name = _names_in(known_name)
    defined = _DEFINED.match(question) and (has_name(question) or not OF_ANYBODY.match(question))
    if defined or _RESOLVED.match(question):
        return True
    content = mentions_of([_only(question)], known_name)
    # "What did Milley say of his plans?" has whom it means.
    inside = needs.has_name and bool(needs.kinds & {"person", "they", "it"}) and not slots(question, has_name)
    pointing = needs.kinds - {"other"} - (set() if _POINTING.search(question) else {"that"})
    if pointing and not inside:
        return False
    named = bool(_ABOUT.match(question)) or (inside and len(content) >= _COMPLETE - 1)
    return named or len(content) >= _COMPLETE + links or (not links and _says_of_a_name(needs))


def _says_of_a_name(needs: Lacking) -> bool:
    """Whether it names somebody or something and asks for a thing that needs no more."""
    return (
        needs.has_name
        and not needs.kinds
        and not needs.elliptic
        and len(needs.content) >= _COMPLETE - 1
        and needs.content.isdisjoint(_ABOUT_WHAT_STEMS)
    )


def _names_in(known_name: Callable[[str], bool]) -> Callable[[str], bool]:
    """Tells whether a text has a name."""
    return lambda part: bool(_names_of(part, known_name))


def _only(text: str) -> Turn:
    return Turn(text, text, "answered")
