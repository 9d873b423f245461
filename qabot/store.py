"""What is kept of answers and votes, in SQLite and with a time limit; for Discord also conversations and each server's
settings.

Of a person it keeps their id beside what they asked and voted, until they say /forget or the time is over.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from qabot import Answer, Conversation, IndexUnavailableError, Settings
from qabot.files import in_the_way
from qabot.wire import answer_json, conversation_json, read_answer, read_conversation

Vote = Literal["helpful", "wrong"]

# Who votes at the terminal; Discord gives nobody this id.
AT_THE_TERMINAL = 0
_AT_ONCE = 200
_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE answers (
    id TEXT PRIMARY KEY,
    created REAL NOT NULL,
    asker INTEGER NOT NULL,
    follows TEXT REFERENCES answers(id) ON DELETE CASCADE,  -- it holds the other's words
    guild INTEGER,
    channel INTEGER,
    message INTEGER,
    private INTEGER NOT NULL,
    filters TEXT NOT NULL,
    answer TEXT NOT NULL,
    conversation TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX answers_by_message ON answers(message);
CREATE INDEX answers_by_asker ON answers(asker);
CREATE INDEX answers_by_follows ON answers(follows);
CREATE INDEX answers_by_created ON answers(created);
CREATE TABLE votes (
    answer TEXT NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
    voter INTEGER NOT NULL,
    vote TEXT NOT NULL,
    reason TEXT NOT NULL,
    comment TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (answer, voter)
) WITHOUT ROWID;
-- Where a conversation goes on by itself: a thread, or one person in direct messages.
CREATE TABLE conversations (
    place TEXT PRIMARY KEY,
    answer TEXT NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
    updated REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX conversations_by_answer ON conversations(answer);
CREATE TABLE allowed (
    guild INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (guild, kind, id)
) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given; ``created`` is seconds since 1970.

    ``conversation`` goes on after it; ``filters`` are those it was asked with, as JSON; ``follows`` is the id of the
    answer that it went on from.
    """

    id: str
    created: float
    asker: int
    guild: int | None
    channel: int | None
    private: bool
    filters: str
    answer: Answer
    conversation: Conversation
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """One person's vote on one answer; ``at`` is seconds since 1970."""

    answer_id: str
    vote: Vote
    reason: str
    comment: str
    at: float
    answer: Answer


def new_id() -> str:
    """One that nobody guesses, and that fits into a button."""
    return secrets.token_urlsafe(9)


def thread_place(thread: int) -> str:
    """Where a conversation goes on for all who are in the thread."""
    return f"thread:{thread}"


def direct_place(channel: int, person: int) -> str:
    """Where one person's conversation goes on."""
    return f"direct:{channel}:{person}"


def group_place(channel: int, person: int) -> str:
    """Where one person's conversation goes on in a group, before the eyes of the others."""
    return f"group:{channel}:{person}"


def is_shared(place: str) -> bool:
    return not place.startswith("direct:")


