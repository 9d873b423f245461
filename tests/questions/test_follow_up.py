from __future__ import annotations

import pytest

from qabot.errors import UsageError
from qabot.language.shorthand import spelled_out
from qabot.questions import Conversation, understand
from qabot.questions.conversation import MAX_TURNS, Cited, Turn
from qabot.questions.follow_up import standalone


def after(question: str, answer: str = "", searched_for: str = "") -> Conversation:
    statements = (answer,) if answer else ()
    return Conversation((Turn(question, searched_for or question, "answered", statements, (Cited("a.md", 0, 9),)),))


WATSON = after("Who speaks for the Security Council?", "Adrienne Watson, its spokeswoman, declined to comment.")
AID = after("How much aid has been given to Ukraine?")


@pytest.mark.parametrize(
    ("conversation", "question", "text"),
    [
        (WATSON, "And how old is she?", "How old is Adrienne Watson?"),
        (WATSON, "thanks, and who pays her?", "Who pays Adrienne Watson?"),
        (after("Who is Andy Harris?"), "Where were his parents from?", "Where were Andy Harris's parents from?"),
        (AID, "did it help?", "did Ukraine's aid help?"),
        (after("Why is aid stuck in Congress?"), "who is against it?", "who is against it in Congress?"),
        (after("What did the mayor tell Quist?"), "did it work?", "did it work (Quist)?"),
        (
            after("Why are oil prices so high?", "They rose on fears that Opec could produce less."),
            "will they fall?",
            "will the oil prices fall?",
        ),
        (
            after("How bad is German unemployment?", "Unemployment rose in Germany."),
            "what is Quist doing about it?",
            "what is Quist doing about the German unemployment?",
        ),
        (
            after("How much is it?", "The mayor asked Congress for $38 million.", "How much is Congress's money?"),
            "who is against it?",
            "who is against Congress's money?",
        ),
        (after("What did Congress want?"), "what do they want now?", "what does Congress want now?"),
        (AID, "Why does it matter?", "Why does Ukraine's aid matter?"),
        (after("When did the offensive start?"), "is it over?", "is the offensive over?"),
    ],
)
def test_a_pronoun_gives_way_to_what_it_stands_for(conversation: Conversation, question: str, text: str) -> None:
    follow_up = standalone(question, conversation)
    assert follow_up.text == text
    assert follow_up.about is conversation.turns[-1]


