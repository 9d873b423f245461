"""A question -> what is searched for: cleaned, its words spelled as the collection spells them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from qabot.index import IndexSnapshot
from qabot.language import STOP_WORDS, words_of

_MAX_TERMS = 48

_FUZZY_FROM = 5  # letters; shorter words have too many neighbours
_FUZZY_LIKENESS = 0.78
_CORRECTION_LIKENESS = 0.85
_CORRECTED_FROM = 4  # letters; "won" is no misspelt "win"
_MOST_VARIANTS = 4


@dataclass(frozen=True, slots=True)
class Query:
    """``text`` is what is embedded; ``terms`` maps a word to its other spellings in this collection.

    ``idf`` is each term's inverse document frequency, once it was searched for;
    a term that stands nowhere has the greatest.
    """

    text: str
    terms: dict[str, tuple[str, ...]]
    idf: dict[str, float] = field(default_factory=dict)


def make_query(question: str, index: IndexSnapshot) -> Query:
    """``question`` is as ``clean_question`` gives it."""
    words = list(dict.fromkeys(word.casefold() for word in words_of(question)))
    telling = [word for word in words if word not in STOP_WORDS] or words
    terms: dict[str, tuple[str, ...]] = {}
    text = question
    for word in telling[:_MAX_TERMS]:
        # "articles" is known where "article" is: the full-text index goes by stems.
        known = bool(index.frequency(word) or index.matching((word,), 1, None).scores)
        others = _variants(word, known, index)
        terms[word] = tuple(other for other, _ in others)
        if not known and others and len(word) >= _CORRECTED_FROM and others[0][1] >= _CORRECTION_LIKENESS:
            text = re.sub(rf"\b{re.escape(word)}\b", others[0][0], text, flags=re.IGNORECASE)
    return Query(text, terms)


def _variants(word: str, known: bool, index: IndexSnapshot) -> list[tuple[str, float]]:
    """Other spellings, likest first: names that differ in vowels and doubled letters, and what a typing error meant.

    A word that the collection knows gets the other spellings of a name and nothing else, or "form" would find "from".
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if len(word) < 3 or word.isdigit():
        return []
    alike = {other: spelt for other, *spelt in index.spellings(word) if other != word and other not in STOP_WORDS}
    if known:
        own = next(((n, capitals) for other, n, capitals in index.spellings(word) if other == word), (0, 0))
        if not _is_name(*own):
            return []
        alike = {other: spelt for other, spelt in alike.items() if _is_name(*spelt)}
    found = {other: max(_CORRECTION_LIKENESS, OSA.normalized_similarity(word, other)) for other in alike}
    if not known and not found and len(word) >= _FUZZY_FROM:
        nearest = process.extract(
            word,
            index.vocabulary(len(word) - 2, len(word) + 2),
            scorer=OSA.normalized_similarity,
            score_cutoff=_FUZZY_LIKENESS,
            limit=_MOST_VARIANTS,
        )
        found = {other: likeness for other, likeness, _ in nearest}
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_VARIANTS]


def _is_name(sentences: int, capitalised: int) -> bool:
    return sentences > 0 and capitalised >= 0.5 * sentences


def query_of(part: str, query: Query) -> Query:
    """What of the query is the part's."""
    words = {word.casefold() for word in words_of(part)}
    terms = {term: others for term, others in query.terms.items() if not words.isdisjoint((term, *others))}
    return replace(query, text=part, terms=terms, idf={t: idf for t, idf in query.idf.items() if t in terms})
