"""seeds/ -> embeddings/: what changed, embedded once, put in place at once."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, field
from pathlib import Path

from qabot.articles import (
    CLEANING_VERSION,
    REPLACED,
    Article,
    Extractor,
    Found,
    look_through,
    overrides_hash,
    read_article,
    read_overrides,
)
from qabot.checksums import sha256_of
from qabot.embedding import Encoder, Encoders, ModelIdentity, weights_sha256
from qabot.errors import ArticleError, IndexHeldError, IndexMismatchError, NoIndexError, SeedsError
from qabot.index.database import (
    generation_key,
    has_vector,
    known_files,
    known_states,
    open_for_reading,
    read_meta,
    read_stamp,
    reading,
    stored_sentences,
)
from qabot.index.plan import Piece, Plan, history_of, make_plan
from qabot.index.protocol import Change, FileRecord, IndexedArticle, IndexWriter, Stamp
from qabot.passages import PASSAGE_VERSION, Passage, split_passages
from qabot.settings import Settings

Say = Callable[[str], None]
OnProgress = Callable[[int, int], None]  # texts embedded, of how many

# Vectors are put down this often, so that a build that is killed goes on from there.
_TEXTS_A_COMMIT = 2048
_TELLING = 200  # from so many texts on, the time they took says how fast the next are embedded


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did, or would do. Paths are relative to seeds/; ``renamed`` maps a path to the one before,
    ``skipped`` to the reason and the remedy, ``replaced`` one that was read just now to how many characters of it could
    not be decoded.

    ``embedded`` counts texts; ``seconds`` is what embedding them took, ``None`` of a refresh that was not made and
    where nothing is known to tell by. ``changed`` are edited texts and edited front matter.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    renamed: Mapping[str, str]
    unchanged: int
    removed: tuple[str, ...]
    skipped: Mapping[str, str]
    embedded: int
    seconds: float | None
    generation: int
    rebuilt_because: str
    replaced: Mapping[str, int] = field(default_factory=dict)


def behind(settings: Settings) -> bool:
    """Whether seeds/ differs from what the index has seen, by what the system says of the files.

    Raises IndexHeldError for an index that somebody rolled back.
    """
    with closing(open_for_reading(settings.embeddings)) as connection, reading(settings.embeddings, connection):
        known = known_states(connection)
        overrides = read_meta(connection, "overrides")
        held = read_meta(connection, "held")
    if held:
        raise IndexHeldError(f"The index was rolled back on {held}.", "`qabot index` follows the articles again.")
    found = look_through(settings.seeds)
    there = {file.path for file in found.files} | found.left_out.keys()
    if there != known.keys() or overrides != _overrides_state(settings):
        return True
    touched = [file.path for file in found.files if file.state != known[file.path][0]]
    if not touched or os.access(settings.embeddings, os.W_OK):
        return bool(touched)
    # A copy has other inodes and times. Where that cannot be noted, the files are read.
    return any(_hash_today(settings, path) != known[path][1] for path in touched)


def _hash_today(settings: Settings, path: str) -> str | None:
    try:
        return sha256_of(settings.seeds / path)
    except OSError:
        return None


def mismatch(settings: Settings) -> str:
    """What the index was made with that the settings do not say; empty where they agree."""
    with closing(open_for_reading(settings.embeddings)) as connection, reading(settings.embeddings, connection):
        return _mismatch(read_stamp(connection), settings)


def refresh(
    settings: Settings,
    encoders: Encoders,
    *,
    rebuild: bool,
    say: Say,
    on_progress: OnProgress,
    wait: float | None = None,
    suspects: Collection[str] = (),
) -> RefreshReport:
    """Brings embeddings/ in line with seeds/; another writer is waited for, ``wait`` seconds or a minute.

    ``suspects`` are paths of files to be read again although the system says nothing new of them.

    Raises SeedsError, ModelError or IndexUnavailableError; the generation before is then untouched. A file
    that cannot be read is skipped and reported.
    """
    from qabot.index.writer import writing  # where nothing is to be done, it is not loaded

    found = _found(settings)
    with writing(settings.embeddings, settings.index.exact_limit, rebuild=rebuild, wait=wait) as writer:
        stamp = writer.stamp()
        known = writer.files()
        plan = _planned(settings, found, writer.meta, stamp, known, writer.sentences, suspects, rebuild=rebuild)
        embedded, seconds = 0, 0.0
        if plan.pieces or plan.removed or stamp is None:
            began = time.monotonic()
            trusted = None if rebuild or plan.because else stamp
            identity, embedded = _embed_missing(encoders, writer, trusted, plan.texts, on_progress, anew=rebuild)
            seconds = time.monotonic() - began
            change = Change(
                indexed=tuple(_indexed(identity, piece) for piece in plan.pieces),
                removed=plan.removed,
                files=tuple(plan.records.values()),
                history=history_of(plan),
                stamp=_stamp(identity, settings),
                overrides=_overrides_state(settings),
                anew=rebuild,
            )
            generation = writer.apply(change, say)
            if embedded >= _TELLING:
                writer.note("texts_per_second", f"{embedded / max(seconds, 1e-3):.1f}")
        else:
            writer.note_files(plan.records.values(), _overrides_state(settings))
            writer.mend(say)
            generation = writer.generation()
    return _report(plan, embedded, round(seconds, 2), generation)


def dry_run(settings: Settings, *, rebuild: bool = False) -> RefreshReport:
    """What ``refresh`` would do now; nothing is written. Raises as it does, but for the model, which is not loaded."""
    found = _found(settings)
    try:
        with closing(open_for_reading(settings.embeddings)) as connection, reading(settings.embeddings, connection):
            stamp, generation = read_stamp(connection), generation_key(connection).number
            known = known_files(connection)

            def meta(key: str) -> str | None:
                return read_meta(connection, key)

            def sentences(path: str) -> Sequence[str]:
                return stored_sentences(connection, path)

            plan = _planned(settings, found, meta, stamp, known, sentences, (), rebuild=rebuild)
            texts = plan.texts
            if stamp is not None and not rebuild and not plan.because:
                texts -= {text for text in texts if has_vector(connection, _key(stamp.model, text))}
            pace = float(meta("texts_per_second") or 0)
    except (NoIndexError, IndexMismatchError):
        plan = _planned(settings, found, lambda key: None, None, {}, lambda path: (), (), rebuild=rebuild)
        texts, generation, pace = plan.texts, 0, 0.0
    return _report(plan, len(texts), round(len(texts) / pace, 2) if pace else None, generation)


def roll_back(settings: Settings, *, say: Say, wait: float | None = None) -> int:
    """Goes back to what the generation before the last held; it is held until the next ``qabot index``.

    Gives the number of the generation that is new. Raises IndexUnavailableError where there is none to go back to.
    """
    from qabot.index.writer import writing

    with writing(settings.embeddings, settings.index.exact_limit, wait=wait) as writer:
        return writer.roll_back(say)


def _found(settings: Settings) -> Found:
    found = look_through(settings.seeds)
    if not found.files:
        raise SeedsError(
            f"There are no articles in {settings.seeds}.",
            "Put .txt, .md, .html or .pdf files there, or name another folder with --seeds."
            + "".join(f"\nLeft out: {path}: {reason}" for path, reason in found.left_out.items()),
        )
    return found


def _planned(
    settings: Settings,
    found: Found,
    meta: Callable[[str], str | None],
    stamp: Stamp | None,
    known: Mapping[str, FileRecord],
    sentences_of: Callable[[str], Sequence[str]],
    suspects: Collection[str],
    *,
    rebuild: bool,
) -> Plan:
    outdated = "" if stamp is None or rebuild else _mismatch(stamp, settings, thorough=True)
    # Another model or rule concerns every article, and so does the table of what is said about them.
    every = rebuild or stamp is None or bool(outdated) or meta("overrides") != _overrides_state(settings)
    looked_at = {path: record for path, record in known.items() if path not in suspects}
    records, pieces = _read_changed(settings, found, {} if every else looked_at)
    return make_plan(pieces, records, known, sentences_of, outdated)


def _report(plan: Plan, embedded: int, seconds: float | None, generation: int) -> RefreshReport:
    moved = set(plan.renamed.values())
    return RefreshReport(
        added=plan.added,
        changed=tuple(sorted((*plan.edited, *plan.described))),
        renamed=dict(plan.renamed),
        unchanged=plan.unchanged,
        removed=tuple(path for path in plan.removed if path not in plan.records and path not in moved),
        skipped=plan.skipped,
        embedded=embedded,
        seconds=seconds,
        generation=generation,
        rebuilt_because=plan.because,
        replaced={piece.article.path: count for piece in plan.pieces if (count := piece.article.text.count(REPLACED))},
    )


def _read_changed(
    settings: Settings, found: Found, known: Mapping[str, FileRecord]
) -> tuple[dict[str, FileRecord], list[Piece]]:
    """A record for every file, and the articles of those whose content is not the known one, cut up."""
    overrides = read_overrides(settings.seeds)
    records = {path: FileRecord(path, 0, 0, 0, 0, None, reason) for path, reason in found.left_out.items()}
    pieces: list[Piece] = []
    with Extractor(settings.articles) as extractor:
        for file in found.files:
            path = file.path
            before = known.get(path)
            if before and before.state == file.state:
                records[path] = before
                continue
            try:
                article = read_article(settings.seeds, path, overrides, limits=settings.articles, extractor=extractor)
                passages = _passages(article, settings)
            except ArticleError as error:
                skipped = f"{error.problem.removeprefix(f'{path}: ')}. {error.remedy}".strip()
                records[path] = FileRecord(path, *file.state, None, skipped)
                continue
            records[path] = FileRecord(path, *file.state, article.content_hash, None)
            if before is None or before.skipped or before.content_hash != article.content_hash:
                pieces.append(Piece(article, passages))
    return records, pieces


def _passages(article: Article, settings: Settings) -> tuple[Passage, ...]:
    """Raises ArticleError for more than there may be."""
    most = settings.articles.max_passages
    # Each paragraph has one at least: a hundred thousand of them need not be cut up to know that.
    count = sum(block.kind == "paragraph" for block in article.blocks)
    if count <= most:
        passages = split_passages(article, neighbours=settings.passages.neighbours)
        count = len(passages)
        if count <= most:
            return passages
    raise ArticleError(f"it has more than {most:,} sentences", "Raise [articles] max_passages.")


def _indexed(identity: ModelIdentity, piece: Piece) -> IndexedArticle:
    keys = [(_key(identity, sentence), _key(identity, window)) for sentence, window in piece.texts()]
    return IndexedArticle(piece.article, piece.passages, tuple(key for key, _ in keys), tuple(key for _, key in keys))


def _key(identity: ModelIdentity, text: str) -> bytes:
    made_by = f"{identity.sha256}\0{identity.pooling}\0{identity.max_tokens}\0{identity.passage_prompt}\0"
    return hashlib.sha256((made_by + text).encode("utf-8", "surrogatepass")).digest()[:16]


def _embed_missing(
    encoders: Encoders,
    writer: IndexWriter,
    stamp: Stamp | None,
    texts: Collection[str],
    on_progress: OnProgress,
    *,
    anew: bool,
) -> tuple[ModelIdentity, int]:
    """Puts the vectors of all ``texts`` into the index; gives the model's identity and how many were embedded.

    Without a stamp to go by the model must be loaded to know what it is.
    """
    encoder: Encoder | None = None
    if stamp is None:
        encoder = encoders.for_building(len(texts))
    identity = encoder.identity if encoder else stamp.model if stamp else None
    assert identity is not None
    keys = {_key(identity, text): text for text in sorted(texts)}
    known = set() if anew else writer.known_keys(keys)
    missing = [key for key in keys if key not in known]
    if not missing:
        return identity, 0
    encoder = encoder or encoders.for_building(len(missing))
    # Longest first across the whole build, so that a commit's share holds texts of one length too.
    missing.sort(key=lambda key: -len(keys[key]))
    done = 0

    def count(texts_done: int) -> None:
        nonlocal done
        done += texts_done
        on_progress(done, len(missing))

    for begin in range(0, len(missing), _TEXTS_A_COMMIT):
        chosen = missing[begin : begin + _TEXTS_A_COMMIT]
        writer.add_vectors(chosen, encoder.encode([keys[key] for key in chosen], count))
    return identity, len(missing)


def _stamp(identity: ModelIdentity, settings: Settings) -> Stamp:
    return Stamp(identity, CLEANING_VERSION, PASSAGE_VERSION, settings.passages.neighbours)


def _mismatch(stamp: Stamp | None, settings: Settings, *, thorough: bool = False) -> str:
    if stamp is None:
        return "another version of qabot"
    wanted = settings.embedding
    if stamp.model.name != wanted.model:
        return f"the model {stamp.model.name}, not {wanted.model}"
    folder = Path(wanted.model).expanduser()
    if thorough and folder.is_dir() and weights_sha256(folder) != stamp.model.sha256:
        return f"other weights of {wanted.model}"
    for name in ("query_prompt", "passage_prompt"):
        if getattr(wanted, name) not in ("", getattr(stamp.model, name)):
            return f"another {name}"
    if stamp.cleaning_version != CLEANING_VERSION or stamp.passage_version != PASSAGE_VERSION:
        return "another version of qabot"
    if stamp.neighbours != settings.passages.neighbours:
        return f"passages.neighbours = {stamp.neighbours}, not {settings.passages.neighbours}"
    return ""


def _overrides_state(settings: Settings) -> str:
    """What concerns every article: a hash of seeds/articles.toml, nothing where there is none, and the limits."""
    return f"{overrides_hash(settings.seeds)} {' '.join(str(limit) for limit in astuple(settings.articles))}"
