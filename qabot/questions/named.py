"""The articles that a question names: by outlet, by author, by title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qabot.index import StoredArticle

_NOUN = r"(?:articles?|reports?|reporting|stor(?:y|ies)|pieces?|posts?|coverage|scoop|account|write-?up|version|text|summary)"
_SAYS = r"(?:say|report|write|claim|describe|mention|tell|cite|quote|put|give|estimate|state|think|argue|make of|cover)"
# What of an outlet's name is left out when it is spoken of: "the NBC article".
_GENERIC = re.compile(r"^the | (?:news|online|magazine|media|group|network|newspaper)$")
_FORENAMES = re.compile(r"^.* (?=\S+$)")
_OUTLET_WORD = (
    r"(?:Times|Post|News|Herald|Journal|Tribune|Guardian|Telegraph|Gazette|Chronicle|Mail|Mirror|Observer|Independent|Economist|Courier|Ledger|"
    r"Standard|Express|Examiner|Inquirer|Dispatch|Magazine)"
)
_KNOWN = (
    r"BBC|CNN|NBC|CBS|ABC|NPR|PBS|MSNBC|CNBC|AP|AFP|UPI|Reuters|Bloomberg|Associated Press|Politico|Axios|Newsweek|Breitbart|Al Jazeera|Forbes|Wired|Vox|"
    r"Vice|Slate|BuzzFeed|HuffPost|Der Spiegel|Le Monde|El País|USA Today|TechCrunch|The Verge"
)
_OUTLET = rf"(?:{_KNOWN}|(?:[A-Z][a-z]+ ){{0,2}}{_OUTLET_WORD})"
_OUTLET_NAMED = re.compile(rf"\b(?:{_KNOWN})\b", re.IGNORECASE)
_CITED = re.compile(
    rf"\b(?:according to|told|telling|citing|cited by|reported (?:by|in)|reports? (?:by|in|from)) (?:the |The )?(?P<told>{_OUTLET})\b|"
    rf"\b(?:the |The )?(?P<says>{_OUTLET})(?: News| magazine)? (?:report(?:ed|s)?|said|says|wrote|writes|learned)\b"
)
_MISSING = re.compile(
    rf"\b(?i:the|that|this) (?P<outlet>(?i:{_KNOWN})|{_OUTLET}) (?:article|story|piece|report|coverage)\b"
)
_SPELLED = {outlet.casefold(): outlet for outlet in _KNOWN.split("|")}
_SHORTEST_TITLE = 16  # characters; a shorter one may be any words of the question
_QUOTES = str.maketrans("‘’‚`“”„", "''''\"\"\"")


@dataclass(frozen=True, slots=True)
class Named:
    """``paths`` are the articles that a question names, ``names`` what it names them by: both empty where it names none.

    ``missing`` is an outlet of which it names an article where none is here. ``mentioned`` are the names of outlets in
    the question whether or not they narrow it.
    """

    paths: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    missing: str = ""
    mentioned: tuple[str, ...] = ()


NOTHING_NAMED = Named()


def named_in(question: str, articles: Sequence[StoredArticle]) -> Named:
    """An outlet counts where its own articles or its say is asked about, not wherever it is spoken of.

    An article that retells an outlet's report counts as that outlet's too.
    """
    plain = _folded(question)
    known = _names_of(articles)
    outlets, authors = _there(plain, known.outlets, _GENERIC), _there(plain, known.authors, _FORENAMES)
    found = [name for name, alias, _ in outlets if _is_asked(plain, alias)]
    if found:  # "Breitbart versus NBC": where one is asked, so is the one it is compared with
        found = [name for name, alias, _ in outlets if name in found or _is_compared(plain, alias)]
    # A surname alone is as likely that of somebody in the news.
    found += [
        name for name, alias, _ in authors if _article_of(plain, alias) or (" " in alias and _is_asked(plain, alias))
    ]
    paths = {path for name, _, own in (*outlets, *authors) if name in found for path in own}
    mentioned = tuple(dict.fromkeys(alias for _, alias, _ in outlets))
    if not paths:
        titled = [(title, path) for folded, title, path in known.titles if folded in plain]
        found, paths = [title for title, _ in titled], {path for _, path in titled}
    missing = _MISSING.search(question) if not paths else None
    outlet = _SPELLED.get(missing["outlet"].casefold(), missing["outlet"]) if missing else ""
    return Named(frozenset(paths), tuple(dict.fromkeys(found)), outlet, mentioned)


def authors_named(question: str, articles: Iterable[StoredArticle]) -> dict[str, list[StoredArticle]]:
    """The authors whose full name stands in the question, each with what is theirs."""
    plain = _folded(question)
    found: dict[str, list[StoredArticle]] = {}
    for article in articles:
        for name in authors_of(article):
            if " " in name and _stands(name.translate(_QUOTES).casefold(), plain):
                found.setdefault(name, []).append(article)
    return found


def outlets_of(article: StoredArticle) -> list[str]:
    """Its own outlet, and those whose reports it retells."""
    return _parts(article.metadata.outlet) + _parts(article.metadata.via)


def outlets_cited(text: str) -> list[str]:
    """The outlets, of those known by name, whose reports a text draws on, in its order and each once."""
    return list(dict.fromkeys(found["told"] or found["says"] for found in _CITED.finditer(text)))


def asked_of_outlet(question: str, outlet: str) -> str:
    """The question asked of ``outlet``: in the place of another that it names, or added to it."""
    other, replaced = _OUTLET_NAMED.subn(lambda _: outlet, question, count=1)
    return other if replaced else f"{question.rstrip(' ?!.')} according to {outlet}?"


def authors_of(article: StoredArticle) -> list[str]:
    return _parts(re.sub(r",? and ", ", ", article.metadata.author or ""))


def _parts(value: str | None) -> list[str]:
    return [part.strip() for part in (value or "").split(",") if part.strip()]


@dataclass(frozen=True, slots=True)
class _Names:
    """Of a collection: the paths of each outlet and each author, and the titles as folded, as written, and whose."""

    outlets: dict[str, set[str]]
    authors: dict[str, set[str]]
    titles: list[tuple[str, str, str]]


_latest: tuple[Sequence[StoredArticle], _Names] | None = None


def _names_of(articles: Sequence[StoredArticle]) -> _Names:
    """Made once for a generation's articles, which are the same object with every question."""
    global _latest
    latest = _latest
    if latest is not None and latest[0] is articles:
        return latest[1]
    outlets: dict[str, set[str]] = {}
    authors: dict[str, set[str]] = {}
    titles: list[tuple[str, str, str]] = []
    for article in articles:
        for names, by_name in ((outlets_of(article), outlets), (authors_of(article), authors)):
            for name in names:
                by_name.setdefault(name, set()).add(article.path)
        title = article.metadata.title or ""
        if len(title) >= _SHORTEST_TITLE:
            titles.append((_folded(title), title, article.path))
    made = _Names(outlets, authors, titles)
    if isinstance(articles, tuple):  # a list may be changed
        _latest = (articles, made)
    return made