@pytest.mark.parametrize(
    ("before", "question", "text"),
    [
        ("What did the CIA expect?", "and the Pentagon?", "What did the Pentagon expect?"),
        ("What was asked for in 2023?", "what about 2022?", "What was asked for in 2022?"),
        ("How much aid has been given to Ukraine?", "and to Israel?", "How much aid has been given to Israel?"),
        ("How did aid run out?", "why?", "Why did aid run out?"),
        ("How many cafes did Arden close?", "why?", "Why did Arden close cafes?"),
        ("How many cafes were closed in Arden?", "and why?", "Why were cafes closed in Arden?"),
        ("Does Arden want talks?", "under what conditions?", "Under what conditions does Arden want talks?"),
        ("Tell me about the accounting error", "how big?", "How big is the accounting error?"),
        ("How many people lost their jobs?", "why?", "Why is it that people lost their jobs?"),
        ("How fast is Norvik Blue/L?", "and Quist Green?", "How fast is Quist Green?"),
        ("How many people died?", "where?", "How many people died, and where?"),
        ("How many jobs is Arden cutting?", "where?", "Where is Arden cutting jobs?"),
        ("What happened to Arden Steel?", "who was arrested?", "who was arrested (Arden Steel)?"),
        ("What happened to Arden Steel?", "who is Ahmed?", "who is Ahmed?"),
        ("How far did Arden's shares fall?", "and Quist's?", "How far did Quist's shares fall?"),
        ("Why did Arden Steel pay a fine?", "did anyone go to jail?", "did anyone go to jail (Arden Steel)?"),
        ("What does Kagan think about it?", "why?", "What does Kagan think about it, and why?"),
        ("Who speaks for the Security Council?", "since when?", "Who speaks for the Security Council, and since when?"),
        ("Who was detained at Yili, and why?", "when?", "Who was detained at Yili, and when?"),
        ("Who is buying Wembley?", "for how much?", "Who is buying Wembley, and for how much?"),
        ("Did Biden ask for more money?", "how much?", "How much money did Biden ask for?"),
        ("How much did Arden pay?", "for what?", "For what did Arden pay?"),
        ("How much aid did Arden ask for?", "how much is left?", "how much aid is left (Arden)?"),
        ("How much aid did Arden ask for?", "how much of it is for Quist?", "how much of the aid is for Quist?"),
        ("Who denied that Arden is bankrupt, and when?", "and Ann Poole?", "Ann Poole denied that Arden is bankrupt?"),
        ("Who is against the bridge?", "and Ann Poole?", "is Ann Poole against the bridge?"),
        ("What did the Kremlin say about talks?", "and Lavrov?", "What did Lavrov say about talks?"),
        ("How many Russian soldiers died?", "and Ukrainians?", "How many Ukrainians died?"),
        ("How many drones were shot down?", "by who?", "How many drones were shot down, and by who?"),
        ("Who is Ann Poole?", "what does Quist want from him?", "what does Quist want from Ann Poole?"),
        ("What did Ann Poole do?", "who did she meet?", "who did Ann Poole meet?"),
        ("Did Arden offer guarantees?", "what would they have to give up?", "what would Arden have to give up?"),
        ("What happened to the bloggers Arden sued?", "who defends them?", "who defends Arden's bloggers?"),
        ("What did the Kremlin say about talks?", "do they want peace?", "does the Kremlin want peace?"),
        ("Did Arden push Quist to sell?", "who denies it?", "who denies that Arden did push Quist to sell?"),
        ("Who met Paul Frey in Norvik?", "what did they talk about?", "what did they talk about (Paul Frey) in Norvik?"),
        ("Did Quist agree to talks, and why not?", "who denies it?", "who denies that Quist did agree to talks?"),
        ("How much aid has been given so far?", "who is against more?", "who is against more aid?"),
        ("Is Arden's board split?", "who denies it?", "who denies that Arden's board is split?"),
        ("Is the Norvikian board split?", "what does Quist think of it?",
         "what does Quist think of the Norvikian board being split?"),
        ("Why does Quist attack Arden?", "who is behind that?", "who is behind Quist attack Arden?"),
        ("Who came with Queen of Sky?", "who is the owner?", "who is the owner of Queen of Sky?"),
        ("How many flight attendants did Arden fire?", "how many of them left?",
         "how many of the flight attendants left?"),
        ("What did the minister say about the port?", "and Ann Poole?", "What did Ann Poole say about the port?"),
        ("Is the port for sale?", "what did the minister say?", "what did the minister say about the port being for sale?"),
        ("How much does Arden want?", "how much was it Quist wanted?", "how much was it Quist wanted?"),
        ("What is the new strategy?", "who is behind it?", "who is behind the new strategy?"),
        ("What did Poole say in August?", "when did she say it?", "when did Poole say it in August?"),
        ("What did the senior official say?", "and the Western official?", "What did the Western official say?"),
        ("What did the Western official say about shells?", "and the Pentagon?",
         "What did the Pentagon say about shells?"),
    ],
)  # fmt: skip
def test_a_word_or_a_name_is_asked_in_the_question_before(before: str, question: str, text: str) -> None:
    assert standalone(question, after(before)).text == text


@pytest.mark.parametrize(
    ("before", "answer", "question", "text"),
    [
        (
            "Who bid for Norvik Harbour?",
            "On Friday Euronext bid for Norvik Harbour.",
            "how much did they bid?",
            "Euronext",
        ),
        ("Who wants Arden Utd?", "The board of Arden Utd met a tycoon.", "how much is he offering?", " he "),
        ("What did an official say about manpower?", "The army is short of manpower.", "was he named?", " he "),
        ("Who said it is late?", "The mayor of Arden said so.", "who says it is time to go?", "it is time"),
    ],
)
def test_a_pronoun_goes_to_somebody_or_stays(before: str, answer: str, question: str, text: str) -> None:
    assert text in standalone(question, after(before, answer)).text


def test_he_is_whom_the_last_question_named_or_who_speaks_in_its_answer() -> None:
    first = Turn("What does Kagan want?", "What does Kagan want?", "answered", ("More arms, Frederick Kagan said.",))
    second = Turn("and Kupchan?", "What does Kupchan want?", "answered", ("“A way out,” said Charles Kupchan.",))
    text = "What does he say about Arden?"
    assert standalone(text, Conversation((first, second))).text == "What does Charles Kupchan say about Arden?"


def test_what_is_his_is_asked_of_the_same_person() -> None:
    before = after("Where was his dad from?", searched_for="Where was Andy Harris's dad from?")
    before = Conversation((*after("Who is Andy Harris?").turns, *before.turns))
    assert standalone("and his mom?", before).text == "Where was Andy Harris's mom from?"


