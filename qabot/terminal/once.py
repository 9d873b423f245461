"""One answer by itself, as `qabot ask` shows it: nothing of a conversation is loaded for it."""

from __future__ import annotations

from pathlib import Path

from qabot import Answer
from qabot.terminal.screen import Screen
from qabot.terminal.view import View, answer_view


def show_once(answer: Answer, seeds: Path, screen: Screen) -> None:
    screen.show(view_of(answer, seeds, screen))


def view_of(answer: Answer, seeds: Path, screen: Screen) -> View:
    """The answer as ``screen`` shows it, with links to the articles in ``seeds``."""
    return answer_view(answer, lambda path: screen.link_to(seeds / path), for_the_eye=screen.for_the_eye)
