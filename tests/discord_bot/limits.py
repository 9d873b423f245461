"""What Discord refuses although its OpenAPI description allows it, and what would call people by name.

Sources: Discord's documentation ("Message Resource", "Component Reference", "Receiving and Responding to
Interactions", "Application Commands") and discord-api-docs#8554 for the bytes of text displays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tests.discord_bot.messages import (
    ACTION_ROW,
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    LABEL,
    LINK_BUTTON,
    SECTION,
    SEPARATOR,
    STRING_SELECT,
    TEXT_DISPLAY,
    TEXT_INPUT,
    THUMBNAIL,
    Component,
    MessageFlag,
    MessageState,
    walk,
)
from tests.discord_bot.specification import Problem

CONTENT_CHARACTERS = 2000
EMBED_CHARACTERS = 6000
COMPONENTS = 40
CLASSIC_ROWS = 5
DISPLAY_CHARACTERS = 4000
DISPLAY_BYTES = 10_170
DISPLAY_OVERHEAD_BYTES = 12
CUSTOM_ID_CHARACTERS = 100
BUTTON_LABEL_CHARACTERS = 80
ROW_BUTTONS = 5
SELECT_OPTIONS = 25
URL_CHARACTERS = 512
MODAL_TITLE_CHARACTERS = 45
MODAL_COMPONENTS = 5
CHOICES = 25
CHOICE_CHARACTERS = 100
COMMAND_CHARACTERS = 8000

_SELECTS = (3, 5, 6, 7, 8)
_TOP_LEVEL = {ACTION_ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR, CONTAINER}
_MODAL_TOP_LEVEL = {ACTION_ROW, TEXT_DISPLAY, LABEL}
_COMMAND_NAME = re.compile(r"^[-_'\w]{1,32}$")


def could_ping(payload: dict[str, Any]) -> bool:
    """Whether a message or an edit has text without forbidding every mention in it.

    Text displays call people as content does, and an edit is read for mentions anew.
    """
    displays = [each for each in walk(payload.get("components") or []) if each.get("type") == TEXT_DISPLAY]
    if not payload.get("content") and not displays:
        return False
    allowed = payload.get("allowed_mentions")
    if not isinstance(allowed, dict) or allowed.get("parse") != []:
        return True
    return any(allowed.get(kind) for kind in ("users", "roles", "replied_user"))


def message_problems(state: MessageState, extras: Iterable[object] = ()) -> list[Problem]:
    """What is wrong with a message as it would stand; ``extras`` are polls and stickers, which fill it too."""
    if MessageFlag.COMPONENTS_V2 in state.flags:
        return list(_layout_problems(state))
    return list(_classic_problems(state, extras))


def _classic_problems(state: MessageState, extras: Iterable[object]) -> Iterator[Problem]:
    if not (state.content.strip() or state.embeds or state.components or state.attachments or any(extras)):
        yield Problem((), "50006", "Cannot send an empty message")
    yield from _longer(("content",), state.content, CONTENT_CHARACTERS)
    embedded = sum(len(text) for embed in state.embeds for text in _embed_texts(embed))
    if embedded > EMBED_CHARACTERS:
        yield Problem(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"{embedded} characters, at most {EMBED_CHARACTERS}")
    if len(state.components) > CLASSIC_ROWS:
        yield Problem(("components",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {CLASSIC_ROWS} in length.")
    for n, component in enumerate(state.components):
        if component["type"] != ACTION_ROW:
            yield Problem(("components", n, "type"), "UNION_TYPE_CHOICES", "needs the flag of Components V2")
    yield from _component_problems(state.components, state)


def _embed_texts(embed: dict[str, Any]) -> Iterator[str]:
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    yield (embed.get("footer") or {}).get("text") or ""
    yield (embed.get("author") or {}).get("name") or ""
    for field in embed.get("fields") or []:
        yield field.get("name") or ""
        yield field.get("value") or ""


def _layout_problems(state: MessageState) -> Iterator[Problem]:
    if state.content:
        yield Problem(
            ("content",), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Components V2 has no content"
        )
    if state.embeds:
        yield Problem(("embeds",), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Components V2 has no embeds")
    if not state.components:
        yield Problem((), "50006", "Cannot send an empty message")
    for n, component in enumerate(state.components):
        if component["type"] not in _TOP_LEVEL:
            yield Problem(("components", n, "type"), "UNION_TYPE_CHOICES", "can't stand at the top")
        for m, inner in enumerate(component.get("components") or []):
            if component["type"] == CONTAINER and inner["type"] == CONTAINER:
                yield Problem(("components", n, "components", m), "UNION_TYPE_CHOICES", "a container in a container")
    count = sum(1 for _ in walk(state.components))
    if count > COMPONENTS:
        yield Problem(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS", f"{count} components, at most {COMPONENTS}")
    displays = [each["content"] for each in walk(state.components) if each["type"] == TEXT_DISPLAY]
    characters = sum(map(len, displays))
    if characters > DISPLAY_CHARACTERS:
        yield Problem(
            ("components",),
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            f"{characters} characters in text displays, at most {DISPLAY_CHARACTERS}",
        )
    size = sum(len(text.encode()) + DISPLAY_OVERHEAD_BYTES for text in displays)
    if size > DISPLAY_BYTES:
        yield Problem(
            ("components",),
            "DISPLAYABLE_TEXT_BYTES",
            f"{size} bytes of text displays, at most {DISPLAY_BYTES}; Discord fails with 500",
        )
    yield from _component_problems(state.components, state)


def _component_problems(components: list[Component], state: MessageState) -> Iterator[Problem]:
    """What holds for every component wherever it stands."""
    at = ("components",)
    yield from _repeated(at, "COMPONENT_CUSTOM_ID_DUPLICATED", (each.get("custom_id") for each in walk(components)))
    yield from _repeated(at, "COMPONENT_ID_DUPLICATED", (each.get("id") for each in walk(components)))
    attached = {attachment.filename for attachment in state.attachments}
    for each in walk(components):
        yield from _longer((*at, "custom_id"), each.get("custom_id"), CUSTOM_ID_CHARACTERS)
        match each["type"]:
            case int(kind) if kind == ACTION_ROW:
                yield from _row_problems(each)
            case int(kind) if kind == BUTTON:
                yield from _button_problems(each)
            case int(kind) if kind == STRING_SELECT:
                yield from _select_problems(each)
            case int(kind) if kind == SECTION:
                displays = each.get("components") or []
                if not 1 <= len(displays) <= 3 or any(inner["type"] != TEXT_DISPLAY for inner in displays):
                    yield Problem((*at, "components"), "BASE_TYPE_BAD_LENGTH", "a section has 1 to 3 text displays")
                if (each.get("accessory") or {}).get("type") not in (BUTTON, THUMBNAIL):
                    yield Problem((*at, "accessory"), "BASE_TYPE_REQUIRED", "a section has a button or a thumbnail")
            case int(kind) if kind == TEXT_DISPLAY and not each["content"].strip():
                yield Problem((*at, "content"), "BASE_TYPE_REQUIRED", "a text display without text")
        for url in _media_urls(each):
            if url.startswith("attachment://") and url.removeprefix("attachment://") not in attached:
                yield Problem(at, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", f"{url} isn't among the files")


def _media_urls(component: Component) -> Iterator[str]:
    for holder in (
        component.get("file"),
        component.get("media"),
        *(each["media"] for each in component.get("items", ())),
    ):
        if holder:
            yield holder["url"]


def _row_problems(row: Component) -> Iterator[Problem]:
    kinds = [inner["type"] for inner in row.get("components") or []]
    at = ("components", "components")
    if not kinds:
        yield Problem(at, "BASE_TYPE_BAD_LENGTH", "an empty row")
    elif all(kind == BUTTON for kind in kinds):
        if len(kinds) > ROW_BUTTONS:
            yield Problem(at, "BASE_TYPE_BAD_LENGTH", f"{len(kinds)} buttons in a row, at most {ROW_BUTTONS}")
    elif len(kinds) > 1 or kinds[0] not in _SELECTS:
        yield Problem(at, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "a row holds buttons or one select")


def _button_problems(button: Component) -> Iterator[Problem]:
    at = ("components", "button")
    label = button.get("label") or ""
    yield from _longer((*at, "label"), label, BUTTON_LABEL_CHARACTERS)
    if not label.strip() and not button.get("emoji"):
        yield Problem((*at, "label"), "BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL", "a button without label and emoji")
    url, custom_id = button.get("url"), button.get("custom_id")
    if button["style"] == LINK_BUTTON:
        if custom_id or not url:
            yield Problem((*at, "url"), "BUTTON_COMPONENT_URL_REQUIRED", "a link has a url and no custom_id")
        elif len(url) > URL_CHARACTERS:
            yield Problem((*at, "url"), "BASE_TYPE_BAD_LENGTH", f"{len(url)} characters, at most {URL_CHARACTERS}")
        elif not re.match(r"(https?|discord)://[^\s/]", url):
            yield Problem((*at, "url"), "URL_TYPE_INVALID_SCHEME", f"not a web address: {url}")
    elif url or not custom_id:
        yield Problem((*at, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "a button has a custom_id and no url")


def _select_problems(select: Component) -> Iterator[Problem]:
    options = select.get("options") or []
    at = ("components", "options")
    if not 1 <= len(options) <= SELECT_OPTIONS:
        yield Problem(at, "BASE_TYPE_BAD_LENGTH", f"{len(options)} options, 1 to {SELECT_OPTIONS} are possible")
    yield from _repeated(at, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", (option.get("value") for option in options))
    if select.get("max_values", 1) > max(1, len(options)):
        yield Problem(at, "BASE_TYPE_BAD_LENGTH", "max_values is more than there are options")


def modal_problems(modal: dict[str, Any]) -> list[Problem]:
    """What is wrong with a dialogue that a response opens."""
    return list(_modal_problems(modal))


def _modal_problems(modal: dict[str, Any]) -> Iterator[Problem]:
    components: list[Component] = modal["components"]
    yield from _longer(("title",), modal["title"], MODAL_TITLE_CHARACTERS)
    yield from _longer(("custom_id",), modal["custom_id"], CUSTOM_ID_CHARACTERS)
    at = ("components",)
    if not 1 <= len(components) <= MODAL_COMPONENTS:
        yield Problem(at, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MODAL_COMPONENTS} in length.")
    yield from _repeated(at, "COMPONENT_CUSTOM_ID_DUPLICATED", (each.get("custom_id") for each in walk(components)))
    for each in components:
        if each["type"] not in _MODAL_TOP_LEVEL:
            yield Problem((*at, "type"), "UNION_TYPE_CHOICES", f"a modal holds no component of type {each['type']}")
    for each in walk(components):
        yield from _longer((*at, "custom_id"), each.get("custom_id"), CUSTOM_ID_CHARACTERS)
        yield from _longer((*at, "label"), each.get("label"), MODAL_TITLE_CHARACTERS)
        if each["type"] == TEXT_INPUT:
            least, most = each.get("min_length") or 0, each.get("max_length") or DISPLAY_CHARACTERS
            if least > most:
                yield Problem((*at, "min_length"), "BASE_TYPE_BAD_LENGTH", "min_length is more than max_length")
            yield from _longer((*at, "value"), each.get("value"), most)
        elif each["type"] == STRING_SELECT:
            yield from _select_problems(each)


def choice_problems(choices: list[dict[str, Any]], option_type: int) -> list[Problem]:
    """What is wrong with suggestions for an option of Discord's type 3 (text), 4 (integer) or 10 (number)."""
    found: list[Problem] = []
    if len(choices) > CHOICES:
        found.append(Problem(("choices",), "BASE_TYPE_BAD_LENGTH", f"{len(choices)} choices, at most {CHOICES}"))
    fitting: dict[int, tuple[type, ...]] = {3: (str,), 4: (int,), 10: (int, float)}
    for n, choice in enumerate(choices):
        at = ("choices", n)
        for part in ("name", "value"):
            text = choice[part]
            if isinstance(text, str) and not 1 <= len(text) <= CHOICE_CHARACTERS:
                length = f"{len(text)} characters, 1 to {CHOICE_CHARACTERS} are possible"
                found.append(Problem((*at, part), "BASE_TYPE_BAD_LENGTH", length))
        if not isinstance(choice["value"], fitting.get(option_type, (str, int, float))):
            found.append(Problem((*at, "value"), "BASE_TYPE", f"{choice['value']!r} doesn't fit the option"))
    return found