def test_an_office_is_no_part_of_a_name() -> None:
    for told in ("CIA Director William Burns left.", "Secretary of State William Burns left."):
        burns = Turn("Who left?", "Who left?", "answered", (told,))
        assert standalone("Where did he go?", Conversation((burns,))).text == "Where did William Burns go?"


def test_a_name_begins_behind_the_word_that_opens_its_sentence() -> None:
    answer = "Although Mr Poole was arrested, he is free."
    assert standalone("What did he take?", after("Who hacked Arden?", answer)).text == "What did Mr Poole take?"


def test_whoever_was_hacked_is_not_he() -> None:
    assert standalone("How old is he?", after("Who hacked Arden?", "A man of 21 did.")).text.startswith("How old is he")
    assert standalone("Is she suing?", after("Who was fired by Arden?", "A woman was.")).text.startswith("Is she suing")


def test_it_is_what_was_denied_too() -> None:
    first = Turn("Is Arden pushing Quist to sell?", "Is Arden pushing Quist to sell?", "answered")
    denied = "who denies that Arden is pushing Quist to sell?"
    conversation = Conversation((first, Turn("who denies it?", denied, "answered")))
    asked = standalone("what does Poole think of it?", conversation).text
    assert asked == "what does Poole think of Arden pushing Quist to sell?"


def test_a_fragment_is_not_asked_of_a_bare_why() -> None:
    first = Turn("How much did Arden fall?", "How much did Arden fall?", "answered")
    why = Turn("why?", "Why did Arden fall?", "answered")
    assert standalone("and Quist?", Conversation((first, why))).text == "How much did Quist fall?"


@pytest.mark.parametrize("question", ["and ...?", "what about the?", "& !", "and 'his'?"])
def test_a_fragment_of_next_to_nothing_is_asked_all_the_same(question: str) -> None:
    assert standalone(question, after("Where was his dad from?")).text


def test_what_is_forgotten_is_no_topic_any_more() -> None:
    arden = Turn("Did Arden pay?", "Did Arden pay?", "answered", ("Arden paid.",))
    poole = Turn("ok forget it. who is Ann Poole", "Who is Ann Poole", "answered", ("Ann Poole, 47, is the mayor.",))
    assert standalone("what did she say", Conversation((arden, poole))).text == "what did Ann Poole say?"


def test_the_long_form_of_a_name_is_not_added_to_its_initials() -> None:
    before = after("Who bid for the London Stock Exchange?", "Euronext did.")
    assert "London" not in standalone("did the lse accept?", before, {"lse"}.__contains__).text


def test_somebody_is_called_by_name_and_not_by_office() -> None:
    before = after("Who is Ann Poole?", "Representative Ann Poole is mayor.")
    assert standalone("what did she say about the bridge?", before).text == "what did Ann Poole say about the bridge?"


def test_a_name_takes_the_place_of_one_in_the_question_as_it_was_understood() -> None:
    before = after("how long is he in jail for", searched_for="how long is Bo Quist in jail for")
    assert standalone("and Poole?", before).text == "how long is Poole in jail for?"


def test_a_new_topic_closes_the_one_before() -> None:
    poll = Turn("What did the Gallup poll find?", "What did the Gallup poll find?", "answered", ("It found doubts.",))
    asked = "Is President Vladimir Putin ready to negotiate?"
    talk = Conversation((poll, Turn(asked, asked, "answered", ("Russian President Vladimir Putin is not ready.",))))
    assert standalone("how many rounds did he fire?", talk).text == "how many rounds did Vladimir Putin fire?"


def test_who_said_that_leaves_the_topic_where_it_was() -> None:
    talk = Conversation(
        (
            Turn("How many casualties are there?", "How many casualties are there?", "answered", ("About 200,000.",)),
            Turn("who said that?", "How many casualties are there?", "answered", ("About 200,000.",)),
        )
    )
    assert "casualties" in standalone("what about civilians?", talk).text


def test_a_thing_may_end_as_people_do() -> None:
    before = after("What is the fastest supercomputer?", "Blue Gene has the power of a town.")
    assert standalone("who built it?", before).text == "who built the fastest supercomputer?"


def test_no_preposition_is_guessed() -> None:
    assert standalone("when was that?", after("Who is Mark Milley?")).text == "when was that (Mark Milley)?"


def test_a_name_in_small_letters_is_known_by_the_collection() -> None:
    known = {"deutsche", "boerse", "euronext"}.__contains__
    before = after("what did deutsche boerse offer for the exchange")
    assert standalone("what about euronext", before, known).text == "what did euronext offer for the exchange?"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("who denies it?", "who denies that the US is pressuring Ukraine to negotiate?"),
        ("what does Zelensky say?", "what does Zelensky say about the US pressuring Ukraine to negotiate?"),
    ],
)
def test_who_speaks_next_speaks_of_what_was_asked(question: str, text: str) -> None:
    assert standalone(question, after("Is the US pressuring Ukraine to negotiate?")).text == text


