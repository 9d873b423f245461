"""The façade: everything that a surface may call."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Literal, TypeVar

from qabot.answers import Answer, Citation, IndexState, Told
from qabot.answers.candidates import Candidate
from qabot.answers.compose import ranked_passages
from qabot.answers.corrected import corrections, edits
from qabot.answers.help import help_notes, judged_notes
from qabot.answers.of_articles import asked_of, of_articles
from qabot.answers.prefer import narrowed
from qabot.answers.reply import Reply
from qabot.answers.reply import reply as make_reply
from qabot.answers.sources import shown_before, source_of
from qabot.answers.twins import Twin, twins_of
from qabot.answers.verify import Checked, Evidence, check, surrounding
from qabot.answers.weights import load_weights
from qabot.articles import LeftOut, TextsToday, body_start, is_file_text
from qabot.embedding import CrossEncoder, Encoder, Encoders
from qabot.errors import (
    FolderError,
    IndexDamagedError,
    IndexHeldError,
    IndexLockedError,
    IndexMismatchError,
    IndexUnavailableError,
    ModelError,
    NoIndexError,
    NoMatchError,
    QabotError,
    UsageError,
)
from qabot.index import (
    ArticleChange,
    IndexSnapshot,
    IndexStatus,
    RefreshReport,
    SqliteFaissIndex,
    StoredArticle,
    Summary,
    behind,
    dry_run,
    mismatch,
    refresh,
    roll_back,
    watch,
)
from qabot.questions import Asked, Conversation, Examples, clean_question, understand
from qabot.retrieval import READ_HITS, Filters, Hit, name_in, retrieve, select_articles
from qabot.settings import Settings
from qabot.starters import questions_made
from qabot.upkeep import Closing, Lag, Upkeep, monotonic, told

Result = TypeVar("Result")

NO_FILTERS = Filters()
# An article saved over and over while it is answered from: after so many, its quotes are left out.
_TRIES = 3
_MORE_PASSAGES = 10
# Another process that writes is waited for so long where the index that is there can answer; seconds.
_LOCK_WAIT = 2.0
_SURROUNDINGS = 600  # characters


class Engine:
    """Answers over one seeds/ and one embeddings/, for any number of threads.

    Open until ``close``, and a context manager. With ``auto_refresh``, ``prepare`` brings a missing or outdated index
    in line first, and questions look at the articles again every few seconds; without, the index is asked as it is,
    and ``prepare`` raises NoIndexError or IndexMismatchError. With ``beside``, what has to be brought up to date after
    that is so beside the answers, which wait a second at most. ``encoders`` are models that others share or that are
    loaded already. ``say`` is told in a line what takes long; ``on_progress`` gets texts embedded and how many there
    are.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        auto_refresh: bool = True,
        beside: bool = False,
        encoders: Encoders | None = None,
        say: Callable[[str], None] = lambda line: None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.settings = settings
        self.index = SqliteFaissIndex(settings.embeddings, settings.index.exact_limit)
        self.encoders = encoders or Encoders(settings.embedding, settings.embeddings / "models", say)
        self._examples = Examples(settings.embeddings / "models")
        self._auto_refresh = auto_refresh
        self._beside = beside
        self._say = say
        self._on_progress = on_progress
        self._texts = TextsToday(settings.seeds, settings.articles, self._extracted)
        self._refreshing = threading.Lock()
        # Articles whose quotes did not hold though nothing told that their files changed.
        self._suspects: set[str] = set()
        self._owes_rebuild = False
        self._state: Literal["open", "closed"] = "open"
        brought_up = (lambda: self._refresh(wait=_LOCK_WAIT)) if auto_refresh else None
        self._upkeep = Upkeep(self._outdated, brought_up, beside=beside, clock=clock)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends a refresh that runs beside the answers; questions under way are answered, later ones are not."""
        self._state = "closed"
        self._upkeep.close()

    def prepare(self) -> RefreshReport | None:
        """Makes the index fit to be asked; gives what was done, ``None`` where nothing was needed or could be.

        An index that can answer does: where it cannot be brought up to date, ``lag`` says why. Raises any QabotError.
        """
        self._check_open()
        reason = ""
        there = True
        try:
            self.look()
            if self.lag.held:
                return None
            reason = mismatch(self.settings)
            if reason and not self._auto_refresh:
                raise IndexMismatchError(
                    f"The index in {self.settings.embeddings} was made with {reason}.",
                    "Run `qabot index`, which makes it anew.",
                )
        except NoIndexError:
            if not self._auto_refresh:
                raise
            there = False
        except IndexMismatchError:
            if not self._auto_refresh:
                raise
            # Its very tables are of another version: nothing of it can be asked.
            self._say("Rebuilding the index: it was made with another version of qabot ...")
            return self.refresh(rebuild=True)
        self._owes_rebuild = bool(reason)
        if not self._auto_refresh or self.lag.reason or (there and not reason and not self.stale):
            return None
        self._say(
            "Building the index: there is none ..." if not there
            else f"Rebuilding the index: it was made with {reason} ..." if reason
            else "The articles have changed; bringing the index up to date ..."
        )  # fmt: skip
        try:
            report = self.refresh(wait=_LOCK_WAIT if there else None)
            return replace(report, rebuilt_because=report.rebuilt_because or reason)
        except (IndexUnavailableError, FolderError, ModelError, OSError) as error:
            # Another model than the index's was asked for by name: that it cannot be had is for the one who named it.
            if not there or (reason and isinstance(error, ModelError)):
                raise
            self._upkeep.note(behind=True, reason=told(error))
            self._say(f"The index is asked as it is: {told(error)}")
            return None

    def watch(self) -> None:
        """Brings the index up to date as soon as an article is saved, not only when somebody asks; until closed."""
        self._check_open()
        if self._auto_refresh:
            self._upkeep.follow(lambda stop: watch(self.settings.seeds, stop))

    def look(self) -> None:
        """Notes whether the articles have changed since the index was built. Raises NoIndexError, SeedsError."""
        try:
            self._upkeep.note(behind=behind(self.settings))
        except FolderError as error:
            self._upkeep.note(behind=True, reason=error.problem)
        except IndexHeldError as error:
            self._upkeep.note(behind=True, reason=told(error), held=True)

    def refresh(self, *, rebuild: bool = False, wait: float | None = None) -> RefreshReport:
        """Brings embeddings/ in line with seeds/, all of it anew with ``rebuild``; what is damaged of it is made anew.

        Another process that writes is waited for, ``wait`` seconds or a minute. Raises any QabotError; the generation
        before is then untouched.
        """
        self._check_open()
        try:
            try:
                report = self._refresh(rebuild=rebuild, wait=wait)
            except IndexDamagedError as error:
                if rebuild:
                    raise
                self._say(f"{error.problem} Making it anew from the articles ...")
                report = self._refresh(rebuild=True, wait=wait)
            self._mend_exports()
        except Closing:
            self._check_open()
            raise
        self._upkeep.note(behind=False)
        return report

    def _mend_exports(self) -> None:
        """So that no question waits for it. The index is in order all the same: what fails is told."""
        try:
            self.encoders.mend(self._summary().stamp.model.sha256)
        except ModelError as error:
            self._say(str(error))

    def dry_run(self, *, rebuild: bool = False) -> RefreshReport:
        """What ``refresh`` would do; nothing is written or embedded. Raises SeedsError, IndexUnavailableError."""
        self._check_open()
        return dry_run(self.settings, rebuild=rebuild)

    def roll_back(self) -> int:
        """Goes back to what the generation before held, and stays there until the next ``refresh``.

        Gives the new generation's number. Raises IndexUnavailableError where there is none to go back to.
        """
        self._check_open()
        generation = roll_back(self.settings, say=self._say)
        self.look()
        return generation

    def following(self, stop: threading.Event) -> Iterator[RefreshReport | QabotError]:
        """Brings the index up to date now, and whenever articles are saved, until ``stop`` is set.

        Gives a report of each time that something was done, and an error that the next change may mend, once. Raises
        what ``refresh`` raises for the first time.
        """
        yield self.refresh()
        failed = ""
        for _ in watch(self.settings.seeds, stop):
            try:
                report = self.refresh() if self._outdated() else None
            except QabotError as error:
                if str(error) != failed:
                    yield error
                failed = str(error)
            else:
                failed = ""
                if report is not None:
                    yield report

    def history(self, since: str = "", path: str | None = None) -> list[ArticleChange]:
        """What happened to the articles, or to one, from ``since`` on (ISO 8601), oldest first. Raises NoIndexError."""
        with self.index.snapshot() as snapshot:
            return list(snapshot.history(since, path))

    def _refresh(self, *, rebuild: bool = False, wait: float | None) -> RefreshReport:
        """As ``refresh`` does, and raises Closing when the engine is closed meanwhile."""
        if not self._refreshing.acquire(timeout=-1 if wait is None else wait):
            raise IndexLockedError("The index is being written just now.", "Try again in a moment.")
        try:
            suspects = frozenset(self._suspects)
            report = refresh(
                self.settings,
                self.encoders,
                rebuild=rebuild,
                say=self._say,
                on_progress=self._progressed,
                wait=wait,
                suspects=suspects,
            )
            self._suspects -= suspects
            self._owes_rebuild = False
            return report
        finally:
            self._refreshing.release()

    def _progressed(self, done: int, total: int) -> None:
        if self._state == "closed":
            raise Closing
        self._on_progress(done, total)

    def _outdated(self) -> bool:
        try:
            # Of another model or version only where this engine found that before: two that were set differently would
            # rebuild for ever.
            return (
                bool(self._suspects) or behind(self.settings) or (self._owes_rebuild and bool(mismatch(self.settings)))
            )
        except NoIndexError:
            return True  # it was deleted since

    def ask(self, question: str, conversation: Conversation | None = None, filters: Filters = NO_FILTERS) -> Answer:
        """One answer. Raises UsageError for a question or filter that cannot be used, IndexUnavailableError."""
        return self.explain(question, conversation, filters)[0]

    def explain(
        self, question: str, conversation: Conversation | None = None, filters: Filters = NO_FILTERS
    ) -> tuple[Answer, Reply | None]:
        """The answer and what it was made from; ``None`` where nothing was searched. Raises as ``ask`` does."""
        began = time.perf_counter()
        self._check_open()
        question = clean_question(question)
        conversation = conversation or Conversation()
        self._upkeep.keep_up()
        answer, reply = self._answer(question, conversation, filters)
        failing = self._failing(answer)
        tries = 0
        while failing and tries < _TRIES and self._read_anew(failing):
            answer, reply = self._answer(question, conversation, filters)
            failing = self._failing(answer)
            tries += 1
        if failing:
            answer, reply = self._answer_from_the_rest(question, conversation, filters, (answer, reply), failing)
        text_of = cache(self._texts.of)  # what is shown of an article is held beside one reading of it
        answer = replace(
            answer,
            notes=(*answer.notes, *self._put_right(answer, text_of), *self._behind_note(stale=answer.index.stale)),
            passages=tuple(p for p in answer.passages if _stands(p.text, text_of(p.article))),
        )
        return replace(answer, took_ms=round((time.perf_counter() - began) * 1000, 1)), reply

    def _put_right(self, answer: Answer, text_of: Callable[[str], str | None]) -> list[str]:
        """Notes on what the cited articles say of their own mistakes, and on what was edited in what is quoted."""
        if not answer.citations:
            return []
        with self.index.snapshot() as snapshot:
            edited = edits(answer.citations, lambda path: snapshot.history("", path))
        return [*corrections(answer.citations, text_of), *edited]

    def _failing(self, answer: Answer) -> list[Citation]:
        """The citations whose quote does not stand in its file as the file is now."""
        return [found.citation for found in check(answer.citations, cache(self._texts.of)) if found.state != "holds"]

    def _read_anew(self, failing: Sequence[Citation]) -> bool:
        """Brings the index up to date with articles that changed under an answer, where that can be waited for."""
        if not self._auto_refresh or self.lag.held:
            self._upkeep.note(behind=True, reason=self.lag.reason, held=self.lag.held)
            return False
        paths = {citation.article for citation in failing}
        self._say(f"{', '.join(sorted(paths))} changed while this was answered; bringing the index up to date ...")
        self._suspects |= paths
        lag = self._upkeep.keep_up(now=True)
        return not lag.behind

    def _answer_from_the_rest(
        self,
        question: str,
        conversation: Conversation,
        filters: Filters,
        given: tuple[Answer, Reply | None],
        failing: Sequence[Citation],
    ) -> tuple[Answer, Reply | None]:
        """An answer without the articles that changed since they were indexed; it says which."""
        changed = {citation.article for citation in failing}
        try:
            given = self._answer(question, conversation, replace(filters, without=filters.without | changed))
            failing = self._failing(given[0])
        except NoMatchError:
            pass  # no article is left: what was answered, without what no longer holds
        changed |= {citation.article for citation in failing}
        answer, reply = given
        faults = {path: self._texts.fault(path) for path in changed}
        return _without_changed(answer.without({citation.id for citation in failing}), faults), reply

    def _behind_note(self, *, stale: bool) -> tuple[str, ...]:
        lag = self.lag
        if lag.held:
            return (f"{lag.reason.rstrip('.')}; what changed since is not in it.",)
        if lag.reason:
            return (f"The index is behind the articles and could not be brought up to date: {lag.reason}",)
        if lag.behind and self._auto_refresh and self._beside:
            return ("The articles have changed; the index is being brought up to date.",)
        return ("The articles have changed since the index was built.",) if stale else ()

    def _answer(self, question: str, conversation: Conversation, filters: Filters) -> tuple[Answer, Reply | None]:
        return self._read(lambda snapshot: self._answer_from(snapshot, question, conversation, filters))

    def _read(self, work: Callable[[IndexSnapshot], Result]) -> Result:
        """What ``work`` makes of a snapshot. Raises NoIndexError that says why, where there is none and none can be
        built while a question waits."""
        try:
            with self.index.snapshot() as snapshot:
                return work(snapshot)
        except NoIndexError:
            if not self._auto_refresh:
                raise
        lag = self._upkeep.keep_up(now=True)
        try:
            with self.index.snapshot() as snapshot:
                return work(snapshot)
        except NoIndexError as error:
            if lag.refreshing:
                raise NoIndexError("The index is being built.", "Ask again in a moment.") from error
            raise NoIndexError(lag.reason, "`qabot status` tells more.") if lag.reason else error from error

    def _answer_from(
        self, index: IndexSnapshot, question: str, conversation: Conversation, filters: Filters
    ) -> tuple[Answer, Reply | None]:
        wanted, summary, articles = self.settings.retrieval, index.summary(), index.articles()
        state = IndexState(
            summary.generation, summary.articles, summary.passages, summary.built, self.stale, summary.articles
        )
        sha256 = summary.stamp.model.sha256
        asked = self.understand(question, conversation, index)
        if asked.of_bot is not None:
            meant = [article for article in articles if article.path in asked.named.paths] or articles
            notes = help_notes(asked.of_bot, meant, lambda article: index.article_text(article.id))
            return _unsearched(asked, state, Told(notes=notes)), None
        if asked.follows is not None and asked.intent in ("published", "source"):
            statements, citations = source_of(asked.follows, asked.intent, articles, index.article_text)
            if citations:
                return _unsearched(asked, state, Told(statements, citations)), None
        given = filters
        filters, note = narrowed(filters, asked.period, articles)
        filters, named = asked_of(filters, asked.named, articles)
        within = select_articles(filters, articles)
        selected = [article for article in articles if within is None or article.id in within]
        state = replace(state, asked=len(selected))
        encoder = self.encoders.for_questions(sha256)
        told = of_articles(
            asked,
            selected,
            index,
            lambda text: retrieve(Asked(text, text), index, encoder, wanted, filters, wanted.passages),
            encoder.encode_query,
        )
        if told is not None:
            return _unsearched(asked, state, replace(told, notes=(*told.notes, *named))), None
        cross_encoder = self.encoders.cross_encoder(sha256)
        # "More" looks further down than what was shown.
        most = max(wanted.passages, READ_HITS) + (_MORE_PASSAGES if asked.intent == "more" else 0)
        query, hits = retrieve(asked, index, encoder, wanted, filters, most)
        shown = shown_before(conversation, asked) if asked.intent == "more" or asked.others else frozenset()

        found: dict[int, list[Twin]] = {}

        def twins(candidate: Candidate) -> list[Twin]:
            if candidate.sentence.id not in found:
                found[candidate.sentence.id] = twins_of(candidate, asked.searched_for, index, within)
            return found[candidate.sentence.id]

        reply = make_reply(asked, query, hits, cross_encoder, load_weights(), selected, shown, twins)
        if reply.status == "abstained" and asked.may_start:
            by_itself = self._answer_from(index, question, Conversation(), given)
            if by_itself[0].status != "abstained":
                return by_itself
        answer = Answer(
            question=question,
            searched_for=query.text,
            status=reply.status,
            confidence=round(reply.confidence, 3),
            form=reply.form,
            statements=reply.statements,
            notes=(*reply.notes, *judged_notes(asked.kind, reply.status), *((note,) if note else ()), *named),
            suggestions=reply.suggestions,
            citations=reply.citations,
            passages=ranked_passages(hits[: wanted.passages]),
            disagreements=reply.disagreements,
            index=state,
            took_ms=0.0,
        )
        return answer, reply

    def understand(self, question: str, conversation: Conversation, index: IndexSnapshot) -> Asked:
        """What is asked, over the articles of a snapshot; ``question`` is as ``clean_question`` gives it."""
        sha256 = index.summary().stamp.model.sha256
        return understand(
            question,
            conversation,
            index.articles(),
            name_in(index),
            lambda text: self._examples.kind_of(text, self.encoders.for_questions(sha256)),
        )

    def verify(self, answer: Answer) -> list[Checked]:
        """Each citation of a saved answer against today's articles; nothing is indexed."""
        return check(answer.citations, self._texts.of)

    def evidence(self, citation: Citation, reach: int = _SURROUNDINGS) -> Evidence:
        """The quote in its surroundings today, up to ``reach`` characters to either side, and whether it stands."""
        (checked,) = check([citation], self._texts.of)
        text = self._texts.of(citation.article)
        found = surrounding(checked, text, reach, body_start(citation.article, text or ""))
        if text is None or checked.start is None or not is_file_text(citation.article):
            return found
        return replace(found, line=text.count("\n", 0, checked.start) + 1)

    def search(self, query: str, *, most: int | None = None, filters: Filters = NO_FILTERS) -> list[Hit]:
        """Ranked hits, no answer. Raises as ``ask`` does."""
        self._check_open()
        wanted, text = self.settings.retrieval, clean_question(query)
        asked = Asked(text, text)
        self._upkeep.keep_up()

        def found(snapshot: IndexSnapshot) -> list[Hit]:
            encoder = self.encoders.for_questions(snapshot.summary().stamp.model.sha256)
            return retrieve(asked, snapshot, encoder, wanted, filters, most or wanted.passages)[1]

        text_of = cache(self._texts.of)
        return [hit for hit in self._read(found) if _stands(hit.text, text_of(hit.article.path))]

    def status(self) -> IndexStatus:
        with self.index.snapshot() as snapshot:
            return snapshot.status()

    def _summary(self) -> Summary:
        with self.index.snapshot() as snapshot:
            return snapshot.summary()

    def articles(self, filters: Filters = NO_FILTERS) -> list[StoredArticle]:
        """Those that pass the filters. Raises NoMatchError where none does."""
        with self.index.snapshot() as snapshot:
            articles = list(snapshot.articles())
        within = select_articles(filters, articles)
        return [article for article in articles if within is None or article.id in within]

    def starters(self, most: int = 3) -> list[str]:
        """Questions to begin with, made from the articles' own sentences; each was asked, and is answered."""
        with self.index.snapshot() as snapshot:
            made = questions_made(snapshot)
        answered = (question for question in made if self.ask(question).status == "answered")
        return list(itertools.islice(answered, most))

    def bring_in(self, file: Path) -> tuple[Path, bool]:
        """Copies an article into seeds/; gives where it is there, and whether it is new. Raises ArticleError."""
        from qabot.articles.bring_in import bring_in

        return bring_in(file, self.settings.seeds, limits=self.settings.articles)

    def _extracted(self, path: str, content_hash: str) -> str | None:
        try:
            with self.index.snapshot() as snapshot:
                return snapshot.extracted(path, content_hash)
        except (NoIndexError, IndexMismatchError, IndexUnavailableError):
            return None  # then it is taken out of the file again

    def left_out(self, path: str) -> tuple[str, tuple[LeftOut, ...]]:
        """An article's text and the spans kept out of its passages. Raises UsageError for an unknown path."""
        with self.index.snapshot() as snapshot:
            # What was typed need not be UTF-8, which every path in the index is.
            found = snapshot.left_out(path.encode("utf-8", "replace").decode())
        if found is None:
            raise UsageError(f"There is no article {path} in the index.", "`qabot status` lists them.")
        return found

    @property
    def lag(self) -> Lag:
        """How the index stood to the articles when they were looked at last."""
        return self._upkeep.lag

    @property
    def stale(self) -> bool:
        """Whether the articles are known to have changed since the index was built."""
        return self.lag.behind

    @property
    def encoder(self) -> Encoder:
        """The encoder that questions are embedded with, loaded when first needed."""
        return self.encoders.for_questions(self._summary().stamp.model.sha256)

    @property
    def cross_encoder(self) -> CrossEncoder | None:
        """What reads the likeliest sentences against the question; ``None`` with a model that it was not made for."""
        return self.encoders.cross_encoder(self._summary().stamp.model.sha256)

    def warm_up(self) -> None:
        """Loads what the first question would otherwise wait for. Raises NoIndexError, ModelError."""
        self.ask("What is reported?")

    def _check_open(self) -> None:
        if self._state == "closed":
            raise RuntimeError("This engine was closed.")


def _stands(text: str, today: str | None) -> bool:
    """Whether an article has these words today: what was deleted or edited since is not shown."""
    return text in (today or "")


def _without_changed(answer: Answer, changed: Mapping[str, str]) -> Answer:
    """Says which articles were left out, since what the index has of them no longer stands in their files; of those
    that cannot be read, ``changed`` says why."""
    left_out = (
        f"{path} cannot be read now ({why}); what it said is left out." if why
        else f"{path} has changed since it was indexed; what it said is left out."
        for path, why in sorted(changed.items())
    )  # fmt: skip
    return replace(
        answer,
        notes=(*answer.notes, *left_out),
        passages=tuple(passage for passage in answer.passages if passage.article not in changed),
        index=replace(answer.index, stale=True),
    )


def _unsearched(asked: Asked, state: IndexState, told: Told) -> Answer:
    """An answer for which no sentences were ranked."""
    return Answer(
        question=asked.question,
        searched_for=asked.searched_for,
        status=told.status,
        confidence=1.0 if told.status == "answered" else 0.0,
        form="list",
        statements=told.statements,
        notes=told.notes,
        suggestions=(),
        citations=told.citations,
        passages=(),
        disagreements=(),
        index=state,
        took_ms=0.0,
    )
