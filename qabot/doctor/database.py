"""index.sqlite: whether it is as it was written, whether SQLite finds it whole, and whether its tables agree."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from qabot.doctor.result import CheckResult
from qabot.errors import IndexMismatchError, NoIndexError
from qabot.index.database import check_kind, open_for_reading, unreadable
from qabot.index.seal import DATABASE, seal_of
from qabot.settings import Settings

REBUILD = "`qabot doctor --fix` or `qabot index --rebuild` makes it anew from the articles."
_IN_MEMORY = 1024**3  # bytes; FTS5 checks itself where it can write, which is in a copy
_SAMPLED = 50


def check_database(settings: Settings) -> Iterator[CheckResult]:
    """Nothing where there is no index of this version: that is the index's own finding.

    Raises IndexUnavailableError where it cannot be read.
    """
    check_kind(settings.embeddings)
    try:
        seal = seal_of(settings.embeddings, thorough=True)
    except OSError as error:
        raise unreadable(settings.embeddings, error) from error
    if seal == "broken":
        yield CheckResult("database", "error", f"{DATABASE} is not as it was written.", REBUILD)
    elif seal == "none" and (settings.embeddings / DATABASE).is_file():
        message = f"{DATABASE} has no hash: the process that wrote it was killed, or others read it just then."
        yield CheckResult("database", "warning", message, "`qabot index` makes one, once nobody else reads it.")
    try:
        connection = open_for_reading(settings.embeddings)
    except (NoIndexError, IndexMismatchError):
        return
    with closing(connection):
        try:
            yield from _whole(connection)
            yield from _agreeing(connection)
            yield from _full_text(connection)
        except sqlite3.Error as error:
            yield CheckResult("database", "error", f"{DATABASE} is damaged: {error}.", REBUILD)


def _whole(connection: sqlite3.Connection) -> Iterator[CheckResult]:
    said = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
    if said == ["ok"]:
        yield CheckResult("database", "ok", "SQLite finds it whole")
    else:
        yield CheckResult("database", "error", f"SQLite finds it damaged: {'; '.join(said)}.", REBUILD)


def _agreeing(connection: sqlite3.Connection) -> Iterator[CheckResult]:
    """Every passage has its article and its vectors, and stands within the article's text."""
    for what, query in (
        (
            "passages are of no article",
            "SELECT count(*) FROM passages WHERE article_id NOT IN (SELECT id FROM articles)",
        ),
        (
            "passages stand outside their article's text",
            'SELECT count(*) FROM passages p JOIN articles a ON a.id = p.article_id WHERE p."start" < 0 '
            'OR p."end" <= p."start" OR p."end" > length(a.text)',
        ),
        (
            "passages lack a vector",
            "SELECT count(*) FROM passages p WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE key = p.sentence_key) "
            "OR NOT EXISTS (SELECT 1 FROM vectors WHERE key = p.window_key)",
        ),
    ):
        (count,) = connection.execute(query).fetchone()
        if count:
            yield CheckResult("database", "error", f"{count} {what}.", REBUILD)


def _full_text(connection: sqlite3.Connection) -> Iterator[CheckResult]:
    """The full-text index has each passage, in the same words, and is whole."""
    (passages,) = connection.execute("SELECT count(*) FROM passages").fetchone()
    (indexed,) = connection.execute("SELECT count(*) FROM passages_fts_docsize").fetchone()
    if passages != indexed:
        yield CheckResult("full text", "error", f"It has {indexed} of {passages} passages.", REBUILD)
        return
    sample = connection.execute(
        'SELECT substr(a.text, p."start" + 1, p."end" - p."start"), f.sentence FROM passages p '
        "JOIN articles a ON a.id = p.article_id LEFT JOIN passages_fts f ON f.rowid = p.id ORDER BY p.id % 97 LIMIT ?",
        (_SAMPLED,),
    )
    other = sum(stored != found for stored, found in sample)
    if other:
        yield CheckResult("full text", "error", f"{other} of {_SAMPLED} sampled passages have other words.", REBUILD)
        return
    (size,) = connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()
    if size <= _IN_MEMORY:
        with closing(sqlite3.connect(":memory:")) as copy:
            connection.backup(copy)
            try:
                copy.execute("INSERT INTO passages_fts(passages_fts) VALUES ('integrity-check')")
            except sqlite3.DatabaseError as error:
                yield CheckResult("full text", "error", f"It does not have what its passages say: {error}.", REBUILD)
                return
    yield CheckResult("full text", "ok", f"{passages} passages, in the words of the articles")
