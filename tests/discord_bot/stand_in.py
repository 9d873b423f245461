"""A Discord to talk to over a real socket: what the bot asks is checked, and people can be let act.

async with StandIn() as discord:
    ...  # connect a client whose Route.BASE is discord.api_base and whose gateway is discord.gateway_url
    ada = discord.user("Ada")
    exchange = await ada.slash("ask", question="Who?")
    answer = await exchange.answered()
    assert not discord.violations
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from tests.discord_bot import responses, rest
from tests.discord_bot.calls import Call, File, Refusal, find_route
from tests.discord_bot.interactions import Exchange, Impossible, NotAllowed
from tests.discord_bot.messages import Attachment, Button, Message, MessageFlag
from tests.discord_bot.people import Choice, User
from tests.discord_bot.places import Account, Channel, Guild, Permission, Role
from tests.discord_bot.specification import Problem, load_specification
from tests.discord_bot.world import World

__all__ = ["Button", "Channel", "Choice", "Exchange", "Guild", "Impossible", "Message", "MessageFlag", "NotAllowed"]
__all__ += ["Recorded", "StandIn", "User"]

_log = logging.getLogger(__name__)
_API = "/api/v10"
_INVALID = (401, 403, 429)
_BODY_BYTES = 32 * 1024 * 1024
_WITHOUT_TOKEN = ("/webhooks/", "/interactions/")
_OPERATIONS = (rest, responses)  # what is imported has registered itself


@dataclass(frozen=True)
class Recorded:
    """A request of the bot, without the API's base in ``path``; ``at`` is in seconds of the stand-in's clock."""

    method: str
    path: str
    json: Any
    files: tuple[File, ...]
    at: float
    query: Mapping[str, str]


@dataclass(eq=False)
class Fault:
    """Something that goes wrong for requests to come, ``times`` times."""

    method: str
    path: re.Pattern[str]
    status: int | None
    times: int
    body: dict[str, Any] | None
    headers: dict[str, str]
    delay: float
    drop: bool
    applied: bool

    def response(self) -> web.Response:
        """The answer in place of Discord's own."""
        assert self.status is not None
        body: dict[str, Any] = {"code": 0, "message": f"{self.status}: fault"}
        headers = dict(self.headers)
        if self.status == 429:
            body = {"message": "You are being rate limited.", "retry_after": 0.05, "global": False}
            headers.setdefault("Via", "1.1 google")  # without it a client takes the answer for a ban
        return _json_response(self.status, body | (self.body or {}), headers)


