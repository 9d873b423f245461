from __future__ import annotations

import pytest

from qabot.terminal.options import brought_forward


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["ask", "who?", "--no-refresh"], ["--no-refresh", "ask", "who?"]),
        (["ask", "--seeds", "a b", "who?"], ["--seeds", "a b", "ask", "who?"]),
        (["--config=x.toml", "ask", "--embeddings=y", "who?"], ["--config=x.toml", "--embeddings=y", "ask", "who?"]),
        (["ask", "--", "--no-refresh"], ["ask", "--", "--no-refresh"]),
        (["ask", "who?", "--seeds"], ["ask", "who?", "--seeds"]),
        ([], []),
    ],
)
def test_options_of_every_command_come_first(given: list[str], read: list[str]) -> None:
    assert brought_forward(given) == read
