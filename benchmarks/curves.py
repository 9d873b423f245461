"""`python benchmarks/curves.py WORK/figures.json docs/scale.svg`: the figures of scale.py over size, drawn."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

_CURVES = (
    ("ask p50 ms", 1e-3, "a question, warm", "#1f6feb"),
    ("cold ask s", 1, "a question, cold start", "#8957e5"),
    ("edit, rest s", 1, "one edit, without the FAISS files", "#1a7f37"),
    ("edit, FAISS files s", 1, "... the FAISS files", "#bf8700"),
)
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 640, 340, 60, 40, 16, 230
_SECONDS = (0.001, 0.01, 0.1, 1, 10)


def main() -> None:
    figures = sorted(json.loads(Path(sys.argv[1]).read_text()).values(), key=lambda size: size["passages"])
    sizes = [size["passages"] for size in figures]

    def x(size: float) -> float:
        share = math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0])
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(seconds: float) -> float:
        share = math.log(max(seconds, _SECONDS[0]) / _SECONDS[0]) / math.log(_SECONDS[-1] / _SECONDS[0])
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)

    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif" '
        'font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
    ]
    for seconds in _SECONDS:
        drawn.append(f'<path d="M{_LEFT} {y(seconds):.1f}H{_WIDTH - _RIGHT}" stroke="#d0d7de"/>')
        drawn.append(f'<text x="{_LEFT - 8}" y="{y(seconds) + 4:.1f}" text-anchor="end">{seconds:g} s</text>')
    for size in sizes:
        drawn.append(f'<text x="{x(size):.1f}" y="{_HEIGHT - 20}" text-anchor="middle">{size:,.0f}</text>')
    drawn.append(f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 4}" text-anchor="middle">passages</text>')
    for name, scale, label, colour in _CURVES:
        points = [(x(size["passages"]), y(size[name] * scale)) for size in figures]
        path = "L".join(f"{across:.1f} {down:.1f}" for across, down in points)
        drawn.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>' for across, down in points]
        across, down = points[-1]
        drawn.append(f'<text x="{across + 8:.1f}" y="{down + 4:.1f}" fill="{colour}">{label}</text>')
    Path(sys.argv[2]).write_text("\n".join([*drawn, "</svg>"]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
