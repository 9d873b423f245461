"""The operations of Discord's HTTP API that a bot of questions and answers uses, by their path in the specification."""

from __future__ import annotations

from typing import Any

from tests.discord_bot import limits
from tests.discord_bot.calls import SENT_FLAGS, Call, Refusal, route
from tests.discord_bot.messages import Message, MessageFlag
from tests.discord_bot.places import Channel, ChannelType, Permission, permissions
from tests.discord_bot.specification import Problem

_THREAD_MINUTES = 1440


@route("GET", "/users/@me")
def _me(call: Call) -> Any:
    return call.discord.bot.payload() | {"verified": True, "mfa_enabled": False, "email": None, "flags": 0}


@route("GET", "/oauth2/applications/@me")
@route("GET", "/applications/@me")
def _application(call: Call) -> Any:
    return {
        "id": str(call.discord.application_id),
        "name": call.discord.bot.name,
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "owner": call.discord.bot.payload(),
        "team": None,
        "bot": call.discord.bot.payload(),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "integration_types_config": {"0": {}, "1": {}},
    }


@route("GET", "/gateway")
def _gateway(call: Call) -> Any:
    return {"url": call.discord.gateway_url}


@route("GET", "/gateway/bot")
def _gateway_of_bot(call: Call) -> Any:
    limit = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": call.discord.gateway_url, "shards": call.discord.shards, "session_start_limit": limit}


@route("GET", "/applications/{application_id}/commands")
@route("GET", "/applications/{application_id}/guilds/{guild_id}/commands")
def _commands(call: Call) -> Any:
    return call.discord.commands.get(_scope(call), [])


@route("PUT", "/applications/{application_id}/commands")
@route("PUT", "/applications/{application_id}/guilds/{guild_id}/commands")
def _replace_commands(call: Call) -> Any:
    call.refuse(limits.command_problems(call.json))
    scope = _scope(call)
    before = {(each["type"], each["name"]): each["id"] for each in call.discord.commands.get(scope, [])}
    call.discord.commands[scope] = [_registered(call, command, before) for command in call.json]
    call.discord.changed()
    return call.discord.commands[scope]


def _scope(call: Call) -> int | None:
    if int(call.parameters["application_id"]) != call.discord.application_id:
        raise Refusal(404, 10002, "Unknown Application")
    return call.guild.id if "guild_id" in call.parameters else None


def _registered(call: Call, command: dict[str, Any], before: dict[tuple[int, str], str]) -> dict[str, Any]:
    kind = command.get("type") or 1
    number = before.get((kind, command["name"])) or str(call.discord.snowflakes.next())
    needed = command.get("default_member_permissions")
    scope = {"guild_id": call.parameters["guild_id"]} if "guild_id" in call.parameters else {}
    defaults = {"description": "", "dm_permission": True, "contexts": None, "integration_types": [0], "nsfw": False}
    given = {key: value for key, value in command.items() if value is not None}
    fixed = {
        "id": number,
        "type": kind,
        "application_id": str(call.discord.application_id),
        "version": str(call.discord.snowflakes.next()),
        "default_member_permissions": None if needed is None else str(needed),
    }
    return defaults | given | scope | fixed


@route("POST", "/channels/{channel_id}/messages")
def _create_message(call: Call) -> Any:
    channel = call.channel
    call.require(channel, Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES)
    if any(account in call.discord.closed_to_direct_messages for account in channel.recipients):
        raise Refusal(403, 50007, "Cannot send messages to this user")
    if channel.archived and channel.locked:
        raise Refusal(400, 50083, "Tried to perform an operation on an archived thread")
    if call.files:
        call.require(channel, Permission.ATTACH_FILES)
    nonce = str(call.json.get("nonce") or "")
    if nonce and call.json.get("enforce_nonce"):
        for earlier in channel.messages.values():
            if earlier.nonce == nonce and earlier.author is call.discord.bot:
                return earlier.payload(bot=call.discord.bot)
    reply_to = _replied_to(call, channel)
    state = call.created(call.json, SENT_FLAGS & ~MessageFlag.EPHEMERAL)
    channel.archived = False
    message = call.discord.post(channel, call.discord.bot, state, reply_to=reply_to, nonce=nonce)
    return message.payload(bot=call.discord.bot)


