"""What a line that is not reporting looks like, by its form: a sentence that mentions such words is kept."""

from __future__ import annotations

import re
import unicodedata

from qabot.articles.front_matter import _DATES, iso_date

# A rule never looks at a longer line: what follows is about labels, buttons and captions.
MAX_CHARACTERS = 400

_AGO = re.compile(r"\b(?:\d+|an?)\s+(?:second|minute|hour|day|week|month|year)s?\s+ago\b", re.IGNORECASE)
# The time alone, after a number or a sign, or after a reader's name of a word or two: no sentence of reporting.
_STAMP = re.compile(
    r"(?:[\d.]+\s+\S.*|.*(?:[•|·,—–-]|\s\s)\s*|(?:\S+\s+){0,2})?"
    r"(?:\d+|an?)\s+(?:second|minute|hour|day|week|month|year)s?\s+ago\b(?:\s*[•|·(].*|\s+(?:reply|edited|report|like).*)?",
    re.IGNORECASE,
)
_REPLIED = re.compile(r"\breplied to\b|\bin reply to\b", re.IGNORECASE)

_CREDIT = re.compile(
    r"\b(?:via )?getty images\b|\bap photo\b|\bafp via\b|/\s?(?:afp|ap|reuters|epa|getty|mti|tass|shutterstock)\b"
    r"|\bshutterstock\b|\bphoto(?:graph)? by\b|©",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"^\(?\s*(?:(?:cover|file|stock|featured|header|handout)\s+)?(?:photo|image|picture|photograph|illustration|caption)s?"
    r"(?:\s+(?:credit|courtesy|by))?\s*[:/|]",
    re.IGNORECASE,
)
# "KYIV, UKRAINE - NOVEMBER 4: ...", as agencies date their pictures.
_CAPTION_DATELINE = re.compile(r"^[A-Z][A-Z .,'()-]+\s[-–—]\s[A-Z]{3,9}\.? \d{1,2}(?:, \d{4})?:")
_IMAGE_FILE = re.compile(r"\b[\w-]+\.(?:jpe?g|png|gif|webp|svg)\b", re.IGNORECASE)

_BUTTON = re.compile(
    r"(?:add|leave|post|write) (?:a |your )?(?:comment|reply)|(?:\d+ )?comments?(?: are closed)?"
    r"|share(?: this(?: article| post| story)?)?"
    r"|share (?:on|via) \w+|tweet(?: this)?|print(?: this)?|e-?mail(?: this)?"
    r"|copy link|subscribe(?: now| today)?|sign (?:up|in)|log in"
    r"|click (?:here )?to share.*|follow us.*|advertisement|read more|continue reading"
    r"|skip to (?:main )?content|back to top"
    r"|like this|like loading|loading|please let us know if you're having issues with commenting|no comments(?: yet)?"
    r"|who is online|view (?:all )?comments|show comments|load more",
    re.IGNORECASE,
)
_APPEAL = re.compile(
    r"^(?:learn|subscribe|sign up|join|become|support|donate|get|click|download|follow|register|help us)\b",
    re.IGNORECASE,
)
_APPEALED_FOR = re.compile(
    r"\b(?:becom(?:e|ing) an? .{0,40}\bmember|subscribe|newsletter|our (?:app|journalism|channel|work)|donat(?:e|ion)"
    r"|sign up|free trial|join us|inbox)\b",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"^(?:related(?: (?:articles?|stor(?:y|ies)|posts?|reading))?|see also"
    r"|read (?:also|next|more)|also read|more from .{1,40}"
    r"|recommended|don['’]t miss|watch|listen)\s*:\s*\S",
    re.IGNORECASE,
)
_FOLLOW = re.compile(
    r"^follow\b.{1,80}\bon (?:twitter|x|facebook|instagram|telegram|threads|bluesky|mastodon)\b", re.IGNORECASE
)
_META = re.compile(
    r"^[\s•·*|-]*(?:post (?:author|category|comments?|published|date|tags?|last modified)"
    r"|categor(?:y|ies)|tags?|filed under"
    r"|topics?|posted (?:in|on|by)|published(?: (?:on|by|at))?|(?:last )?(?:updated|modified)(?: on)?"
    r"|via|by|author|source|date"
    r"|views|reading time|word count|url|link|lang(?:uage)?|outlet|publisher)\s*:",
    re.IGNORECASE,
)
_DATED = re.compile(r"^(?:published|posted|(?:last )?updated|first published)\b.{0,60}\b\d{4}\b.{0,40}$", re.IGNORECASE)
_PUBLISHED_BY = re.compile(
    r"^(?i:(?:first |originally )?published (?:by|in)) (?P<outlet>(?:The |the )?[A-Z][^.:;!?]{1,50})$"
)
# A capital of any script; "And" and "The" are no one's name: "By Land And Sea" is a headline.
_CAPITALIZED = r"(?!(?:And|The|Of|Or|In|On|To|For|A|An)\b)[^\W\d_a-zß-öø-ÿ][\w.’'-]*"
_NAME = rf"{_CAPITALIZED}(?:\s+(?:{_CAPITALIZED}|de|der|van|von|al|el|bin|la)){{1,3}}"
_BYLINE = re.compile(
    rf"^[Bb][Yy]\s+(?P<names>{_NAME}(?:(?:,\s*(?:(?:and|AND)\s+)?|\s+(?:and|AND)\s+|\s*&\s*){_NAME})*)"
    r"(?:\s*[|•,-].{0,60})?$"
)
_LETTERSPACED = re.compile(r"^(?:\w\s+){5,}\w$")
_END_MATTER = re.compile(
    r"(?:check also|you (?:may|might) also like|related (?:articles|posts|stories|news|reading|topics)"
    r"|recommended(?: for you)?"
    r"|more (?:from|on|in) .{1,40}|read next|most (?:read|popular)|trending(?: now)?|latest (?:news|stories|posts)"
    r"|who is online"
    r"|about the author|leave a (?:reply|comment)|(?:reader )?comments|tags|discussion"
    r"|join the (?:discussion|conversation))",
    re.IGNORECASE,
)


