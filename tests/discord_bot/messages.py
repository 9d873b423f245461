"""A message with everything it has been, as a person sees it and as Discord's API writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntFlag
from typing import TYPE_CHECKING, Any

from tests.discord_bot.places import Account, Channel, iso_time

if TYPE_CHECKING:
    from tests.discord_bot.interactions import Exchange

Component = dict[str, Any]

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 11, 12, 13, 14, 17, 18
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23
LINK_BUTTON = 5


class MessageFlag(IntFlag):
    """Discord's message flags that are used here."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


NO_FLAGS = MessageFlag(0)


class MessageType:
    """Discord's kinds of message that are made here."""

    DEFAULT = 0
    REPLY = 19
    SLASH_COMMAND = 20
    MENU_COMMAND = 23


@dataclass(frozen=True)
class Button:
    """A button of a message. ``style`` 5 is a link; ``custom_id`` and ``url`` are empty where there is none."""

    label: str
    custom_id: str
    style: int
    disabled: bool
    url: str


@dataclass(frozen=True)
class Attachment:
    """A file of a message."""

    id: int
    filename: str
    content: bytes
    description: str
    url: str

    def payload(self) -> dict[str, Any]:
        """The attachment object of Discord's API."""
        described = {"description": self.description} if self.description else {}
        return described | {
            "id": str(self.id),
            "filename": self.filename,
            "size": len(self.content),
            "url": self.url,
            "proxy_url": self.url,
            "content_type": "application/octet-stream",
        }


def walk(components: list[Component]) -> Iterator[Component]:
    """Every component, also those inside rows, sections and containers, in the order of reading."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        yield from walk([component[only] for only in ("accessory", "component") if component.get(only)])


@dataclass(frozen=True)
class MessageState:
    """What a message showed from ``at`` (seconds of the stand-in's clock) until its next edit."""

    at: float
    content: str = ""
    components: list[Component] = field(default_factory=list)
    embeds: list[dict[str, Any]] = field(default_factory=list)
    attachments: tuple[Attachment, ...] = ()
    flags: MessageFlag = NO_FLAGS

    @property
    def text(self) -> str:
        """The content and all text displays, a line break between them."""
        displays = [each["content"] for each in walk(self.components) if each["type"] == TEXT_DISPLAY]
        return "\n".join(part for part in (self.content, *displays) if part)


@dataclass(eq=False, repr=False)
class Message:
    """A message and its ``history``: the first state is what a notification shows, the last what stands now."""

    id: int
    channel: Channel
    author: Account
    history: list[MessageState]
    reply_to: Message | None = None
    mentions: tuple[Account, ...] = ()
    exchange: Exchange | None = None
    thread: Channel | None = None
    deleted: bool = False
    nonce: str = ""

    def __repr__(self) -> str:
        return f"<Message {self.id} of {self.author.name}: {self.text!r}>"

    @property
    def state(self) -> MessageState:
        """What stands now."""
        return self.history[-1]

    @property
    def channel_id(self) -> int:
        """The id of the channel that the message stands in."""
        return self.channel.id

    @property
    def content(self) -> str:
        """The classic text; empty for a message of components alone."""
        return self.state.content

    @property
    def components(self) -> list[Component]:
        """The components as Discord keeps them, each with its number."""
        return self.state.components

    @property
    def embeds(self) -> list[dict[str, Any]]:
        """The embeds as Discord keeps them."""
        return self.state.embeds

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files."""
        return self.state.attachments

    @property
    def flags(self) -> MessageFlag:
        """The flags now."""
        return self.state.flags

    @property
    def text(self) -> str:
        """The content and all text displays, a line break between them."""
        return self.state.text

    @property
    def preview(self) -> str:
        """What a notification showed: the content as first sent, without text displays (discord-api-docs#7854)."""
        return next((state.content for state in self.history if MessageFlag.LOADING not in state.flags), "")

    @property
    def ephemeral(self) -> bool:
        """Whether only the person who asked sees it."""
        return MessageFlag.EPHEMERAL in self.flags

    @property
    def loading(self) -> bool:
        """Whether it says no more than that the bot is thinking."""
        return MessageFlag.LOADING in self.flags

    @property
    def buttons(self) -> list[Button]:
        """Every button, in the order of reading."""
        return [
            Button(
                label=each.get("label") or "",
                custom_id=each.get("custom_id") or "",
                style=each["style"],
                disabled=bool(each.get("disabled")),
                url=each.get("url") or "",
            )
            for each in walk(self.components)
            if each["type"] == BUTTON
        ]

    def button(self, label: str, nth: int = 0) -> Button:
        """The button of that label, counted from 0; IndexError where there is none."""
        return [button for button in self.buttons if button.label == label][nth]

    def readable_without_content_intent(self, bot: Account) -> bool:
        """Whether Discord tells ``bot`` what the message says: its own, a direct one, or one that mentions it."""
        return self.author is bot or bot in self.channel.recipients or bot in self.mentions

    def payload(
        self, *, readable: bool = True, bot: Account | None = None, with_reference: bool = True
    ) -> dict[str, Any]:
        """The message object of Discord's API; not ``readable`` leaves out what the message says.

        A reply brings along the message it answers, as far as ``bot`` may read that.
        """
        state = self.state
        body: dict[str, Any] = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "type": self._type(),
            "author": self.author.payload(),
            "timestamp": iso_time(self.id),
            "edited_timestamp": iso_time(self.id) if len(self.history) > 1 and not self.loading else None,
            "tts": False,
            "pinned": False,
            "mention_everyone": False,
            "mentions": [account.payload() for account in self.mentions],
            "mention_roles": [],
            "flags": int(state.flags),
            "content": state.content if readable else "",
            "embeds": state.embeds if readable else [],
            "components": state.components if readable else [],
            "attachments": [each.payload() for each in state.attachments] if readable else [],
        }
        if self.nonce:
            body["nonce"] = self.nonce
        if self.thread is not None:
            body["thread"] = self.thread.payload()
        if self.exchange is not None:
            body |= self.exchange.message_fields()
        if self.reply_to is not None:
            body["message_reference"] = {"type": 0} | _address(self.reply_to)
            if with_reference:
                body["referenced_message"] = self.reply_to._as_referenced(bot)
        return body

    def _as_referenced(self, bot: Account | None) -> dict[str, Any] | None:
        """The message as it stands in a reply to it, which Discord doesn't follow further; None once it is deleted."""
        if self.deleted:
            return None
        readable = bot is None or self.readable_without_content_intent(bot)
        return self.payload(readable=readable, with_reference=False)

    def _type(self) -> int:
        if self.exchange is not None and self.exchange.response is self:
            return self.exchange.message_type
        return MessageType.REPLY if self.reply_to is not None else MessageType.DEFAULT


def _address(message: Message) -> dict[str, str]:
    guild = message.channel.guild
    within = {} if guild is None else {"guild_id": str(guild.id)}
    return within | {"channel_id": str(message.channel.id), "message_id": str(message.id)}
