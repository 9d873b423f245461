"""What a person started with the bot (a command, a click, a dialogue), and what the bot did about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from tests.discord_bot.messages import Message, MessageFlag, MessageType
from tests.discord_bot.places import Account, Channel, permissions

if TYPE_CHECKING:
    from tests.discord_bot.world import World

ACKNOWLEDGE_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0
FOLLOWUPS_WHERE_NOT_A_MEMBER = 5
_FILE_BYTES = 10 * 1024 * 1024


class Impossible(AssertionError):
    """A person could not do this in Discord's client."""


class NotAllowed(Impossible):
    """Discord doesn't offer this command to this person, or not here."""


class InteractionType(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class ResponseType(IntEnum):
    """How the bot answers first."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


@dataclass(eq=False, repr=False)
class Exchange:
    """One interaction. ``created`` and ``acknowledged_after`` are seconds of the stand-in's clock.

    ``message`` is the one whose component was used; ``response`` is what Discord calls the original
    response; ``modal`` and ``choices`` are the bot's dialogue and suggestions, where it answered so.
    """

    world: World = field(repr=False)
    id: int
    token: str
    type: InteractionType
    user: Account
    channel: Channel
    created: float
    data: dict[str, Any] = field(repr=False)
    message: Message | None = None
    acknowledged_after: float | None = None
    response_type: ResponseType | None = None
    response: Message | None = None
    response_edited: bool = False
    followups: list[Message] = field(default_factory=list)
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None

    def __repr__(self) -> str:
        return f"<Exchange {self}>"

    @property
    def ephemeral(self) -> bool:
        """Whether the response is for the person alone; False while there is none."""
        return self.response is not None and self.response.ephemeral

    @property
    def acknowledged(self) -> bool:
        """Whether the bot has responded at all."""
        return self.acknowledged_after is not None

    @property
    def expired(self) -> bool:
        """Whether the token is no longer taken: 15 minutes after the interaction."""
        return self.world.clock() - self.created > TOKEN_SECONDS

    @property
    def message_type(self) -> int:
        """Discord's type of a message that answers this."""
        if self.type is not InteractionType.COMMAND:
            return MessageType.DEFAULT if self.message is None else MessageType.REPLY
        return MessageType.SLASH_COMMAND if self.data["type"] == 1 else MessageType.MENU_COMMAND

    @property
    def installed_by_person_only(self) -> bool:
        """Whether the bot itself is no member where this happened."""
        return "0" not in self._owners()

    async def acknowledgement(self, timeout: float = 10.0) -> ResponseType:
        """Wait for the first response, whichever it is."""
        await self.world.until(lambda: self.acknowledged, timeout, self)
        assert self.response_type is not None
        return self.response_type

    async def answered(self, timeout: float = 10.0) -> Message:
        """Wait for the response, complete and no longer loading; a deferred update may also end in a follow-up."""
        await self.world.until(lambda: self._answer() or self.modal, timeout, self)
        answer = self._answer()
        if answer is None:
            raise Impossible(f"the bot opened the dialogue {self.modal!r} instead of answering")
        return answer

    async def modal_shown(self, timeout: float = 10.0) -> dict[str, Any]:
        """Wait for the dialogue and give it."""
        await self.world.until(lambda: self.modal, timeout, self)
        assert self.modal is not None
        return self.modal

    async def followup(self, nth: int = 0, timeout: float = 10.0) -> Message:
        """Wait for a follow-up, counted from 0."""
        await self.world.until(lambda: len(self.followups) > nth, timeout, self)
        return self.followups[nth]

    def _answer(self) -> Message | None:
        sent = [message for message in self.followups if not message.deleted]
        if self.response_type is ResponseType.DEFERRED_UPDATE and not self.response_edited:
            return sent[0] if sent else None
        if self.response is None or self.response_type is ResponseType.MODAL:
            return None
        if self.response.deleted:
            return sent[0] if sent else None
        return None if self.response.loading else self.response

    def message_fields(self) -> dict[str, Any]:
        """What a message says about the interaction that it answers."""
        owners = self._owners()
        metadata: dict[str, Any] = {
            "id": str(self.id),
            "type": int(self.type),
            "user": self.user.payload(),
            "authorizing_integration_owners": owners,
        }
        if self.message is not None and self.type is InteractionType.COMPONENT:
            metadata["interacted_message_id"] = str(self.message.id)
        application = str(self.world.application_id)
        return {"application_id": application, "webhook_id": application, "interaction_metadata": metadata}

    def payload(self) -> dict[str, Any]:
        """The interaction object of Discord's API. Messages in it are whole, whatever the bot's intents."""
        guild, member_permissions = self.channel.guild, permissions(self.user, self.channel)
        body: dict[str, Any] = {
            "id": str(self.id),
            "application_id": str(self.world.application_id),
            "type": int(self.type),
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(self.channel.id),
            "channel": self.channel.payload() | {"permissions": str(int(member_permissions))},
            "app_permissions": str(int(self.world.app_permissions(self.channel, self.user))),
            "locale": self.user.locale,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": self._owners(),
            "context": self.world.context(self.channel),
            "attachment_size_limit": _FILE_BYTES,
        }
        if guild is None:
            body["user"] = self.user.payload()
        else:
            body["guild_id"] = str(guild.id)
            body["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
            body["guild_locale"] = guild.locale
            body["member"] = guild.member_payload(self.user) | {
                "user": self.user.payload(),
                "permissions": str(int(member_permissions)),
            }
        if self.message is not None:
            body["message"] = self.message.payload()
        return body

    def _owners(self) -> dict[str, str]:
        guild = self.channel.guild
        if guild is not None and guild.bot_is_member:
            return {"0": str(guild.id)}
        if guild is None and self.world.bot in self.channel.recipients:
            return {"0": "0"}
        return {"1": str(self.user.id)}

    def __str__(self) -> str:
        name = self.data.get("name") or self.data.get("custom_id")
        if not self.acknowledged:
            return f"{self.type.name.lower()} {name!r} of {self.user.name}: not acknowledged"
        loading = ", still loading" if self.response is not None and self.response.loading else ""
        response = "" if self.response_type is None else self.response_type.name.lower()
        return f"{self.type.name.lower()} {name!r} of {self.user.name}: {response}{loading}"


def ephemeral_to(message: Message) -> Account | None:
    """The only person who sees a message, or None where everybody in the channel does."""
    if MessageFlag.EPHEMERAL not in message.flags or message.exchange is None:
        return None
    return message.exchange.user