_TEASER_LABEL = re.compile(
    r"check also|you (?:may|might) also like|related (?:articles|posts|stories)|read next|most (?:read|popular)",
    re.IGNORECASE,
)


def is_comment_stamp(line: str) -> bool:
    """ "2.1 Somebody replied to Another 11 months ago": the head of a reader's comment."""
    if len(line) > 120 or _META.match(line):
        return False
    if not _AGO.search(line):
        return False
    return bool(_REPLIED.search(line)) or bool(_STAMP.fullmatch(line))


def is_end_matter(line: str) -> bool:
    """A label under which nothing of the article follows."""
    return len(line) <= 60 and bool(_END_MATTER.fullmatch(line.strip(" :.…")))


def is_teaser_label(line: str) -> bool:
    """A label of links to other articles, wherever on the page it stands."""
    return len(line) <= 60 and bool(_TEASER_LABEL.fullmatch(line.strip(" :.…")))


def is_credit(line: str) -> bool:
    """A photographer's or an agency's name, and no sentence."""
    return len(line) <= 200 and bool(_CREDIT.search(line)) and not line.endswith((".", "”", '"'))


def reason_to_leave_out(line: str) -> str | None:
    """Why a line is not reporting, by its form alone; ``None`` for reporting."""
    if len(line) > MAX_CHARACTERS:
        return None
    if not any(unicodedata.category(c)[0] in "LN" for c in line):
        return "decoration"
    bare = line.strip(" .:!…|•·*[]()»›→").replace("’", "'")
    sentence = line.endswith((".", "!", "?", "”", '"')) and len(line) > 80
    if _BUTTON.fullmatch(bare):
        return "sharing and comment buttons"
    if _CAPTION.match(line) or _CAPTION_DATELINE.match(line):
        return "photo caption"
    if _IMAGE_FILE.search(line) and len(line) <= 120 and not line.endswith((".", "”")):
        return "photo caption"
    if is_credit(line) and len(line) <= 100:
        return "photo credit"
    if _LETTERSPACED.match(line):
        return "decoration"
    if len(line) <= 200 and _APPEAL.match(line) and _APPEALED_FOR.search(line) and ("!" in line or len(line) <= 120):
        return "advertisement"
    if len(line) <= 200 and _RELATED.match(line):
        return "link to another article"
    if len(line) <= 250 and _FOLLOW.match(line):
        return "how to reach the author"
    if not sentence and len(line) <= 160 and (_META.match(line) or _DATED.match(line) or _PUBLISHED_BY.match(line)):
        return "post meta"
    if len(line) <= 40 and any(pattern.fullmatch(bare) for pattern in _DATES):
        return "post meta"
    return None


def publisher_named(line: str) -> str | None:
    """The outlet of "Published by An Outlet"; ``None`` for anything else, a date among it."""
    found = _PUBLISHED_BY.match(line) if len(line) <= 120 else None
    return found["outlet"] if found and iso_date(line) is None else None


def byline_names(line: str) -> str | None:
    """The names of "By A Writer, B Writer and C Writer"; ``None`` where the line is no byline."""
    plain = re.sub(r"^by\s*:\s*", "By ", " ".join(line.split()), flags=re.IGNORECASE)
    found = _BYLINE.match(plain) if len(plain) <= 160 and not plain.endswith((".", "!", "?")) else None
    return found["names"] if found else None
