"""Sentences -> who says what each reports or quotes, whether it denies, and whether it only leads in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qabot.language.denials import denies
from qabot.language.people import OFFICES
from qabot.language.speech import SAYING, SAYING_WITH_MORE
from qabot.passages.marks import Quoting, quoting
from qabot.passages.people import People
from qabot.passages.sentences import Sentence
from qabot.passages.speakers import Speaker, SpeakerKind, speakers

# A "he" this many sentences after a speaker may be somebody else.
_REACH = 3

_LEAD_IN = re.compile(r":\s*$")
_FRAGMENT = re.compile(rf"^(?:{'|'.join(sorted(SAYING | SAYING_WITH_MORE))}) ")
_SAYS = re.compile(r"\b(?:said|says|told|added|warned|argued)\b")
_ADJUNCT = re.compile(r"^[,.\s]*(?:(?:at|in|on|to|during|after|last|this|earlier|late)\b[^,;:]{0,80})?[.:\s]*$")
_PEOPLE = frozenset({"spokesperson", "source", "person", "insider", "man", "woman", "witness", "resident"})


@dataclass(frozen=True, slots=True)
class Reported:
    """``said_by`` is who says what the sentence reports or quotes, as far as the article tells.

    ``announces`` is that it only leads in to what is said elsewhere.
    """

    said_by: str | None = None
    denies: bool = False
    announces: bool = False


def reported(text: str, sentences: Sequence[Sentence]) -> list[Reported]:
    """One a sentence, in reading order; no speaker rather than a wrong one."""
    spans = [(sentence.start, sentence.end) for sentence in sentences]
    marks = quoting(text, spans, (sentence.paragraph for sentence in sentences))
    found = [speakers(mark.plain) for mark in marks]
    people = People(text, [speaker for own in found for speaker in own])
    own = _own_speakers(text, sentences, marks, found, people)
    announcing = [_announces(mark, those) for mark, those in zip(marks, found, strict=True)]
    said_by = _carried(text, sentences, marks, own, announcing)
    return [
        Reported(who, denies(text[start:end]), only)
        for who, (start, end), only in zip(said_by, spans, announcing, strict=True)
    ]


def _own_speakers(
    text: str,
    sentences: Sequence[Sentence],
    marks: Sequence[Quoting],
    found: Sequence[Sequence[Speaker]],
    people: People,
) -> list[str | None]:
    """Who speaks by the sentence's own words, a "he said" by the speaker named last."""
    result: list[str | None] = []
    last: _Last | None = None
    opened = 0
    for n, those in enumerate(found):
        # The sentence in which the quotation began that is open at the beginning of this one.
        opened = opened if marks[n].opened_before else n
        before = sentences[opened - 1] if opened and sentences[opened - 1].section == sentences[n].section else None
        subject = people.subject(text[before.start : before.end]) if before else None
        near = last if last and last.section == sentences[n].section and opened - last.sentence <= _REACH else None
        if near and subject and set(subject.split()) <= set(near.who.split()):
            subject = near.who  # "Sir Anthony" is Anthony O'Reilly
        if near and near.sentence < opened - 1 and subject is not None:
            near = None
        subject = subject or None
        speaker = None
        who = None
        for speaker in those:
            who = _who(speaker, those, people, near, subject, opened)
            if who is not None:
                break
        if who is not None and speaker is not None:
            kind = speaker.kind if speaker.kind != "pronoun" else near.kind if near else "name"
            last = _Last(n, sentences[n].section, who, kind)
        elif last is not None and last.sentence == n - 1 and (marks[n].only_quoted or marks[n].opened_before):
            last = replace(last, sentence=n)
        elif _SAYS.search(marks[n].plain):
            last = None  # somebody speaks whom the sentence does not tell: "he" may be that one
        result.append(who)
    return result


@dataclass(frozen=True, slots=True)
class _Last:
    """Who spoke last, in which sentence, and whether by a name or not."""

    sentence: int
    section: int
    who: str
    kind: SpeakerKind