class StandIn(World):
    """Discord's API and gateway on a free port of this machine.

    ``requests`` are all that the bot asked, ``violations`` what Discord would refuse or what could call people.
    ``invalid_requests`` counts the answers 401, 403 and 429, of which 10,000 in ten minutes get an address banned.
    ``heartbeat_interval`` is in seconds; ``shards`` is what is recommended to the client.
    """

    def __init__(self, *, token: str = "token", shards: int = 1, heartbeat_interval: float = 41.25) -> None:
        super().__init__(token=token, heartbeat_interval=heartbeat_interval)
        self.token = token
        self.shards = shards
        self.requests: list[Recorded] = []
        self.closed_to_direct_messages: set[Account] = set()
        self.invalid_requests = 0
        self._faults: list[Fault] = []
        self._attachments: dict[int, Attachment] = {}
        self._shown: dict[Channel, int] = {}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> StandIn:
        application = web.Application(client_max_size=_BODY_BYTES)
        application.router.add_get("/gateway", self.gateway.serve)
        application.router.add_get("/attachments/{number}/{name}", self._download)
        application.router.add_route("*", _API + "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.http_base = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *exception: object) -> None:
        assert self._runner is not None
        await self.gateway.drop(1001)
        await self._runner.cleanup()

    @property
    def api_base(self) -> str:
        """What ``discord.http.Route.BASE`` is to be."""
        return self.http_base + _API

    @property
    def gateway_url(self) -> str:
        """Where the gateway listens."""
        return self.http_base.replace("http", "ws", 1) + "/gateway"

    @property
    def specification_absent(self) -> bool:
        """Whether requests can't be checked against Discord's description of its API."""
        return load_specification() is None

    @property
    def connected(self) -> bool:
        """Whether all shards are connected and have been told of their guilds."""
        return self.gateway.ready

    async def wait_ready(self, timeout: float = 10.0) -> None:
        """Wait until all shards of the client are connected and have been told of their guilds."""
        await self.until(lambda: self.connected, timeout, "the client isn't connected")

    async def send_reconnect(self) -> None:
        """Ask the client to reconnect and resume (op 7)."""
        await self.gateway.send_reconnect()

    async def invalidate_session(self, *, resumable: bool) -> None:
        """Tell the client that its session is invalid (op 9)."""
        await self.gateway.invalidate(resumable=resumable)

    async def drop_connection(self, code: int | None = 4000) -> None:
        """Close the gateway's connections with a code, or as if the cable were cut where it is None."""
        await self.gateway.drop(code)

    def offline(self, code: int | None = 4000) -> AbstractAsyncContextManager[None]:
        """Drop the gateway's connections and greet none until the block ends; what happens meanwhile is replayed."""
        return self.gateway.offline(code)

    def user(
        self,
        name: str,
        *,
        manage_guild: bool = False,
        roles: tuple[str, ...] = (),
        locale: str = "en-US",
        guilds: tuple[Guild, ...] | None = None,
    ) -> User:
        """A new person, in ``home`` and the guilds there are (or in ``guilds`` alone); roles are made as needed."""
        person = User(self.snowflakes.next(), name, locale, world=self)
        self.accounts[person.id] = person
        for guild in guilds if guilds is not None else tuple(self.guilds.values()):
            guild.members[person.id] = {self._role(guild, role).id for role in roles}
            if manage_guild:
                guild.members[person.id].add(self._role(guild, "editors", Permission.MANAGE_GUILD).id)
        return person

    async def messages_of_bot(self, where: Channel | User | None = None) -> list[Message]:
        """The bot's messages that everyone in a channel sees, oldest first."""
        channel = self._channel(where)
        return [message for message in channel.messages.values() if message.author is self.bot]

    async def next_message(self, where: Channel | User | None = None, timeout: float = 10.0) -> Message:
        """Wait for a message of the bot that this didn't give yet; responses to interactions don't count."""
        channel = self._channel(where)

        def unseen() -> Message | None:
            last = self._shown.get(channel, 0)
            own = (each for each in channel.messages.values() if each.author is self.bot and each.exchange is None)
            return next((message for message in own if message.id > last), None)

        await self.until(unseen, timeout, f"no further message of the bot in {channel.name or 'the conversation'}")
        message = unseen()
        assert message is not None
        self._shown[channel] = message.id
        return message

    def requested(self, method: str, path_pattern: str) -> list[Recorded]:
        """The requests so far whose whole path fits a regular expression."""
        return [each for each in self.requests if each.method == method and re.fullmatch(path_pattern, each.path)]

    def close_direct_messages(self, person: User) -> None:
        """Let a person take no direct messages any more."""
        self.closed_to_direct_messages.add(person)

    def fault(
        self,
        method: str,
        path_pattern: str,
        status: int | None,
        *,
        times: int = 1,
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        delay: float = 0.0,
        drop: bool = False,
        applied: bool = False,
    ) -> Fault:
        """Let the next requests to a path go wrong; the pattern is a regular expression for the whole path.

        After ``delay`` seconds comes ``status`` (None: what Discord would have said), or the connection breaks
        (``drop``). What was asked is done all the same where ``applied`` is set, so that only the answer is lost.
        """
        pattern = re.compile(path_pattern)
        fault = Fault(method, pattern, status, times, body, headers or {}, delay, drop, applied)
        self._faults.append(fault)
        return fault

    def attach(self, filename: str, content: bytes, description: str) -> Attachment:
        """Keep a file where its address leads to it."""
        number = self.snowflakes.next()
        address = f"{self.http_base}/attachments/{number}/{filename}"
        attachment = Attachment(number, filename, content, description, address)
        self._attachments[number] = attachment
        return attachment

    def _channel(self, where: Channel | User | None) -> Channel:
        if isinstance(where, User):
            return where.direct
        return where or self.channel

    def _role(self, guild: Guild, name: str, granted: Permission = Permission(0)) -> Role:  # noqa: B008
        for role in guild.roles.values():
            if role.name == name:
                return role
        role = Role(self.snowflakes.next(), name, granted)
        guild.roles[role.id] = role
        return role

    async def _download(self, request: web.Request) -> web.Response:
        return web.Response(body=self._attachments[int(request.match_info["number"])].content)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        content_type, body, files = await _read(request)
        recorded = Recorded(request.method, path, body, tuple(files.values()), self.clock(), dict(request.query))
        self.requests.append(recorded)
        self.changed()
        fault = self._fault_for(recorded)
        response = await self._at_fault(request, recorded, content_type, files, fault)
        self.invalid_requests += response.status in _INVALID
        return response

    async def _at_fault(
        self, request: web.Request, recorded: Recorded, content_type: str, files: dict[int, File], fault: Fault | None
    ) -> web.Response:
        """Discord's answer, or what comes in its place."""
        if fault is None:
            return self._answered(request, recorded, content_type, files)
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.status is None and not fault.drop:
            return self._answered(request, recorded, content_type, files)
        if fault.applied:
            self._answered(request, recorded, content_type, files)
        if fault.drop:
            if isinstance(request.transport, asyncio.Transport):
                request.transport.abort()
            return web.Response(status=500)
        return fault.response()

    def _fault_for(self, request: Recorded) -> Fault | None:
        for fault in self._faults:
            if fault.method == request.method and fault.path.fullmatch(request.path) and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def _answered(
        self, request: web.Request, recorded: Recorded, content_type: str, files: dict[int, File]
    ) -> web.Response:
        try:
            body = self._handled(request, recorded, content_type, files)
        except Refusal as refusal:
            return _json_response(refusal.status, refusal.body, {})
        except Exception as error:  # a 500 would be asked again five times, and its cause lost
            _log.exception("%s %s", recorded.method, recorded.path)
            self.violations.append(f"{recorded.method} {recorded.path}: the stand-in failed: {error!r}")
            return _json_response(400, {"code": 0, "message": repr(error)}, {})
        return web.Response(status=204) if body is None else _json_response(200, body, {})

    def _handled(self, request: web.Request, recorded: Recorded, content_type: str, files: dict[int, File]) -> Any:
        method, path = recorded.method, recorded.path
        found = find_route(method, path)
        if found is None:
            self.violations.append(f"{method} {path}: the stand-in knows no such operation")
            raise Refusal(404, 0, "404: Not Found")
        template, handler, parameters = found
        if not path.startswith(_WITHOUT_TOKEN) and request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refusal(401, 0, "401: Unauthorized")
        call = Call(self, method, path, parameters, recorded.query, recorded.json, files)
        call.refuse(self._specification_problems(method, template, content_type, recorded.json))
        return handler(call)

    def _specification_problems(self, method: str, template: str, content_type: str, body: Any) -> list[Problem]:
        specification = load_specification()
        if specification is None or body is None or not specification.knows(method, template):
            return []
        return specification.problems(method, template, content_type, body)


async def _read(request: web.Request) -> tuple[str, Any, dict[int, File]]:
    """The content type, the JSON and the files of a request, those by their number in ``files[n]``."""
    if request.content_type != "multipart/form-data":
        text = await request.text()
        return request.content_type, json.loads(text) if text else None, {}
    body: Any = None
    files: dict[int, File] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body = json.loads(content)
        elif part.name is not None and (numbered := re.fullmatch(r"files\[(\d+)\]", part.name)):
            files[int(numbered[1])] = File(part.filename or "", content)
    return request.content_type, body, files


def _json_response(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    """JSON of the exact content type that discord.py reads as JSON: a charset would make it text."""
    return web.Response(
        status=status,
        body=json.dumps(body, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json"} | headers,
    )
