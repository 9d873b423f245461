"""Whether a request is one that Discord's published OpenAPI description allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SPECIFICATION_FILE = Path(__file__).parents[2].parent / "shared" / "discord" / "openapi.json"

_URI = "urn:discord:openapi"


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place of a request's body, in the words of Discord's error list."""

    path: tuple[str | int, ...]
    code: str
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'body'}: {self.message}"


class Specification:
    """The requests of Discord's HTTP API. A schema is compiled when its operation is first asked about."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._paths: dict[str, Any] = document["paths"]
        self._schemas: dict[str, Any] = document["components"]["schemas"]
        resource: Resource[Any] = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_URI, resource)
        self._validator_class = extend(Draft202012Validator, {"oneOf": self._meant, "anyOf": self._meant})
        self._validators: dict[tuple[str, str, str], Any] = {}

    def knows(self, method: str, template: str) -> bool:
        """Whether there is such an operation; ``template`` is a path like ``/channels/{channel_id}``."""
        return method.lower() in self._paths.get(template, {})

    def problems(self, method: str, template: str, content_type: str, body: Any) -> list[Problem]:
        """What the schema of the operation's body finds wrong; for multipart, ``body`` is its ``payload_json``."""
        key = (method, template, content_type)
        if key not in self._validators:
            self._validators[key] = self._compile(*key)
        validator = self._validators[key]
        if validator is None:
            return [Problem((), "CONTENT_TYPE", f"{content_type} isn't taken here")]
        return [_problem(error) for error in validator.iter_errors(_with_ids_as_strings(body))]

    def _compile(self, method: str, template: str, content_type: str) -> Any:
        operation = self._paths[template][method.lower()]
        if content_type not in operation.get("requestBody", {}).get("content", {}):
            return None
        steps = ("paths", template, method.lower(), "requestBody", "content", content_type, "schema")
        pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
        return self._validator_class({"$ref": f"{_URI}#/{pointer}"}, registry=self._registry)

    def _meant(
        self, validator: Any, alternatives: list[dict[str, Any]], instance: Any, _: dict[str, Any]
    ) -> Iterator[ValidationError]:
        """Check alternatives by the one that the body's ``type`` points to.

        To try all of them takes a tenth of a second for a large message, in which a bot that shares the
        event loop stands still, and tells of every alternative what is wrong with it.
        """
        fitting = [each for each in alternatives if self._could_be(each, instance)]
        if not fitting:
            yield ValidationError("none of the alternatives", validator="type")
            return
        found = []
        for alternative in fitting:
            errors = list(validator.descend(instance, alternative))
            if not errors:
                return
            found.append(errors)
        yield from min(found, key=len)

    def _could_be(self, alternative: dict[str, Any], instance: Any) -> bool:
        schema = self._schemas[alternative["$ref"].rpartition("/")[2]] if "$ref" in alternative else alternative
        kinds = schema.get("type", ())
        nullable = "null" in ([kinds] if isinstance(kinds, str) else kinds)
        if instance is None:
            return nullable
        if isinstance(instance, dict) and "type" in instance:
            possible = schema.get("properties", {}).get("type", {}).get("enum")
            if possible is not None:
                return bool(instance["type"] in possible)
        return bool(kinds != "null")


@lru_cache(maxsize=1)
def load_specification() -> Specification | None:
    """Discord's description of its API, or None where the file isn't there."""
    if not SPECIFICATION_FILE.is_file():
        return None
    return Specification(json.loads(SPECIFICATION_FILE.read_bytes()))


def _with_ids_as_strings(body: Any, key: str = "") -> Any:
    """The body as the specification wants it: Discord takes ids as numbers too, and discord.py writes them so."""
    if isinstance(body, dict):
        return {
            name: str(value)
            if type(value) is int and (name.endswith("_id") or (name == "id" and key == "attachments"))
            else _with_ids_as_strings(value, name)
            for name, value in body.items()
        }
    if isinstance(body, list):
        return [_with_ids_as_strings(value, key) for value in body]
    return body


def _problem(error: ValidationError) -> Problem:
    rule, instance = f"{error.validator} {error.validator_value!r}", repr(error.instance)
    message = f"{rule[:200]} is broken by {instance[:100]}"
    return Problem(tuple(error.absolute_path), str(error.validator).upper(), message)
