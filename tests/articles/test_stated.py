from __future__ import annotations

from pathlib import Path

import pytest

from qabot.articles import Metadata, overrides_hash, read_article, read_overrides, statements_not_understood
from qabot.errors import ArticleError, UsageError
from qabot.settings import ArticleSettings
from tests.articles.test_find import stood_in_for

TEXT = "The mayor of Arden opened the new bridge on Monday.\n\nIt cost 40 million crowns, the mayor of the town said.\n"


def metadata(folder: Path, text: str) -> Metadata:
    (folder / "a.md").write_text(text, encoding="utf-8")
    return read_article(folder, "a.md").metadata


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("Source: Midland Post", "outlet", "Midland Post"),
        ("Published by Midland Herald", "outlet", "Midland Herald"),
        ("Date: 2023-11-04", "published", "2023-11-04"),
        ("2023-11-04", "published", "2023-11-04"),
        ("Published: 2023-11-04T10:30:00Z", "published", "2023-11-04"),
        ("By Ada Example | November 4, 2023", "published", "2023-11-04"),
        ("URL: https://example.org/a", "url", "https://example.org/a"),
        ("Language: en", "language", "en"),
        ("ARDEN (Reuters) - The mayor opened a bridge.", "outlet", "Reuters"),
        ("ARDEN, Midland (AP) — The mayor opened a bridge.", "outlet", "AP"),
    ],
)
def test_what_a_line_states_is_known(tmp_path: Path, line: str, field: str, value: str) -> None:
    assert getattr(metadata(tmp_path, f"Bridge Opens\n\n{line}\n\n{TEXT}"), field) == value


@pytest.mark.parametrize("address", ["ada@gmail.com", "ada@adaexample.com", "ada@x12-corp.com"])
def test_an_address_that_names_no_outlet_gives_none(tmp_path: Path, address: str) -> None:
    found = metadata(tmp_path, f"{TEXT}\nFollow Ada Example on Twitter or write to {address}\n")
    assert (found.author, found.outlet) == ("Ada Example", None)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "Check Also\n\nAnother Story\n\nPosted on November 18, 2024\n\nOfficials went on …",
        "ARDEN, MIDLAND - NOVEMBER 4, 2022: The mayor of Arden at the bridge",
    ],
)
def test_the_date_of_something_else_is_not_the_articles(tmp_path: Path, elsewhere: str) -> None:
    assert metadata(tmp_path, f"{TEXT}\n{TEXT}\n{elsewhere}\n").published is None


def test_words_of_front_matter_stay_words(tmp_path: Path) -> None:
    front = "---\nTitle: Yes\nlang: no\nauthors:\n  - name: Ada Example\n  - Bo Example\nurl: ~\ndate: 2023-11-04 10:00:00\n---\n"
    expected = Metadata("Yes", None, "Ada Example, Bo Example", "2023-11-04", "no")
    assert metadata(tmp_path, f"{front}\n{TEXT}") == expected


def test_a_date_that_no_calendar_has_is_unknown(tmp_path: Path) -> None:
    assert metadata(tmp_path, f"---\ntitle: A bridge\ndate: 2023-02-31\n---\n{TEXT}") == Metadata("A bridge")


@pytest.mark.parametrize(
    ("front", "says"),
    [
        ("---\ntitle: A bridge\noutlet: The Post\n", "line 1: it is never closed"),
        ("---\ntitle: fine\noutlet: a\x07b\n---\n", "line 3: special characters"),
        ("---\nauthor: " + "[" * 3000 + "]" * 3000 + "\n---\n", "nested too deeply"),
    ],
)
def test_front_matter_that_cannot_be_read_says_where(tmp_path: Path, front: str, says: str) -> None:
    with pytest.raises(ArticleError, match=says):
        metadata(tmp_path, f"{front}\n{TEXT}")


def test_front_matter_that_grows_without_end_gives_nothing(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert metadata(tmp_path, "---\n" + "\n".join(lines) + f"\ntitle: *a11\n---\n{TEXT}") == Metadata()


def test_half_a_character_is_not_passed_on(tmp_path: Path) -> None:
    title = metadata(tmp_path, f'---\ntitle: "\\uD800 bridge"\n---\n{TEXT}').title
    assert title is not None and title.encode("utf-8")


def test_the_table_reads_with_a_byte_order_mark_and_keys_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)
    (tmp_path / "articles.toml").write_text('["a.md"]\nOutlet = "The Herald"\n', encoding="utf-8-sig")
    assert read_article(tmp_path, "a.md", read_overrides(tmp_path)).metadata.outlet == "The Herald"


def test_a_table_that_is_not_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "articles.toml").write_text('outlet = "The Herald"\n')
    with pytest.raises(UsageError, match=r"articles\.toml: 'outlet' is not a table"):
        read_overrides(tmp_path)


@pytest.mark.parametrize("what", ["folder", "pipe", "link to nothing", "UTF-16"])
def test_a_table_that_cannot_be_read_is_not_taken_for_absent(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qabot.named_files._WRITER_WITHIN", 0.0)
    stood_in_for(tmp_path / "articles.toml", what)
    with pytest.raises(UsageError, match=r"articles\.toml"):
        read_overrides(tmp_path)
    if what != "UTF-16":  # its hash is that of any bytes
        with pytest.raises(UsageError, match=r"articles\.toml"):
            overrides_hash(tmp_path)


def test_what_is_stated_and_not_understood_is_found(tmp_path: Path) -> None:
    def found() -> list[str]:
        return list(statements_not_understood(tmp_path, ArticleSettings()))

    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.md").write_text(
        f"---\ntitle: Bridge\nDate: 4 November 2023\nauthor:\ntags: [a, b]\nupdated: 2\nsubtitle: x\n---\n{TEXT}"
    )
    (tmp_path / "b.txt").write_text(TEXT)
    (tmp_path / "articles.toml").write_text('["a.md"]\noutlet = "The Herald"\npublished = 2023-11-04\n')
    assert found() == []
    (tmp_path / "d" / "a.md").write_text(f"---\npublished: 2023-13-45\nauthr: A. Writer\n---\n{TEXT}")
    (tmp_path / "articles.toml").write_text(
        '["b.txt"]\npublishd = "2023"\ndate = "4.11.2023"\nsection = 1\n["gone.md"]\noutlet = "The Herald"\n'
    )
    assert found() == [
        "articles.toml, b.txt: publishd, for published perhaps",
        "articles.toml, b.txt: date = '4.11.2023'",
        "articles.toml, b.txt: section",
        "articles.toml: there is no article gone.md",
        "d/a.md: published = '2023-13-45'",
        "d/a.md: authr, for author perhaps",
    ]
    lines = ["a0: &a0 [x]"] + [f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(11)]
    (tmp_path / "d" / "a.md").write_text("---\n" + "\n".join(lines) + f"\ntitle: *a11\n---\n{TEXT}")
    assert len(found()[-1]) < 10_000
