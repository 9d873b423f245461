"""Two texts word by word."""

from __future__ import annotations

from qabot.language.alignment import align


def test_only_what_stands_for_something_else_is_replaced() -> None:
    aligned = align("The mayor of Norvik left on Monday.", "The mayor of Ostby left, smiling, on Friday.")
    assert [(place.ours_said, place.theirs_said) for place in aligned.replaced] == [
        ("Norvik", "Ostby"),
        ("Monday", "Friday"),
    ]
    assert 0.6 < aligned.alike < 1


def test_a_title_is_one_place_however_many_stop_words_are_in_it() -> None:
    (place,) = align("She sang “Planet of Giants” twice.", "She sang “Edict of Fontainebleau” twice.").replaced
    assert (place.ours_said, place.theirs_said) == ("Planet of Giants", "Edict of Fontainebleau")


def test_texts_without_a_word_are_alike_and_replace_nothing() -> None:
    assert align("", "...").replaced == ()
