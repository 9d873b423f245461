"""How an Answer, hits and reports look in a terminal: plain lines, wrapped to its width."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence

from qabot import Checked, Hit, IndexStatus, LeftOut, RefreshReport, StoredArticle
from qabot.phrases import counted, quoted
from qabot.terminal.evidence import STANDS
from qabot.terminal.text import one_line


def render_verified(checked: Sequence[Checked]) -> str:
    if not checked:
        return "The answer cites nothing."
    lines = []
    for found in checked:
        citation = found.citation
        place = f"{citation.article}:{citation.start}-{citation.end}"
        now = f" ({found.start}-{found.end})" if found.state == "moved" else ""
        quote = textwrap.shorten(one_line(citation.quote), 60, placeholder=" …")
        lines.append(_wrapped(f"[{citation.id}] {STANDS[found.state]}{now} · {place} · {quoted(quote)}", hang=4))
    return "\n".join(lines)


def render_hits(hits: Sequence[Hit]) -> str:
    blocks = []
    for rank, hit in enumerate(hits, 1):
        metadata = hit.article.metadata
        where = f"{hit.article.path}:{hit.start}-{hit.end}"
        head = " · ".join(part for part in (metadata.outlet, metadata.author, metadata.published) if part)
        lines = [_wrapped(f"{rank}. {hit.score:.2f}  {' · '.join(part for part in (head, where) if part)}", hang=3)]
        lines.append(_wrapped(hit.text, indent=3))
        if hit.also:
            also = ", ".join(f"{source.article.path}:{source.start}-{source.end}" for source in hit.also)
            lines.append(_wrapped(f"also in {also}", indent=3))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def render_report(report: RefreshReport, *, brief: bool = False, planned: bool = False) -> str:
    """What was added, changed, renamed, removed and skipped; ``brief`` names only what was skipped. Of a refresh that
    is only ``planned``, what it would cost."""
    lines = []
    told = () if brief else (("added", report.added), ("changed", report.changed), ("removed", report.removed))
    for word, paths in told:
        lines += [one_line(f"{word}: {path}") for path in paths]
    if not brief:
        lines += [one_line(f"renamed: {was} -> {path}") for path, was in report.renamed.items()]
    lines += [one_line(f"skipped: {path}: {reason}") for path, reason in sorted(report.skipped.items())]
    lines += _replaced_lines(report.replaced)
    renamed = f"{len(report.renamed)} renamed, " if report.renamed else ""
    lines.append(
        f"{len(report.added)} added, {len(report.changed)} changed, {renamed}{report.unchanged} unchanged, "
        f"{len(report.removed)} removed, {len(report.skipped)} skipped; "
        + (_cost(report) if planned else f"{report.embedded} texts embedded; generation {report.generation}.")
    )
    return "\n".join(lines)


def _cost(report: RefreshReport) -> str:
    took = "" if report.seconds is None else f", about {max(1, round(report.seconds))} s"
    return f"{counted(report.embedded, 'text')} to embed{took}. Nothing was changed."


def _replaced_lines(replaced: Mapping[str, int]) -> list[str]:
    return [
        one_line(f"damaged: {path}: {counted(count, 'character')} could not be decoded. Save it as UTF-8.")
        for path, count in replaced.items()
    ]


def render_status(status: IndexStatus, articles: Sequence[StoredArticle], stale: bool) -> str:
    stamp = status.stamp
    lines = [
        f"{status.articles} articles, {status.passages} passages, {status.vectors} vectors",
        f"generation {status.generation}, built {status.built}" + (", behind the articles" if stale else ""),
        f"model {one_line(stamp.model.name)} ({stamp.model.dimension} dimensions, sha256 {stamp.model.sha256[:12]})",
    ]
    for article in articles:
        metadata = article.metadata
        known = (metadata.published, metadata.outlet, metadata.author, metadata.title)
        lines.append(one_line(f"  {article.path}  {' · '.join(value for value in known if value)}"))
    lines += [one_line(f"  skipped: {path}: {reason}") for path, reason in status.skipped.items()]
    lines += [f"  {line}" for line in _replaced_lines(status.replaced)]
    return "\n".join(lines)


def render_left_out(path: str, text: str, spans: Sequence[LeftOut]) -> str:
    if not spans:
        return one_line(f"{path}: nothing is left out.")
    lines = [one_line(f"{path}: {sum(span.end - span.start for span in spans)} of {len(text)} characters left out")]
    for span in spans:
        excerpt = textwrap.shorten(one_line(text[span.start : span.end]), 80, placeholder=" …")
        lines.append(one_line(f"{span.start}-{span.end}  {span.reason}:  {excerpt}"))
    return "\n".join(lines)


def render_table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, the first to the left, figures to the right."""
    widths = [max(len(line[column]) for line in (header, *lines)) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in (header, *lines)
    )


def _wrapped(text: str, *, indent: int = 0, hang: int = 0) -> str:
    width = max(20, min(100, shutil.get_terminal_size((100, 24)).columns))
    return textwrap.fill(
        one_line(text),
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_long_words=False,
        break_on_hyphens=False,
    )
