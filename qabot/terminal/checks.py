"""`qabot doctor` in a terminal: how the terminal itself stands, and the findings as a table."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator, Sequence

from qabot import CheckResult
from qabot.phrases import counted
from qabot.terminal.text import one_line, visible

# Colours that are read on a light ground too, which yellow is not.
_MARKS = {"ok": ("✓", "green"), "note": ("·", "dim"), "warning": ("!", "bold magenta"), "error": ("✗", "bold red")}


def examine_terminal() -> list[CheckResult]:
    return [*_locale(), *_terminal()]


def _locale() -> Iterator[CheckResult]:
    named = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    try:
        locale.setlocale(locale.LC_CTYPE, "")
    except locale.Error:
        message = f"The locale {named} is not on this machine."
        yield CheckResult("locale", "warning", message, "Set LANG to one of `locale -a`, such as C.UTF-8.")
        return
    encoding = locale.getpreferredencoding(False)
    if encoding.lower().replace("-", "") == "utf8":
        yield CheckResult("locale", "ok", f"{named or 'none is set'}, {encoding}")
    else:
        message = (
            f"{named or 'The locale'} is not UTF-8 ({encoding}): quotes and names show the nearest plain characters."
        )
        yield CheckResult("locale", "warning", message, "Set LANG to a UTF-8 locale, such as C.UTF-8.")


def _terminal() -> Iterator[CheckResult]:
    if not sys.stdout.isatty():
        yield CheckResult("terminal", "ok", "none: the output goes to a file or a program, and is plain")
        return
    term = os.environ.get("TERM", "")
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    said = f"{term or 'of no name'}, {columns} columns, {rows} rows"
    if term in ("", "dumb", "unknown"):
        message = f"{said}: without styles, and with a plain line to type on."
        yield CheckResult("terminal", "note", message, "Set TERM, to xterm-256color for instance.")
    elif 0 < columns < 40:
        yield CheckResult("terminal", "note", f"{said}: narrow for quotes.", "Widen it to 80 columns.")
    else:
        yield CheckResult("terminal", "ok", said)


def render_checks(found: Sequence[CheckResult]) -> str:
    """A table of the findings, as wide as the terminal; elsewhere a line each, and one for its remedy."""
    counts = {severity: sum(one.severity == severity for one in found) for severity in ("error", "warning")}
    told = [counted(count, word) for word, count in counts.items() if count]
    summary = f"{', '.join(told) or 'Nothing is wrong'}."
    if sys.stdout.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        return _table(found) + summary
    width = max((len(one.name) for one in found), default=0)
    lines = []
    for one in found:
        lines.append(f"{one.severity:7}  {one.name:{width}}  {one_line(one.message)}")
        if one.remedy:
            lines.append(f"{'':7}  {'':{width}}  -> {one_line(one.remedy)}")
    return "\n".join([*lines, summary])


def _table(found: Sequence[CheckResult]) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for no_wrap in (True, True, False):
        table.add_column(no_wrap=no_wrap)
    for one in found:
        mark, style = _MARKS[one.severity]
        message = Text(visible(one.message))
        if one.remedy:
            message.append(f"\n{visible(one.remedy)}", "italic")
        table.add_row(Text(mark, style), Text(one.name, "bold"), message)
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get()
