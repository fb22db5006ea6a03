"""Where the things of this clone are."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"

# All that a start makes, and that a clone may lose without losing the project.
VAR = ROOT / "var"
ENV = VAR / "env"
STATE = VAR / "house.json"
LOCKS = VAR / "lock"
LOGS = VAR / "log"
MAIL = VAR / "mail"
POSTGRES = VAR / "postgres"
REDIS = VAR / "redis"
STORAGE = VAR / "storage"


def make_var() -> None:
    """Make var/ and its folders, where they are missing."""
    for folder in (VAR, LOCKS, LOGS, MAIL, STORAGE):
        folder.mkdir(exist_ok=True)


def shown(path: Path) -> str:
    """Return `path` as a person in the project's folder would write it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
