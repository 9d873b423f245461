"""What has happened to the articles since the index last saw them, and what that asks of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from qabot.articles import Article
from qabot.index.protocol import ArticleChange, ChangeKind, FileRecord
from qabot.passages import Passage

# An edited sentence shares at least this much of its words with the one before; below, one went and another came.
_SAME_SENTENCE = 0.6
# Pairs of sentences that an edit is looked through for; a text written anew is no edit of sentences.
_MOST_PAIRS = 2500


@dataclass(frozen=True, slots=True)
class Piece:
    """An article that is to be indexed, cut up."""

    article: Article
    passages: tuple[Passage, ...]

    def texts(self) -> Sequence[tuple[str, str]]:
        """What is embedded for each passage: the sentence, and the window under its headings."""
        text = self.article.text
        return [(passage.sentence(text), passage.embedded(text)) for passage in self.passages]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a refresh is to do. Paths are relative to seeds/; ``renamed`` maps a path to the one before.

    ``because`` says what made all of it be done anew, if anything did; ``edited`` maps a path to the sentences that
    were changed, in pairs; ``described`` are those whose front matter alone was edited.
    """

    pieces: tuple[Piece, ...]
    records: Mapping[str, FileRecord]
    added: tuple[str, ...]
    edited: Mapping[str, tuple[tuple[str, str], ...]]
    described: tuple[str, ...]
    renamed: Mapping[str, str]
    removed: tuple[str, ...]  # what left the index, files that are no article any more included
    because: str

    @property
    def texts(self) -> set[str]:
        """All that has to have a vector."""
        return {text for piece in self.pieces for pair in piece.texts() for text in pair}

    @property
    def unchanged(self) -> int:
        there = sum(not record.skipped for record in self.records.values())
        return there - len(self.added) - len(self.edited) - len(self.described) - len(self.renamed)

    @property
    def skipped(self) -> dict[str, str]:
        return {path: record.skipped for path, record in self.records.items() if record.skipped}


def make_plan(
    pieces: Sequence[Piece],
    records: Mapping[str, FileRecord],
    known: Mapping[str, FileRecord],
    sentences_of: Callable[[str], Sequence[str]],
    because: str,
) -> Plan:
    """``known`` is what the index saw; ``sentences_of`` gives a known article's sentences as the index has them."""
    had = {path: record.content_hash for path, record in known.items() if record.content_hash and not record.skipped}
    has = {piece.article.path: piece.article for piece in pieces}
    removed = had.keys() - {path for path, record in records.items() if not record.skipped}
    gone_by_hash = {had[path]: path for path in sorted(removed, reverse=True)}
    renamed: dict[str, str] = {}
    for path in sorted(has.keys() - had.keys()):
        before = gone_by_hash.pop(has[path].content_hash, None)
        if before is not None:
            renamed[path] = before
    edited: dict[str, tuple[tuple[str, str], ...]] = {}
    described: list[str] = []
    for piece in pieces:
        path = piece.article.path
        if path in had and had[path] != piece.article.content_hash:
            was, now = list(sentences_of(path)), [sentence for sentence, _ in piece.texts()]
            if was == now:
                described.append(path)
            else:
                edited[path] = edits(was, now)
    return Plan(
        pieces=tuple(pieces),
        records=records,
        added=tuple(sorted(has.keys() - had.keys() - renamed.keys())),
        edited=edited,
        described=tuple(sorted(described)),
        renamed=renamed,
        removed=tuple(sorted(removed)),
        because=because,
    )


def history_of(plan: Plan) -> tuple[ArticleChange, ...]:
    """What is remembered of the plan's changes; their generation and time are filled in when it is carried out."""
    changes: list[ArticleChange] = []

    def note(path: str, kind: ChangeKind, was: str | None = None, pairs: tuple[tuple[str, str], ...] = ()) -> None:
        changes.append(ArticleChange(0, "", path, kind, was, pairs))

    for path in plan.added:
        note(path, "added")
    for path, pairs in plan.edited.items():
        note(path, "edited", None, pairs)
    for path in plan.described:
        note(path, "described")
    for path, was in plan.renamed.items():
        note(path, "renamed", was)
    for path in sorted(set(plan.removed) - set(plan.renamed.values())):
        note(path, "removed")
    return tuple(changes)


def edits(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Sentences that were changed, as pairs of what was there and what is: those most alike, in reading order."""
    kept = set(before) & set(after)
    gone = [sentence for sentence in before if sentence not in kept]
    new = [sentence for sentence in after if sentence not in kept]
    if len(gone) * len(new) > _MOST_PAIRS:
        return ()
    pairs = []
    for sentence in new:
        words = sentence.split()
        alike = [(SequenceMatcher(None, old.split(), words, autojunk=False).ratio(), old) for old in gone]
        likeness, old = max(alike, default=(0.0, ""))
        if likeness >= _SAME_SENTENCE:
            pairs.append((old, sentence))
            gone.remove(old)
    return tuple(pairs)
