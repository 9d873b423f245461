"""index.sqlite: opened, checked for its version, and made where there is none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from qabot.errors import IndexDamagedError, IndexMismatchError, IndexUnavailableError, NoIndexError
from qabot.files import in_the_way, make_way
from qabot.index.protocol import FileRecord, FileState, GenerationKey, Stamp
from qabot.index.schema import SCHEMA, SCHEMA_VERSION
from qabot.index.seal import DATABASE, LOG_PAGES, beside, log_of, seal_of


def open_for_reading(embeddings: Path, *, checked: bool = False) -> sqlite3.Connection:
    """Raises NoIndexError where nothing was built, IndexMismatchError for another version of the schema, and
    IndexUnavailableError where it cannot be read or SQLite finds it damaged; where it is to be ``checked``, also where
    it is not as it was written."""
    file = embeddings / DATABASE
    check_kind(embeddings)
    if not file.exists():
        raise NoIndexError(f"There is no index in {embeddings}.", "Run `qabot index`.")
    try:
        check_beside(file)
        connection, version, built = _open(file, "")
    except sqlite3.OperationalError as error:
        # A read-only folder or a full disk has no room for WAL's side files. Where no log waits to be read, the file
        # alone is the whole database.
        if _has_log(file) or "locked" in str(error):
            raise told(embeddings, error, "read") from error
        try:
            connection, version, built = _open(file, "&immutable=1")
        except sqlite3.Error:
            raise told(embeddings, error, "read") from error
    except sqlite3.Error as error:
        raise told(embeddings, error, "read") from error
    if not built:
        connection.close()
        raise NoIndexError(f"The index in {embeddings} was never finished.", "Run `qabot index`.")
    if version != SCHEMA_VERSION:
        connection.close()
        raise IndexMismatchError(
            f"The index in {embeddings} was made with another version of qabot.", "Run `qabot index --rebuild`."
        )
    if checked:
        try:
            check_seal(embeddings)
        except BaseException:
            connection.close()
            raise
    return connection


def check_kind(embeddings: Path) -> None:
    """Raises IndexDamagedError where what is no file stands in the database's place, and IndexUnavailableError for a
    link without its database: its disk may come back."""
    file = embeddings / DATABASE
    try:
        kind = in_the_way(file)
    except OSError as error:
        raise unreadable(embeddings, error) from error
    if kind.startswith("a link"):
        raise IndexUnavailableError(
            f"The index in {embeddings} cannot be read: {file} is {kind}.",
            "Bring back what it leads to, or run `qabot index --rebuild`, which makes it anew from the articles.",
        )
    if kind:
        raise damaged(embeddings, f"{file} is {kind}")


def check_beside(file: Path) -> None:
    """SQLite would open whatever is there, and wait for it. Raises sqlite3.OperationalError."""
    for own in beside(file):
        if kind := in_the_way(own):
            raise sqlite3.OperationalError(f"{own} is {kind}; `qabot index` takes it away")


def check_seal(embeddings: Path) -> None:
    """Raises IndexDamagedError where the database is not as it was written, IndexUnavailableError if it is not read."""
    try:
        broken = seal_of(embeddings) == "broken"
    except OSError as error:
        raise unreadable(embeddings, error) from error
    if broken:
        raise damaged(embeddings, "it is not as it was written")


def unreadable(embeddings: Path, error: OSError) -> IndexUnavailableError:
    """Names the very file that the system does not let be read."""
    named = error.filename or embeddings
    return IndexUnavailableError(
        f"The index in {embeddings} cannot be read: {error.strerror} ({named}).", "Check its permissions."
    )


def damaged(embeddings: Path, fault: str) -> IndexDamagedError:
    return IndexDamagedError(
        f"The index in {embeddings} is damaged: {fault}.",
        "Run `qabot index --rebuild`, which makes it anew from the articles.",
    )


def _open(file: Path, more: str) -> tuple[sqlite3.Connection, int, int]:
    """The connection, the schema's version, and whether a generation was ever finished. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        f"file:{_quoted(file)}?mode=ro{more}", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        built = version and connection.execute("SELECT count(*) FROM meta WHERE key = 'generation'").fetchone()[0]
    except BaseException:
        connection.close()
        raise
    return connection, version, built


def _has_log(file: Path) -> bool:
    try:
        log = log_of(file)
        return not in_the_way(log) and log.stat().st_size > 0
    except OSError:
        return False