def _who(
    speaker: Speaker, those: Sequence[Speaker], people: People, last: _Last | None, subject: str | None, opened: int
) -> str | None:
    """The speaker's name or words; a pronoun stands for a name before it, or for whom ``last`` and ``subject`` tell."""
    if speaker.kind == "name":
        return people.full(speaker)
    if speaker.kind == "noun":
        return people.holding(speaker.words) or speaker.words
    pronoun = speaker.words.casefold()
    if pronoun in ("he", "she"):
        named = [people.full(other) for other in those if other.kind == "name" and other.start < speaker.start]
        if named or last is None or last.kind == "name":
            name = named[-1] if named else last.who if last else subject
            return name if name is not None and people.may_be(name, pronoun) else None
        return last.who if _of_person(last.who) else None
    if last is None:
        return None
    if pronoun == "it":
        body = not people.may_be(last.who, "he") if last.kind == "name" else not _of_person(last.who)
        return last.who if body and opened - last.sentence <= 1 else None
    return last.who if last.kind == "noun" and opened - last.sentence <= 2 else None


def _of_person(words: str) -> bool:
    head = re.split(r" (?:for|of|at|from|with|in) ", words)[0].split()[-1].casefold()
    return bool(re.match(r"(?:an?|the|one|another) ", words)) and (head in OFFICES or head in _PEOPLE)


def _announces(mark: Quoting, those: Sequence[Speaker]) -> bool:
    plain = mark.plain.strip()
    if _LEAD_IN.search(plain) and not mark.open_after:
        return True
    if mark.quotes or mark.opened_before or not those:
        return False
    if _FRAGMENT.match(plain):
        return bool(_ADJUNCT.match(plain[those[0].end :]))
    verb = re.match(r"\s+(?:also |later |then |has |have )?(\w+)", plain[those[0].end :])
    if verb is None or verb[1] not in SAYING or plain[: those[0].start].strip():
        return False
    return bool(_ADJUNCT.match(plain[those[0].end + verb.end() :]))


def _carried(
    text: str,
    sentences: Sequence[Sentence],
    marks: Sequence[Quoting],
    own: Sequence[str | None],
    announcing: Sequence[bool],
) -> list[str | None]:
    """Each sentence's own speaker, or the one of the quotation that it is part of."""
    said_by = list(own)
    for first, last in _quotations(sentences, marks):
        inside = [who for who in own[first : last + 1] if who is not None]
        if inside:
            for n in range(first, last + 1):
                said_by[n] = said_by[n] or inside[0]
    filled = -1  # up to here all of the paragraph have one
    for n, sentence in enumerate(sentences):
        if announcing[n] and said_by[n] and n:
            before = n - 1
            unclosed = text[sentences[before].end - 1] not in ".!?…:"
            if (unclosed or _FRAGMENT.match(marks[n].plain)) and sentences[before].section == sentence.section:
                while before > filled and sentences[before].paragraph == sentences[n - 1].paragraph:
                    said_by[before] = said_by[before] or said_by[n]
                    before -= 1
                filled = n - 1
    for n, sentence in enumerate(sentences):
        if said_by[n] is not None or not marks[n].only_quoted:
            continue
        after = _next_quotation(sentences, marks, n)
        if n and _continues(sentences, said_by, n):
            said_by[n] = said_by[n - 1]
        elif after is not None and said_by[after] is not None and sentences[after].paragraph == sentence.paragraph:
            said_by[n] = said_by[after]
    return said_by


def _quotations(sentences: Sequence[Sentence], marks: Sequence[Quoting]) -> list[tuple[int, int]]:
    """Runs of sentences that one open quotation holds together, ``first`` to ``last``."""
    runs = []
    first = 0
    for n in range(1, len(sentences) + 1):
        if n == len(sentences) or not (marks[n - 1].open_after and (marks[n].opened_before)):
            if n - 1 > first:
                runs.append((first, n - 1))
            first = n
    return runs


def _continues(sentences: Sequence[Sentence], said_by: Sequence[str | None], n: int) -> bool:
    """Whether a sentence of only quoted words goes on with what the one before it says."""
    before = n - 1
    return said_by[before] is not None and sentences[before].section == sentences[n].section


def _next_quotation(sentences: Sequence[Sentence], marks: Sequence[Quoting], n: int) -> int | None:
    after = n + 1
    if after < len(sentences) and (marks[after].quotes or marks[after].opened_before):
        return after
    return None
