from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qabot.engine import Engine
from qabot.retrieval import Filters
from qabot.terminal.conversations import Conversations
from qabot.wire import KeptAnswer
from tests.conftest import ROOT

MAYOR = "The mayor of Arden opened the new bridge on Monday. It cost 40 million crowns. Engineers had warned of delays."


def qabot(*arguments: str, where: Path, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "COLUMNS": "100", **environ}
    return subprocess.run(
        [sys.executable, "-m", "qabot", *arguments],
        cwd=where,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def project(engine: Engine, tmp_path: Path) -> Path:
    """A folder with seeds/ and embeddings/, one article, its index built."""
    (engine.settings.seeds / "mayor.md").write_text(f"---\noutlet: The Post\n---\n\n{MAYOR}\n")
    engine.prepare()
    return tmp_path


def test_ask_prints_one_answer_object(project: Path) -> None:
    done = qabot("ask", "--json", "Who opened the new bridge of Arden?", where=project)
    assert done.returncode == 0 and done.stderr == ""
    answer = json.loads(done.stdout)
    assert list(answer) == [
        "question", "searched_for", "status", "confidence", "answer", "form", "statements", "notes", "suggestions",
        "citations", "passages", "disagreements", "index", "took_ms",
    ]  # fmt: skip
    assert answer["status"] == "answered" and "[1]" in answer["answer"]
    citation = answer["citations"][0]
    assert list(citation) == ["id", "article", "title", "outlet", "author", "published", "url", "quote", "start", "end"]
    assert citation["outlet"] == "The Post" and citation["published"] is None
    text = (project / "seeds" / citation["article"]).read_text()
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert list(answer["passages"][0]) == ["article", "text", "start", "end", "score"]
    assert list(answer["index"]) == ["generation", "articles", "passages", "built", "stale", "asked"]


def test_ask_in_words_names_the_source(project: Path) -> None:
    done = qabot("ask", "Who opened the new bridge of Arden?", where=project)
    assert done.returncode == 0
    assert "mayor of Arden" in done.stdout and "The Post" in done.stdout and "mayor.md" in done.stdout


def test_what_the_articles_do_not_say_exits_with_3(project: Path) -> None:
    done = qabot("ask", "What is the boiling point of lead?", where=project)
    assert done.returncode == 3 and "do not say" in done.stdout


def test_a_new_article_answers_the_next_question_and_it_is_said(project: Path) -> None:
    (project / "seeds" / "harbour.txt").write_text(
        "The harbour of Belmont was closed by a storm. Two ships ran aground."
    )
    done = qabot("ask", "--json", "--no-refresh", "What closed the harbour of Belmont?", where=project)
    assert json.loads(done.stdout)["index"]["stale"] is True
    done = qabot("ask", "What closed the harbour of Belmont?", where=project)
    assert "storm" in done.stdout and "have changed" in done.stderr and "1 added" in done.stderr


def test_no_index_and_no_refresh_exits_with_4(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    done = qabot("ask", "anything?", "--no-refresh", where=tmp_path)
    assert done.returncode == 4 and "qabot index" in done.stderr and done.stdout == ""


def test_an_index_of_another_model_and_no_refresh_exits_with_5(project: Path) -> None:
    done = qabot("ask", "anything?", "--no-refresh", where=project, QABOT_EMBEDDING_MODEL="another/model")
    assert done.returncode == 5 and "another/model" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask"], "question or --batch"),
        (["ask", ""], "empty"),
        (["ask", "x" * 20_000], "20,000"),
        (["ask", "who?", "--since", "yesterday"], "2023-11-04"),
        (["ask", "who?", "--outlet", "Nobody"], "The Post"),
        (["--config", "missing.toml", "ask", "who?"], "missing.toml"),
        (["eval", "missing.jsonl"], "missing.jsonl"),
        (["status", "--article", "missing.txt"], "missing.txt"),
    ],
)
def test_what_cannot_be_used_exits_with_2_and_says_why(project: Path, arguments: list[str], says: str) -> None:
    done = qabot(*arguments, where=project)
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr


def test_an_empty_seeds_folder_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    done = qabot("ask", "anything?", where=tmp_path)
    assert done.returncode == 1 and "no articles" in done.stderr and "--seeds" in done.stderr


