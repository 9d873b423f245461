"""Folders that the person who asks may not enter: told by name, by a process of a person who is not root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="other permissions")
NOBODY = 65534


@pytest.fixture
def home() -> Iterator[Path]:
    """Where anybody can go: pytest's own folders are for their owner alone."""
    folder = Path(tempfile.mkdtemp(prefix="qabot-"))
    for name in ("seeds", "embeddings"):
        (folder / name).mkdir()
    (folder / "seeds" / "mayor.txt").write_text("The mayor of Arden, Olive Strand, opened the bridge.\n")
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    yield folder
    for name in ("seeds", "embeddings"):
        (folder / name).chmod(0o755)
    shutil.rmtree(folder)


def qabot(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    # The system's own way to run a command as another: Python's would have to be let into the tests' interpreter.
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    if as_nobody and shutil.which(as_nobody[0]) is None:
        pytest.skip("root reads whatever it likes")
    return subprocess.run(
        [*as_nobody, sys.executable, "-P", "-m", "qabot", *args],
        capture_output=True,
        text=True,
        cwd=home,
        env={**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home), "PYTHONPATH": str(ROOT)},
        timeout=120,
    )


@pytest.mark.parametrize("mode", [0o000, 0o600])
@pytest.mark.parametrize(
    ("folder", "args"),
    [
        ("embeddings", ("ask", "Who opened the bridge?")),
        ("embeddings", ("status",)),
        ("embeddings", ("index",)),
        ("embeddings", ("doctor", "--fix")),
        ("seeds", ("ask", "Who opened the bridge?")),
        ("seeds", ("index",)),
    ],
)
def test_a_closed_folder_is_told_by_name(home: Path, folder: str, mode: int, args: tuple[str, ...]) -> None:
    (home / folder).chmod(mode)
    done = qabot(home, *args)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert folder in said and ("Permission denied" in said or "cannot be read" in said)
    assert "Traceback" not in said and "The details are in" not in said
    assert "permissions" in said or "Make it writable" in said
