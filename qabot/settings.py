"""Every setting, once, typed. Flag over ``QABOT_*`` variable over file over the defaults below.

``config/qabot.toml`` shows each with its default; a test compares the two.
"""

from __future__ import annotations

import difflib
import errno
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec

from qabot.errors import UsageError
from qabot.named_files import is_there, read_named_text

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
# Read elsewhere: where the file is, and what is kept in no file of settings.
_OTHER_VARIABLES = ("QABOT_CONFIG", "QABOT_DISCORD_TOKEN")
CONFIG_FILES = (Path("config/qabot.toml"), Path("qabot.toml"))


@dataclass(frozen=True, slots=True)
class PathSettings:
    seeds: str = "seeds"
    embeddings: str = "embeddings"


@dataclass(frozen=True, slots=True)
class ArticleSettings:
    max_bytes: int = 20 * 1024 * 1024
    max_seconds: int = 8
    max_characters: int = 1_000_000
    max_passages: int = 10_000


@dataclass(frozen=True, slots=True)
class PassageSettings:
    neighbours: int = 1


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    model: str = DEFAULT_MODEL
    query_prompt: str = ""
    passage_prompt: str = ""
    batch_size: int = 32
    # Importing torch takes about ten seconds and it embeds up to 1.4 times as fast: where it does, it pays from about
    # a thousand texts on (benchmarks/build.py).
    torch_from: int = 1000
    threads: int = 0


@dataclass(frozen=True, slots=True)
class IndexSettings:
    # Exact search takes 3 ms at this size and 8 ms at 50,000; IVF a tenth of that (benchmarks/ann.py).
    exact_limit: int = 20_000


@dataclass(frozen=True, slots=True)
class RetrievalSettings:
    passages: int = 5
    passage_characters: int = 800
    candidates: int = 200


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    # The token itself is no setting: it comes from QABOT_DISCORD_TOKEN or this file, and is kept nowhere.
    token_file: str = ""
    api_base: str = ""
    plain: bool = False
    guilds: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    store: str = "discord.sqlite"
    keep_days: int = 90
    conversation_hours: int = 24
    user_per_minute: int = 6
    channel_per_minute: int = 30
    workers: int = 2
    queue: int = 64
    healthz_port: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    paths: PathSettings = field(default_factory=PathSettings)
    articles: ArticleSettings = field(default_factory=ArticleSettings)
    passages: PassageSettings = field(default_factory=PassageSettings)
    embedding: EmbeddingSettings = field(default_factory=EmbeddingSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    retrieval: RetrievalSettings = field(default_factory=RetrievalSettings)
    discord: DiscordSettings = field(default_factory=DiscordSettings)

    @property
    def seeds(self) -> Path:
        return Path(self.paths.seeds).expanduser()

    @property
    def embeddings(self) -> Path:
        return Path(self.paths.embeddings).expanduser()


# What names a file or a folder, or may.
_PATHS = (
    ("paths", "seeds"),
    ("paths", "embeddings"),
    ("embedding", "model"),
    ("discord", "token_file"),
    ("discord", "store"),
)
# What a setting of each type takes, in words. Every list is of Discord's ids: one of anything else lets nobody in.
_TAKEN = {
    int: "a whole number",
    str: "a text in quotes",
    bool: "true or false",
    list: 'ids in quotes, such as ["123456789012345678"]',
}
DiscordId = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,20}\Z")]
# Limits that keep a typing error from becoming a strange result: (section, key): (least, most).
_BOUNDS: dict[tuple[str, str], tuple[int, int]] = {
    ("articles", "max_bytes"): (1, 2**31),
    ("articles", "max_seconds"): (1, 3600),
    ("articles", "max_characters"): (1, 2**28),
    ("articles", "max_passages"): (1, 2**24),
    ("passages", "neighbours"): (0, 5),
    ("embedding", "batch_size"): (1, 4096),
    ("embedding", "torch_from"): (0, 2**31),
    ("embedding", "threads"): (0, 1024),
    ("index", "exact_limit"): (0, 2**31),
    ("discord", "keep_days"): (1, 3650),
    ("discord", "conversation_hours"): (1, 24 * 365),
    ("discord", "user_per_minute"): (1, 1000),
    ("discord", "channel_per_minute"): (1, 10_000),
    ("discord", "workers"): (1, 64),
    ("discord", "queue"): (1, 10_000),
    ("discord", "healthz_port"): (0, 65_535),
    ("retrieval", "passages"): (1, 100),
    ("retrieval", "passage_characters"): (100, 800),
    ("retrieval", "candidates"): (10, 10_000),
}


