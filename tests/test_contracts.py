"""What is held by tools: the layers between the packages, and the types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("core", "reporter", "interventions", "api", "demo")


def test_imports_never_go_upward():
    """The contracts of setup.cfg: one between the floors, one inside each."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert "0 broken" in done.stdout


def test_the_types_hold():
    """mypy over the whole, as setup.cfg configures it."""
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-1000:]


@pytest.mark.parametrize("floor", FLOORS)
def test_no_module_outgrows_its_room(floor):
    """Some 400 lines a module and some fifteen modules a folder are enough."""
    for folder in {path.parent for path in (ROOT / floor).rglob("*.py")}:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= 16, f"{folder.relative_to(ROOT)} holds {len(modules)} modules"
        for path in modules:
            lines = len(path.read_text("utf-8").splitlines())
            assert lines <= 450, f"{path.relative_to(ROOT)} has {lines} lines"
