"""Names that news reports use for one another: a capital, a seat of government and a people for a country."""

from __future__ import annotations

from collections.abc import Iterable

from qabot.index import words_of

_GROUPS = tuple(
    frozenset(group.split())
    for group in (
        "russia russian russians moscow kremlin",
        "ukraine ukrainian ukrainians kyiv kiev",
        "us u.s usa america american americans washington",
        "china chinese beijing",
        "britain british uk u.k london downing",
        "france french paris elysee élysée",
        "germany german germans berlin",
        "eu e.u europe european europeans brussels",
        "nato alliance",
        "israel israeli israelis jerusalem",
        "iran iranian iranians tehran",
        "turkey turkish türkiye ankara",
        "poland polish warsaw",
        "belarus belarusian minsk",
        "india indian delhi",
        "japan japanese tokyo",
        "canada canadian ottawa",
        "italy italian rome",
        "spain spanish madrid",
        "hungary hungarian budapest",
        "syria syrian damascus",
        "korea korean pyongyang seoul",
    )
)


def also_named(terms: Iterable[str], text: str) -> frozenset[str]:
    """Those of the terms for which the text has another name of the same country or body."""
    words = {word.casefold() for word in words_of(text)}
    there = [group for group in _GROUPS if not group.isdisjoint(words)]
    return frozenset(term for term in terms if any(term in group for group in there))
