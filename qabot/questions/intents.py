"""What is wanted of a question that asks for no fact: told by examples, and by words where those decide."""

from __future__ import annotations

import hashlib
import io
import re
import threading
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import astuple
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from qabot.embedding import Encoder, ModelIdentity, Vectors
from qabot.files import read_own, write_whole
from qabot.language import STOP_WORDS, words_of
from qabot.language.names import names
from qabot.questions.polar import is_polar

Kind = Literal[
    "greeting", "thanks", "help", "articles", "outlets", "gist", "author", "published", "period", "sources", "link",
    "certainty", "source", "more", "opinion", "question",
]  # fmt: skip
KindOf = Callable[[str], Kind]

_FILE = Path(__file__).with_name("intents.toml")
_DIGEST = hashlib.sha256().digest_size
_MOST_WORDS = 14
_FEW_WORDS = 5
# Cosines from which the nearest example tells, set by looking through the 353 questions of ../shared/natural and
# ../shared/news and the 812 of ../shared/devset, by cosine; of the latter, which all ask for facts, one is taken for
# another kind.
_LIKE = 0.55
_LIKE_OPINION = 0.6
_LESS_ORDINARY = 0.1
_X_ARTICLE = re.compile(r"\bX(?:'s)? (?:article|piece|story|report)\b")

# A question about an article has a word for it; one about the world may be as near to an example in all but that.
_REPORTS = re.compile(
    r"\b(?:articles?|reports|reporting|(?:this|that|these|each|every|your|x) report|stor(?:y|ies)|pieces?|outlets?|newspapers?|news|publications|coverage|"
    r"scoop|bylines?|journalists?|media|sources?|how (?:do|does|did) x know|x get (?:its|their) (?:information|news|story)|links?|url)\b",
    re.IGNORECASE,
)
_TO_THE_BOT = re.compile(
    r"\b(?:you|your|u|ur|qabot|bot|should|ought|opinion|blame|fault|sure|true|certain)\b", re.IGNORECASE
)
_ABOUT_REPORTS = frozenset({"outlets", "author", "published", "period", "sources", "link", "gist", "articles"})
_OF_A_MATTER = re.compile(r"\b(?:differ|(?:dis)?agree|contradict)\w*\b.* (?:on|about|over|whether) \w", re.IGNORECASE)
# "What does the X article say about talks?" asks for that, and not for the article's gist.
_SAYS_OF = re.compile(
    r"\b(?:say|says|said|write|writes|report|reports) (?:about|on|regarding) (?!it\b|this\b|that\b)\w", re.IGNORECASE
)
_POINTING = frozenset({"certainty", "source", "more"})
_POINTS_BACK = re.compile(r"\b(?:that|this|it|so|these|those)\b", re.IGNORECASE)

_JUDGED = (
    r"(?:(?:any |really |actually |just |even |still |such )*(?:a )?(?:good|bad|right|wrong|fair|unfair|worth|better|worse|overrated|overpriced|justified|"
    r"stupid|smart|wise|crazy|dangerous|mistake|disgrace|rip-?off|theft|waste of)(?: (?:idea|thing|move|deal|decision|job|for|to|it|that|of)\b|[\s?.!]*$))"
)
_OPINION = re.compile(
    r"^(?:so |and |but |well )?(?:should(?:n't)?\b|"
    rf"(?:is|are|was|were|would|will|isn't|wasn't|wouldn't) .{{2,60}}\b{_JUDGED}|"
    r"(?:is|are|was|were|has|have) .{2,60} (?:doing|done) (?:a )?(?:good|bad|great|poor|decent|well)\b|"
    r"who(?: is|'s|s| are| was)? (?:to blame|right|wrong|at fault)\b|whose fault\b|who (?:do|should) (?:you|i|we) (?:blame|believe|trust)|"
    r"do(?:n't)? you (?:think|agree|believe|like|support|trust|prefer|recommend)\b|what do you (?:think|make|reckon)\b|what(?:'s|s| is) your (?:opinion|view|take|verdict)|"
    r"how (?:good|bad|fair) (?:is|was|are)\b.*)|\b(?:which|what|who) (?:one )?(?:would|should|do) (?:you|i|we) (?:get|buy|choose|pick|prefer|vote|recommend)|"
    r"\bis it (?:actually |really )?worth\b|\bin your opinion\b",
    re.IGNORECASE,
)

