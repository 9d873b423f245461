"""A question and the conversation so far -> Asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from qabot.index import StoredArticle
from qabot.language.shorthand import spelled_out
from qabot.questions.about import About, about_the_bot
from qabot.questions.asked import Asked, FollowUp
from qabot.questions.clean import clean_question
from qabot.questions.conversation import Conversation, Turn
from qabot.questions.each import each_of
from qabot.questions.intents import (
    Kind,
    KindOf,
    is_foreign,
    is_to_the_bot,
    kind_by_example,
    kind_by_words,
    topic_of,
)
from qabot.questions.named import NOTHING_NAMED, Named, asked_of_outlet, named_in
from qabot.questions.period import period_of
from qabot.questions.pointing import asks_for_others, is_small_talk
from qabot.questions.polar import asks_for_denial, is_polar
from qabot.questions.reword import reworded
from qabot.questions.several import asks_for_several, subject_of

_ABOUT: dict[Kind, About] = {
    "greeting": "greeting", "thanks": "thanks", "help": "help", "articles": "articles", "outlets": "outlets",
}  # fmt: skip
_OF_ARTICLES = frozenset({"gist", "author", "published", "sources", "link", "outlets"})
# One article, which in a conversation is the one just quoted.
_THE_ARTICLE = re.compile(
    r"\b(?:the|this|that) (?:\w+ )?(?:article|report|story|piece|post|text)\b|\b(?:it|that|this)\b", re.IGNORECASE
)


def understand(
    question: str,
    conversation: Conversation,
    articles: Sequence[StoredArticle] = (),
    known_name: Callable[[str], bool] = lambda word: False,
    kind_of: KindOf = lambda text: "question",
) -> Asked:
    """``question`` is as ``clean_question`` gives it; ``articles`` are those it may name.

    ``known_name`` tells whether a word is (of) a name, whatever its case; ``kind_of`` gives the kind of the nearest example.
    """
    question = spelled_out(question)
    about = about_the_bot(question) or ("language" if is_foreign(question) else None)
    if about is None and conversation.turns and is_small_talk(question):
        about = "thanks"
    if about is not None:
        return Asked(question, question, of_bot=about)
    named = named_in(question, articles)
    kind = kind_by_words(question) or kind_by_example(question, named.mentioned, kind_of)
    if kind == "help" and conversation.turns and not is_to_the_bot(question):
        kind = "question"  # "who made it?" is asked of what was talked about
    turn = conversation.turns[-1] if conversation.turns else None
    outlet = _outlet_alone(question, named) if turn is not None else ""
    if turn is not None and outlet:
        follow_up = FollowUp(asked_of_outlet(turn.searched_for, outlet), about=turn)
    else:
        follow_up = _standalone(question, conversation, known_name)
    text, intent, follows = follow_up.text, follow_up.intent, follow_up.about
    if follows is not None and intent == "question" and not named.paths:
        named = named_in(text, articles)  # "what does Newsweek say?", "and about the bridge?"
    if turn is not None and intent == "certainty":
        return replace(_asked_again(question, turn), kind="certainty")
    if intent != "question" and not named.paths:
        kind = "question"
    elif kind in _OF_ARTICLES:
        topic = topic_of(question, (*named.names, *named.mentioned))
        if not topic and not named.paths and turn is not None and _THE_ARTICLE.search(question):
            named = _cited(turn, articles)
        if kind != "outlets" or named.paths:
            return Asked(question, question, kind=kind, named=named, topic=topic)
    elif kind == "period":
        return Asked(question, question, kind=kind, named=named)
    if kind in _ABOUT and (turn is None or kind != "greeting"):
        return Asked(question, question, of_bot=_ABOUT[kind], named=named)
    if turn is not None and kind in ("certainty", "source", "more") and intent == "question":
        if kind == "certainty":
            return replace(_asked_again(question, turn), kind="certainty")
        return replace(_asked_again(question, turn), intent="more" if kind == "more" else "source", several=False)
    several = len(named.names) > 1 or (asks_for_several(text) and not each_of(text, known_name, lambda name: False))
    searched_for = clean_question(subject_of(text) if several else reworded(text, of_articles=bool(named.paths)))
    return Asked(
        question=question,
        searched_for=searched_for,
        kind="opinion" if kind == "opinion" else "question",
        named=named,
        intent=intent,
        follows=follows,
        several=several,
        polar=is_polar(searched_for) or (not several and is_polar(text)),
        wants_denial=asks_for_denial(text),
        period=period_of(text),
        may_start=follow_up.may_start,
        others=follows is not None and asks_for_others(question),
    )


_ALONE = re.compile(
    r"^(?:(?:and|but|so|ok|what about|how about|according to|in)\s+)*(?:the )?(?P<name>.+?)[\s?!.]*$", re.IGNORECASE
)


def _outlet_alone(question: str, named: Named) -> str:
    """The outlet of "what about Breitbart?", whose reports are asked the same; nothing for other questions."""
    found = _ALONE.match(question)
    return found["name"] if found and found["name"].casefold() in named.mentioned else ""


def _standalone(question: str, conversation: Conversation, known_name: Callable[[str], bool]) -> FollowUp:
    if not conversation.turns:
        return FollowUp(question)
    from qabot.questions.follow_up import standalone  # a question by itself goes without

    return standalone(question, conversation, cache(known_name))


def _cited(turn: Turn, articles: Sequence[StoredArticle]) -> Named:
    """The article that a turn quoted first, as if it were named."""
    there = {article.path: article for article in articles}
    first = next((there[cited.article] for cited in turn.cited if cited.article in there), None)
    if first is None:
        return NOTHING_NAMED
    return Named(frozenset({first.path}), (first.metadata.outlet or first.metadata.title or first.path,))


def _asked_again(question: str, turn: Turn) -> Asked:
    """What the turn asked, each report by itself, so that its reader sees who says so."""
    return Asked(question, turn.searched_for, follows=turn, several=True)
