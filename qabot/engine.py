"""The façade: everything that a surface may call."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from qabot.answers import Answer, Citation, Conversation, IndexState, standalone
from qabot.answers.about import about_the_bot, help_text
from qabot.answers.compose import ranked_passages
from qabot.answers.reply import Reply
from qabot.answers.reply import reply as make_reply
from qabot.answers.score import load_weights
from qabot.answers.several import asks_for_several, subject_of
from qabot.answers.sources import shown_before, source_of
from qabot.answers.times import narrowed, period_of
from qabot.answers.verify import Checked, check, without
from qabot.articles import LeftOut, text_of
from qabot.embedding import CrossEncoder, Encoder, load_cross_encoder, load_query_encoder
from qabot.errors import ArticleError, IndexMismatchError, NoIndexError, UsageError
from qabot.index import (
    IndexStatus,
    RefreshReport,
    SqliteFaissReader,
    StoredArticle,
    behind,
    mismatch,
    refresh,
)
from qabot.retrieval import Filters, Hit, clean_question, retrieve, select_articles
from qabot.settings import Settings

NO_FILTERS = Filters()
# An article saved over and over while it is answered from: after so many, its quotes are left out.
_TRIES = 3
_MORE_PASSAGES = 10
_EXTRACTED = (".html", ".htm", ".pdf")
_EXTRACTED_KEPT = 16


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
        self._extracted: dict[tuple[str, int, int], str] = {}

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
        return self.explain(question, conversation, filters)[0]

    def explain(
        self, question: str, conversation: Conversation | None = None, filters: Filters = NO_FILTERS
    ) -> tuple[Answer, Reply | None]:
        """The answer and what it was made from; ``None`` where nothing was searched. Raises as ``ask`` does."""
        began = time.perf_counter()
        question = clean_question(question)
        changed: list[str] = []
        for _ in range(_TRIES):
            answer, reply = self._answer(question, conversation or Conversation(), filters)
            failing = [checked for checked in check(answer.citations, self._text_today) if checked.state != "holds"]
            if not failing:
                break
            # A file was edited since it was indexed: what is shown must stand in the file as it is now.
            changed = sorted({checked.citation.article for checked in failing})
            self._stale = True
            if not self._auto_refresh:
                answer = self._dropped(answer, [checked.citation for checked in failing])
                break
            self._say(f"{', '.join(changed)} changed while this was answered; bringing the index up to date ...")
            self.refresh()
        else:
            answer = self._dropped(answer, [checked.citation for checked in failing])
        return replace(answer, took_ms=round((time.perf_counter() - began) * 1000, 1)), reply

    def _answer(self, question: str, conversation: Conversation, filters: Filters) -> tuple[Answer, Reply | None]:
        reader, wanted = self.reader, self.settings.retrieval
        about = about_the_bot(question)
        if about is not None:
            with reader.snapshot():
                text = help_text(about, reader.articles())
                return _plain(question, question, text, (), self._state(reader.status())), None
        follow_up = standalone(question, conversation)
        encoder, cross_encoder = self.encoder, self.cross_encoder
        with reader.snapshot():
            state, articles = self._state(reader.status()), reader.articles()
            if follow_up.about is not None and follow_up.intent in ("published", "source"):
                text, citations = source_of(follow_up.about, follow_up.intent, articles, reader.article_text)
                if citations:
                    return _plain(question, follow_up.text, text, citations, state), None
            several = asks_for_several(follow_up.asked)
            alone = follow_up.asked == follow_up.text
            searched_for = clean_question(subject_of(follow_up.text) if several and alone else follow_up.text)
            focus = "" if alone else follow_up.asked
            period = period_of(follow_up.asked)
            filters, note = narrowed(filters, period, articles)
            # "More" looks further down than what was shown.
            most = wanted.passages + (_MORE_PASSAGES if follow_up.intent == "more" else 0)
            query, hits = retrieve(searched_for, reader, encoder, wanted, filters, most, focus, across_articles=several)
            within = select_articles(filters, articles)
            asked = [article for article in articles if within is None or article.id in within]
            shown = shown_before(conversation, searched_for) if follow_up.intent == "more" else frozenset()
            # Where a word was mistyped, what is asked is spelled as the collection spells it.
            wording = query.text if alone else subject_of(follow_up.asked) if several else follow_up.asked
            reply = make_reply(wording, query, hits, cross_encoder, load_weights(), asked, several, period, shown)
        text = f"{note}\n{reply.text}" if note else reply.text
        answer = Answer(
            question=question,
            searched_for=query.text,
            status=reply.status,
            confidence=round(reply.decision.probability, 3),
            answer=text,
            citations=reply.citations,
            passages=ranked_passages(hits[: wanted.passages]),
            disagreements=reply.disagreements,
            index=state,
            took_ms=0.0,
        )
        return answer, reply

    def _state(self, status: IndexStatus) -> IndexState:
        return IndexState(status.generation, status.articles, status.passages, status.built, self._stale)

    def _dropped(self, answer: Answer, citations: Sequence[Citation]) -> Answer:
        """The answer without quotes that do not hold, saying so."""
        text, kept = without(answer, citations)
        paths = ", ".join(sorted({citation.article for citation in citations}))
        note = f"({paths} has changed since it was indexed; what it said is left out.)"
        return replace(
            answer,
            answer=f"{text}\n{note}".strip(),
            citations=kept,
            status=answer.status if kept else "abstained",
            disagreements=(),
            passages=tuple(p for p in answer.passages if p.article not in {c.article for c in citations}),
            index=replace(answer.index, stale=True),
        )

    def _text_today(self, path: str) -> str | None:
        """An article's text as its file has it now; ``None`` where it is gone or no longer an article."""
        seeds, most = self.settings.seeds, self.settings.articles.max_bytes
        try:
            if Path(path).suffix.casefold() not in _EXTRACTED:
                return text_of(seeds, path, most)
            # Taking a page's or a PDF's text out takes longer than answering: once for each state of the file.
            looked = (seeds / path).stat()
            key = (path, looked.st_mtime_ns, looked.st_size)
            if key not in self._extracted:
                self._extracted = {key: text_of(seeds, path, most), **self._extracted}
                self._extracted = dict(list(self._extracted.items())[:_EXTRACTED_KEPT])
            return self._extracted[key]
        except (ArticleError, OSError, ValueError):
            return None

    def verify(self, answer: Answer) -> list[Checked]:
        """Each citation of a saved answer against today's articles; nothing is indexed."""
        return check(answer.citations, self._text_today)

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
    def cross_encoder(self) -> CrossEncoder | None:
        """What reads the likeliest sentences against the question; ``None`` with a model that it was not made for."""
        models: Path = self.settings.embeddings / "models"
        stamp = self.status().stamp
        return load_cross_encoder(self.settings.embedding, models, stamp.model.sha256, self._say)

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder that questions are embedded with, loaded when first needed."""
        models: Path = self.settings.embeddings / "models"
        return load_query_encoder(self.settings.embedding, models, self.status().stamp.model.sha256, self._say)

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        for loaded in ("encoder", "cross_encoder"):
            self.__dict__.pop(loaded, None)


def _plain(question: str, searched_for: str, text: str, citations: tuple[Citation, ...], state: IndexState) -> Answer:
    """An answer that no search was made for."""
    return Answer(
        question=question,
        searched_for=searched_for,
        status="answered",
        confidence=1.0,
        answer=text,
        citations=citations,
        passages=(),
        disagreements=(),
        index=state,
        took_ms=0.0,
    )