def command_problems(commands: list[dict[str, Any]]) -> list[Problem]:
    """What is wrong with a list of commands that is to replace the registered ones."""
    found: list[Problem] = []
    names = (f"{command.get('type') or 1} {command['name']}" for command in commands)
    found.extend(_repeated((), "APPLICATION_COMMANDS_DUPLICATE_NAME", names))
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        count = sum(1 for command in commands if (command.get("type") or 1) == kind)
        if count > most:
            found.append(Problem((), "30032", f"{count} commands of type {kind}, at most {most}"))
    for n, command in enumerate(commands):
        if (command.get("type") or 1) == 1:
            found.extend(_described((n,), command))
            size = sum(map(len, _command_texts(command)))
            if size > COMMAND_CHARACTERS:
                length = f"{size} characters in one command, at most {COMMAND_CHARACTERS}"
                found.append(Problem((n,), "APPLICATION_COMMAND_TOO_LARGE", length))
        elif command.get("description"):
            found.append(Problem((n, "description"), "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", "a menu has none"))
    return found


def _described(at: tuple[str | int, ...], named: dict[str, Any]) -> Iterator[Problem]:
    if not _COMMAND_NAME.match(named["name"]) or named["name"] != named["name"].lower():
        yield Problem((*at, "name"), "APPLICATION_COMMAND_INVALID_NAME", f"not a name for a command: {named['name']}")
    if not 1 <= len(named.get("description") or "") <= 100:
        yield Problem((*at, "description"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    optional_came = False
    for n, option in enumerate(named.get("options") or []):
        yield from _described((*at, "options", n), option)
        if option.get("required") and optional_came:
            yield Problem(
                (*at, "options", n), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "required after optional"
            )
        optional_came = optional_came or (option["type"] > 2 and not option.get("required"))


def _command_texts(named: dict[str, Any]) -> Iterator[str]:
    for part in ("name", "description"):
        yield max([named.get(part) or "", *(named.get(f"{part}_localizations") or {}).values()], key=len)
    for option in named.get("options") or []:
        yield from _command_texts(option)
    for choice in named.get("choices") or []:
        yield choice["name"]
        yield str(choice["value"])


def _longer(path: tuple[str | int, ...], text: object, most: int) -> Iterator[Problem]:
    if isinstance(text, str) and len(text) > most:
        yield Problem(path, "BASE_TYPE_MAX_LENGTH", f"{len(text)} characters. Must be {most} or fewer in length.")


def _repeated(path: tuple[str | int, ...], code: str, values: Iterable[object]) -> Iterator[Problem]:
    seen: set[object] = set()
    for value in values:
        if value and value in seen:
            yield Problem(path, code, f"{value!r} is there twice")
        seen.add(value)
