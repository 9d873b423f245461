"""`qabot feedback`: what people voted, as a table, as JSON, and as gold questions to look through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from qabot.phrases import counted
from qabot.store import Feedback
from qabot.terminal.text import shortened
from qabot.wire import to_json


def feedback_lines(votes: Sequence[Feedback]) -> str:
    """A vote a line, the newest first."""
    if not votes:
        return "No votes yet."
    wrong = sum(vote.vote == "wrong" for vote in votes)
    lines = [f"{counted(len(votes), 'vote')}: {len(votes) - wrong} helpful, {wrong} wrong or missing"]
    for vote in votes:
        why = ", ".join(part for part in (vote.reason, shortened(vote.comment, 200)) if part)
        question = shortened(vote.answer.question, 100)
        lines.append(f"{_when(vote)}  {vote.vote:7}  {question}{f'  ({why})' if why else ''}")
    return "\n".join(lines)


def feedback_json(votes: Sequence[Feedback]) -> str:
    """JSON lines, each with the whole answer that was voted on. No person is named."""
    return "\n".join(
        to_json(
            {
                "at": _when(vote),
                "vote": vote.vote,
                "reason": vote.reason,
                "comment": vote.comment,
                "question": vote.answer.question,
                "searched_for": vote.answer.searched_for,
                "status": vote.answer.status,
                "answer": vote.answer.answer,
                "citations": vote.answer.citations,
            }
        )
        for vote in votes
    )


def gold_candidates(votes: Sequence[Feedback]) -> str:
    """Gold questions, JSON lines, for a person to go through: what was voted helpful carries its evidence, what was
    voted wrong lacks it, and says why in ``comment``."""
    lines = []
    seen: set[str] = set()
    for vote in votes:
        if vote.answer_id in seen:
            continue
        seen.add(vote.answer_id)
        answer = vote.answer
        good = vote.vote == "helpful"
        answered = answer.status != "abstained"
        gold: dict[str, Any] = {
            "id": vote.answer_id,
            "type": "fact" if answered or not good else "unanswerable",
            # What was searched for stands alone; the words may be half of a conversation.
            "question": answer.searched_for,
            "answerable": answered or not good,
            "docs": list(dict.fromkeys(c.article for c in answer.citations)) if good and answered else [],
            "evidence": [[citation.quote] for citation in answer.citations] if good and answered else [],
            "need": 1,
            "answer": [],
            "comment": ": ".join(part for part in (vote.vote, vote.reason, vote.comment) if part),
        }
        lines.append(to_json(gold))
    return "\n".join(lines)


def _when(vote: Feedback) -> str:
    return datetime.fromtimestamp(vote.at, UTC).isoformat(timespec="seconds")
