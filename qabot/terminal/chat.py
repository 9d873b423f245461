"""`qabot chat`: a question a line, each answered with what was asked before in mind."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from qabot import Conversation, Engine, QabotError
from qabot.terminal.render import render_answer
from qabot.terminal.text import one_problem


def chat(engine: Engine, lines: Iterable[str] | None = None) -> int:
    """Answers until the input ends; gives 0, or the exit code of the last question's error."""
    conversation = Conversation()
    code = 0
    for line in lines if lines is not None else _typed():
        question = line.strip()
        if not question:
            continue
        if question in ("/quit", "/exit"):
            break
        try:
            answer = engine.ask(question, conversation)
        except Exception as error:  # whatever went wrong, it was with this question
            print(one_problem(error), file=sys.stderr)
            code = error.exit_code if isinstance(error, QabotError) else 1
            continue
        conversation = conversation.after(answer)
        print(f"{render_answer(answer)}\n", flush=True)
        # "The articles do not say" ends a question, not a conversation: that went well.
        code = 0
    return code


def _typed() -> Iterable[str]:
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    print("Ask about the articles. /quit or Ctrl-D leaves.", file=sys.stderr)
    while True:
        try:
            yield input("> ")
        except EOFError:
            return