def load_settings(
    *,
    config: Path | None = None,
    flags: Mapping[str, str | None] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force.

    ``flags`` are dotted names (``{"paths.seeds": "articles"}``); ``None`` is a flag not given. Raises
    UsageError naming the file or variable, the setting, and what is wrong with it.
    """
    environ = os.environ if environ is None else environ
    layers = asdict(Settings())
    source = _config_file(config, environ)
    if source is not None:
        _merge(layers, _read_toml(source), str(source))
    _merge(layers, _from_environment(environ), "the environment (QABOT_*)", coerce=True)
    for name, value in (flags or {}).items():
        if value is not None:
            section, key = name.split(".")
            layers[section][key] = value
    for section, key in _PATHS:
        _check_path(f"{section}.{key}", layers[section][key])
    return msgspec.convert(layers, Settings)


def _check_path(name: str, value: str) -> None:
    if not value and name.startswith("paths."):
        raise UsageError(f"{name} is empty.", f"Name a folder: --{name.removeprefix('paths.')} DIR.")
    if name != "paths.seeds" and _is_half(value):
        # SQLite and FAISS open files by names of UTF-8 alone.
        raise UsageError(f"{name} = {value!r} is not UTF-8.", "Name another file or folder.")
    if "\0" in value:
        raise UsageError(f"{name} = {value!r} is no path: it holds a NUL.", "Name a file or folder that there can be.")
    try:
        os.stat(Path(value).expanduser())
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise UsageError(
                f"{name} is longer than a path can be.", "Name a file or folder that there can be."
            ) from error
    except RuntimeError as error:  # "~somebody" whom the system does not know
        raise UsageError(
            f"{name} = {value!r}: there is no such user.", "Write the path out, or ./~ for a name."
        ) from error


def _is_half(text: str) -> bool:
    """Whether it has halves of characters, which is how Python reads names that are not UTF-8."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def _config_file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = config if config is not None else (Path(environ["QABOT_CONFIG"]) if environ.get("QABOT_CONFIG") else None)
    if named is not None:
        if not _is_file(named):
            raise UsageError(f"There is no settings file {named}.", "Name an existing file with --config.")
        return named
    return next((path for path in CONFIG_FILES if is_there(path)), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, a NUL
        return False


def _read_toml(path: Path) -> dict[str, Any]:
    text = read_named_text(path, "Put a readable file there, remove it, or name another with --config.")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(f"{path} is not valid TOML: it is nested too deeply.", "Mend it.") from error
    except ValueError as error:  # also for a number of more digits than Python reads
        raise UsageError(f"{path} is not valid TOML: {error}.", "Mend that line.") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """``QABOT_SEEDS``, ``QABOT_EMBEDDINGS`` and ``QABOT_<SECTION>_<KEY>``. Raises UsageError for any other."""
    found: dict[str, dict[str, Any]] = {}
    known = _variables()
    for name, (section, key) in known.items():
        value = environ.get(name, "")
        if (section, key) not in _PATHS and _is_half(value):
            raise UsageError(f"The variable {name} is not UTF-8.", "Set it anew.")
        if environ.get(name):
            found.setdefault(section, {})[key] = environ[name]
    for name in sorted(environ):
        if name.startswith("QABOT_") and name not in known and name not in _OTHER_VARIABLES:
            nearest = difflib.get_close_matches(name, [*known, *_OTHER_VARIABLES], n=1)
            meant = f"Did you mean {nearest[0]}?" if nearest else "config/qabot.toml shows what there is."
            raise UsageError(f"There is no setting for the variable {name}.", meant)
    return found


def _variables() -> dict[str, tuple[str, str]]:
    """Each variable's section and key."""
    settings = asdict(Settings())
    known = {f"QABOT_{section}_{key}".upper(): (section, key) for section, own in settings.items() for key in own}
    return known | {f"QABOT_{key}".upper(): ("paths", key) for key in settings["paths"]}


def _section_of(layers: Mapping[str, Mapping[str, Any]], name: str) -> str:
    """What to do about a value that stands above all sections."""
    if name in layers:
        return f"Write [{name}] on a line of its own; below it stand {', '.join(layers[name])}."
    sections = [section for section, settings in layers.items() if name in settings]
    return f"Write [{sections[0]}] on the line above it." if sections else f"Sections are {', '.join(layers)}."


def _merge(layers: dict[str, Any], given: Mapping[str, Any], source: str, *, coerce: bool = False) -> None:
    for section, values in given.items():
        if not isinstance(values, Mapping):
            raise UsageError(f"{source}: {section} = {values!r} stands in no section.", _section_of(layers, section))
        if section not in layers:
            raise UsageError(f"{source}: there is no section [{section}].", f"Sections are {', '.join(layers)}.")
        for key, value in values.items():
            name = f"{section}.{key}"
            if key not in layers[section]:
                raise UsageError(
                    f"{source}: there is no setting {name}.", f"[{section}] has {', '.join(layers[section])}."
                )
            kind = type(layers[section][key])
            if kind is list and coerce:
                value = [part.strip() for part in value.split(",") if part.strip()]
            try:
                converted = msgspec.convert(value, list[DiscordId] if kind is list else kind, strict=not coerce)
            except msgspec.ValidationError as error:
                problem = f"{source}: {name} = {value!r} cannot be used."
                raise UsageError(problem, f"It takes {_TAKEN[kind]}.") from error
            least, most = _BOUNDS.get((section, key), (None, None))
            if isinstance(converted, int) and least is not None and most is not None and not least <= converted <= most:
                raise UsageError(f"{source}: {name} = {value!r} is out of range.", f"It takes {least} to {most}.")
            layers[section][key] = converted