_NOUN = r"(?:articles?|reports?|stor(?:y|ies)|pieces?|posts?|news|reporting|coverage|texts?|documents?)"
_SHORT = r"(?:(?:very |really )?(?:quick|short|brief|concise|one[- ]line|two[- ]line) )?"
_GIST = re.compile(
    r"^(?:(?:please|can you|could you|would you|just|i need|i want|give me|show me|write(?: me)?|ok|so|hey),? )*(?:a |an |the |some )?"
    rf"(?:tl;?dr\b|{_SHORT}(?:summary|summari[sz]ation|overview|recap|rundown|gist|digest|synopsis|outline|breakdown|version|low-?down|highlights)\b|(?:briefly |quickly )?(?:summari[sz]e|sum up|recap|condense|outline)\b|"
    r"what(?:'s|s| is| was) the (?:gist|story|deal|situation|short version|long and short|upshot)\b(?! of)(?= (?:with|on|about|behind|around))|what(?:'s|s| is) the gist\b|(?:the )?bottom line\b(?=[\s.?!]*$|:)|"
    r"(?:(?:what(?:'s|s| are| is| were) the )?(?:(?:key|main|principal|most important|central|major) )(?:takeaways?|points?|messages?|facts|findings|ideas?|take-?aways?|argument)\b(?= (?:of|on|about|from|in)\b|[\s.?!]*$)))"
    r"[\s:,;-]*(?:(?:of|on|about|for|from|in|with|behind|around|me|up)\b\s*)*(?P<topic>.*?)[\s.?!]*$",
    re.IGNORECASE,
)
_ARTICLE_ON = re.compile(
    rf"\b{_NOUN} (?:about|on|concerning|regarding) (?P<topic>.+?)(?: (?:published|written|posted))?[\s.?!]*$",
    re.IGNORECASE,
)
_THE_ARTICLE = r"(?:the|this|that) (?:[\w&.'-]+ ){0,6}?(?:article|story|piece|post)\b"
_WHO_WROTE = re.compile(
    rf"^(?:and |so )?(?:who (?:wrote|authored)|who(?: is|'s|s| was) the author of) {_THE_ARTICLE}", re.IGNORECASE
)
_WHEN_PUBLISHED = re.compile(
    rf"^(?:and |so )?when was {_THE_ARTICLE}.* (?:published|written|posted)[\s.?!]*$", re.IGNORECASE
)
# "Summarize the Milley article"
_X_ALONE = re.compile(rf"^(?:the|that|this) (?P<topic>.+) {_NOUN}$", re.IGNORECASE)
# What such a question says that is none of its articles' topic.
_NO_TOPIC = frozenset(
    "article articles report reports story stories piece pieces post posts news reporting coverage text texts document documents collection everything x file files "
    "today day please far wrote written write writes author authors byline reporter journalist published publish publication date dates dated outlet outlets newspaper "
    "source sources rely relies based base cite cites cited quote quotes named anonymous information get gets scoop original read web website online address url link "
    "summary summarize summarise overview gist key main principal central major takeaways takeaway points point message messages facts big picture short quick brief "
    "version sentences words need know give show tell me let what's whats who's each every old recent new come appear name names whose exactly actually go goes dr tl tldr can could".split()
)

# Function words of other languages that are none of English's.
_FOREIGN = frozenset(
    "qué que los las el la del sobre para por cómo como quién quien cuándo dónde cuál cuánto una un est sont le les des une dans sur pour avec qui quoi quel quelle où comment "
    "pourquoi combien fait dit été ont der das und ist nicht wer wie über von mit zu den dem ein eine wann wo warum welche gegen auf wurde haben viel gesagt bekommen il che chi cosa "
    "della perché quando dove gli nel sui dei detto ha het een wat hoe waarom van voor wie os dos uma não com quem onde em sobre disse är och vad vem som på nie jak czy kto co się "
    "dlaczego ile powiedział".split()
)
_ENGLISH = frozenset(
    "the of to in is are were what who when where why how which did do does and on for with about it that this by has have".split()
)


# What the collection has several of, and a firm's name has not.
_OUTLETS = re.compile(
    r"\b(?:outlets?|(?:news)?papers?|(?:news |web)?sites?|media|publications?|publishers?|magazines?|sources?|broadcasters?|stations?"
    r"|channels?|organi[sz]ations?|these|this|articles?|reports?|stories|you|press)\b",
    re.IGNORECASE,
)


def kind_by_words(question: str) -> Kind | None:
    """The kind where a question's words decide it."""
    plain = _plain(question)
    if _GIST.match(plain):
        return "gist"
    if _WHO_WROTE.match(plain):
        return "author"
    if _WHEN_PUBLISHED.match(plain):
        return "published"
    return "opinion" if _OPINION.search(plain) else None


def is_to_the_bot(question: str) -> bool:
    """Whether it says "you" or "bot"."""
    return _TO_THE_BOT.search(_plain(question)) is not None


def kind_by_example(question: str, names_there: Iterable[str], kind_of: KindOf) -> Kind:
    """The kind of the examples that it comes nearest to; ``names_there`` are those in it that no capital shows."""
    if len(question.split()) > _MOST_WORDS:
        return "question"
    masked = without_names(_plain(question), names_there)
    if len(masked.split()) > _FEW_WORDS and not (_REPORTS.search(masked) or _TO_THE_BOT.search(masked)):
        return "question"  # a vector takes longer than these words
    kind = kind_of(masked)
    if kind == "gist" and _SAYS_OF.search(masked):
        return "question"
    if kind in ("outlets", "articles") and _OF_A_MATTER.search(masked):
        return "question"
    if kind == "outlets" and not _OUTLETS.search(masked):
        return "question"  # "Who runs News Corp?"
    if kind == "outlets" and is_polar(masked) and not _TO_THE_BOT.search(masked):
        return "question"  # "Is the Independent newspaper for sale?"
    if kind in _ABOUT_REPORTS and kind != "articles" and not _REPORTS.search(masked):
        return kind if kind == "gist" and not topic_of(masked, ("X",)) else "question"
    if kind in _POINTING and len(question.split()) > 3 and not _POINTS_BACK.search(question) and kind != "more":
        return "question"
    return kind


