"""The operations of Discord's HTTP API with which a bot responds to interactions; they take a token of 15 minutes."""

from __future__ import annotations

from typing import Any

from tests.discord_bot import limits
from tests.discord_bot.calls import Call, Refusal, route
from tests.discord_bot.interactions import (
    ACKNOWLEDGE_SECONDS,
    FOLLOWUPS_WHERE_NOT_A_MEMBER,
    Exchange,
    InteractionType,
    ResponseType,
)
from tests.discord_bot.messages import Message, MessageFlag, MessageState
from tests.discord_bot.specification import Problem

_POSSIBLE = {
    InteractionType.COMMAND: {ResponseType.MESSAGE, ResponseType.DEFERRED_MESSAGE, ResponseType.MODAL},
    InteractionType.COMPONENT: set(ResponseType) - {ResponseType.AUTOCOMPLETE},
    InteractionType.AUTOCOMPLETE: {ResponseType.AUTOCOMPLETE},
    InteractionType.MODAL: {ResponseType.MESSAGE, ResponseType.DEFERRED_MESSAGE},
}
_UPDATES = {ResponseType.UPDATE, ResponseType.DEFERRED_UPDATE}


@route("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
def _acknowledge(call: Call) -> Any:
    exchange = call.discord.exchanges.get(call.parameters["interaction_token"])
    if exchange is None or exchange.id != int(call.parameters["interaction_id"]):
        raise Refusal(404, 10062, "Unknown interaction")
    if exchange.acknowledged:
        raise Refusal(400, 40060, "Interaction has already been acknowledged.")
    waited = call.discord.clock() - exchange.created
    if waited > ACKNOWLEDGE_SECONDS:
        raise Refusal(404, 10062, "Unknown interaction")
    kind = ResponseType(call.json["type"])
    possible = set(_POSSIBLE[exchange.type])
    if exchange.type is InteractionType.MODAL and exchange.message is not None:
        possible |= _UPDATES
    if kind not in possible:
        call.refuse([Problem(("type",), "INTERACTION_CALLBACK_TYPE", f"{kind.name} can't answer {exchange.type.name}")])
    _respond(call, exchange, kind, call.json.get("data") or {})
    exchange.acknowledged_after = waited
    exchange.response_type = kind
    call.discord.changed()
    return _callback(call, exchange, kind) if call.query.get("with_response") in ("1", "true") else None


def _respond(call: Call, exchange: Exchange, kind: ResponseType, data: dict[str, Any]) -> None:
    match kind:
        case ResponseType.MESSAGE:
            exchange.response = _post(call, exchange, call.created(data), as_response=True)
        case ResponseType.DEFERRED_MESSAGE:
            flags = MessageFlag(data.get("flags") or 0) & MessageFlag.EPHEMERAL | MessageFlag.LOADING
            state = MessageState(call.discord.clock(), flags=flags)
            exchange.response = _post(call, exchange, state, as_response=True)
        case ResponseType.DEFERRED_UPDATE:
            exchange.response = exchange.message
        case ResponseType.UPDATE:
            message = _living(exchange.message)
            call.discord.edit(message, call.edited(message, data))
            exchange.response, exchange.response_edited = message, True
        case ResponseType.MODAL:
            call.refuse(limits.modal_problems(data))
            exchange.modal = data | {"components": call.discord.stored(data["components"], ())}
        case ResponseType.AUTOCOMPLETE:
            call.refuse(limits.choice_problems(data.get("choices") or [], _focused_type(exchange)))
            exchange.choices = data.get("choices") or []


def _focused_type(exchange: Exchange) -> int:
    options = exchange.data.get("options", [])
    while options and options[0]["type"] in (1, 2):
        options = options[0].get("options", [])
    return next(int(option["type"]) for option in options if option.get("focused"))


def _post(call: Call, exchange: Exchange, state: MessageState, *, as_response: bool) -> Message:
    replied = exchange.message if as_response and exchange.type is InteractionType.COMPONENT else None
    return call.discord.post(exchange.channel, call.discord.bot, state, reply_to=replied, exchange=exchange)


def _callback(call: Call, exchange: Exchange, kind: ResponseType) -> dict[str, Any]:
    about: dict[str, Any] = {"id": str(exchange.id), "type": int(exchange.type)}
    body: dict[str, Any] = {"interaction": about}
    if exchange.response is not None:
        about |= {
            "response_message_id": str(exchange.response.id),
            "response_message_loading": exchange.response.loading,
            "response_message_ephemeral": exchange.response.ephemeral,
        }
        body["resource"] = {"type": int(kind)}
        if kind is not ResponseType.DEFERRED_UPDATE:
            body["resource"]["message"] = exchange.response.payload(bot=call.discord.bot)
    return body


@route("GET", "/webhooks/{webhook_id}/{webhook_token}/messages/@original")
@route("GET", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}")
def _response(call: Call) -> Any:
    return _addressed(call, _exchange(call)).payload(bot=call.discord.bot)


@route("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original")
@route("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}")
def _edit_response(call: Call) -> Any:
    exchange = _exchange(call)
    message = _addressed(call, exchange)
    call.discord.edit(message, call.edited(message, call.json))
    if message is exchange.response:
        exchange.response_edited = True
        call.discord.changed()
    return message.payload(bot=call.discord.bot)


@route("DELETE", "/webhooks/{webhook_id}/{webhook_token}/messages/@original")
@route("DELETE", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}")
def _delete_response(call: Call) -> Any:
    call.discord.delete_message(_addressed(call, _exchange(call)))


@route("POST", "/webhooks/{webhook_id}/{webhook_token}")
def _follow_up(call: Call) -> Any:
    exchange = _exchange(call)
    if exchange.response is not None and exchange.response.loading and not exchange.response.deleted:
        # Discord lets the first follow-up take the place of a response that is still loading, privacy included
        call.discord.edit(exchange.response, call.edited(exchange.response, call.json))
        exchange.response_edited = True
        call.discord.changed()
        return exchange.response.payload(bot=call.discord.bot)
    if exchange.installed_by_person_only and len(exchange.followups) >= FOLLOWUPS_WHERE_NOT_A_MEMBER:
        raise Refusal(400, 40094, "This interaction has reached the maximum number of follow up messages")
    message = _post(call, exchange, call.created(call.json), as_response=False)
    exchange.followups.append(message)
    call.discord.changed()
    return message.payload(bot=call.discord.bot)


def _exchange(call: Call) -> Exchange:
    exchange = call.discord.exchanges.get(call.parameters["webhook_token"])
    if exchange is None or int(call.parameters["webhook_id"]) != call.discord.application_id:
        raise Refusal(404, 10015, "Unknown Webhook")
    if exchange.expired:
        raise Refusal(401, 50027, "Invalid Webhook Token")
    if not exchange.acknowledged:
        raise Refusal(404, 10015, "Unknown Webhook")
    return exchange


def _addressed(call: Call, exchange: Exchange) -> Message:
    number = call.parameters.get("message_id", "@original")
    if number == "@original":
        return _living(exchange.response)
    own = [exchange.response, *exchange.followups]
    return _living(next((each for each in own if each is not None and str(each.id) == number), None))


def _living(message: Message | None) -> Message:
    if message is None or message.deleted:
        raise Refusal(404, 10008, "Unknown Message")
    return message
