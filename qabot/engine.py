"""The façade: everything that a surface may call."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from qabot.answers import (
    ANSWER_FROM,
    Answer,
    Conversation,
    IndexState,
    compose,
    compose_abstention,
    confidence,
    ranked_passages,
    standalone,
    verified,
)
from qabot.articles import LeftOut
from qabot.embedding import Encoder, load_query_encoder
from qabot.errors import IndexMismatchError, IndexUnavailableError, NoIndexError, UsageError
from qabot.index import (
    IndexStatus,
    RefreshReport,
    SqliteFaissReader,
    StoredArticle,
    behind,
    mismatch,
    refresh,
)
from qabot.retrieval import Filters, Hit, clean_question, retrieve
from qabot.settings import Settings

NO_FILTERS = Filters()


class Engine:
    """Answers over one seeds/ and one embeddings/.

    With ``auto_refresh``, ``prepare`` brings a missing or outdated index in line first; without, it raises
    NoIndexError or IndexMismatchError. ``say`` is told in a line what takes long; ``on_progress`` gets texts
    embedded and how many there are.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        auto_refresh: bool = True,
        say: Callable[[str], None] = lambda line: None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        self.settings = settings
        self._auto_refresh = auto_refresh
        self._say = say
        self._on_progress = on_progress
        self._reader: SqliteFaissReader | None = None
        self._stale = False

    def prepare(self) -> RefreshReport | None:
        """Makes the index fit to be asked; gives what was done, ``None`` where nothing was needed.

        Raises any QabotError.
        """
        reason = ""
        try:
            reason = mismatch(self.settings)
            if reason and not self._auto_refresh:
                raise IndexMismatchError(
                    f"The index in {self.settings.embeddings} was made with {reason}.",
                    "Run `qabot index`, which makes it anew.",
                )
            self._stale = behind(self.settings)
        except NoIndexError:
            if not self._auto_refresh:
                raise
            reason = "there is none"
        if not self._auto_refresh or not (reason or self._stale):
            return None
        self._say(
            f"Building the index: {reason} ..." if reason == "there is none"
            else f"Rebuilding the index: it was made with {reason} ..." if reason
            else "The articles have changed; bringing the index up to date ..."
        )  # fmt: skip
        return self.refresh()

    def look(self) -> None:
        """Notes whether the articles have changed since the index was built. Raises NoIndexError, SeedsError."""
        self._stale = behind(self.settings)

    def refresh(self, *, rebuild: bool = False) -> RefreshReport:
        """Brings embeddings/ in line with seeds/, from nothing with ``rebuild``. Raises any QabotError."""
        self._close_reader()
        report = refresh(self.settings, rebuild=rebuild, say=self._say, on_progress=self._on_progress)
        self._stale = False
        return report

    def ask(self, question: str, conversation: Conversation | None = None, filters: Filters = NO_FILTERS) -> Answer:
        """One answer. Raises UsageError for a question or filter that cannot be used, IndexUnavailableError."""
        began = time.perf_counter()
        question = clean_question(question)
        searched_for = clean_question(standalone(question, conversation or Conversation()))
        focus = question if searched_for != question else ""
        reader, encoder, wanted = self.reader, self.encoder, self.settings.retrieval
        with reader.snapshot():
            query, hits = retrieve(searched_for, reader, encoder, wanted, filters, wanted.passages, focus)
            status = reader.status()
            probability = confidence(hits)
            texts = {hit.article.path: hit.article.id for hit in hits}
            answered = probability >= ANSWER_FROM
            text, citations = compose(hits) if answered else (compose_abstention(hits, status.articles), ())
            if not verified(citations, lambda path: reader.article_text(texts[path])):
                raise IndexUnavailableError(
                    f"The index in {self.settings.embeddings} holds passages that its articles do not.",
                    "Run `qabot index --rebuild`.",
                )
        return Answer(
            question=question,
            searched_for=query.text,
            status="answered" if answered else "abstained",
            confidence=round(probability, 3),
            answer=text,
            citations=citations,
            passages=ranked_passages(hits),
            disagreements=(),
            index=IndexState(status.generation, status.articles, status.passages, status.built, self._stale),
            took_ms=round((time.perf_counter() - began) * 1000, 1),
        )

    def search(self, query: str, *, most: int | None = None, filters: Filters = NO_FILTERS) -> list[Hit]:
        """Ranked hits, no answer. Raises as ``ask`` does."""
        question = clean_question(query)
        reader, encoder, wanted = self.reader, self.encoder, self.settings.retrieval
        with reader.snapshot():
            return retrieve(question, reader, encoder, wanted, filters, most or wanted.passages)[1]

    def status(self) -> IndexStatus:
        with self.reader.snapshot():
            return self.reader.status()

    def articles(self) -> list[StoredArticle]:
        with self.reader.snapshot():
            return list(self.reader.articles())

    def left_out(self, path: str) -> tuple[str, tuple[LeftOut, ...]]:
        """An article's text and the spans kept out of its passages. Raises UsageError for an unknown path."""
        with self.reader.snapshot():
            found = self.reader.left_out(path)
        if found is None:
            raise UsageError(f"There is no article {path} in the index.", "`qabot status` lists them.")
        return found

    @property
    def stale(self) -> bool:
        """Whether the articles had changed when ``prepare`` looked, and the index was left as it is."""
        return self._stale

    @property
    def reader(self) -> SqliteFaissReader:
        if self._reader is None:
            self._reader = SqliteFaissReader(self.settings.embeddings, self.settings.index.exact_limit)
        return self._reader

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder that questions are embedded with, loaded when first needed."""
        models: Path = self.settings.embeddings / "models"
        return load_query_encoder(self.settings.embedding, models, self.status().stamp.model.sha256, self._say)

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self.__dict__.pop("encoder", None)