class Store:
    """One connection, for one thread at a time: the bot asks it from a thread of its own.

    Raises IndexUnavailableError where the file cannot be opened or written.
    """

    def __init__(
        self, file: Path, *, keep_days: int, conversation_hours: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = file
        self._keep = keep_days * 86_400.0
        self._conversation = conversation_hours * 3600.0
        self._clock = clock
        with self._told():
            file.parent.mkdir(parents=True, exist_ok=True)
            if kind := in_the_way(file):
                raise IndexUnavailableError(f"{file} is {kind}.", "Move it away, or name another with [discord] store.")
            file.touch(mode=0o600)  # what people asked is theirs
            self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=1)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only left out
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                self._connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_SCHEMA_VERSION}; COMMIT;")
            elif version != _SCHEMA_VERSION:
                raise IndexUnavailableError(
                    f"{file} is of another version of qabot.", "Move it away, or name another with [discord] store."
                )

    def close(self) -> None:
        self._connection.close()

    def keep(self, kept: Kept, *, place: str | None = None) -> None:
        """Keeps an answer; ``place`` is where its conversation goes on by itself. One that goes on from a forgotten
        answer is not kept: it holds its words."""
        with self._told(), self._transaction():
            if kept.follows is not None and not self._there(kept.follows):
                return
            self._connection.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)",
                (
                    kept.id, kept.created, kept.asker, kept.follows, kept.guild, kept.channel, kept.private,
                    kept.filters, answer_json(kept.answer), conversation_json(kept.conversation),
                ),
            )  # fmt: skip
            if place is not None:
                self._put_conversation(place, kept.id)

    def find(self, answer_id: str) -> Kept | None:
        """``None`` for one that was forgotten."""
        return self._found("id = ?", answer_id)

    def find_by_message(self, message: int) -> Kept | None:
        """The answer that a message shows."""
        return self._found("message = ?", message)

    def shown_in(self, answer_id: str, message: int) -> None:
        with self._told():
            self._connection.execute("UPDATE answers SET message = ? WHERE id = ?", (message, answer_id))

    def continue_in(self, place: str, answer_id: str) -> None:
        """The conversation after this answer goes on in ``place``."""
        with self._told():
            self._put_conversation(place, answer_id)

    def find_in(self, place: str) -> Kept | None:
        """The last answer of the conversation there; ``None`` where there is none, or it was silent for too long."""
        with self._told():
            row = self._connection.execute(
                "SELECT answer FROM conversations WHERE place = ? AND updated > ?",
                (place, self._clock() - self._conversation),
            ).fetchone()
        return None if row is None else self.find(row[0])

    def vote(self, answer_id: str, voter: int, vote: Vote, reason: str = "", comment: str = "") -> bool:
        """One vote a person, the last one counts. Whether the answer is still kept."""
        with self._told():
            if not self._there(answer_id):
                return False
            self._connection.execute(
                "INSERT OR REPLACE INTO votes VALUES (?, ?, ?, ?, ?, ?)",
                (answer_id, voter, vote, reason, comment, self._clock()),
            )
        return True

    def feedback(self) -> list[Feedback]:
        """All votes, the newest first."""
        with self._told():
            rows = self._connection.execute(
                "SELECT v.answer, v.vote, v.reason, v.comment, v.at, a.answer FROM votes v JOIN answers a "
                "ON a.id = v.answer ORDER BY v.at DESC, v.answer"
            ).fetchall()
        return [
            Feedback(answer_id, cast(Vote, vote), reason, comment, at, read_answer(answer))
            for answer_id, vote, reason, comment, at, answer in rows
        ]

    def answers(self) -> list[Kept]:
        """Those that were not for one person's eyes alone, the newest first."""
        with self._told():
            rows = self._connection.execute(
                "SELECT id FROM answers WHERE NOT private AND created >= ? ORDER BY created DESC",
                (self._clock() - self._keep,),
            ).fetchall()
        found = (self.find(answer_id) for (answer_id,) in rows)
        return [kept for kept in found if kept is not None]

    def forget(self, person: int) -> int:
        """Removes a person's votes, the answers they asked for, and what others went on to ask from those, since it
        holds their words; gives how many answers."""
        with self._told(), self._transaction():
            self._connection.execute("DELETE FROM votes WHERE voter = ?", (person,))
            before = self._connection.execute("SELECT count(*) FROM answers").fetchone()[0]
            self._connection.execute("DELETE FROM answers WHERE asker = ?", (person,))
            return int(before - self._connection.execute("SELECT count(*) FROM answers").fetchone()[0])

    def forget_old(self) -> bool:
        """Removes some of what is over its time limit, and what goes on from it; whether there may be more.

        Others are not kept waiting long."""
        before, silent = self._clock() - self._keep, self._clock() - self._conversation
        with self._told(), self._transaction():
            removed = self._connection.execute(
                "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE created < ? LIMIT ?)", (before, _AT_ONCE)
            ).rowcount
            self._connection.execute("DELETE FROM conversations WHERE updated < ?", (silent,))
        return removed == _AT_ONCE

    def allowed(self) -> dict[int, dict[str, frozenset[int]]]:
        """By server, the channels and roles that its managers limited the bot to, by ``channel`` and ``role``."""
        with self._told():
            rows = self._connection.execute("SELECT guild, kind, id FROM allowed").fetchall()
        return {
            guild: {
                kind: frozenset(number for own, name, number in rows if (own, name) == (guild, kind))
                for kind in ("channel", "role")
            }
            for guild in {row[0] for row in rows}
        }

    def allow(self, guild: int, kind: Literal["channel", "role"], number: int, *, allowed: bool) -> None:
        with self._told():
            if allowed:
                self._connection.execute("INSERT OR REPLACE INTO allowed VALUES (?, ?, ?)", (guild, kind, number))
            else:
                self._connection.execute(
                    "DELETE FROM allowed WHERE (guild, kind, id) = (?, ?, ?)", (guild, kind, number)
                )

    def meta(self, key: str) -> str | None:
        with self._told():
            row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        with self._told():
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def _found(self, where: str, value: object) -> Kept | None:
        with self._told():
            row = self._connection.execute(
                "SELECT id, created, asker, guild, channel, private, filters, answer, conversation, follows "
                f"FROM answers WHERE {where} AND created >= ?",
                (value, self._clock() - self._keep),
            ).fetchone()
        if row is None:
            return None
        answer_id, created, asker, guild, channel, private, filters, answer, conversation, follows = row
        return Kept(
            id=answer_id,
            created=created,
            asker=asker,
            guild=guild,
            channel=channel,
            private=bool(private),
            filters=filters,
            answer=read_answer(answer),
            conversation=read_conversation(conversation),
            follows=follows,
        )

    def _there(self, answer_id: str) -> bool:
        return bool(self._connection.execute("SELECT 1 FROM answers WHERE id = ?", (answer_id,)).fetchone())

    def _put_conversation(self, place: str, answer_id: str) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO conversations VALUES (?, ?, ?)", (place, answer_id, self._clock())
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise
        except (sqlite3.Error, OSError) as error:
            raise IndexUnavailableError(
                f"{self._file} cannot be used: {error}.",
                "Check the disk's room and the file's permissions, or name another with [discord] store.",
            ) from error


def store_file(settings: Settings) -> Path:
    """Where it is, whether it was made yet or not."""
    file = Path(settings.discord.store).expanduser()
    return file if file.is_absolute() else settings.embeddings / file


def open_store(settings: Settings) -> Store:
    """Raises IndexUnavailableError."""
    own = settings.discord
    return Store(store_file(settings), keep_days=own.keep_days, conversation_hours=own.conversation_hours)
