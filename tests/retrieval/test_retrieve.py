from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qabot.engine import Engine
from qabot.errors import NoMatchError, UsageError
from qabot.language import english
from qabot.questions import clean_question
from qabot.retrieval import Filters

NOVEL = "President Zelenskyy met General Tarrington in Kyiv. They spoke about ammunition for two hours."
OTHER = "Later, Zelensky said that Kiev wants more aid. Nobody else was present at the second meeting."


@pytest.fixture
def engine(engine: Engine) -> Engine:
    folder = engine.settings.seeds
    (folder / "one.md").write_text(f"---\noutlet: The Post\nauthor: A. Writer\npublished: 2023-11-04\n---\n\n{NOVEL}\n")
    (folder / "two.md").write_text(f"---\noutlet: The Herald\npublished: 2022-03-01\n---\n\n{OTHER}\n")
    (folder / "three.txt").write_text("The bakery of Elm Street sells bread. Its oven is a hundred years old.")
    engine.prepare()
    return engine


@pytest.mark.parametrize("spelling", ["Zelenskiy", "Zelensky", "Zelenskyj", "zelenskyy"])
def test_a_name_is_found_in_any_spelling(engine: Engine, spelling: str) -> None:
    found = {hit.article.path for hit in engine.search(spelling, most=2)}
    assert found == {"one.md", "two.md"}


def test_kiev_finds_kyiv_by_its_words(engine: Engine) -> None:
    scored = {hit.article.path: hit.best.features for hit in engine.search("Kiev", most=3)}
    assert all(features is not None and features.bm25 > 0 for path, features in scored.items() if path != "three.txt")


def test_a_typing_error_finds_what_was_meant(engine: Engine) -> None:
    assert engine.search("amunition")[0].article.path == "one.md"
    assert engine.search("Who is Tarington?")[0].article.path == "one.md"
    assert engine.ask("Who spoke about amunition?").searched_for == "Who spoke about ammunition?"


@pytest.fixture
def spelling(engine: Engine) -> Engine:
    text = (
        "Why they try to seize it, Andy said, is urban growth. The blair of it mounted a price on Mr Blair. Then Blair "
        "and Zelensky spoke of a stalemate and of the writer of the form, a country of trade and mount."
    )
    (engine.settings.seeds / "four.txt").write_text(text)
    engine.prepare()
    return engine


@pytest.mark.parametrize("word", ["true", "size", "India", "Orban", "wrote", "meant", "from", "didnt", "ambition"])
def test_good_english_is_never_corrected(spelling: Engine, word: str) -> None:
    assert spelling.ask(f"What about {word}?").searched_for == f"What about {word}?"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("balir", "blair"), ("Zelenksy", "zelensky"), ("stalmate", "stalemate"), ("Zelenkksy", "zelensky")],
)
def test_a_near_typing_error_is_corrected(spelling: Engine, typed: str, meant: str) -> None:
    assert spelling.ask(f"What about {typed}?").searched_for == f"What about {meant}?"


def test_the_english_words_are_read_only_for_a_word_that_is_unknown(spelling: Engine) -> None:
    english._frequencies.cache_clear()
    spelling.search("the stalemate")
    assert english._frequencies.cache_info().currsize == 0
    spelling.search("the stalmate")
    assert english._frequencies.cache_info().currsize == 1


def test_filters_narrow(engine: Engine) -> None:
    def paths(filters: Filters) -> set[str]:
        return {hit.article.path for hit in engine.search("meeting", filters=filters)}

    assert paths(Filters(outlet="post")) == {"one.md"}
    assert paths(Filters(author="writer")) == {"one.md"}
    assert paths(Filters(since="2023")) == {"one.md"}
    assert paths(Filters(until="2022-03")) == {"two.md"}
    assert paths(Filters(since="2022-03-01", until="2023-11-04")) == {"one.md", "two.md"}
    assert paths(Filters(article="t*")) == {"two.md", "three.txt"}


def test_a_filter_that_matches_nothing_says_what_there_is(engine: Engine) -> None:
    with pytest.raises(NoMatchError) as error:
        engine.search("meeting", filters=Filters(outlet="Gazette"))
    assert "The Herald, The Post" in str(error.value) and "2022-03-01 to 2023-11-04" in str(error.value)


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="2023-11-04"):
        Filters(since="last week")


@pytest.mark.parametrize("name", ["outlet", "author", "article"])
@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_filter_is_refused(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is empty"):
        Filters(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("question", ["", "   ", "\x00\x1b", "\u200b"])
def test_an_empty_question_is_refused(engine: Engine, question: str) -> None:
    with pytest.raises(UsageError, match="empty"):
        engine.ask(question)


@pytest.mark.parametrize(
    "typed",
    [
        "\x1b[31mWho opened \x1b[1;32mthe bri\x1b[0mdge?\x1b(B\x1b[m",
        "\x1b]8;;https://arden.example\x1b\\Who opened the bridge?\x1b]8;;\x07",
        "\x1b[200~Who opened the bridge?\x1b[201~",
        "\x9b1mWho opened the bridge?\x1b",
    ],
)
def test_a_question_that_was_copied_with_its_colours_is_what_was_read(typed: str) -> None:
    assert clean_question(typed) == "Who opened the bridge?"
    assert clean_question("\x9d" * 100_000 + "Who?") == "Who?"


def test_a_question_of_20000_characters_is_refused_in_plain_words(engine: Engine) -> None:
    with pytest.raises(UsageError, match="20,000 characters"):
        engine.ask("x" * 20_000)


@pytest.mark.parametrize("question", ["🙂", "?", '"', "AND OR NOT", "bread*", "a:b", "NEAR(", "the", "' OR 1=1 --"])
def test_any_characters_are_a_question(engine: Engine, question: str) -> None:
    assert len(engine.ask(question).passages) > 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(min_size=1, max_size=80))
def test_hits_are_exact_short_and_apart(samples: Engine, question: str) -> None:
    try:
        hits = samples.search(question, most=8)
    except UsageError:
        return
    seen: dict[str, list[tuple[int, int]]] = {}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        text = (samples.settings.seeds / hit.article.path).read_bytes().decode()
        assert text[hit.start : hit.end] == hit.text and len(hit.text) <= 800
        for start, end in seen.setdefault(hit.article.path, []):
            assert hit.end <= start or end <= hit.start
        seen[hit.article.path].append((hit.start, hit.end))


def test_of_many_passages_those_with_the_rarer_words_are_weighed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [f"The mayor opened hall number {n} of the town." for n in range(40)]
    many[30] = "The mayor said that the storks of Belmont are back in town."
    (engine.settings.seeds / "many.txt").write_text("\n\n".join(many))
    engine.prepare()
    whole = engine.search("What did the mayor of the town say about the storks?", most=3)
    monkeypatch.setattr("qabot.retrieval.fusion.WEIGHED", 2)
    few = engine.search("What did the mayor of the town say about the storks?", most=3)
    assert "storks" in few[0].text and few[0] == whole[0]
    # Of a word by itself all are as good as each other, and none is left out.
    found = [hit for hit in engine.search("mayors", most=3) if hit.article.path == "many.txt"]
    assert found and all(sentence.features and sentence.features.bm25 > 0 for sentence in found[0].sentences)
