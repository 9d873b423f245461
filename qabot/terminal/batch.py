"""`qabot ask --batch`: many questions, one JSON answer a line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

from qabot import Conversation, Engine, Filters, QabotError
from qabot.terminal.ending import interruptible
from qabot.terminal.text import one_line, one_problem
from qabot.wire import BatchQuestion, batch_error_json, batch_json


def answer_batch(engine: Engine, questions: Sequence[BatchQuestion], filters: Filters, out: TextIO) -> None:
    """Writes one answer object a line. A question that cannot be answered gets ``{"id", "question", "error"}``."""
    for batched in questions:
        conversation = Conversation()
        try:
            with interruptible():
                for earlier in batched.history:
                    answer = engine.ask(earlier, conversation, filters)
                    conversation = conversation.after(answer)
                answered = engine.ask(batched.question, conversation, filters)
        except Exception as error:  # whatever went wrong, it was with this question
            problem = one_problem(error)
            print(f"qabot: question {one_line(str(batched.id))}: {problem}", file=sys.stderr)
            line = batch_error_json(batched, error.problem if isinstance(error, QabotError) else problem)
        else:
            line = batch_json(batched, answered)
        print(line, file=out, flush=True)
