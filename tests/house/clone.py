"""A clone of the house alone, in a folder of its own: its commands run there without touching this one."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make(folder: Path) -> Path:
    """Copy what the commands need to say their first sentences into `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "script", folder / "script", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Procfile", "requirements.txt", "requirements-test.txt", "requirements-assets.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def run(folder: Path, *command: str, user: int | None = None, **environ: str) -> subprocess.CompletedProcess:
    """Run a command of the clone to its end, as another `user` where one is given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", "LANG") or name.startswith("PYTHON")
    }
    return subprocess.run(
        [str(folder / command[0]), *command[1:]],
        cwd=folder,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
