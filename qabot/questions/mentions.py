"""What a conversation mentioned: its names and content words, each with where it stood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from qabot.language import STOP_WORDS, stem
from qabot.language.names import NOT_NAMES
from qabot.language.people import OFFICES, TITLES
from qabot.questions.conversation import Turn

_WORD = re.compile(r"[$€£]?\w+(?:[.,’'&-]\w+)*%?")
_POSSESSIVE = re.compile(r"['’]s?$")
_JOINS_NAMES = frozenset({"of", "de", "van", "von", "the", "al", "bin", "la", "le", "du", "da"})
DETERMINERS = frozenset("the a an this that these those his her its their my your our any some each every no".split())
PREPOSITIONS = frozenset(
    "in on at of for from to with by about against after before during since over under between into through".split()
)
# Words of a question or an answer that are never what a later question leaves out.
_EMPTY = STOP_WORDS | frozenset(
    "don't know yes yeah okay ok article articles anything something nothing everything thing things interesting aspects "
    "information really actually got get getting let go going went ever still even well else another others one ones "
    "happen happened happens mean means meant also says said think thinks want wants give gave make makes made take took "
    "does doesn't didn't wasn't isn't won't can't couldn't whats whos didnt dont please there's it's that's he's she's "
    "why how many much several both either neither between during within without upon among along however therefore "
    "according find found decide decided lot lots bit kind sort way ways time times faster better bigger higher lower worse longer sooner".split()
)
_ARTICLES = frozenset({"the", "a", "an"})
COUNTED = frozenset({"many", "much", "which", "what", "whose"})
_DO = frozenset("do does did didn't doesn't don't didnt doesnt dont will would can could may might should".split())
_THIN_VERBS = frozenset("do have say get go want make take think mean give know tell".split())
_SUBJECTS = frozenset("he she it they you we i that this".split())
_HONORIFICS = frozenset("mr mrs ms dr st gen sen rep gov lt col sgt prof rev jr".split())
# "Russian President Vladimir Putin" is Vladimir Putin, as "CIA Director" and "Secretary of State" are no names: nobody is found better by an office, nor is another's surname.
_OFFICE = "|".join(
    (*TITLES, *OFFICES, "security", "national", "foreign", "defen[cs]e", "prime", "former", "us", "u\\.s")
)
_TITLED = re.compile(
    rf"^(?:\w+ )??(?:(?:{_OFFICE})\.? )+(?:of (?:the )?\w+ )?(?!of |the )(?=\w[\w’'-]+ \w)", re.IGNORECASE
)
# Nouns that stand before another as they are: "arms exports".
_PLURAL_FORMS = frozenset(
    "arms sports sales news savings goods rights relations communications systems services".split()
)
_COMPOUND = re.compile(r"-(?:based|led|born|backed|owned|listed|run|made|style|era|old|only)$")
_PHRASE_WORDS = 5
_NAME_WORDS = 3  # a longer one is several names side by side, or has a title
_TITLE_WORDS = 3  # a text of no more words is a name or a heading
_Unit = tuple[int, int, bool]  # first word, last word, whether it is a name


@dataclass(frozen=True, slots=True)
class Word:
    """``bare`` is folded and without a possessive ending."""

    start: int
    end: int
    text: str
    bare: str
    opens: bool  # a sentence


@dataclass(frozen=True, slots=True)
class Occurrence:
    """``turn`` counts from 0 for the turn just before; ``place`` is 0 at the beginning of its text and 1 at its end."""

    turn: int
    in_answer: bool
    place: float
    before: str  # the word before it, folded
    after: str  # the word after it, folded
    neighbours: frozenset[str]  # stems of the content words of the same text
    text: str  # as it stands there
    phrase: str  # the noun phrase that it heads, or itself
    article: str  # "the" for other determiners; of a name only its "the"
    preposition: str  # what the phrase follows, if it follows one
    heads: bool  # whether it closes a noun phrase of which one sees where it begins


@dataclass(slots=True)
class Mention:
    """A name or a content word with all its occurrences, the latest first."""

    key: str
    text: str
    is_name: bool
    occurrences: list[Occurrence] = field(default_factory=list)

    @property
    def words(self) -> frozenset[str]:
        return frozenset(self.key.split())


def words_with_places(text: str) -> list[Word]:
    found: list[Word] = []
    end = 0
    for match in _WORD.finditer(text):
        written = match.group()
        bare = _POSSESSIVE.sub("", written)
        gap = text[end : match.start()]
        opens = not found or any(mark in gap for mark in ".?!:\"“'‘(")
        found.append(Word(match.start(), match.start() + len(bare), bare, bare.casefold(), opens))
        end = match.end()
    return found


def bare_words(text: str) -> set[str]:
    return {word.bare for word in words_with_places(text)}


def mentions_of(turns: Sequence[Turn], known_name: Callable[[str], bool]) -> list[Mention]:
    """Of all turns, those of the latest first; a surname joins the full name that was mentioned."""
    found: dict[str, Mention] = {}
    for back, turn in enumerate(reversed(turns)):
        texts = [(turn.question, False)]
        if turn.searched_for != turn.question and back == 0:
            texts.insert(0, (turn.searched_for, False))
        if turn.status != "abstained":
            texts = [*((said, True) for said in _read_first(turn)), *texts]
        for text, in_answer in texts:
            for key, is_name, occurrence in _occurrences(
                text, back, in_answer, _by_capital if in_answer else known_name
            ):
                mention = found.setdefault(key, Mention(key, occurrence.text, is_name))
                mention.is_name |= is_name
                if is_name and mention.text.islower():
                    mention.text = occurrence.text
                mention.occurrences.append(occurrence)
    return _joined(list(found.values()))


def _by_capital(word: str) -> bool:
    """Answers are written as the articles are: a name has its capital."""
    return False


def _occurrences(
    text: str, back: int, in_answer: bool, known_name: Callable[[str], bool]
) -> Iterator[tuple[str, bool, Occurrence]]:
    words = words_with_places(text)
    content = frozenset(stem(word.bare) for word in words if word.bare not in _EMPTY)
    length = max(1, len(words))
    for run in _runs(list(_units(words, text, known_name)), words, text):
        opener = words[run[0][0] - 1].bare if run[0][0] else ""
        # Only there does a noun phrase show where it begins: "does Fiat want".
        # ... and "to negotiate" is no noun.
        opened = (
            opener in DETERMINERS or opener in COUNTED or (opener in PREPOSITIONS and (opener != "to" or run[0][2]))
        )
        nouns = _nouns_of(run, words, _asked_by_do(words, run[0][0]))
        inverted = () if in_answer else _inverted_subject(run, words)
        if inverted:
            nouns, opened = [*inverted], True
        for unit in run:
            first, last, is_name = unit
            heads = bool(nouns) and unit == nouns[-1] and (opened or is_name)
            within = heads and opened and last - nouns[0][0] < _PHRASE_WORDS and not (is_name and in_answer)
            begin = nouns[0][0] if within else first
            if is_name and not in_answer and opened and unit in nouns and not heads:
                begin, last = nouns[0][0], nouns[-1][1]  # "the Ambani brothers"
            opening = words[begin - 1].bare if begin else ""
            determined = opening in DETERMINERS
            name_alone = is_name and (begin, last) == unit[:2]
            article = opening if opening in _ARTICLES else "the" if determined or opening in COUNTED else ""
            article = article if not name_alone else "the" if opening == "the" else ""
            ahead = begin - 1 - determined
            preposition = words[ahead].bare if ahead >= 0 and words[ahead].bare in PREPOSITIONS else ""
            key = " ".join(word.bare for word in words[first : unit[1] + 1])
            before, after = (
                (words[first - 1].bare if first else ""),
                (words[unit[1] + 1].bare if unit[1] + 1 < length else ""),
            )
            written, phrase = text[words[first].start : words[unit[1]].end], text[words[begin].start : words[last].end]
            if is_name:
                titled = _TITLED.match(key)
                before = titled.group().split()[-1].strip(".") if titled else before
                key, written, phrase = (_TITLED.sub("", form) for form in (key, written, phrase))
            yield (
                key,
                is_name,
                Occurrence(
                    back,
                    in_answer,
                    first / length,
                    before,
                    after,
                    content,
                    written,
                    phrase,
                    article,
                    preposition,
                    heads,
                ),
            )


def _runs(units: Sequence[_Unit], words: Sequence[Word], text: str) -> Iterator[list[_Unit]]:
    """Units that stand together, without a function word or a mark between them."""
    run: list[_Unit] = []
    for unit in units:
        if run and unit[2] and not run[-1][2] and _is_plural(words[run[-1][1]].bare):
            yield run  # "the bloggers Apple sued"
            run = []
        verb = not unit[2] and unit[1] + 1 < len(words) and text[words[unit[1]].end :].strip(" ?!.")
        if run and (
            (unit[2] and not run[-1][2] and _closes_with_verb(run, words)) or (verb and _before_verb(run, words))
        ):
            yield run
            run = []
        if run and (unit[0] != run[-1][1] + 1 or text[words[run[-1][1]].end : words[unit[0]].start].strip(" '’s")):
            yield run
            run = []
        run.append(unit)
    if run:
        yield run


def _is_plural(noun: str) -> bool:
    ends = noun.endswith("s") and not noun.endswith(("ss", "us", "is"))
    return (ends and noun not in _PLURAL_FORMS) or noun == "people"


def _before_verb(run: Sequence[_Unit], words: Sequence[Word]) -> bool:
    """Whether the run is of those of whom it is asked what they do: "how many people use", "what share of voters back"."""
    opener = words[run[0][0] - 1].bare if run[0][0] else ""
    return (opener in COUNTED or opener == "of") and _is_plural(words[run[-1][1]].bare)


def _closes_with_verb(run: Sequence[_Unit], words: Sequence[Word]) -> bool:
    """Of a run before a name: "did the family deny Anil", "how many people downloaded Firefox"."""
    participle = len(run) > 1 and words[run[-1][1]].bare.endswith("ed")
    return participle or _asked_by_do(words, run[0][0])


def _nouns_of(run: Sequence[_Unit], words: Sequence[Word], asked_by_do: bool) -> list[_Unit]:
    """The run without what closes it and is a verb: "the Ambani brothers fighting", "did the board go"."""
    nouns = list(run)
    follows = words[run[-1][1] + 1].bare if run[-1][1] + 1 < len(words) else ""
    if asked_by_do and not nouns[-1][2] and follows not in _THIN_VERBS:
        nouns.pop()
    while nouns and not nouns[-1][2] and re.search(r"(?:ed|ing|ly)$", words[nouns[-1][1]].bare):
        nouns.pop()
    return nouns


def _inverted_subject(run: Sequence[_Unit], words: Sequence[Word]) -> Sequence[_Unit]:
    """The subject of "are oil prices so high?" and of "how bad is unemployment?", which begins behind the verb; nothing
    where it does not show where that ends."""
    before = [word.bare for word in words[max(0, run[0][0] - 3) : run[0][0]]]
    if before[-1:] in (["are"], ["were"]):
        plural = next((n for n, unit in enumerate(run) if not unit[2] and _is_plural(words[unit[1]].bare)), None)
        return run[: plural + 1] if plural is not None else ()
    asked_how = len(before) == 3 and before[0] == "how" and before[-1] in ("is", "was")
    return run if asked_how and not run[-1][2] and run[-1][1] + 1 == len(words) else ()


def _asked_by_do(words: Sequence[Word], first: int) -> bool:
    """Whether the word is the first after "did", an article apart: the subject and then the verb follow."""
    before = [word.bare for word in words[max(0, first - 2) : first]]
    return bool(before) and (before[-1] in _DO or (before[0] in _DO and before[-1] in DETERMINERS | _SUBJECTS))


def _units(words: Sequence[Word], text: str, known_name: Callable[[str], bool]) -> Iterator[_Unit]:
    at = 0
    while at < len(words):
        last = at
        if _named(words, at, known_name):
            last = _end_of_name(words, at, text, known_name)
            yield at, last, True
        elif words[at].bare not in _EMPTY and len(words[at].bare) > 1:
            yield at, at, False
        at = last + 1


def _end_of_name(words: Sequence[Word], first: int, text: str, known_name: Callable[[str], bool]) -> int:
    last = first
    for at in range(first + 1, len(words)):
        before, gap = words[at - 1], text[words[at - 1].end : words[at].start]
        abbreviated = gap == ". " and (len(before.bare) == 1 or before.bare in _HONORIFICS)
        if not abbreviated and gap not in (" ", "-", " & ", ". " if before.bare in _HONORIFICS else " "):
            break
        number = words[at].text.isdigit() and last == at - 1
        capital = words[at].text[0].isupper() and words[first].text[0].isupper() and words[at].bare != "i"
        if number or capital or _named(words, at, known_name, inside=True):
            last = at
        elif words[at].bare not in _JOINS_NAMES or at - last > 2:
            break
    return last


def _named(words: Sequence[Word], at: int, known_name: Callable[[str], bool], inside: bool = False) -> bool:
    word = words[at]
    if word.opens and word.bare in NOT_NAMES and word.bare not in _HONORIFICS:
        return False  # "Although Mr Poole"
    follows = words[at + 1] if at + 1 < len(words) else None
    if word.bare in _EMPTY and word.bare not in STOP_WORDS and word.text[0].isupper() and not word.opens:
        return follows is not None and follows.text[0].isupper()  # "Make Love"
    if _COMPOUND.search(word.text) or word.bare in _EMPTY or word.bare in DETERMINERS or word.bare in PREPOSITIONS:
        return False
    if not word.text[0].isupper():
        return word.text[0].isalpha() and known_name(word.bare)
    if inside or not word.opens or known_name(word.bare) or not word.text.istitle():
        return True
    # The capital of a sentence's first word tells nothing by itself.
    if follows is not None and follows.bare == "of" and at + 2 < len(words):
        follows = words[at + 2]
    return len(words) <= _TITLE_WORDS or (follows is not None and follows.text[0].isupper() and not follows.opens)


# Who speaks, or is told of with an office behind the name.
_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr)\.? [A-Z]|\b[A-Z][a-z]+ [A-Z][a-z]+(?:, [a-z]| (?:said|says|told|added)\b)|\bsaid [A-Z][a-z]+ [A-Z]"
)


def _read_first(turn: Turn) -> Sequence[str]:
    """What a follow-up takes from an answer is mostly in its first statement, unless that names nobody."""
    named = next((n for n, said in enumerate(turn.statements) if _PERSON.search(said)), 0)
    return turn.statements[: named + 1]


def _joined(mentions: list[Mention]) -> list[Mention]:
    """Each name with the shorter forms of it: "Milley" goes to "Mark Milley"."""
    longest = sorted((m for m in mentions if m.is_name), key=lambda m: -len(m.key.split()))
    kept: list[Mention] = []
    for mention in longest:
        whole = next((o for o in kept if mention.words < o.words and len(o.words - _JOINS_NAMES) <= _NAME_WORDS), None)
        if whole is None:
            kept.append(mention)
        else:
            whole.occurrences = sorted(
                [*whole.occurrences, *mention.occurrences], key=lambda o: (o.turn, not o.in_answer)
            )
    named = {id(mention) for mention in kept}
    return [m for m in mentions if id(m) in named or not m.is_name]


def content_words(text: str) -> list[str]:
    """Folded, in the order of the text."""
    return [word.bare for word in words_with_places(text) if word.bare not in _EMPTY]