def test_a_batch_answers_line_by_line_with_ids_and_history(project: Path) -> None:
    lines = [
        {"id": "a", "question": "How much did it cost?", "history": ["Who opened the new bridge of Arden?"]},
        {"id": "b", "question": "", "type": "fact"},
        {"id": "c", "question": "Who had warned of delays?", "history": []},
    ]
    (project / "batch.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = qabot("ask", "--batch", "batch.jsonl", where=project)
    assert done.returncode == 0
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    assert (
        "bridge" in answers[0]["searched_for"]
        and "Arden" in answers[0]["searched_for"]
        and "40 million" in answers[0]["passages"][0]["text"]
    )
    assert "empty" in answers[1]["error"]


def test_a_broken_batch_names_the_line(project: Path) -> None:
    (project / "batch.jsonl").write_text('{"id": "a", "question": "who?"}\n{"id": "b"\n')
    done = qabot("ask", "--batch", "batch.jsonl", where=project)
    assert done.returncode == 2 and "line 2" in done.stderr and done.stdout == ""


def test_chat_answers_piped_lines_and_an_abstention_is_no_failure(project: Path) -> None:
    questions = "Who opened the new bridge of Arden?\nHow much did it cost?\nWhat is the boiling point of lead?\n"
    done = qabot("chat", where=project, stdin=questions)
    assert "mayor of Arden" in done.stdout and "do not say" in done.stdout
    assert "searched for: How much did" in " ".join(done.stdout.split())
    assert done.returncode == 0 and "\x1b" not in done.stdout


def test_search_prints_ranked_passages(project: Path) -> None:
    done = qabot("search", "bridge", "--json", "-k", "2", where=project)
    passages = json.loads(done.stdout)["passages"]
    assert passages[0]["outlet"] == "The Post" and passages[0]["score"] > 0
    assert "bridge" in qabot("search", "bridge", where=project).stdout


def test_escape_sequences_in_an_article_do_not_reach_the_terminal(project: Path) -> None:
    (project / "seeds" / "evil.txt").write_text(
        "The \x1b[31mred\x1b[0m valley of Corvo \x07flooded \u202eon Friday, officials said."
    )
    done = qabot("ask", "Which valley of Corvo flooded?", where=project)
    assert "valley of Corvo" in done.stdout
    assert not set("\x1b\x07\u202e") & set(done.stdout)


def test_status_shows_what_is_held_and_what_is_left_out(project: Path) -> None:
    done = qabot("status", where=project)
    assert done.returncode == 0 and "mayor.md" in done.stdout and "The Post" in done.stdout
    assert json.loads(qabot("status", "--json", where=project).stdout)["articles"] == 1
    assert "front matter" in qabot("status", "--article", "mayor.md", where=project).stdout


def test_import_copies_with_front_matter_and_a_tidy_name(project: Path) -> None:
    source = project / "Some Scraped PAGE (1).txt"
    source.write_text(f"Bridge Opens In Arden\n\nBy Ada Example\n\n{MAYOR}\n")
    done = qabot("import", source.name, where=project)
    assert done.returncode == 0
    copied = project / "seeds" / "bridge-opens-in-arden.md"
    assert copied.read_text().startswith("---\ntitle: Bridge Opens In Arden\nauthor: Ada Example\n---\n")
    assert MAYOR in copied.read_text()
    assert "there already" in qabot("import", source.name, where=project).stdout
    missing = qabot("import", "missing.txt", where=project)
    assert missing.returncode == 1 and "missing.txt" in missing.stderr


def test_eval_prints_a_table_json_and_a_comparison(project: Path) -> None:
    gold = {
        "id": "1", "type": "fact", "question": "What did the bridge of Arden cost?", "answerable": True,
        "docs": ["mayor"],
        "evidence": [["It cost 40 million crowns."]], "need": 1, "answer": ["40 million"],
    }  # fmt: skip
    (project / "gold.jsonl").write_text(json.dumps(gold))
    figures = json.loads(qabot("eval", "gold.jsonl", "--json", where=project).stdout)
    assert (
        figures["all"]["recall_at_1"] == 1
        and figures["fact"]["answer_hit"] == 1
        and figures["all"]["exact_quotes"] == 1
    )
    (project / "before.json").write_text(json.dumps({**figures, "all": {**figures["all"], "recall_at_1": 0.5}}))
    table = qabot("eval", "gold.jsonl", "--compare", "before.json", where=project).stdout
    assert "recall at 1" in table and "(+0.500)" in table


def test_every_command_has_help() -> None:
    for command in ("index", "ask", "chat", "search", "status", "eval", "import"):
        assert qabot(command, "--help", where=ROOT).returncode == 0


def test_explain_shows_the_candidates_and_the_decision_beside_the_answer(project: Path) -> None:
    done = qabot("ask", "--explain", "--json", "Who opened the new bridge of Arden?", where=project, COLUMNS="160")
    assert done.returncode == 0 and json.loads(done.stdout)["status"] == "answered"
    assert "Why an answer: the probability that the articles say is" in done.stderr
    assert "* The mayor of Arden opened" in done.stderr and "sentence_cosine" in done.stderr
    none = qabot("ask", "--explain", "Who won the chess championship in Reykjavik?", where=project)
    assert none.returncode == 3 and "Why no answer" in none.stderr
    both = qabot("ask", "--explain", "--batch", "x.jsonl", where=project)
    assert both.returncode == 2


def test_verify_tells_what_became_of_each_quote(project: Path) -> None:
    saved = project / "answer.json"
    saved.write_text(qabot("ask", "--json", "Who opened the new bridge of Arden?", where=project).stdout)
    article = project / "seeds" / "mayor.md"

    def verified() -> tuple[int, str]:
        done = qabot("verify", "answer.json", "--json", where=project)
        return done.returncode, json.loads(done.stdout)["citations"][0]["state"]

    assert verified() == (0, "holds")
    article.write_text(article.read_text().replace("---\n\n", "---\n\nARDEN. "))
    assert verified() == (0, "moved")
    article.write_text(article.read_text().replace("mayor", "governor"))
    assert verified() == (1, "changed")
    article.unlink()
    assert verified() == (1, "gone")
    words = qabot("verify", "answer.json", where=project)
    assert words.returncode == 1 and "gone: there is no such article" in words.stdout


def test_verify_reads_many_answers_and_refuses_what_is_none(project: Path) -> None:
    line = qabot("ask", "--json", "Who opened the new bridge of Arden?", where=project).stdout.strip()
    (project / "answers.jsonl").write_text(f"{line}\n\n{line}\n")
    done = qabot("verify", "answers.jsonl", where=project)
    assert done.returncode == 0 and done.stdout.count("holds") == 2
    (project / "answers.jsonl").write_text(f'{line}\n{{"question": 3}}\n')
    broken = qabot("verify", "answers.jsonl", where=project)
    assert broken.returncode == 2 and "answers.jsonl, line 2" in broken.stderr
    assert qabot("verify", "nowhere.json", where=project).returncode == 2


def test_verify_reads_nothing_outside_seeds(project: Path) -> None:
    (project / "secret.md").write_text("The password is swordfish.")
    answer = json.loads(qabot("ask", "--json", "Who opened the new bridge of Arden?", where=project).stdout)
    for path in ("../secret.md", str(project / "secret.md"), "a\0b.md"):
        answer["citations"] = [
            {**answer["citations"][0], "article": path, "quote": "The password", "start": 0, "end": 12}
        ]
        (project / "answer.json").write_text(json.dumps(answer))
        done = qabot("verify", "answer.json", "--json", where=project)
        assert done.returncode == 1 and json.loads(done.stdout)["citations"][0]["state"] == "gone"


def test_an_index_is_planned_made_and_taken_back(project: Path) -> None:
    (project / "seeds" / "harbour.txt").write_text("The harbour of Belmont was closed by a storm.")
    planned = qabot("index", "--dry-run", where=project)
    assert planned.returncode == 0 and "1 added" in planned.stdout and "1 text to embed" in planned.stdout
    assert "1 articles" in qabot("status", where=project).stdout
    qabot("index", where=project)
    taken_back = qabot("index", "--rollback", where=project)
    assert "Generation 3" in taken_back.stdout
    assert "1 articles" in qabot("status", where=project).stdout
    both = qabot("index", "--rollback", "--rebuild", where=project)
    assert both.returncode == 2 and "do not go together" in both.stderr


def test_changes_name_the_answers_that_quote_what_is_gone(project: Path, engine: Engine) -> None:
    environ = {"XDG_STATE_HOME": str(project / "state")}
    kept = Conversations(project / "state" / "qabot" / "conversations")
    kept.begin(project / "seeds").add(KeptAnswer(0.0, Filters(), engine.ask("What did the new bridge cost?")))
    file = project / "seeds" / "mayor.md"
    file.write_text(file.read_text().replace("40 million", "70 million"))
    qabot("index", where=project)
    done = qabot("changes", where=project, **environ)
    assert "- It cost 40 million crowns." in done.stdout and "+ It cost 70 million crowns." in done.stdout
    assert "What did the new bridge cost?" in done.stdout and "no longer has these words" in done.stdout
    found = json.loads(qabot("changes", "--json", where=project, **environ).stdout)
    assert [change["kind"] for change in found["changes"]] == ["added", "edited"]
    assert found["answers"][0]["quotes"][0]["state"] == "changed"
    assert "Nothing changed" in qabot("changes", "--since", "2999-01-01", where=project).stdout
    assert qabot("changes", "--since", "yesterday", where=project).returncode == 2


def test_index_watch_follows_what_is_saved_until_it_is_stopped(project: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "qabot", "index", "--watch"],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None and process.stderr is not None
        assert "1 unchanged" in process.stdout.readline()
        assert "Watching" in process.stderr.readline()
        time.sleep(0.5)
        (project / "seeds" / "harbour.txt").write_text("The harbour of Belmont was closed by a storm.")
        assert "added: harbour.txt" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()
