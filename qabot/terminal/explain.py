"""`qabot ask --explain`: the candidates, what spoke for each, and why there is an answer or none, as tables."""

from __future__ import annotations

import textwrap
from dataclasses import asdict

from qabot import Reply
from qabot.terminal.render import render_table
from qabot.terminal.text import one_line

_MOST = 10
_ADDS = 0.005  # what adds less is shown as nothing, and is left out
_SENTENCE_WIDTH = 60


def render_explanation(reply: Reply, width: int | None = None) -> str:
    """Tables for a terminal of so many columns: narrow, the sentences are shortened for the figures' sake."""
    sentence_width = _SENTENCE_WIDTH if width is None else max(16, min(_SENTENCE_WIDTH, width // 2))
    decision = reply.decision
    verdict = "an answer" if decision.says else "no answer"
    lacking = f" The best sentence has not {decision.lacks}, which is asked for." if decision.lacks else ""
    lines = [
        f"Why {verdict}: the probability that the articles say is {decision.probability:.2f}, "
        f"and there is an answer from {decision.answer_from:.2f} on.{lacking}",
        "",
    ]
    if decision.features is not None:
        values = asdict(decision.features)
        parts = sorted(
            ((name, values[name], weight, weight * values[name]) for name, weight in decision.weights.items()),
            key=lambda part: -abs(part[3]),
        )
        parts = [part for part in parts if abs(part[3]) >= _ADDS]
        rows = [[name, f"{value:.2f}", f"{weight:+.2f}", f"{share:+.2f}"] for name, value, weight, share in parts]
        lines += [render_table(["decided by", "value", "weight", "adds"], rows), ""]
    chosen = {(candidate.hit.article.id, candidate.sentence.start) for candidate in reply.chosen}
    rows = []
    for candidate in reply.ranked[:_MOST]:
        features = candidate.features
        rows.append(
            [
                ("* " if (candidate.hit.article.id, candidate.sentence.start) in chosen else "  ")
                + textwrap.shorten(one_line(candidate.text), sentence_width, placeholder=" …"),
                f"{candidate.score:.2f}",
                f"{candidate.reading.relevance:+.1f}" if candidate.reading else "-",
                f"{features.sentence_cosine:.2f}",
                f"{features.passage_cosine:.2f}",
                f"{features.bm25:.2f}",
                f"{features.covered:.2f}",
                f"{features.covered_nearby:.2f}",
                "no" if features.lacks_type else "yes",
                textwrap.shorten(one_line(candidate.span), 24, placeholder=" …") or "-",
                one_line(candidate.hit.article.path)[:24],
            ]
        )
    header = ["candidate (* in the answer)", "score", "read", "cosine", "passage", "bm25", "words", "nearby", "type"]
    header += ["answers with", "article"]
    lines.append(render_table(header, rows))
    lines.append(
        "score: probability of holding the answer; read: the cross-encoder's logit; words, nearby: share of the "
        "question's words, by rarity, in the sentence and around it; type: holds what is asked for (a date, a sum ...)."
    )
    return "\n".join(lines)
