"""What people do in Discord's client: commands, clicks, dialogues and messages, only where the client offers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.discord_bot.interactions import Exchange, Impossible, InteractionType, NotAllowed, ephemeral_to
from tests.discord_bot.messages import (
    BUTTON,
    CHECKBOX,
    CHECKBOX_GROUP,
    LABEL,
    LINK_BUTTON,
    RADIO_GROUP,
    STRING_SELECT,
    TEXT_INPUT,
    Component,
    Message,
    MessageState,
    walk,
)
from tests.discord_bot.places import PRIVATE, Account, Channel, Permission, permissions

if TYPE_CHECKING:
    from tests.discord_bot.world import World

CHAT_COMMAND, MESSAGE_COMMAND = 1, 3
MESSAGE_CHARACTERS = 2000
_SUBCOMMAND_TYPES = (1, 2)
_TEXT_OPTION, _INTEGER_OPTION, _BOOLEAN_OPTION, _USER_OPTION, _CHANNEL_OPTION, _NUMBER_OPTION = 3, 4, 5, 6, 7, 10
_OPTION_TYPES: dict[int, tuple[type, ...]] = {
    _TEXT_OPTION: (str,),
    _INTEGER_OPTION: (int,),
    _BOOLEAN_OPTION: (bool,),
    _USER_OPTION: (Account,),
    _CHANNEL_OPTION: (Channel,),
    _NUMBER_OPTION: (int, float),
}


@dataclass(frozen=True)
class Choice:
    """A suggestion while typing: what is shown, and what is sent when it is taken."""

    name: str
    value: str | int | float


@dataclass(eq=False, repr=False)
class User(Account):
    """A person. ``where`` is a channel, and ``discord.channel`` where it is not given."""

    world: World = field(kw_only=True, repr=False)

    @property
    def direct(self) -> Channel:
        """The person's conversation with the bot."""
        return self.world.direct_channel(self)

    async def slash(self, command: str, /, *, where: Channel | None = None, **options: Any) -> Exchange:
        """Use a registered command; a subcommand follows its command after a space.

        Raises Impossible for what the client wouldn't let through, NotAllowed where it doesn't offer the command.
        """
        channel = where or self.world.channel
        registered, wrapped = self._command(command, CHAT_COMMAND, channel)
        known = {option["name"]: option for option in wrapped[-1].get("options") or []}
        for name in options:
            if name not in known:
                raise Impossible(f"/{command} has no option {name!r}, only {sorted(known)}")
        for name, option in known.items():
            if option.get("required") and name not in options:
                raise Impossible(f"/{command} needs the option {name!r}")
        filled = [self._filled(known[name], value) for name, value in options.items()]
        data = self._command_data(registered, wrapped, filled) | self._resolved(options.values(), channel)
        return self.world.interact(InteractionType.COMMAND, self, channel, data)

    async def autocomplete(
        self, command: str, option: str, typed: str, /, *, where: Channel | None = None, **options: Any
    ) -> list[Choice]:
        """Type into an option of a command (with other ``options`` filled already) and give what is suggested."""
        channel = where or self.world.channel
        registered, wrapped = self._command(command, CHAT_COMMAND, channel)
        known = {each["name"]: each for each in wrapped[-1].get("options") or []}
        if not known.get(option, {}).get("autocomplete"):
            raise Impossible(f"/{command} suggests nothing for {option!r}")
        filled = [self._filled(known[name], value) for name, value in options.items()]
        filled.append({"name": option, "type": known[option]["type"], "value": typed, "focused": True})
        data = self._command_data(registered, wrapped, filled)
        exchange = self.world.interact(InteractionType.AUTOCOMPLETE, self, channel, data)
        await exchange.acknowledgement()
        return [Choice(choice["name"], choice["value"]) for choice in exchange.choices or []]

    async def menu(self, name: str, message: Message) -> Exchange:
        """Use a command of a message's menu."""
        self._sees(message)
        registered, _ = self._command(name, MESSAGE_COMMAND, message.channel)
        data = {
            "id": registered["id"],
            "name": registered["name"],
            "type": MESSAGE_COMMAND,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): message.payload()}},
        }
        return self.world.interact(InteractionType.COMMAND, self, message.channel, data)

    async def click(
        self, message: Message, *, label: str | None = None, custom_id: str | None = None, nth: int = 0
    ) -> Exchange:
        """Click the ``nth`` button (from 0) with a label or a custom_id."""
        self._sees(message)
        found = [
            each
            for each in walk(message.components)
            if each["type"] == BUTTON
            and (label is None or each.get("label") == label)
            and (custom_id is None or each.get("custom_id") == custom_id)
        ]
        if len(found) <= nth:
            labels = [button.label for button in message.buttons]
            raise Impossible(f"no button {label or custom_id!r} (number {nth}) among {labels}")
        if found[nth].get("disabled"):
            raise Impossible(f"the button {found[nth].get('label')!r} is disabled")
        if found[nth]["style"] == LINK_BUTTON:
            raise Impossible(f"the button {found[nth].get('label')!r} is a link to {found[nth]['url']}")
        return self._use(message, found[nth], {})

    async def choose(self, message: Message, custom_id: str, values: Sequence[str]) -> Exchange:
        """Choose options of a select of texts, each by its value or its label."""
        self._sees(message)
        selects = [each for each in walk(message.components) if each.get("custom_id") == custom_id]
        if not selects or selects[0]["type"] != STRING_SELECT or selects[0].get("disabled"):
            raise Impossible(f"no select {custom_id!r} that can be used")
        return self._use(message, selects[0], {"values": _chosen(selects[0], values)})

    async def submit(self, exchange: Exchange, by_label: Mapping[str, Any] | None = None, /, **values: Any) -> Exchange:
        """Fill the dialogue that was shown to this person, by custom_id or label, and send it; it closes with that."""
        if exchange.modal is None or exchange.user is not self:
            raise Impossible("no dialogue was shown to this person")
        given = {**(by_label or {}), **values}
        components = [_filled_component(component, given) for component in exchange.modal["components"]]
        if given:
            raise Impossible(f"the dialogue has nothing named {sorted(given)}")
        data = {"custom_id": exchange.modal["custom_id"], "components": components}
        exchange.modal = None
        return self.world.interact(InteractionType.MODAL, self, exchange.channel, data, exchange.message)

    async def say(
        self, text: str, *, where: Channel | None = None, reply_to: Message | None = None, ping: bool = True
    ) -> Message:
        """Write a message; a reply pings whom it answers unless told otherwise."""
        channel = where or (reply_to.channel if reply_to is not None else self.world.channel)
        self._sends(channel)
        if not 1 <= len(text.strip()) <= MESSAGE_CHARACTERS:
            raise Impossible(f"a message has 1 to {MESSAGE_CHARACTERS} characters, not {len(text)}")
        if reply_to is not None and (reply_to.channel is not channel or reply_to.deleted or reply_to.ephemeral):
            raise Impossible("only a message of the same channel that everyone sees can be replied to")
        state = MessageState(self.world.clock(), content=text)
        return self.world.post(channel, self, state, reply_to=reply_to, ping=ping)

    async def mention(self, text: str, *, where: Channel | None = None, reply_to: Message | None = None) -> Message:
        """Write a message that begins with the bot's mention."""
        return await self.say(f"{self.world.bot.called} {text}", where=where, reply_to=reply_to)

    async def dm(self, text: str, *, reply_to: Message | None = None) -> Message:
        """Write to the bot directly."""
        return await self.say(text, where=self.direct, reply_to=reply_to)

    async def edit(self, message: Message, text: str) -> None:
        """Change what one's own message says."""
        if message.author is not self or message.deleted:
            raise Impossible("only one's own messages can be edited")
        self.world.edit(message, MessageState(self.world.clock(), content=text))

    async def start_thread(self, message: Message, name: str) -> Channel:
        """Start a thread on a message."""
        self._sees(message)
        return self.world.add_thread(message.channel, name, self, message)

    def _sees(self, message: Message) -> None:
        if message.deleted:
            raise Impossible("the message is gone")
        if ephemeral_to(message) not in (None, self):
            raise Impossible(f"{self.name} doesn't see the message")
        if Permission.VIEW_CHANNEL not in permissions(self, message.channel):
            raise Impossible(f"{self.name} doesn't see the channel")

    def _sends(self, channel: Channel) -> None:
        needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        if channel.deleted or needed not in permissions(self, channel):
            raise Impossible(f"{self.name} can't write there")

    def _use(self, message: Message, component: Component, more: dict[str, Any]) -> Exchange:
        data = {"custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"]}
        return self.world.interact(InteractionType.COMPONENT, self, message.channel, data | more, message)

    def _command(self, words: str, kind: int, channel: Channel) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The registered command and the way down to the subcommand; the last of it has the options."""
        if channel.deleted:
            raise Impossible("the channel is gone")
        guild = channel.guild
        lists = [self.world.commands.get(guild.id, [])] if guild is not None else []
        everything = [each for commands in (*lists, self.world.commands[None]) for each in commands]
        name, rest = (words, []) if kind == MESSAGE_COMMAND else (words.split()[0], words.split()[1:])
        found = next((each for each in everything if each["type"] == kind and each["name"] == name), None)
        if found is None:
            raise Impossible(f"no command {name!r} among {sorted(each['name'] for each in everything)}")
        self._may_use(found, channel)
        way = [found]
        for word in rest:
            inner = [each for each in way[-1].get("options") or [] if each["type"] in _SUBCOMMAND_TYPES]
            under = next((each for each in inner if each["name"] == word), None)
            if under is None:
                raise Impossible(f"no command {words!r}")
            way.append(under)
        if any(each["type"] in _SUBCOMMAND_TYPES for each in way[-1].get("options") or []):
            raise Impossible(f"{words!r} is only the name of a group")
        return found, way

    def _may_use(self, command: dict[str, Any], channel: Channel) -> None:
        guild, name = channel.guild, command["name"]
        context = self.world.context(channel)
        allowed = command["contexts"]
        if allowed is None:
            allowed = [0, 1, 2] if command["dm_permission"] else [0]
        if context not in allowed:
            raise NotAllowed(f"{name!r} isn't offered in context {context}, only in {allowed}")
        installed_by_person = context == PRIVATE or (guild is not None and not guild.bot_is_member)
        if installed_by_person and 1 not in command["integration_types"]:
            raise NotAllowed(f"{name!r} can't be installed by a person for themselves")
        if guild is None:
            return
        held = permissions(self, channel)
        if Permission.USE_APPLICATION_COMMANDS not in held:
            raise NotAllowed(f"{self.name} may use no commands there")
        needed = command["default_member_permissions"]
        if needed is None or Permission.ADMINISTRATOR in held:
            return
        if needed == "0" or Permission(int(needed)) not in held:
            raise NotAllowed(f"{name!r} needs the permissions {Permission(int(needed))!r}")

    def _command_data(
        self, registered: dict[str, Any], way: list[dict[str, Any]], filled: list[dict[str, Any]]
    ) -> dict[str, Any]:
        for step in reversed(way[1:]):
            filled = [{"name": step["name"], "type": step["type"], "options": filled}]
        data = {"id": registered["id"], "name": registered["name"], "type": CHAT_COMMAND, "options": filled}
        return data | ({"guild_id": registered["guild_id"]} if "guild_id" in registered else {})

    def _filled(self, option: dict[str, Any], value: Any) -> dict[str, Any]:
        kind, name = option["type"], option["name"]
        fitting = _OPTION_TYPES.get(kind)
        if fitting is None:
            raise Impossible(f"the stand-in fills no option of type {kind}")
        if not isinstance(value, fitting) or (isinstance(value, bool) and kind != _BOOLEAN_OPTION):
            raise Impossible(f"the option {name!r} takes {fitting}, not {value!r}")
        if isinstance(value, (Account, Channel)):
            return {"name": name, "type": kind, "value": str(value.id)}
        choices = option.get("choices") or []
        if choices:
            taken = next((each["value"] for each in choices if value in (each["value"], each["name"])), None)
            if taken is None:
                raise Impossible(f"{value!r} is no choice of {name!r}: {[each['name'] for each in choices]}")
            value = taken
        if isinstance(value, str):
            least, most = option.get("min_length") or 0, option.get("max_length") or 6000
            if not least <= len(value) <= most:
                raise Impossible(f"{name!r} takes {least} to {most} characters")
            if not value and option.get("required"):
                raise Impossible(f"{name!r} can't be left empty")
        elif not isinstance(value, bool):
            least, most = option.get("min_value"), option.get("max_value")
            if (least is not None and value < least) or (most is not None and value > most):
                raise Impossible(f"{name!r} takes {least} to {most}")
        return {"name": name, "type": kind, "value": value}

    def _resolved(self, values: Any, channel: Channel) -> dict[str, Any]:
        resolved: dict[str, Any] = {}
        for value in values:
            if isinstance(value, Account):
                resolved.setdefault("users", {})[str(value.id)] = value.payload()
                if channel.guild is not None and value.id in channel.guild.members:
                    member = channel.guild.member_payload(value) | {
                        "permissions": str(int(permissions(value, channel)))
                    }
                    resolved.setdefault("members", {})[str(value.id)] = member
            elif isinstance(value, Channel):
                seen = value.payload() | {"permissions": str(int(permissions(self, value)))}
                resolved.setdefault("channels", {})[str(value.id)] = seen
        return {"resolved": resolved} if resolved else {}


def _chosen(select: Component, values: Sequence[str]) -> list[str]:
    """The values of options that are named by value or label."""
    options = select["options"]
    chosen = []
    for wanted in values:
        taken = next((each["value"] for each in options if wanted in (each["value"], each["label"])), None)
        if taken is None:
            raise Impossible(f"{wanted!r} is no option: {[each['label'] for each in options]}")
        chosen.append(taken)
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not least <= len(chosen) <= most:
        raise Impossible(f"{least} to {most} options are to be chosen, not {len(chosen)}")
    return chosen


def _filled_component(component: Component, given: dict[str, Any]) -> dict[str, Any]:
    """One part of a dialogue with what was filled in, which is taken out of ``given``."""
    common = {"type": component["type"], "id": component["id"]}
    if component["type"] == LABEL:
        return common | {"component": _filled_field(component["component"], component["label"], given)}
    if "components" in component:
        inner = [_filled_field(each, each.get("label") or "", given) for each in component["components"]]
        return common | {"components": inner}
    return common


def _filled_field(component: Component, label: str, given: dict[str, Any]) -> dict[str, Any]:
    custom_id, kind = component["custom_id"], component["type"]
    key = custom_id if custom_id in given else label
    value, missing = given.pop(key, None), key not in given
    common: dict[str, Any] = {"type": kind, "id": component["id"], "custom_id": custom_id}
    required = component.get("required", kind != CHECKBOX)
    if kind == TEXT_INPUT:
        text = value if value is not None else component.get("value") or ""
        least, most = component.get("min_length") or 0, component.get("max_length") or 4000
        if not text and required:
            raise Impossible(f"{label!r} can't be left empty")
        if text and not least <= len(text) <= most:
            raise Impossible(f"{label!r} takes {least} to {most} characters, not {len(text)}")
        return common | {"value": text}
    if kind == CHECKBOX:
        return common | {"value": bool(value) if value is not None else bool(component.get("default"))}
    if kind in (STRING_SELECT, RADIO_GROUP, CHECKBOX_GROUP):
        preset = [option["value"] for option in component["options"] if option.get("default")]
        wanted = preset if value is None else [value] if isinstance(value, str) else list(value)
        if not wanted:
            if required and missing:
                raise Impossible(f"{label!r} can't be left empty")
            nothing: dict[str, Any] = {"value": None} if kind == RADIO_GROUP else {"values": []}
            return common | nothing
        chosen = _chosen(component if kind != RADIO_GROUP else component | {"max_values": 1}, wanted)
        return common | ({"value": chosen[0]} if kind == RADIO_GROUP else {"values": chosen})
    raise Impossible(f"the stand-in fills no component of type {kind}")
