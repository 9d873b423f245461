"""A question in the words in which it is read best: "Is it true that the port was sold?" asks whether it was."""

from __future__ import annotations

import re

from qabot.language.names import country_of
from qabot.questions.polar import OPENS

_TRUE_THAT = re.compile(
    rf"^{OPENS}(?:(?:is|was) it (?:really |actually )?(?:true|right|correct|the case|a fact)|does it (?:really )?say"
    r"|do they (?:really )?say) that (?=\w+ \w+)",
    re.IGNORECASE,
)
# "What does the Courier article say about the fire?", which narrows what is asked, and is no part of any answer.
_ARTICLE_SAYS = re.compile(
    rf"^{OPENS}what (?:does|do|did) (?:the )?(?:[\w.&'’-]+ ){{1,5}}?(?:say|report|write|tell us) "
    r"(?:about|on|regarding) (?P<matter>.+?)[\s?!.]*$",
    re.IGNORECASE,
)
_JOB = r"(?:job|office|post|position|role|title|profession|occupation)"
_NAME = r"(?P<name>(?!(?:the|a|an|his|her|their|this|that)\b)[\w.’'-]+?(?: [\w.’'-]+?){0,2}?)"
_WHAT_JOB = tuple(
    re.compile(rf"^{OPENS}{pattern}[\s?!.]*$", re.IGNORECASE)
    for pattern in (
        rf"what {_JOB} (?:does|did) {_NAME} (?:have|hold|do)",
        rf"what(?:['’]?s| is| was) {_NAME}['’]s {_JOB}",
        rf"what(?:['’]?s| is| was) the {_JOB} of {_NAME}",
    )
)


# "Who runs Norvik?", of a country, asks for its president, as reports call whoever does.
_OF_A_COUNTRY = 3  # words: "the United States"
_WHO_LEADS = re.compile(
    rf"^{OPENS}who (?:leads|runs|rules|heads|governs|is in charge of) (?P<country>.+?)[\s?!.]*$", re.IGNORECASE
)


def reworded(question: str, *, of_articles: bool) -> str:
    """``of_articles`` is set where articles are named, which are then asked alone."""
    said = _ARTICLE_SAYS.match(question) if of_articles else None
    if said:
        return f"What is said about {said['matter']}?"
    leads = _WHO_LEADS.match(question)
    if leads and country_of(leads["country"]) and len(leads["country"].split()) <= _OF_A_COUNTRY:
        return f"Who is the president or leader of {leads['country']}?"
    job = next((found for pattern in _WHAT_JOB if (found := pattern.match(question))), None)
    return f"Who is {job['name']}?" if job else _TRUE_THAT.sub("", question)
