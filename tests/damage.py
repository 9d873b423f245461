"""Damage, drawn from a seed: which derived file, which part of it, and how."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

How = Literal["one bit", "many bits", "zeroes", "truncated", "swapped", "missing", "noise"]

EXPORTED = ("model.onnx", "model.onnx.data", "tokenizer.json", "identity.json", "SHA256SUMS", "scorer", "scorer.sha256")
DATABASE = "index.sqlite"
# A page of each of these is damaged; the b-trees' names are the schema's.
PAGES = (
    "header", "sqlite_schema", "meta", "files", "articles", "passages", "vectors", "words", "passages_fts_content",
    "passages_fts_data", "passages_fts_docsize", "passages_fts_idx", "passages_by_sentence_key",
    "sqlite_autoindex_vectors_1", "words_by_skeleton", "history", "undo", "freelist",
)  # fmt: skip
BESIDE = ("sentence.faiss", "window.faiss", "intents.npy", ".checked.json", "index.sqlite.sha256")
LOGS = ("a log of nothing", "the log of a killed writer")

IN_PLACE: tuple[How, ...] = ("one bit", "many bits", "zeroes", "noise")
ANY: tuple[How, ...] = (*IN_PLACE, "truncated", "swapped", "missing")


@dataclass(frozen=True, slots=True)
class Case:
    """``part`` of the derived files, damaged ``how``, at the places that ``seed`` draws."""

    part: str
    how: How
    seed: int

    def __str__(self) -> str:
        return f"{self.part}, {self.how}, {self.seed}"


def cases(count: int, seed: int = 0) -> list[Case]:
    """Each part and each way in turn before any comes again."""
    draw = random.Random(seed)
    pairs = [(part, how) for part in (*BESIDE, *EXPORTED, DATABASE) for how in ANY]
    pairs += [(page, how) for page in PAGES for how in IN_PLACE]
    pairs += [(log, how) for log in LOGS for how in (*IN_PLACE, "truncated")]
    draw.shuffle(pairs)
    found: list[Case] = []
    while len(found) < count:
        found += [Case(part, how, draw.randrange(2**32)) for part, how in pairs]
    return found[:count]


def damaged(content: bytes, how: How, seed: int, other: bytes) -> bytes | None:
    """``content`` after it; ``None`` where the file is gone. ``other`` is a file to be swapped with."""
    draw = random.Random(seed)
    changed = bytearray(content)
    if how == "missing":
        return None
    if how == "swapped":
        return other
    if how == "truncated":
        return content[: draw.randrange(len(content))]
    if how in ("one bit", "many bits"):
        for _ in range(1 if how == "one bit" else 1000):
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    else:
        length = min(len(changed), draw.choice((16, 512, 4096)))
        begin = draw.randrange(len(changed) - length + 1)
        changed[begin : begin + length] = bytes(length) if how == "zeroes" else draw.randbytes(length)
    return bytes(changed)


def damage_page(file: Path, page: str, how: How, seed: int) -> None:
    """Damages one of the database's pages of that kind."""
    content = bytearray(file.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    if page == "header":
        begin, end = 0, 100
    else:
        number = random.Random(seed).choice(pages_of(file)[page])
        begin, end = (number - 1) * size, number * size
    after = damaged(bytes(content[begin:end]), how, seed, b"")
    assert after is not None
    content[begin:end] = after
    file.write_bytes(content)


def pages_of(file: Path) -> Mapping[str, list[int]]:
    """The numbers of the pages of each b-tree, from 1, and of the free ones. Needs an SQLite with dbstat."""
    with closing(sqlite3.connect(f"file:{file}?immutable=1", uri=True)) as connection:
        (count,) = connection.execute("PRAGMA page_count").fetchone()
        found: dict[str, list[int]] = {}
        for name, number in connection.execute("SELECT name, pageno FROM dbstat"):
            found.setdefault(name, []).append(number)
    used = {number for numbers in found.values() for number in numbers}
    return {**found, "freelist": sorted(set(range(1, count + 1)) - used)}
