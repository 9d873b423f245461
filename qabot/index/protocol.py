"""What an index is to the rest of the program, whichever engine keeps it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from qabot.articles import Article, LeftOut, Metadata
from qabot.embedding import ModelIdentity, Vectors
from qabot.passages import Passage

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
FileState = tuple[int, int, int, int]  # bytes, time of the last write and of the last change (ns), inode
Kind = Literal["sentence", "window"]  # what of a passage is embedded
ChangeKind = Literal["added", "edited", "described", "renamed", "removed"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the index was made by; another stamp means other vectors or other passages."""

    model: ModelIdentity
    cleaning_version: int
    passage_version: int
    neighbours: int


@dataclass(frozen=True, slots=True)
class GenerationKey:
    """``number`` counts within a database; ``id`` is drawn at random for each generation of any."""

    number: int
    id: str


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """``built`` is ISO 8601 in UTC; ``skipped`` maps a path to the reason and the remedy, and ``replaced`` that of an
    article to how many characters of it could not be decoded."""

    generation: int
    built: str
    articles: int
    passages: int
    vectors: int
    stamp: Stamp
    skipped: Mapping[str, str]
    replaced: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """A generation in short; what takes no look at all of it. As in IndexStatus."""

    generation: int
    built: str
    articles: int
    passages: int
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class StoredArticle:
    id: int
    path: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A sentence of an article: ``text[start:end]``, in characters; the rest is as in a Passage."""

    id: int
    article_id: int
    ordinal: int
    paragraph: int
    section: int
    start: int
    end: int
    said_by: str | None
    denies: bool
    announces: bool


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """An article cut up, with the keys of what is embedded for each passage."""

    article: Article
    passages: tuple[Passage, ...]
    sentence_keys: tuple[bytes, ...]
    window_keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file that was looked at: what the system said of it, the hash of its content, or why it is no article."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    content_hash: str | None
    skipped: str | None

    @property
    def state(self) -> FileState:
        return self.size, self.mtime_ns, self.ctime_ns, self.inode


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """What happened to an article at ``at`` (ISO 8601, UTC), with the generation that first had it so.

    ``described`` is an edit of its front matter alone; ``was`` is a renamed one's path before; ``sentences`` are pairs
    of what an edit took out and what it put there.
    """

    generation: int
    at: str
    path: str
    kind: ChangeKind
    was: str | None = None
    sentences: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What one refresh does, all at once or not at all."""

    indexed: tuple[IndexedArticle, ...]
    removed: tuple[str, ...]
    files: tuple[FileRecord, ...]
    history: tuple[ArticleChange, ...]  # their generation and time are those of this change
    stamp: Stamp
    overrides: str
    anew: bool = False  # what was there before goes


@dataclass(frozen=True, slots=True)
class TermMatches:
    """The passages in which a term stands: in any of its spellings, and by spelling, ``int64[n]`` each; and the term's
    inverse document frequency."""

    idf: float
    passages: frozenset[int]
    by_spelling: Mapping[str, Ids]


class Searcher(Protocol):
    """May be called from another thread than its snapshot's."""

    def __call__(self, kind: Kind, vector: Vectors, most: int) -> Ids:
        """Passages nearest by ``kind``, best first, at most ``most``."""
        ...


class Index(Protocol):
    def snapshot(self) -> AbstractContextManager[IndexSnapshot]:
        """May be called from any thread, also while another snapshot is open and while the index is written."""
        ...


class IndexSnapshot(Protocol):
    """One generation of the index, as it was when the snapshot was taken; it is used by one thread."""

    def summary(self) -> Summary: ...

    def status(self) -> IndexStatus:
        """Looks through all of it, which is for people who ask about the index, not for every question."""
        ...

    def articles(self) -> Sequence[StoredArticle]: ...

    def article(self, article_id: int) -> StoredArticle: ...

    def article_text(self, article_id: int) -> str: ...

    def left_out(self, path: str) -> tuple[str, tuple[LeftOut, ...]] | None:
        """The article's text and what was kept out of its passages."""
        ...

    def extracted(self, path: str, content_hash: str) -> str | None:
        """The text that was taken out of the article's file when its content had this hash."""
        ...

    def searcher(self, within: Collection[int] | None) -> Searcher:
        """What finds the nearest passages; ``within`` limits them to articles by id."""
        ...

    def standing(self, spellings: Sequence[str], within: Collection[int] | None) -> TermMatches:
        """Where a term stands, by stem; ``within`` limits it to articles by id."""
        ...

    def bm25(self, term: TermMatches, ids: Ids) -> Mapping[int, float]:
        """Of the passages ``ids``, ``int64[n]``, those in which the term stands, each by its best spelling."""
        ...

    def cosines(self, vector: Vectors, ids: Sequence[int]) -> tuple[Scores, Scores]:
        """With the sentence and with the window, ``float32[len(ids)]`` each; exact to one in ten thousand."""
        ...

    def sentence_vector(self, passage: int) -> Vectors | None:
        """A passage's sentence as it was embedded, ``float32[dimension]``; ``None`` where there is no such passage."""
        ...

    def passages(self, ids: Sequence[int]) -> Mapping[int, StoredPassage]: ...

    def sentence_vectors(self, article_id: int) -> tuple[Sequence[StoredPassage], Vectors]:
        """The article's sentences in reading order, and their vectors, ``float32[n, dimension]``."""
        ...

    def section(self, passage: StoredPassage, reach: int) -> Sequence[StoredPassage]:
        """The passages of its section, up to ``reach`` to either side, in reading order."""
        ...

    def spellings(self, word: str) -> Sequence[tuple[str, int, int]]:
        """Words of the collection that share ``word``'s skeleton: word, sentences, of them capitalised."""
        ...

    def vocabulary(self, shortest: int, longest: int) -> Sequence[str]:
        """The collection's words by length."""
        ...

    def frequency(self, word: str) -> int:
        """In how many sentences a word stands, as written but for case."""
        ...

    def history(self, since: str, path: str | None = None) -> Sequence[ArticleChange]:
        """What happened to the articles, or to one, from ``since`` on (ISO 8601), oldest first."""
        ...


class IndexWriter(Protocol):
    def stamp(self) -> Stamp | None: ...

    def generation(self) -> int: ...

    def files(self) -> Mapping[str, FileRecord]: ...

    def known_keys(self, keys: Collection[bytes]) -> set[bytes]: ...

    def add_vectors(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Kept at once, so that a build that dies goes on where it was."""
        ...

    def meta(self, key: str) -> str | None: ...

    def mend(self, say: Callable[[str], None]) -> None:
        """Makes anew what is derived from the vectors, where it is missing or damaged."""
        ...

    def note_files(self, files: Iterable[FileRecord], overrides: str) -> None:
        """Remembers new times of files whose content did not change; the generation stays."""
        ...

    def sentences(self, path: str) -> Sequence[str]:
        """An article's sentences as the index has them."""
        ...

    def apply(self, change: Change, say: Callable[[str], None]) -> int:
        """Makes the next generation and gives its number."""
        ...

    def roll_back(self, say: Callable[[str], None]) -> int:
        """Makes a generation that holds what the one before the last did, and gives its number."""
        ...
