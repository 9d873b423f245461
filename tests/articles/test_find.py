from __future__ import annotations

import inspect
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from qabot.articles import find_articles, look_through
from qabot.errors import UsageError


def paths(seeds: Path) -> list[str]:
    return [file.path for file in find_articles(seeds)]


def test_a_pattern_that_cannot_be_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / ".qabotignore").write_text("# drafts\ndrafts/\n!\n")
    with pytest.raises(UsageError, match=r"\.qabotignore, line 3"):
        paths(tmp_path)


def stood_in_for(file: Path, what: str) -> None:
    """Something that cannot be read where a file would be."""
    match what:
        case "folder":
            file.mkdir()
        case "pipe":
            os.mkfifo(file)
        case "link to nothing":
            file.symlink_to("nothing")
        case "UTF-16":
            file.write_text("drafts/\n", encoding="utf-16")


@pytest.mark.parametrize("what", ["folder", "pipe", "link to nothing", "UTF-16"])
def test_patterns_that_cannot_be_read_are_not_taken_for_absent(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qabot.named_files._WRITER_WITHIN", 0.0)
    (tmp_path / "a.txt").write_text("The mayor opened it.")
    stood_in_for(tmp_path / ".qabotignore", what)
    with pytest.raises(UsageError, match=r"\.qabotignore"):
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


def test_what_looks_like_an_article_and_is_none_is_named_with_the_remedy(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    (seeds / "folder").mkdir(parents=True)
    (tmp_path / "outside.txt").write_text("The password is swordfish.")
    (seeds / "good.txt").write_text("The mayor opened it.")
    os.mkfifo(seeds / "pipe.txt")
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind(os.path.relpath(seeds / "socket.md"))
    (seeds / "out.txt").symlink_to(tmp_path / "outside.txt")
    (seeds / "zero.txt").symlink_to("/dev/zero")
    (seeds / "nowhere.txt").symlink_to(seeds / "missing")
    (seeds / "itself.txt").symlink_to(seeds / "itself.txt")
    (seeds / "linked").symlink_to(seeds / "folder")
    (seeds / ".hidden.txt").symlink_to(tmp_path / "outside.txt")
    (seeds / "pipe").symlink_to("/dev/null")
    (seeds / os.fsdecode(b"caf\xe9.txt")).write_text("The mayor opened it.")
    found = look_through(seeds)
    assert [file.path for file in found.files] == ["good.txt"]
    assert list(found.left_out) == [
        "caf\\xe9.txt", "itself.txt", "linked", "nowhere.txt", "out.txt", "pipe.txt", "socket.md", "zero.txt",
    ]  # fmt: skip
    for path, says in {
        "caf\\xe9.txt": "UTF-8", "out.txt": "leads out", "pipe.txt": "named pipe", "socket.md": "socket",
        "linked": "link to a folder", "nowhere.txt": "link to nothing",
    }.items():  # fmt: skip
        assert says in found.left_out[path]
    assert all(reason.endswith(".") and ". " in reason for reason in found.left_out.values())


def test_a_folder_deeper_than_paths_can_be_is_named_and_the_rest_is_found(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("The mayor opened it.")
    name = "d" * 200
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):
        os.mkdir(name, dir_fd=here)
        there = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(here)
    found = look_through(tmp_path)
    assert [file.path for file in found.files] == ["good.txt"]
    ((path, reason),) = found.left_out.items()
    assert path.startswith(name[:100]) and len(path) < 200 and "longer than the system opens" in reason
