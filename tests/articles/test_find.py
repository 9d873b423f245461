from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qabot.articles import find_articles
from qabot.errors import UsageError


def paths(seeds: Path) -> list[str]:
    return [file.path for file in find_articles(seeds)]


def test_a_pattern_that_cannot_be_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / ".qabotignore").write_text("# drafts\ndrafts/\n!\n")
    with pytest.raises(UsageError, match=r"\.qabotignore, line 3"):
        paths(tmp_path)


def test_folders_deeper_than_calls_nest_are_walked(tmp_path: Path) -> None:
    # 200 levels under a lowered limit: pytest itself could not remove a thousand.
    deep = "d/" * 200
    (tmp_path / deep).mkdir(parents=True)
    (tmp_path / deep / "a.txt").write_text("The mayor opened it.")
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 120)
    try:
        found = paths(tmp_path)
    finally:
        sys.setrecursionlimit(before)
    assert found == [deep + "a.txt"]


def test_a_name_that_cannot_be_stored_is_passed_over(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("The mayor opened it.")
    except OSError:
        pytest.skip("this file system takes no such names")
    (tmp_path / "café.txt").write_text("The mayor opened it.")
    assert paths(tmp_path) == ["café.txt"]


def test_finding_imports_no_reader() -> None:
    heavy = ("yaml", "pathspec", "trafilatura", "pypdf", "charset_normalizer")
    code = f"import sys, qabot.articles; print([name for name in {heavy!r} if name in sys.modules])"
    root = Path(__file__).parents[2]
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True).stdout
        == "[]\n"
    )
