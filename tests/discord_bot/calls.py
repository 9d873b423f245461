"""A request of the bot: where it leads to, what it may do there, and how Discord refuses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.discord_bot import limits
from tests.discord_bot.messages import Attachment, Message, MessageFlag, MessageState
from tests.discord_bot.places import Channel, Guild, Permission, permissions
from tests.discord_bot.specification import Problem

if TYPE_CHECKING:
    from tests.discord_bot.stand_in import StandIn

SENT_FLAGS = (
    MessageFlag.COMPONENTS_V2 | MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.EPHEMERAL
)


class Refusal(Exception):
    """An answer of Discord that isn't what was asked for."""

    def __init__(self, status: int, code: int, message: str, problems: list[Problem] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"code": code, "message": message}
        if problems:
            self.body["errors"] = _errors(problems)


@dataclass(frozen=True)
class File:
    """An uploaded file."""

    filename: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """A request whose body is of the right shape; ``parameters`` are those of the path."""

    discord: StandIn
    method: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    json: Any
    files: Mapping[int, File]

    def refuse(self, problems: list[Problem]) -> None:
        """Note what is wrong and answer as Discord does, if anything is."""
        if not problems:
            return
        self.discord.violations.extend(f"{self.method} {self.path}: {problem}" for problem in problems)
        if problems[0].code.isdigit():
            raise Refusal(400, int(problems[0].code), problems[0].message)
        raise Refusal(400, 50035, "Invalid Form Body", problems)

    def note_pings(self, payload: dict[str, Any]) -> None:
        """Note a text that may call people. Discord takes it, so it isn't refused."""
        if limits.could_ping(payload):
            allowed = payload.get("allowed_mentions")
            self.discord.violations.append(f"{self.method} {self.path}: could ping (allowed_mentions {allowed})")

    @property
    def channel(self) -> Channel:
        """The channel of the path, which the bot must be able to see."""
        channel = self.discord.channels.get(int(self.parameters["channel_id"]))
        if channel is None:
            raise Refusal(404, 10003, "Unknown Channel")
        if not self.discord.bot_sees(channel):
            raise Refusal(403, 50001, "Missing Access")
        return channel

    @property
    def guild(self) -> Guild:
        """The guild of the path, which the bot must be a member of."""
        guild = self.discord.guilds.get(int(self.parameters["guild_id"]))
        if guild is None or not guild.bot_is_member:
            raise Refusal(404, 10004, "Unknown Guild")
        return guild

    def require(self, channel: Channel, permission: Permission) -> None:
        """Refuse where the bot lacks a permission."""
        if permission not in permissions(self.discord.bot, channel):
            raise Refusal(403, 50013, "Missing Permissions")

    def message(self, channel: Channel) -> Message:
        """The message of the path."""
        message = channel.messages.get(int(self.parameters["message_id"]))
        if message is None:
            raise Refusal(404, 10008, "Unknown Message")
        return message

    def state(self, payload: dict[str, Any], before: MessageState | None, flags: MessageFlag) -> MessageState:
        """What the message shows once ``payload`` is applied; refused where Discord wouldn't have it so."""
        base = before or MessageState(at=0.0)
        attachments = self._attachments(payload, base)
        after = MessageState(
            at=self.discord.clock(),
            content=(payload["content"] or "") if "content" in payload else base.content,
            components=(payload["components"] or []) if "components" in payload else base.components,
            embeds=(payload["embeds"] or []) if "embeds" in payload else base.embeds,
            attachments=attachments,
            flags=flags,
        )
        problems = limits.message_problems(after, (payload.get("poll"), payload.get("sticker_ids")))
        given = payload.get("flags")
        had_layout = before is not None and MessageFlag.COMPONENTS_V2 in before.flags
        if had_layout and given is not None and not given & MessageFlag.COMPONENTS_V2:
            problems.append(Problem(("flags",), "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "can't be taken back"))
        self.refuse(problems)
        self.note_pings(payload)
        stored = self.discord.stored(after.components, attachments)
        return MessageState(after.at, after.content, stored, after.embeds, attachments, flags)

    def created(self, payload: dict[str, Any], allowed_flags: MessageFlag = SENT_FLAGS) -> MessageState:
        """The state of a new message."""
        flags = MessageFlag(payload.get("flags") or 0)
        unknown = int(flags) & ~int(allowed_flags)
        if unknown:
            self.refuse([Problem(("flags",), "BITMASK_INVALID", f"not to be set by a bot: {unknown}")])
        return self.state(payload, None, flags)

    def edited(self, message: Message, payload: dict[str, Any]) -> MessageState:
        """The state of a message after an edit; what was ephemeral stays so, and loading ends."""
        before = message.state
        given = MessageFlag(payload.get("flags") or 0)
        settable = MessageFlag.COMPONENTS_V2 | MessageFlag.SUPPRESS_EMBEDS
        flags = (before.flags & ~MessageFlag.LOADING) | (given & settable)
        return self.state(payload, before, flags)

    def _attachments(self, payload: dict[str, Any], base: MessageState) -> tuple[Attachment, ...]:
        described = {str(each["id"]): each for each in payload.get("attachments") or [] if "id" in each}
        kept = base.attachments
        if "attachments" in payload:
            kept = tuple(each for each in base.attachments if str(each.id) in described)
        added = []
        for index, file in self.files.items():
            about = described.get(str(index), {})
            name = about.get("filename") or file.filename
            added.append(self.discord.attach(name, file.content, about.get("description") or ""))
        return (*kept, *added)


Handler = Callable[[Call], Any]
_ROUTES: list[tuple[str, str, re.Pattern[str], Handler]] = []


def route(method: str, template: str) -> Callable[[Handler], Handler]:
    """Let a function answer an operation; it gives the JSON body, or None for 204."""
    pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template)))

    def add(handler: Handler) -> Handler:
        _ROUTES.append((method, template, pattern, handler))
        return handler

    return add


def find_route(method: str, path: str) -> tuple[str, Handler, dict[str, str]] | None:
    """The template, the function and the path's parameters of a request, or None where nothing answers it."""
    for its_method, template, pattern, handler in _ROUTES:
        found = pattern.fullmatch(path)
        if found is not None and its_method == method:
            return template, handler, found.groupdict()
    return None


def _errors(problems: list[Problem]) -> dict[str, Any]:
    """Problems as Discord nests them, each under its path in a list named ``_errors``."""
    tree: dict[str, Any] = {}
    for problem in problems:
        at = tree
        for step in problem.path:
            at = at.setdefault(str(step), {})
        at.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return tree
