"""What is installed: a wheel with everything that the program reads, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.conftest import ROOT

DATA = (
    "answers/weights.json",
    "embedding/answer_adapter.safetensors",
    "language/alike.toml",
    "language/bodies.toml",
    "qabot.toml",
    "questions/follow_up_weights.json",
    "questions/intents.toml",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("package")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "qabot", source / "qabot", ignore=shutil.ignore_patterns("__pycache__"))
    for other in ("tests", "seeds", "docs"):
        (source / other).mkdir()
        (source / other / "__init__.py").write_text("")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (file,) = folder.glob("*.whl")
    return zipfile.ZipFile(file)


def test_the_wheel_holds_every_module_and_all_data_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    modules = {str(file.relative_to(ROOT)) for file in (ROOT / "qabot").rglob("*.py")}
    assert held == modules | {f"qabot/{name}" for name in DATA}
    for name in DATA:
        assert wheel.read(f"qabot/{name}") == (ROOT / "qabot" / name).read_bytes()


def test_the_wheel_gives_the_command_and_says_which_pythons_it_runs_on(wheel: zipfile.ZipFile) -> None:
    (points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "qabot = qabot.__main__:main" in wheel.read(points).decode()
    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    told = wheel.read(metadata).decode()
    assert "Requires-Python: >=3.11" in told
    assert not [line for line in told.splitlines() if line.startswith("Requires-Dist: torch") and "<" in line]


def test_every_package_that_is_imported_is_listed() -> None:
    import ast
    import tomllib
    from importlib.metadata import packages_distributions

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["local-model"]]
    wanted += project["optional-dependencies"]["dev"]
    listed = {_plain(line) for line in wanted}
    provided = packages_distributions()
    missing = set()
    for file in (ROOT / "qabot").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom) and not node.level
                else []
            )
            for top in {name.partition(".")[0] for name in names}:
                if top not in sys.stdlib_module_names and top != "qabot":
                    by = {_plain(name) for name in provided.get(top, [top])}
                    if not by & listed:
                        missing.add(f"{top} in {file.relative_to(ROOT)}")
    assert not missing


def _plain(requirement: str) -> str:
    name = requirement.split(";")[0].split("[")[0]
    for sign in "<>=!~ ":
        name = name.partition(sign)[0]
    return name.strip().casefold().replace("_", "-").replace(".", "-")