@contextmanager
def reading(embeddings: Path, connection: sqlite3.Connection) -> Iterator[None]:
    """Turns what SQLite says of the database into errors that a person can meet; a wrong use of sqlite3 stays one."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        raise told(embeddings, error, "read", connection) from error


def open_for_writing(embeddings: Path) -> sqlite3.Connection:
    """Makes the tables where they are missing. Raises IndexUnavailableError for another version, else sqlite3.Error."""
    connection = sqlite3.connect(embeddings / DATABASE, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, SCHEMA_VERSION):
        raise IndexUnavailableError(
            f"The index in {embeddings} is of another version of qabot.", "Run `qabot index --rebuild`."
        )
    if version == 0:
        connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    return connection


def is_sound(embeddings: Path) -> bool:
    """Whether there is a database of this version, as it was written and whole; also where there is none yet.

    Raises IndexUnavailableError where it cannot be read, else sqlite3.OperationalError.
    """
    file = embeddings / DATABASE
    try:
        if in_the_way(file):
            return False
        if not file.exists():
            return True
        if seal_of(embeddings) == "broken":
            return False
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            return version in (0, SCHEMA_VERSION) and connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except OSError as error:
        raise unreadable(embeddings, error) from error
    except sqlite3.OperationalError:
        raise  # a busy or forbidden file says nothing of what is in it
    except sqlite3.DatabaseError:
        return False


def remove_index(embeddings: Path) -> None:
    """Takes away what `qabot index` makes, apart from the exported model. Raises OSError."""
    for end in ("", "-wal", "-shm", "-journal", ".sha256"):
        make_way(embeddings / f"{DATABASE}{end}")
    for pattern in ("sentence-*", "window-*"):
        for file in embeddings.glob(pattern):
            if file.suffix in (".faiss", ".aside"):
                make_way(file)


# What SQLite says of a file that is no sound database (sqlite.org/rescode.html: SQLITE_CORRUPT, SQLITE_NOTADB).
# ... and of a text that is none.
_DAMAGE = ("malformed", "not a database", "Could not decode to UTF-8")


def is_damage(error: sqlite3.Error, connection: sqlite3.Connection | None = None) -> bool:
    """Whether SQLite calls the file corrupt, or finds it so when asked to look."""
    if any(words in str(error) for words in _DAMAGE):
        return True
    if connection is None or not isinstance(error, sqlite3.DatabaseError):
        return False
    try:
        return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
    except sqlite3.Error as found:
        return any(words in str(found) for words in _DAMAGE)


def told(
    embeddings: Path, error: sqlite3.Error, doing: str, connection: sqlite3.Connection | None = None
) -> IndexUnavailableError:
    """``error`` as what it is: damage, a full disk, a busy or forbidden file."""
    if is_damage(error, connection):
        return damaged(embeddings, str(error))
    which = f" ({embeddings / DATABASE})" if "unable to open" in str(error) else ""
    return IndexUnavailableError(
        f"The index in {embeddings} cannot be {doing}: {error}{which}.",
        "Check the disk's room and permissions, and that no other program holds it; the index is untouched.",
    )


def known_files(connection: sqlite3.Connection) -> dict[str, FileRecord]:
    """The files that were looked at when the index was brought up to date last, by path."""
    rows = connection.execute("SELECT path, size, mtime_ns, ctime_ns, inode, content_hash, skipped FROM files")
    return {row[0]: FileRecord(*row) for row in rows}


def known_states(connection: sqlite3.Connection) -> dict[str, tuple[FileState, str | None]]:
    """Of the same files what the system said of each, and the hash of its content: every look at the folder asks."""
    rows = connection.execute("SELECT path, content_hash, size, mtime_ns, ctime_ns, inode FROM files")
    return {row[0]: (row[2:], row[1]) for row in rows}


def stored_sentences(connection: sqlite3.Connection, path: str) -> list[str]:
    """An article's sentences as the index has them, in reading order."""
    rows = connection.execute(
        'SELECT text, "start", "end" FROM passages JOIN articles ON articles.id = article_id WHERE path = ? '
        "ORDER BY ordinal",
        (path,),
    )
    return [text[start:end] for text, start, end in rows]


def has_vector(connection: sqlite3.Connection, key: bytes) -> bool:
    return connection.execute("SELECT 1 FROM vectors WHERE key = ?", (key,)).fetchone() is not None


def generation_key(connection: sqlite3.Connection) -> GenerationKey:
    number = int(read_meta(connection, "generation") or 0)
    return GenerationKey(number, read_meta(connection, "generation_id") or "0")


def read_meta(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def read_stamp(connection: sqlite3.Connection) -> Stamp | None:
    stored = read_meta(connection, "stamp")
    try:
        return None if stored is None else msgspec.json.decode(stored, type=Stamp)
    except msgspec.DecodeError:
        return None


def _quoted(file: Path) -> str:
    from urllib.parse import quote

    return quote(str(file.absolute()))