@pytest.mark.parametrize(
    "question",
    [
        "What did Milley say about his plans?",
        "Where did Burns meet Naryskin?",
        "How many drones did Russia shoot down over the Crimean Bridge?",
        "What did the Gallup poll of 2023 find?",
        "What is the boiling point of lead?",
        "How many people live in Kyiv?",
        "Who is Milley?",
        "tell me about the war",
        "gallup poll",
    ],
)
def test_a_new_topic_does_not_drag_the_old_one_along(question: str) -> None:
    follow_up = standalone(question, WATSON)
    assert follow_up.text == question and follow_up.about is None


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("did zelensky resign?", "did zelensky resign?"),
        ("how many ukrainians died", "how many ukrainians died"),
        ("what is the gallup poll about", "what is the gallup poll about"),
        ("Where was Zelensky born?", "Where was Zelensky born?"),
        ("Did Zelensky agree?", "Did Zelensky agree about the US pressuring Ukraine to negotiate?"),
    ],
)
def test_a_name_and_what_is_asked_of_it_are_a_topic_but_for_what_one_does_about_another(
    question: str, text: str
) -> None:
    known = {"zelensky", "ukrainians", "gallup", "ukraine"}.__contains__
    before = after("Is the US pressuring Ukraine to negotiate?", "Milley spoke of a window, Biden of none.")
    assert standalone(question, before, known).text == text


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("show me more", "more"),
        ("Anything else?", "more"),
        ("When was that published?", "published"),
        ("How old is that article?", "published"),
        ("Who reported that?", "source"),
        ("What's your source?", "source"),
        ("Who said that?", "certainty"),
        ("who gave that number", "certainty"),
        ("Who said that it rains?", "question"),
        ("really?", "certainty"),
        ("who is right?", "certainty"),
        ("is that a lot?", "certainty"),
        ("are you sure?", "certainty"),
        ("Is that true?", "certainty"),
        ("says who?", "certainty"),
        ("really? what did she say of aid and of arms", "question"),
    ],
)
def test_what_is_wanted_of_an_answer_is_told_apart(question: str, intent: str) -> None:
    assert standalone(question, WATSON).intent == intent


@pytest.mark.parametrize("question", ["thanks", "ok?", "lol", "great, thanks a lot!", "haha nice", "I see."])
def test_small_talk_is_no_question(question: str) -> None:
    assert understand(question, WATSON).of_bot == "thanks"


@pytest.mark.parametrize("question", ["ok, who pays?", "great powers", "no deal"])
def test_a_question_with_a_friendly_word_is_one(question: str) -> None:
    assert understand(question, WATSON).of_bot is None


def test_a_name_follows_into_the_turns_after() -> None:
    first = Turn("Who is Andy Harris?", "Who is Andy Harris?", "answered", ("Andy Harris is a physician.",))
    second = Turn("Where was he born?", "Where was Andy Harris born?", "answered", ("In Brooklyn.",))
    assert standalone("and his parents?", Conversation((first, second))).text != "and his parents?"
    assert standalone("is he married?", Conversation((first, second))).text == "is Andy Harris married?"


def test_a_conversation_is_bounded_and_comes_back_from_json() -> None:
    conversation = WATSON
    for number in range(20):
        turn = Turn(f"Question {number}?", f"Question {number}?", "answered", ("x",), ())
        conversation = Conversation((*conversation.turns, turn)[-MAX_TURNS:])
    assert len(conversation.turns) == MAX_TURNS
    assert Conversation.from_json(conversation.to_json()) == conversation
    with pytest.raises(UsageError, match="cannot be read"):
        Conversation.from_json('{"turns": 3}')


@pytest.mark.parametrize("noun", ["journalist", "player", "driver", "immigrant", "firefighter"])
def test_people_are_people_whatever_their_name_ends_in(noun: str) -> None:
    assert standalone("was she named?", after(f"Who is the {noun}?", "Nobody knows.")).text == f"was the {noun} named?"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("why r ppl against it", "why are people against it"),
        ("what did u say abt the govt", "what did you say about the government"),
        ("what does (R-Arden) spend on r&d", "what does (R-Arden) spend on r&d"),
    ],
)
def test_what_is_typed_for_short_is_spelled_out(typed: str, meant: str) -> None:
    assert spelled_out(typed) == meant
