"""Draws docs/conversation.svg: a real conversation over seeds/, as a terminal shows it.

`python docs/recording.py`, with the test extra installed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.text import Text  # noqa: E402

from tests.terminal.terminal import Terminal  # noqa: E402

COLUMNS = 100
QUESTIONS = (
    "how much did biden ask congress for?",
    "who denied pressing kyiv to negotiate",
    "who is the mayor of kyiv?",
)


def drawn(terminal: Terminal) -> Text:
    """What is on the screen, and was scrolled off it, with its styles."""
    lines = [*terminal.screen.history.top, *(terminal.screen.buffer[row] for row in range(terminal.screen.lines))]
    told = []
    for line in lines:
        text = Text()
        for column in range(COLUMNS):
            cell = line[column]
            colour = cell.fg if cell.fg != "default" else ""
            style = " ".join(filter(None, (colour, "bold" if cell.bold else "", "reverse" if cell.reverse else "")))
            text.append(cell.data, style)
        text.rstrip()
        told.append(text)
    while told and not told[-1].plain:
        told.pop()
    return Text("\n").join(told)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        terminal = Terminal(
            "--embeddings", f"{folder}/embeddings", where=ROOT, columns=COLUMNS, XDG_STATE_HOME=str(state)
        )
        terminal.until("Tab completes", 180)
        for question in QUESTIONS:
            terminal.type(question + "\r")
            terminal.until(" ms", 30)
            time.sleep(3)
            terminal.until(question)
        terminal.until("Tab completes")
        console = Console(record=True, width=COLUMNS, file=open("/dev/null", "w"))  # noqa: SIM115
        console.print(drawn(terminal))
        terminal.type("\x04")
    console.save_svg(str(ROOT / "docs" / "conversation.svg"), title="qabot")


if __name__ == "__main__":
    main()
