"""What denies, and what only looks as if it did."""

from __future__ import annotations

import pytest

from qabot.language.denials import denies


@pytest.mark.parametrize(
    "sentence",
    [
        "The port denied that it was sold.",
        "The port has announced that it is not linked to the buyer in any way.",
        "The port told the Mail that reports of a sale were “speculation”.",
        "No one at the port is forcing them to leave, the mayor said.",
        "There was no conflict of interest, she said.",
        "The ministry refused to confirm it.",
        "There are so far no reports of any phones being infected.",
        "His opinion does not reflect that of the ministry.",
        "The yard stressed that it did not know of any injuries.",
        "There is no suggestion that the mayor took money.",
    ],
)
def test_a_denial_is_known_by_its_words(sentence: str) -> None:
    assert denies(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The port was sold in May.",
        "She did not deny the general's opinion either.",
        "They have not met yet.",
        "The reports of the mayor.",
    ],
)
def test_what_is_no_denial(sentence: str) -> None:
    assert not denies(sentence)
