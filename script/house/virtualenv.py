"""The clone's .venv, brought to a lock: made, renewed, or left alone when nothing has changed."""
import hashlib
import json
import sys

from house import paths
from house.say import step

_STAMP = paths.VENV / "alentour.json"
# What the lock of the tests holds besides its own.
_INCLUDES = {"requirements-test.txt": ["requirements.txt"]}


def prepare(lock: str) -> None:
    """Bring .venv to the versions of `lock` (a file beside setup.cfg); at once where they are there."""
    stamp = _stamp()
    digest = _digest(lock)
    if usable() and stamp["locks"].get(lock) == digest:
        return
    if not usable():
        stamp["locks"] = {}
        step("Making the virtual environment .venv", [sys.executable, "-m", "venv", "--clear", paths.VENV],
             log="venv.log")
    step(_title(lock),
         [paths.VENV_PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes",
          "-r", paths.ROOT / lock], log="pip.log")
    stamp["locks"] |= {name: _digest(name) for name in [lock, *_INCLUDES.get(lock, [])]}
    stamp["root"] = str(paths.ROOT)
    _STAMP.write_text(json.dumps(stamp, indent=1) + "\n")


def _title(lock: str) -> str:
    """Return what a step that installs `lock` is called on the screen."""
    if lock == "requirements-assets.txt":
        return "Installing Node and npm, in .venv"
    count = sum("==" in text for text in (paths.ROOT / lock).read_text().splitlines())
    return f"Installing {count} Python packages"


def usable() -> bool:
    """Tell whether .venv works, and in this place: its commands hold the path they were made in."""
    if not paths.VENV_PYTHON.exists() or _stamp()["root"] != str(paths.ROOT):
        return False
    # The Python behind it may have become another version: its packages are then out of sight.
    version = paths.VENV_PYTHON.resolve().name
    return (paths.VENV / "lib" / version / "site-packages" / "pip").is_dir()


def environment(environ: dict[str, str]) -> dict[str, str]:
    """Return `environ` with .venv's commands first, and UTF-8 whatever locales the machine lacks."""
    path = f"{paths.VENV / 'bin'}:{environ.get('PATH', '/usr/bin:/bin')}"
    return {**environ, "PATH": path, "VIRTUAL_ENV": str(paths.VENV), "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1",
            "PYTHONUNBUFFERED": "1"}


def _stamp() -> dict:
    """Return what is known of .venv; of one that somebody else made, only that it is here."""
    try:
        return json.loads(_STAMP.read_text())
    except (FileNotFoundError, ValueError):
        return {"root": str(paths.ROOT), "locks": {}}


def _digest(name: str) -> str:
    return hashlib.sha256((paths.ROOT / name).read_bytes()).hexdigest()