def _there(
    plain: str, paths: Mapping[str, set[str]], left_out: re.Pattern[str]
) -> list[tuple[str, str, frozenset[str]]]:
    """Each name that stands in ``plain``, what it is called there, and the paths that are its own.

    ``left_out`` is what of a name need not be said.
    """
    found = []
    for name, own in paths.items():
        full = name.translate(_QUOTES).casefold()
        aliases = (full, left_out.sub("", full))
        alias = next((a for a in aliases if len(a) > 1 and _stands(a, plain)), None)
        if alias:
            found.append((name, alias, frozenset(own)))
    return found


def _stands(name: str, plain: str) -> bool:
    # Thousands of names would be as many patterns, of which nearly none is needed.
    return name in plain and re.search(rf"\b{re.escape(name)}\b", plain) is not None


def _article_of(plain: str, alias: str) -> bool:
    name = rf"(?:the )?{re.escape(alias)}(?: news)?"
    return bool(
        re.search(
            rf"\b{name}(?:'s?)? (?:\w+ )?{_NOUN}\b|\b{_NOUN} (?:\w+ )?(?:by|from|in) {name}\b|\b(?:written|published|reported) (?:by|in) {name}\b",
            plain,
        )
    )


def _is_asked(plain: str, alias: str) -> bool:
    own = rf"(?:the )?{re.escape(alias)}(?: news)?"
    name = rf"(?:[\w.&'-]+,? (?:and|or|vs\.?|versus) )?{own}(?:,? (?:and|or|vs\.?|versus) [\w.&'-]+)?"
    return _article_of(plain, alias) or bool(
        re.search(
            rf"\baccording to {name}(?!\w)|\b(?:does|did|do|has|is) {name} (?:\w+ )?{_SAYS}(?:ing|s|ed)?\b|"
            rf"\b(?:what|who|which|how) .*\b{name} (?:say|report|write|claim|give|says|reports|reported|writes|wrote|claims|cites|cited|quotes|quoted)\b",
            plain,
        )
    )


def _is_compared(plain: str, alias: str) -> bool:
    name = rf"(?:the )?{re.escape(alias)}\b"
    return bool(
        re.search(
            rf"\b(?:versus|vs\.?|compared (?:to|with)|and|or|than|unlike) {name}|\b{name} (?:versus|vs\.?|and|or)\b",
            plain,
        )
    )


def _folded(text: str) -> str:
    return " ".join(text.translate(_QUOTES).casefold().split())
