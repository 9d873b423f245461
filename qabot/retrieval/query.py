"""A question -> what is searched for: cleaned, its words spelled as the collection spells them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from qabot.index import IndexSnapshot
from qabot.language import STOP_WORDS, folded_words, words_of
from qabot.language.english import is_english
from qabot.questions.polar import asks_for_denial

_MAX_TERMS = 48
_SAY_NOTHING = frozenset("really actually according anyone anybody someone somebody anything else".split())

_SPELT_FROM = 4  # letters; "cfo" is no other spelling of "cfa"
_FUZZY_FROM = 5  # letters; shorter words have too many neighbours
_LONG = 8  # letters; a name of as many may hold two typing errors
_MOST_VARIANTS = 4


@dataclass(frozen=True, slots=True)
class Query:
    """``text`` is what is embedded; ``terms`` maps a word to its other spellings in this collection.

    ``idf`` is each term's inverse document frequency, once it was searched for;
    a term that stands nowhere has the greatest. ``names`` are the terms that the collection writes with a capital, and
    those that it does not know but the question does.
    """

    text: str
    terms: dict[str, tuple[str, ...]]
    idf: dict[str, float] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


def make_query(question: str, index: IndexSnapshot) -> Query:
    """``question`` is as ``clean_question`` gives it."""
    words = list(dict.fromkeys(word.casefold() for word in words_of(question)))
    telling = [word for word in words if word not in STOP_WORDS | _SAY_NOTHING] or words
    terms: dict[str, tuple[str, ...]] = {}
    text = question
    for word in telling[:_MAX_TERMS]:
        # "articles" is known where "article" is: the full-text index goes by stems.
        known = bool(index.frequency(word) or index.standing((word,), None).passages)
        others = _variants(word, known, index)
        terms[word] = tuple(others)
        if not known and others and _is_near(word, others[0], index) and not is_english(word):
            text = re.sub(rf"\b{re.escape(word)}\b", others[0], text, flags=re.IGNORECASE)
    return Query(text, terms, names=frozenset(term for term in terms if _names_something(term, question, index)))


def _variants(word: str, known: bool, index: IndexSnapshot) -> list[str]:
    """Other spellings, likest first: names that differ in vowels and doubled letters, and what a typing error meant.

    A word that the collection knows, and one that is English, gets the other spellings of a name and nothing else, or
    "form" would find "from" and "true" "try".
    """
    from rapidfuzz.distance import OSA

    if len(word) < _SPELT_FROM or word.isdigit():
        return []
    # Spellings of a name share their first letter, and typing errors are seldom there.
    alike = [spelt for spelt in index.spellings(word) if spelt[0] != word and spelt[0][0] == word[0]]
    proper = [other for other, *spelt in alike if _is_name(*spelt) and other not in STOP_WORDS]
    if known:
        found = proper if name_in(index)(word) else []
    elif proper or len(word) < _FUZZY_FROM or is_english(word):
        found = proper
    else:
        vocabulary = index.vocabulary(len(word) - 2, len(word) + 2)
        found = [other for other in vocabulary if other[0] == word[0] and _is_near(word, other, index)]
    return sorted(found, key=lambda other: (OSA.distance(word, other), -index.frequency(other), other))[:_MOST_VARIANTS]


def _is_near(word: str, other: str, index: IndexSnapshot) -> bool:
    """Whether the one may be a misspelt other: by one letter or two exchanged, in a long name by two."""
    from rapidfuzz.distance import OSA

    distance = OSA.distance(word, other, score_cutoff=2)
    return distance <= 1 or (distance == 2 and len(word) >= _LONG and name_in(index)(other))


def _names_something(term: str, question: str, index: IndexSnapshot) -> bool:
    """Half of the people write names in lower case: what the collection writes with a capital is one in any case."""
    own = next(((n, capitals) for other, n, capitals in index.spellings(term) if other == term), None)
    if own is not None:
        return _is_name(*own)
    return bool(re.search(rf"(?<!^)\b{re.escape(term[0].upper())}{re.escape(term[1:])}", question))


def name_in(index: IndexSnapshot) -> Callable[[str], bool]:
    """Tells whether the collection writes a folded word as a name, with a capital."""

    def known(word: str) -> bool:
        own = next(((n, capitals) for other, n, capitals in index.spellings(word) if other == word), (0, 0))
        return _is_name(*own)

    return known


def _is_name(sentences: int, capitalised: int) -> bool:
    return sentences > 0 and capitalised >= 0.5 * sentences


def without_denials(query: Query) -> Query:
    """What a sentence is to cover: a denial has a hundred words, and the index knows which sentences are one."""
    kept = {term: others for term, others in query.terms.items() if not asks_for_denial(term)} or query.terms
    return replace(query, terms=kept, idf={t: idf for t, idf in query.idf.items() if t in kept})


def without_outlets(query: Query, names: Iterable[str]) -> Query:
    """What a sentence is to cover, where the articles of those ``names`` are asked: none says whose it is."""
    theirs = {word.casefold() for name in names for word in words_of(name)}
    terms = {term: others for term, others in query.terms.items() if term not in theirs} or query.terms
    return replace(query, terms=terms, names=query.names & terms.keys())


def query_of(part: str, query: Query) -> Query:
    """What of the query is the part's."""
    words = folded_words(part)
    terms = {term: others for term, others in query.terms.items() if not words.isdisjoint((term, *others))}
    return replace(query, text=part, terms=terms, idf={t: idf for t, idf in query.idf.items() if t in terms})
