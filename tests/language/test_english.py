from __future__ import annotations

import pytest

from qabot.language.english import is_english


@pytest.mark.parametrize("word", ["true", "size", "wrote", "meant", "boards", "india", "didnt", "whats"])
def test_words_names_and_contractions_are_english(word: str) -> None:
    assert is_english(word)


@pytest.mark.parametrize("word", ["balir", "zelenksy", "stalmate", "amunition", '"', "tru\n"])
def test_typing_errors_are_not(word: str) -> None:
    assert not is_english(word)
