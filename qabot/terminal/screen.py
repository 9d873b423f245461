"""Views -> the terminal, or the file or pipe that takes its place."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import textwrap
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from qabot.terminal.view import Block, Sides, Style, View

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

MEASURE = 100  # columns; longer lines are hard to read
_BESIDE_FROM, _BESIDE_MOST = 90, 150  # columns that two sides need, and that they use at most
_CROPS_FROM = 60  # columns; on fewer, too little is left of a line to tell one source from another
_BETWEEN = " │ "
# In the sixteen colours that every theme defines for itself.
_STYLES: dict[Style, str] = {
    "": "",
    "dim": "dim",
    "ours": "dim",
    "marker": "magenta",  # four times as strong as its ground, light or dark, in the palette of xterm; cyan is not
    "strong": "bold",
    "mark": "reverse",
    "alarm": "bold red",
    "question": "bold",
}
# They show the characters of a link's address.
_WITHOUT_LINKS = ("dumb", "linux", "vt100", "vt220", "ansi", "cons25")


class Screen:
    """Prints views: styled and as wide as the terminal, or plain where ``out`` is none.

    ``for_the_eye`` is whether a person looks on.
    """

    def __init__(self, out: TextIO, *, environ: Mapping[str, str] | None = None) -> None:
        self._out = out
        self._environ = os.environ if environ is None else environ
        self.for_the_eye = out.isatty()
        self.styled = self.for_the_eye and self._environ.get("TERM") not in ("dumb", "unknown")
        if self.for_the_eye:
            from rich.console import Console

            self._console = Console(file=out, highlight=False, markup=False, emoji=False)

    @property
    def width(self) -> int:
        """Columns; of a pipe as many as are read well."""
        if self.for_the_eye:
            return max(20, self._console.width)
        columns = self._environ.get("COLUMNS", "")
        return max(20, min(MEASURE, int(columns))) if columns.isdecimal() else MEASURE

    def link_to(self, file: Path) -> str | None:
        """The address of a file, where the terminal makes links of them."""
        term = self._environ.get("TERM", "")
        return file.resolve().as_uri() if self.styled and term not in _WITHOUT_LINKS else None

    def encodable(self, text: str) -> str:
        """As the terminal's encoding can show it."""
        encoding = self._out.encoding or "utf-8"
        return text.encode(encoding, self._out.errors or "strict").decode(encoding)

    def show(self, view: View) -> None:
        if not self.for_the_eye:
            print("\n".join(plain_lines(view, self.width)), file=self._out, flush=True)
            return
        for line in styled_lines(view, self.width, self._console):
            self._console.print(line, no_wrap=True, overflow="ignore", crop=False)

    def page(self, view: View) -> None:
        """Shows it; where it is longer than the screen, in the person's pager."""
        if not self.for_the_eye:
            self.show(view)
            return
        with self._console.capture() as captured:
            self.show(view)
        text = captured.get()
        pager = shlex.split(self._environ.get("PAGER", "")) or ["less"]
        if not self.styled or text.count("\n") < self._console.height - 2 or shutil.which(pager[0]) is None:
            self._console.file.write(text)
            self._console.file.flush()
            return
        # -R lets colours through and nothing else.
        environ = {**self._environ, "LESS": self._environ.get("LESS", "-R")}
        subprocess.run(pager, input=text.encode(self._out.encoding, "replace"), env=environ, check=False)

    def copy(self, text: str) -> None:
        """Asks the terminal to put a text on the clipboard (OSC 52)."""
        import base64

        self._out.write(f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07")
        self._out.flush()


def plain_lines(view: View, width: int) -> list[str]:
    """Text alone, sides below one another."""
    lines: list[str] = []
    for block in _in_turn(view):
        text = "".join(piece.text for piece in block.pieces)
        if block.laid_out:
            lines.append(text.rstrip())
            continue
        lines += textwrap.wrap(
            text,
            width,
            initial_indent=" " * block.indent,
            subsequent_indent=" " * block.hang,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return lines


def _in_turn(view: View) -> Iterable[Block]:
    for block in view:
        if isinstance(block, Sides):
            for column in block.columns:
                yield from column
        else:
            yield block


def styled_lines(view: View, width: int, console: Console) -> list[Text]:
    """As wide as ``width`` at most."""
    measure = min(width, MEASURE)
    lines: list[Text] = []
    for block in view:
        if not isinstance(block, Sides):
            lines += _wrapped(block, width if block.laid_out else measure, console)
        elif width >= _BESIDE_FROM and len(block.columns) == 2:
            lines += _beside(block, min(width, _BESIDE_MOST), console)
        else:
            for number, column in enumerate(block.columns):
                lines += _wrapped(Block(), measure, console) if number else []
                lines += [line for own in column for line in _wrapped(own, measure, console)]
    return lines


def _beside(sides: Sides, width: int, console: Console) -> list[Text]:
    from rich.text import Text

    own = (width - len(_BETWEEN)) // 2
    left, right = ([line for block in column for line in _wrapped(block, own, console)] for column in sides.columns)
    lines = []
    for one, other in zip_longest(left, right, fillvalue=Text()):
        padding = " " * max(0, own - one.cell_len)
        lines.append(Text.assemble(one, padding, (_BETWEEN, "dim"), other))
    return lines


def _wrapped(block: Block, width: int, console: Console) -> list[Text]:
    from rich.containers import Lines
    from rich.style import Style as RichStyle
    from rich.text import Text

    text = Text()
    for piece in block.pieces:
        text.append(piece.text, RichStyle.parse(_STYLES[piece.style]) + RichStyle(link=piece.link))
    if block.laid_out or (block.crop and width >= _CROPS_FROM):
        text.truncate(width - block.indent, overflow="ellipsis")
        return [Text.assemble(" " * block.indent, text)]
    lines = text.wrap(console, max(10, width - block.indent))
    if len(lines) > 1 and block.hang != block.indent:
        rest = text[len(lines[0].plain) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
        lines = Lines([lines[0], *rest.wrap(console, max(10, width - block.hang))])
    for line in lines:
        line.rstrip()
    return [
        Text.assemble(" " * (block.hang if number else block.indent), line) for number, line in enumerate(lines)
    ] or [text]
