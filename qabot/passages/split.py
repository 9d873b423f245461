"""An Article -> its passages: each sentence, with its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qabot.articles import Article

if TYPE_CHECKING:
    from qabot.passages.sentences import Sentence

PASSAGE_VERSION = 5

# A passage of three long sentences would be cut off by the model; neighbours are left out beyond this.
MAX_WINDOW_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence ``[start, end)`` and the window ``[window_start, window_end)`` of it and its neighbours.

    Offsets are characters of the article's text. ``section`` grows where a heading or something left out
    stands between two sentences: nothing shown to a reader may span that. ``context`` is the title and the
    heading above; it is embedded with the window and never quoted. ``said_by`` is who says what the sentence
    reports or quotes, ``denies`` that it denies or doubts something, ``announces`` that it only leads in.
    """

    ordinal: int
    paragraph: int
    section: int
    start: int
    end: int
    window_start: int
    window_end: int
    context: str
    said_by: str | None = None
    denies: bool = False
    announces: bool = False

    def sentence(self, text: str) -> str:
        return text[self.start : self.end]

    def window(self, text: str) -> str:
        return text[self.window_start : self.window_end]

    def embedded(self, text: str) -> str:
        """What the passage vector is made of."""
        return f"{self.context}\n{self.window(text)}" if self.context else self.window(text)


def split_passages(article: Article, *, neighbours: int = 1) -> tuple[Passage, ...]:
    """One passage a sentence, in reading order."""
    from qabot.passages.quotations import reported  # a question cuts up no article

    sentences = _sentences(article)
    passages = []
    for ordinal, (sentence, report) in enumerate(zip(sentences, reported(article.text, sentences), strict=True)):
        first, last = ordinal, ordinal
        for _ in range(neighbours):
            if first > 0 and _together(sentences, first - 1, last):
                first -= 1
            if last + 1 < len(sentences) and _together(sentences, first, last + 1):
                last += 1
        passages.append(
            Passage(
                ordinal=ordinal,
                paragraph=sentence.paragraph,
                section=sentence.section,
                start=sentence.start,
                end=sentence.end,
                window_start=sentences[first].start,
                window_end=sentences[last].end,
                context=sentence.context,
                said_by=report.said_by,
                denies=report.denies,
                announces=report.announces,
            )
        )
    return tuple(passages)


def _together(sentences: list[Sentence], first: int, last: int) -> bool:
    a, b = sentences[first], sentences[last]
    return a.section == b.section and b.end - a.start <= MAX_WINDOW_CHARACTERS


def _sentences(article: Article) -> list[Sentence]:
    """The sentences of every paragraph; titles and headings are context, or the text itself where there is no other."""
    from qabot.passages.sentences import Sentence, sentence_spans

    sentences: list[Sentence] = []
    title = heading = ""
    section = 0
    only_titles = all(block.kind != "paragraph" for block in article.blocks)
    left_out = iter(article.left_out)
    next_left_out = next(left_out, None)
    for paragraph, block in enumerate(article.blocks):
        while next_left_out is not None and next_left_out.end <= block.start:
            section += 1
            next_left_out = next(left_out, None)
        if block.kind != "paragraph" and not only_titles:
            section += 1
            line = _one_line(article.text[block.start : block.end])
            if block.kind == "title":
                title = title or line
            else:
                heading = line
            continue
        context = "\n".join(part for part in (title, heading) if part)
        sentences.extend(
            Sentence(start, end, paragraph, section, context)
            for start, end in sentence_spans(article.text, block.start, block.end)
        )
    return sentences


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
