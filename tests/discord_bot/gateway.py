"""Discord's gateway: sessions that outlive their connection, so that nothing is lost between two of them."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME, RECONNECT = 0, 1, 2, 3, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11

UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED = range(4001, 4006)
INVALID_SEQUENCE, RATE_LIMITED, INVALID_SHARD, INVALID_INTENTS, DISALLOWED_INTENTS = 4007, 4008, 4010, 4013, 4014

GUILDS_INTENT, GUILD_MESSAGES_INTENT, DIRECT_MESSAGES_INTENT = 1 << 0, 1 << 9, 1 << 12
PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15
EXPECTED_INTENTS = GUILDS_INTENT | GUILD_MESSAGES_INTENT | DIRECT_MESSAGES_INTENT

_PAYLOAD_BYTES = 4096
_SENDS_A_MINUTE = 120


@dataclass(eq=False, repr=False)
class Session:
    """What one shard has been told. ``frames`` are the dispatches so far, the first of number 1."""

    id: str
    shard: int
    shards: int
    intents: int
    frames: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    connection: Connection | None = None
    ready: bool = False

    def __repr__(self) -> str:
        return f"<Session of shard {self.shard}, {len(self.names)} events>"

    def dispatch(self, name: str, data: dict[str, Any]) -> None:
        """Add an event; it is sent now, or after the next RESUME."""
        frame = {"op": DISPATCH, "s": len(self.frames) + 1, "t": name, "d": data}
        self.frames.append(json.dumps(frame, ensure_ascii=False))
        self.names.append(name)
        if self.connection is not None:
            self.connection.more.set()


@dataclass(eq=False, repr=False)
class Connection:
    """One socket of the client, with the session it carries once it has identified or resumed."""

    socket: web.WebSocketResponse
    transport: asyncio.BaseTransport | None
    more: asyncio.Event = field(default_factory=asyncio.Event)
    session: Session | None = None
    sent: int = 0
    received_at: list[float] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<Connection of {self.session}>"

    async def pump(self) -> None:
        """Send the session's dispatches as they come, in their order."""
        while True:
            await self.more.wait()
            self.more.clear()
            while self.session is not None and self.sent < len(self.session.frames):
                self.sent += 1
                await self.socket.send_str(self.session.frames[self.sent - 1])

    async def send(self, op: int, data: Any) -> None:
        """Send something that isn't a dispatch."""
        if not self.socket.closed:
            await self.socket.send_json({"op": op, "s": None, "t": None, "d": data})


@dataclass(frozen=True)
class Welcome:
    """What READY says, and the guilds that follow it, each with its id."""

    ready: dict[str, Any]
    guilds: list[tuple[int, dict[str, Any]]]


