"""The errors a person can meet: each says what is wrong, what to do about it, and its exit code."""

from __future__ import annotations


class QabotError(Exception):
    """What went wrong and the way out, in words for the person at the keyboard."""

    exit_code = 1

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}\n{self.remedy}" if self.remedy else self.problem


class UsageError(QabotError):
    """A setting, option or input that cannot be used."""

    exit_code = 2


class ArticleError(QabotError):
    """One file that cannot be read as an article; the rest of the collection goes on without it."""


class SeedsError(QabotError):
    """The articles folder is missing or holds nothing to read."""


class FolderError(SeedsError):
    """A folder among the articles that cannot be read; what is in it can be neither added nor missed."""


class ModelError(QabotError):
    """The embedding model cannot be found, loaded or exported."""


class IndexUnavailableError(QabotError):
    """The index is damaged, locked by another writer, or cannot be written."""


class IndexDamagedError(IndexUnavailableError):
    """The index is not as it was written."""


class IndexLockedError(IndexUnavailableError):
    """Another process is writing the index."""


class IndexHeldError(QabotError):
    """The index was rolled back, and does not follow the articles until somebody says so."""


class NoIndexError(QabotError):
    """There is no index and building one was turned off."""

    exit_code = 4


class IndexMismatchError(QabotError):
    """The index was made by another model or version and rebuilding it was turned off."""

    exit_code = 5


class NoMatchError(UsageError):
    """A filter that leaves no article."""