def topic_of(question: str, named: Iterable[str]) -> str:
    """What the articles asked about are on: without the words that ask, those for articles and what is ``named``."""
    plain = _plain(question)
    on, found = _ARTICLE_ON.search(plain), _GIST.match(plain)
    topic = on["topic"] if on else found["topic"] if found else plain
    topic = _X_ALONE.sub(r"\g<topic>", topic)
    ours = {word.casefold() for name in named for word in words_of(name)} | _NO_TOPIC
    left = [word for word in words_of(topic) if word.casefold() not in ours and word.casefold() not in STOP_WORDS]
    if not left:
        return ""
    return topic if on or found else " ".join(left)


def is_foreign(question: str) -> bool:
    """Whether a question is in another language than English: another script, or another's function words."""
    letters = [c for c in question if c.isalpha()]
    if letters and sum(not _is_latin(c) for c in letters) > 0.5 * len(letters):
        return True
    words = re.findall(r"[^\W\d_]+", question.casefold())
    foreign = {word for word in words if word in _FOREIGN}
    return len(foreign) >= 2 and len(foreign) > 2 * sum(word in _ENGLISH for word in words)


def _is_latin(letter: str) -> bool:
    return ord(letter) < 0x250 or 0x1E00 <= ord(letter) < 0x1F00


def without_names(question: str, others: Iterable[str] = ()) -> str:
    """The question with "X" for each name, so that what is asked counts and not of whom."""
    for name in sorted({*names(question), *others}, key=len, reverse=True):
        if not re.fullmatch(r"TL|DR|TLDR|TL;DR|URL|X", name):
            question = re.sub(rf"\b{re.escape(name)}\b", "X", question, flags=re.IGNORECASE)
    return re.sub(r"\bX(?: X)+\b", "X", question)


def _plain(question: str) -> str:
    return " ".join(question.replace("’", "'").split())


class Examples:
    """The examples' vectors, embedded once for a model and kept in ``folder``; for any number of threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: tuple[ModelIdentity, Vectors] | None = None
        self._raw = _FILE.read_bytes()
        examples = tomllib.loads(self._raw.decode())
        self._kinds: list[Kind] = [kind for kind in get_args(Kind) for _ in examples[kind]]
        self._ordinary = np.array([kind == "question" for kind in self._kinds])
        self._texts = [text for kind in get_args(Kind) for text in examples[kind]]

    def kind_of(self, question: str, encoder: Encoder) -> Kind:
        """The kind of the nearest example; "question" where none is near."""
        cosines = self._vectors(encoder) @ encoder.encode_query(question)
        if _X_ARTICLE.search(question):
            # Of "the X article" hardly a fact is asked.
            cosines = np.where(self._ordinary, cosines - _LESS_ORDINARY, cosines)
        best = int(cosines.argmax())
        kind = self._kinds[best]
        return kind if cosines[best] >= (_LIKE_OPINION if kind == "opinion" else _LIKE) else "question"

    def _vectors(self, encoder: Encoder) -> Vectors:
        with self._lock:
            if self._loaded is None or self._loaded[0] != encoder.identity:
                self._loaded = encoder.identity, self._read(encoder)
            return self._loaded[1]

    def _read(self, encoder: Encoder) -> Vectors:
        """From the folder, where a question does not wait for a hundred texts to be embedded; or anew."""
        made_of = repr(astuple(encoder.identity)).encode() + self._raw
        file = self._folder / f"intents-{hashlib.sha256(made_of).hexdigest()[:16]}.npy"
        shape = (len(self._texts), encoder.identity.dimension)
        try:
            content = read_own(file)
            # Another vector is as good a vector: what was damaged is told by the digest at the end.
            if hashlib.sha256(content[:-_DIGEST]).digest() != content[-_DIGEST:]:
                raise ValueError
            vectors: Vectors = np.load(io.BytesIO(content), allow_pickle=False)
            if vectors.shape == shape and vectors.dtype == np.float32 and np.isfinite(vectors).all():
                return vectors
        except (OSError, ValueError, EOFError):
            pass  # not there, or damaged: made anew
        vectors = np.stack([encoder.encode_query(text) for text in self._texts])
        try:
            saved = io.BytesIO()
            np.save(saved, vectors)
            content = saved.getvalue()
            write_whole(file, content + hashlib.sha256(content).digest())
        except OSError:
            pass  # a folder that is only read: the next process embeds them again
        return vectors
