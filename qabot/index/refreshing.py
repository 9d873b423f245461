"""seeds/ -> embeddings/: what changed, embedded once, put in place at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
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
    read_article,
    read_overrides,
)
from qabot.embedding import Encoder, Encoders, ModelIdentity, weights_sha256
from qabot.errors import ArticleError, SeedsError
from qabot.index.database import open_for_reading, read_meta, read_stamp, reading
from qabot.index.protocol import Change, FileRecord, IndexedArticle, IndexWriter, Stamp
from qabot.index.writer import writing
from qabot.passages import PASSAGE_VERSION, Passage, split_passages
from qabot.settings import Settings

Say = Callable[[str], None]
OnProgress = Callable[[int, int], None]  # texts embedded, of how many

# Vectors are put down this often, so that a build that is killed goes on from there.
_TEXTS_A_COMMIT = 2048


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did. Paths are relative to seeds/; ``skipped`` maps a path to the reason and the remedy, and
    ``replaced`` one that was read just now to how many characters of it could not be decoded."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...]
    skipped: Mapping[str, str]
    embedded: int
    generation: int
    rebuilt_because: str
    replaced: Mapping[str, int] = field(default_factory=dict)


def behind(settings: Settings) -> bool:
    """Whether seeds/ differs from what the index has seen, by the files' sizes and times."""
    with closing(open_for_reading(settings.embeddings)) as connection, reading(settings.embeddings, connection):
        known = {row[0]: row[1:] for row in connection.execute("SELECT path, size, mtime_ns FROM files")}
        overrides = read_meta(connection, "overrides")
    found = look_through(settings.seeds)
    there = {file.path: (file.size, file.mtime_ns) for file in found.files} | dict.fromkeys(found.left_out, (0, 0))
    return there != known or overrides != _overrides_state(settings)


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

    ``suspects`` are paths of files to be read again although size and time are the known ones.

    Raises SeedsError, ModelError or IndexUnavailableError; the generation before is then untouched. A file
    that cannot be read is skipped and reported.
    """
    found = look_through(settings.seeds)
    if not found.files:
        raise SeedsError(
            f"There are no articles in {settings.seeds}.",
            "Put .txt, .md, .html or .pdf files there, or name another folder with --seeds."
            + "".join(f"\nLeft out: {path}: {reason}" for path, reason in found.left_out.items()),
        )
    overrides = _overrides_state(settings)
    with writing(settings.embeddings, settings.index.exact_limit, rebuild=rebuild, wait=wait) as writer:
        stamp = None if rebuild else writer.stamp()
        outdated = "" if stamp is None else _mismatch(stamp, settings, thorough=True)
        known = {} if rebuild else writer.files()
        looked_at = {path: record for path, record in known.items() if path not in suspects}
        # Another model or rule concerns every article, and so does the table of what is said about them.
        every = stamp is None or bool(outdated) or writer.meta("overrides") != overrides
        records, pieces = _read_changed(settings, found, {} if every else looked_at)
        articles = [article for article, _ in pieces]
        had = {path for path, record in known.items() if record.content_hash and not record.skipped}
        removed = had - {path for path, record in records.items() if not record.skipped}
        embedded = 0
        if articles or removed or stamp is None:
            texts = {text for piece in pieces for pair in _texts(*piece) for text in pair}
            identity, embedded = _embed_missing(
                encoders, writer, None if outdated else stamp, texts, on_progress, anew=rebuild
            )
            change = Change(
                indexed=tuple(_indexed(identity, *piece) for piece in pieces),
                removed=tuple(sorted(removed)),
                files=tuple(records.values()),
                stamp=_stamp(identity, settings),
                overrides=overrides,
                anew=rebuild,
            )
            generation = writer.apply(change, say)
        else:
            writer.note_files(records.values(), overrides)
            generation = writer.generation()
    read = {article.path: article.content_hash for article in articles}
    changed = {path for path, digest in read.items() if path in had and known[path].content_hash != digest}
    added = read.keys() - had
    return RefreshReport(
        added=tuple(sorted(added)),
        changed=tuple(sorted(changed)),
        unchanged=sum(not record.skipped for record in records.values()) - len(added) - len(changed),
        removed=tuple(sorted(path for path in removed if path not in records)),
        skipped={path: record.skipped for path, record in records.items() if record.skipped},
        embedded=embedded,
        generation=generation,
        rebuilt_because=outdated,
        replaced={article.path: count for article in articles if (count := article.text.count(REPLACED))},
    )


def _read_changed(
    settings: Settings, found: Found, known: Mapping[str, FileRecord]
) -> tuple[dict[str, FileRecord], list[tuple[Article, tuple[Passage, ...]]]]:
    """A record for every file, and the articles of those whose content is not the known one, with their passages."""
    overrides = read_overrides(settings.seeds)
    records = {path: FileRecord(path, 0, 0, None, reason) for path, reason in found.left_out.items()}
    pieces: list[tuple[Article, tuple[Passage, ...]]] = []
    with Extractor(settings.articles) as extractor:
        for file in found.files:
            path = file.path
            before = known.get(path)
            if before and (before.size, before.mtime_ns) == (file.size, file.mtime_ns):
                records[path] = before
                continue
            try:
                article = read_article(settings.seeds, path, overrides, limits=settings.articles, extractor=extractor)
                passages = _passages(article, settings)
            except ArticleError as error:
                skipped = f"{error.problem.removeprefix(f'{path}: ')}. {error.remedy}".strip()
                records[path] = FileRecord(path, file.size, file.mtime_ns, None, skipped)
                continue
            records[path] = FileRecord(path, file.size, file.mtime_ns, article.content_hash, None)
            if before is None or before.skipped or before.content_hash != article.content_hash:
                pieces.append((article, passages))
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


def _texts(article: Article, passages: Iterable[Passage]) -> Iterable[tuple[str, str]]:
    """What is embedded for each passage: the sentence, and the window under its headings."""
    return ((passage.sentence(article.text), passage.embedded(article.text)) for passage in passages)


def _indexed(identity: ModelIdentity, article: Article, passages: tuple[Passage, ...]) -> IndexedArticle:
    keys = [(_key(identity, sentence), _key(identity, window)) for sentence, window in _texts(article, passages)]
    return IndexedArticle(article, passages, tuple(key for key, _ in keys), tuple(key for _, key in keys))


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
    file = settings.seeds / "articles.toml"
    said = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
    return f"{said} {' '.join(str(limit) for limit in astuple(settings.articles))}"
