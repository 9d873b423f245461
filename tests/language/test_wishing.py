"""Who wishes, demands or fears, as far as a sentence tells."""

from __future__ import annotations

import pytest

from qabot.language.wishing import Kind, holders


@pytest.mark.parametrize(
    ("sentence", "who"),
    [
        ("Norvik officials expect Arden to want more time.", "arden"),
        ("The Arden mayor has said that she would not sell except on the condition that the port stays.", "arden"),
        (
            "Poole has closed the talks as long as Mayor Brian Hale stays in office, and has insisted on new ones.",
            "poole",
        ),
        ("Their list names the demands of Norvik, which are many.", "norvik"),
        ("Norvik’s latest demands were read out in Arden.", "norvik"),
        ("“We want a bridge,” she said.", "somebody"),
        ("The second group, which includes Ann Poole, wishes to go on.", "poole"),
        ("Norvik has said that it is open to a sale as long as the tolls are kept.", "norvik"),
    ],
)
def test_whoever_wishes_is_told(sentence: str, who: str) -> None:
    assert any(who in words for words in holders(sentence, "wish", "somebody"))


@pytest.mark.parametrize(
    ("sentence", "kind", "who"),
    [
        ("Arden has a year before serious demands about tolls will be made of Norvik.", "wish", "arden"),
        ("Arden was asked to pay.", "wish", "arden"),
        ("Talks with Norvik were demanded in the council, and Poole wants them.", "wish", "norvik"),
        ("The mayor's speech in Arden fuelled fears that the port would close.", "fear", "arden"),
    ],
)
def test_one_of_whom_something_is_wished_does_not_wish_it(sentence: str, kind: Kind, who: str) -> None:
    assert not any(who in words for words in holders(sentence, kind, None))


def test_what_somebody_does_not_want_is_no_wish_but_an_answer_to_whether() -> None:
    sentence = "Ann Poole does not want the bridge."
    assert holders(sentence, "wish", None) and not holders(sentence, "wish", None, denied=False)