class Gateway:
    """Accepts the client's connections. ``heartbeat_interval`` is in seconds.

    ``identifies`` and ``resumes`` hold what the client sent in each; ``heartbeats`` counts.
    """

    def __init__(
        self,
        token: str,
        heartbeat_interval: float,
        welcome: Callable[[], Welcome],
        changed: Callable[[], None],
        violated: Callable[[str], None],
    ) -> None:
        self.heartbeat_interval = heartbeat_interval
        self.acknowledge_heartbeats = True
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identifies: list[dict[str, Any]] = []
        self.resumes: list[dict[str, Any]] = []
        self.heartbeats = 0
        self._token = token
        self._welcome = welcome
        self._changed = changed
        self._violated = violated
        self._open = asyncio.Event()
        self._open.set()

    @property
    def ready(self) -> bool:
        """Whether every shard that the client announced is connected and knows its guilds."""
        ready = {session.shard for session in self.sessions.values() if session.ready and session.connection}
        wanted = max((session.shards for session in self.sessions.values()), default=1)
        return len(ready) == wanted

    def dispatch(self, name: str, data: dict[str, Any], *, guild_id: int | None, intent: int = 0) -> None:
        """Tell the shard of a guild, or the first where there is no guild, if its intents ask for it."""
        for session in self.sessions.values():
            if session.shard != shard_of(guild_id, session.shards):
                continue
            if not intent or intent & session.intents:
                session.dispatch(name, data)

    async def send_reconnect(self) -> None:
        """Ask every connection to reconnect and resume (op 7); what happens from now on waits for the next."""
        for connection in list(self.connections):
            self._detach(connection)
            await connection.send(RECONNECT, None)

    async def invalidate(self, *, resumable: bool) -> None:
        """Tell every connection that its session is invalid (op 9)."""
        for connection in list(self.connections):
            if not resumable and connection.session is not None:
                self._forget(connection.session)
            self._detach(connection)
            await connection.send(INVALID_SESSION, resumable)

    async def drop(self, code: int | None = 4000) -> None:
        """Close every connection with a close code, or without a word where ``code`` is None."""
        for connection in list(self.connections):
            self._detach(connection)
            if code is not None:
                await connection.socket.close(code=code)
            elif isinstance(connection.transport, asyncio.Transport):
                connection.transport.abort()
        self._changed()

    @asynccontextmanager
    async def offline(self, code: int | None = 4000) -> AsyncIterator[None]:
        """Drop every connection, and greet no new one until the block ends."""
        self._open.clear()
        try:
            await self.drop(code)
            yield
        finally:
            self._open.set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection from HELLO to its end; frames are text, also where compression is asked for."""
        connection = Connection(web.WebSocketResponse(timeout=1.0), request.transport)
        await connection.socket.prepare(request)
        self.connections.add(connection)
        pump = asyncio.create_task(connection.pump())
        try:
            await self._open.wait()
            await connection.send(HELLO, {"heartbeat_interval": int(self.heartbeat_interval * 1000), "_trace": []})
            async for frame in connection.socket:
                if frame.type is WSMsgType.TEXT:
                    code = await self._received(connection, frame.data)
                    if code is not None:
                        self._detach(connection)
                        await connection.socket.close(code=code)
                        break
        except ConnectionError:
            pass  # the client is gone, and its session waits for it
        finally:
            pump.cancel()
            if connection.socket.close_code in (1000, 1001) and connection.session is not None:
                self._forget(connection.session)  # a client that says goodbye can't resume
            self._detach(connection)
            self.connections.discard(connection)
            self._changed()
        return connection.socket

    async def _received(self, connection: Connection, text: str) -> int | None:
        """Do what the client asks; gives the code to close with where it may not."""
        now = asyncio.get_running_loop().time()
        connection.received_at = [at for at in connection.received_at if at > now - 60] + [now]
        if len(connection.received_at) > _SENDS_A_MINUTE:
            return RATE_LIMITED
        try:
            message = json.loads(text)
            op, data = message["op"], message["d"]
        except (ValueError, KeyError):
            return DECODE_ERROR
        if len(text.encode()) > _PAYLOAD_BYTES:
            return DECODE_ERROR
        if op == HEARTBEAT:
            self.heartbeats += 1
            if self.acknowledge_heartbeats:
                await connection.send(HEARTBEAT_ACK, None)
            return None
        if op == IDENTIFY:
            return self._identified(connection, data)
        if op == RESUME:
            return await self._resumed(connection, data)
        if connection.session is None:
            return NOT_AUTHENTICATED
        return None if op in (PRESENCE, REQUEST_MEMBERS) else UNKNOWN_OPCODE

    def _identified(self, connection: Connection, data: dict[str, Any]) -> int | None:
        self.identifies.append(data)
        if connection.session is not None:
            return ALREADY_AUTHENTICATED
        if data["token"] != self._token:
            return AUTHENTICATION_FAILED
        shard, shards = data.get("shard") or (0, 1)
        if not 0 <= shard < shards:
            return INVALID_SHARD
        intents = data["intents"]
        if intents & PRIVILEGED_INTENTS:
            return DISALLOWED_INTENTS
        if intents >> 26:
            return INVALID_INTENTS
        if intents & ~EXPECTED_INTENTS:
            self._violated(f"IDENTIFY asks for more intents than guilds and messages: {intents}")
        for stale in [each for each in self.sessions.values() if each.shard == shard and each.shards != shards]:
            self._forget(stale)
        session = Session(secrets.token_hex(16), shard, shards, intents)
        self.sessions[session.id] = session
        self._attach(connection, session, sent=0)
        welcome = self._welcome()
        guilds = [(number, guild) for number, guild in welcome.guilds if shard_of(number, shards) == shard]
        unavailable = [{"id": str(number), "unavailable": True} for number, _ in guilds]
        session.dispatch(
            "READY", welcome.ready | {"session_id": session.id, "shard": [shard, shards], "guilds": unavailable}
        )
        if intents & GUILDS_INTENT:
            for _, guild in guilds:
                session.dispatch("GUILD_CREATE", guild)
        session.ready = True
        self._changed()
        return None

    async def _resumed(self, connection: Connection, data: dict[str, Any]) -> int | None:
        self.resumes.append(data)
        if data["token"] != self._token:
            return AUTHENTICATION_FAILED
        session = self.sessions.get(data["session_id"])
        if session is None:
            await connection.send(INVALID_SESSION, False)
            return None
        if not 0 <= data["seq"] <= len(session.frames):
            return INVALID_SEQUENCE
        self._attach(connection, session, sent=data["seq"])
        session.dispatch("RESUMED", {"_trace": []})
        self._changed()
        return None

    def _attach(self, connection: Connection, session: Session, *, sent: int) -> None:
        connection.session, connection.sent = session, sent
        session.connection = connection
        connection.more.set()

    def _detach(self, connection: Connection) -> None:
        if connection.session is not None and connection.session.connection is connection:
            connection.session.connection = None
        connection.session = None

    def _forget(self, session: Session) -> None:
        self.sessions.pop(session.id, None)


def shard_of(guild_id: int | None, shards: int) -> int:
    """The shard that hears of a guild; what is outside of guilds comes to the first.

    Source: Discord's documentation, "Sharding".
    """
    return 0 if guild_id is None else (guild_id >> 22) % shards
