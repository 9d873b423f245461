"""Draws docs/answer.png: a real answer of the bot over seeds/, its components as a page, photographed by Chromium.

`python docs/picture.py ["QUESTION"]`, with the test extra installed and `chromium` on the path.
"""

from __future__ import annotations

import asyncio
import html
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qabot import load_settings  # noqa: E402
from tests.discord_bot.scene import scene  # noqa: E402

QUESTION = "How much did Biden ask Congress for?"
STYLE = """
body { margin: 0; padding: 18px; width: 660px; background: #313338; color: #dbdee1;
  font: 16px/1.4 "Noto Sans", sans-serif }
.who { font-weight: 600; color: #f2f3f5; margin-bottom: 6px } .who span { background: #5865f2; font-size: 11px;
  padding: 1px 5px; border-radius: 4px; margin-left: 6px }
.box { background: #2b2d31; border-radius: 8px; border-left: 4px solid; padding: 14px 16px; display: grid; gap: 9px }
h3 { font-size: 19px; margin: 0 0 4px; color: #f2f3f5 } small { font-size: 13px; color: #a5a9b0; display: block }
hr { border: 0; border-top: 1px solid #46484f; width: 100%; margin: 3px 0 }
.section { display: flex; justify-content: space-between; align-items: center; gap: 12px }
.row { display: flex; gap: 8px; flex-wrap: wrap }
button { font: 500 14px "Noto Sans", sans-serif; color: #fff; background: #4e5058; border: 0; border-radius: 8px;
  padding: 8px 14px; white-space: nowrap } button.primary { background: #5865f2 }
"""


def shown(markup: str) -> str:
    """Discord's markup, as much of it as the bot writes, as HTML."""
    lines = []
    for line in markup.split("\n"):
        text = re.sub(r"\\([^0-9A-Za-z\s])", lambda found: f"\0{ord(found[1])};", line)
        kind = "h3" if text.startswith("### ") else "small" if text.startswith("-# ") else "div"
        text = html.escape(re.sub(r"^(### |-# )", "", text), quote=False)
        text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
        text = re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)
        text = re.sub(r"\0(\d+);", lambda found: html.escape(chr(int(found[1]))), text)
        lines.append(f"<{kind}>{text}</{kind}>")
    return "".join(lines)


def drawn(components: Sequence[Mapping[str, Any]]) -> str:
    pieces = []
    for component in components:
        inner = drawn(component.get("components", []))
        match component["type"]:
            case 1:
                pieces.append(f'<div class="row">{inner}</div>')
            case 2:
                kind = "primary" if component.get("style") == 1 else ""
                pieces.append(f'<button class="{kind}">{html.escape(component["label"])}</button>')
            case 9:
                pieces.append(f'<div class="section"><div>{inner}</div>{drawn([component["accessory"]])}</div>')
            case 10:
                pieces.append(f"<div>{shown(component['content'])}</div>")
            case 14:
                pieces.append("<hr>")
            case 17:
                colour = f"#{component.get('accent_color') or 0:06x}"
                pieces.append(f'<div class="box" style="border-color: {colour}">{inner}</div>')
    return "".join(pieces)


async def ask(question: str) -> str:
    settings = load_settings(flags={"paths.seeds": str(ROOT / "seeds")}, environ={})
    with tempfile.TemporaryDirectory() as store:
        settings = replace(settings, discord=replace(settings.discord, store=f"{store}/discord.sqlite"))
        async with scene(settings) as played:
            message = await (await played.ada.slash("ask", question=question)).answered(timeout=120)
            return drawn(message.components)


def main() -> None:
    question = sys.argv[1] if len(sys.argv) > 1 else QUESTION
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs" / "answer.png"
    body = asyncio.run(ask(question))
    page = f"<meta charset=utf-8><style>{STYLE}</style><div class=who>qabot<span>APP</span></div>{body}"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "card.html").write_text(page)
        height = 96 + 26 * page.count("<div>") + 24 * page.count("<small>")
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
        ]
        flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
        flags += [f"--screenshot={target}", f"--window-size=700,{height}", "--force-device-scale-factor=1.5"]
        subprocess.run(["chromium", *flags, f"file://{folder}/card.html"], check=True, capture_output=True)


if __name__ == "__main__":
    main()
