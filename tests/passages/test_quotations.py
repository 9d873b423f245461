from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qabot.articles import Article, Metadata
from qabot.articles.body import mark_body
from qabot.passages import Passage, split_passages


def passages(text: str) -> list[Passage]:
    blocks, left_out = mark_body(text)
    return list(split_passages(Article("a.txt", text, Metadata(), blocks, left_out, "")))


def speakers(text: str) -> list[str | None]:
    return [passage.said_by for passage in passages(text)]


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("“The bridge is open,” Ann Poole said on Monday.", "Ann Poole"),
        ('"The bridge is open," said Arden council leader Ann Poole, who cut the ribbon.', "Ann Poole"),
        ("Mayor Ann Poole told reporters that the bridge was open.", "Ann Poole"),
        ("Ann Poole, the mayor of Arden, said the bridge was open.", "Ann Poole"),
        ("According to Ann Poole, the bridge is open.", "Ann Poole"),
        ("Mr Poole denied that the bridge was shut.", "Mr Poole"),
        ("The bridge is open, a senior Arden official said.", "a senior Arden official"),
        ("“It is open,” one U.S. official told the Herald.", "one U.S. official"),
        ("“It is open,” said a spokesman for the council.", "a spokesman for the council"),
        ("The White House said the bridge was open.", "the White House"),
        ("According to a report from the Arden Herald, the bridge is open.", "the Arden Herald"),
        ("Critics said the bridge was late.", "critics"),
        ("The Herald quoted the mayor as saying the bridge was open.", "the mayor"),
        ("The bridge will be shut if Arden insists on it, the general suggested.", "the general"),
    ],
)
def test_a_sentence_says_who_speaks(sentence: str, speaker: str) -> None:
    assert speakers(sentence + "\n") == [speaker]


@pytest.mark.parametrize(
    "sentence",
    [
        "The bridge is said to be open.",
        "Poole’s comments angered the council.",
        "However, it was said on Monday that the bridge was open.",
        "The man who said nothing left Arden.",
        "They called it a “bridge to nowhere” in Arden.",
        "It is unclear whether Ann Poole said so.",
    ],
)
def test_no_speaker_is_given_where_none_speaks(sentence: str) -> None:
    assert speakers(sentence + "\n") == [None]


@pytest.mark.parametrize(
    "text",
    [
        "“It is open. We are glad,” Ann Poole said.",
        "“It is open,” Ann Poole said. “We are glad.”",
        "Mayor Ann Poole spoke on Monday. “It is open,” she said.",
        "“It is open,” said Ann Poole.\n\n“We are glad.\n\n“It will stay open,” she added.",
        "Ann Poole said:\n\n“It is open.”",
        "“It is open,” said Ann Poole. The rain stopped. “We are glad,” she said.",
    ],
)
def test_a_quotation_has_one_speaker_over_sentences_and_paragraphs(text: str) -> None:
    quoted = [passage.said_by for passage in passages(text + "\n") if set("“”") & set(passage.sentence(text))]
    assert quoted and set(quoted) == {"Ann Poole"}


def test_a_name_is_given_in_full_where_the_article_has_it_so() -> None:
    assert speakers("National adviser Ann Poole came.\n\n“It is open,” Poole said.\n")[-1] == "Ann Poole"
    assert speakers("Ann Poole and Joe Poole came.\n\n“It is open,” Mr Poole said.\n")[-1] == "Mr Poole"


def test_the_general_is_the_one_whom_the_article_names() -> None:
    assert speakers("Gen. Ann Poole came.\n\nIt is open, the general said.\n")[-1] == "Ann Poole"
    assert speakers("Gen. Ann Poole met Gen. Joe Rowe.\n\nIt is open, the general said.\n")[-1] == "the general"


def test_he_is_nobody_where_two_people_may_be_meant() -> None:
    assert speakers("Ms Poole said it was open. The rain stopped. “We are glad,” he said.\n")[-1] is None


@pytest.mark.parametrize(
    "sentence",
    [
        "Ann Poole denied the claim.",
        "A spokesman declined to comment.",
        "“We do not assess that the bridge is shut,” she said.",
        "The council has refused to confirm that.",
        "One official pushed back on any notion of it.",
        "No one from the council is forcing him.",
        "The council “is not aware of any other talks” about it.",
    ],
)
def test_a_denial_is_marked(sentence: str) -> None:
    assert [passage.denies for passage in passages(sentence + "\n")] == [True]


def test_what_only_leads_in_is_marked_and_gives_what_it_leads_to_its_speaker() -> None:
    found = passages("You have to be strong. Arden is ready\n\nargued the four-star general.\n\nIt rained.\n")
    assert [passage.announces for passage in found] == [False, False, True, False]
    assert [passage.said_by for passage in found] == [*["the four-star general"] * 3, None]
    assert passages("A Herald report said:\n\nIt rained.\n")[0].announces


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["“", "”", '"', "he said", "said", "Ann Poole", "according to", "the", "official", ",", ".", ":", "\n\n",
             "told", "who", "(", ")", "Mr", "'s", "as saying", "quoted", "It is open"]
        ),
        max_size=40,
    ).map(" ".join)
)  # fmt: skip
def test_a_speaker_is_never_empty_nor_punctuation(text: str) -> None:
    for passage in passages(text):
        assert passage.said_by is None or any(character.isalpha() for character in passage.said_by)


def test_he_is_whom_the_sentence_before_introduces_wherever_it_names_him() -> None:
    text = (
        "Ann Poole said the bridge was late. One dissenting view came from Brian Hale, an analyst at Arden Bank. "
        "He said: “It will open in May.”"
    )
    assert speakers(text)[-1] == "Brian Hale"
    # ... and not whom he speaks of.
    text = "Paul Frey, the treasurer, told a court of his work. He described Mr Hale as careful. “He saved coffee,” he said."
    assert speakers(text)[-1] != "Brian Hale" and speakers(f"Mr Hale left on Monday. {text}")[-1] != "Mr Hale"


def test_he_is_not_whom_somebody_unknown_speaks_of() -> None:
    text = "Dana Kole said the tax would rise.\n\nIvan Petrov called Dana Kole a liar. He said she had lied. “To me,” he said."
    assert "Dana Kole" not in speakers(text)[2:]


def test_a_name_ends_with_its_sentence() -> None:
    text = (
        "The figures were given by economics minister Paul Frey. In May they fell. “It is a pause,” the minister said."
    )
    assert speakers(text)[-1] in ("Paul Frey", "the minister")
