"""The README's examples, run as they are written, over the sample articles."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    """What a clone has once qabot is installed: seeds/, and the model exported."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    (folder / "embeddings").mkdir()
    (folder / "embeddings" / "models").symlink_to(models)
    (folder / "bin").mkdir()
    command = folder / "bin" / "qabot"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m qabot "$@"\n')
    command.chmod(0o755)
    return folder


def run(command: list[str], folder: Path) -> str:
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_python_in_five_lines(folder: Path) -> None:
    (code,) = blocks("python")
    assert "$61.4 billion" in run([sys.executable, "-c", code], folder)


def test_the_shell_lines_that_need_no_token(folder: Path) -> None:
    lines = [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ qabot")]
    lines = [line for line in lines if not line.startswith("$ qabot bot") and "qabot bot" not in line]
    assert lines
    for line in lines:
        if "jq" in line and shutil.which("jq") is None:
            pytest.skip("jq is not installed")
        assert "billion" in run(["bash", "-c", line], folder)


def test_every_command_has_its_row(folder: Path) -> None:
    listed = re.findall(r"^\| `qabot(?: ([a-z]+))?", README, re.MULTILINE)
    offered = re.findall(r"^  ([a-z]+) ", run([sys.executable, "-m", "qabot", "--help"], folder), re.MULTILINE)
    assert "ask" in offered and set(offered) <= set(listed), set(offered) - set(listed)