def _replied_to(call: Call, channel: Channel) -> Message | None:
    reference = call.json.get("message_reference")
    if not reference:
        return None
    message = channel.messages.get(int(reference["message_id"]))
    if message is None and reference.get("fail_if_not_exists", True):
        problem = Problem(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        raise Refusal(400, 50035, "Invalid Form Body", [problem])
    if Permission.READ_MESSAGE_HISTORY not in permissions(call.discord.bot, channel):
        raise Refusal(403, 160002, "Cannot reply without permission to read message history")
    return message


@route("GET", "/channels/{channel_id}/messages")
def _messages(call: Call) -> Any:
    channel, bot = call.channel, call.discord.bot
    call.require(channel, Permission.READ_MESSAGE_HISTORY)
    before = int(call.query.get("before", 1 << 63))
    after = int(call.query.get("after", 0))
    found = [each for each in channel.messages.values() if after < each.id < before]
    count = int(call.query.get("limit", 50))
    if not 1 <= count <= 100:
        call.refuse([Problem(("limit",), "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")])
    chosen = found[:count] if after else found[-count:]
    return [each.payload(readable=each.readable_without_content_intent(bot), bot=bot) for each in reversed(chosen)]


@route("GET", "/channels/{channel_id}/messages/{message_id}")
def _message(call: Call) -> Any:
    channel, bot = call.channel, call.discord.bot
    call.require(channel, Permission.READ_MESSAGE_HISTORY)
    message = call.message(channel)
    return message.payload(readable=message.readable_without_content_intent(bot), bot=bot)


@route("PATCH", "/channels/{channel_id}/messages/{message_id}")
def _edit_message(call: Call) -> Any:
    message = call.message(call.channel)
    if message.author is not call.discord.bot:
        raise Refusal(403, 50005, "Cannot edit a message authored by another user")
    call.discord.edit(message, call.edited(message, call.json))
    return message.payload(bot=call.discord.bot)


@route("DELETE", "/channels/{channel_id}/messages/{message_id}")
def _delete_message(call: Call) -> Any:
    channel = call.channel
    message = call.message(channel)
    if message.author is not call.discord.bot:
        call.require(channel, Permission.MANAGE_MESSAGES)
    call.discord.delete_message(message)


@route("POST", "/channels/{channel_id}/typing")
def _typing(call: Call) -> Any:
    channel = call.channel
    call.require(channel, Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES)


@route("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me")
def _react(call: Call) -> Any:
    channel = call.channel
    call.message(channel)
    call.require(channel, Permission.ADD_REACTIONS)
    call.require(channel, Permission.READ_MESSAGE_HISTORY)


@route("POST", "/channels/{channel_id}/messages/{message_id}/threads")
def _thread_on_message(call: Call) -> Any:
    channel = call.channel
    message = call.message(channel)
    _require_threads(call, channel)
    if message.thread is not None:
        raise Refusal(400, 160004, "A thread has already been created for this message")
    return _new_thread(call, channel, message)


@route("POST", "/channels/{channel_id}/threads")
def _thread(call: Call) -> Any:
    channel = call.channel
    _require_threads(call, channel)
    if call.json.get("type") == ChannelType.PRIVATE_THREAD:
        call.require(channel, Permission.CREATE_PRIVATE_THREADS)
    return _new_thread(call, channel, None)


def _require_threads(call: Call, channel: Channel) -> None:
    if channel.type is not ChannelType.TEXT:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    call.require(channel, Permission.CREATE_PUBLIC_THREADS)


def _new_thread(call: Call, channel: Channel, message: Message | None) -> dict[str, Any]:
    name = call.json["name"]
    if not name.strip():
        call.refuse([Problem(("name",), "BASE_TYPE_REQUIRED", "This field is required")])
    thread = call.discord.add_thread(channel, name, call.discord.bot, message)
    thread.auto_archive_minutes = call.json.get("auto_archive_duration") or _THREAD_MINUTES
    return thread.payload() | {"member": _thread_member(call, thread)}


def _thread_member(call: Call, thread: Channel) -> dict[str, Any]:
    joined = thread.payload()["thread_metadata"]["create_timestamp"]
    return {"id": str(thread.id), "user_id": str(call.discord.bot.id), "join_timestamp": joined, "flags": 0}


@route("PUT", "/channels/{channel_id}/thread-members/@me")
def _join_thread(call: Call) -> Any:
    if not call.channel.is_thread:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")


@route("PATCH", "/channels/{channel_id}")
def _edit_channel(call: Call) -> Any:
    channel = call.channel
    if not channel.is_thread:
        call.require(channel, Permission.MANAGE_CHANNELS)
    elif channel.owner_id != call.discord.bot.id:
        call.require(channel, Permission.MANAGE_THREADS)
    channel.name = call.json.get("name", channel.name)
    channel.archived = call.json.get("archived", channel.archived)
    channel.locked = call.json.get("locked", channel.locked)
    return channel.payload()


@route("GET", "/channels/{channel_id}")
def _channel(call: Call) -> Any:
    return call.channel.payload()


@route("POST", "/users/@me/channels")
def _open_direct_channel(call: Call) -> Any:
    person = call.discord.accounts.get(int(call.json["recipient_id"]))
    if person is None:
        raise Refusal(400, 50033, "Invalid Recipient(s)")
    channel = call.discord.direct_channel(person)
    return channel.payload() | {"recipients": [person.payload()]}


@route("GET", "/users/{user_id}")
def _user(call: Call) -> Any:
    person = call.discord.accounts.get(int(call.parameters["user_id"]))
    if person is None:
        raise Refusal(404, 10013, "Unknown User")
    return person.payload()


@route("GET", "/guilds/{guild_id}")
def _guild(call: Call) -> Any:
    return call.guild.payload(call.discord.bot)


@route("GET", "/guilds/{guild_id}/channels")
def _guild_channels(call: Call) -> Any:
    return [channel.payload() for channel in call.guild.channels.values() if not channel.is_thread]


@route("GET", "/guilds/{guild_id}/members/{user_id}")
def _member(call: Call) -> Any:
    guild, number = call.guild, int(call.parameters["user_id"])
    if number not in guild.members:
        raise Refusal(404, 10007, "Unknown Member")
    person = call.discord.accounts[number]
    return guild.member_payload(person) | {"user": person.payload()}
