"""var/env: what a start has set, as lines KEY=value that `flask` reads where the environment is silent."""
import os
import re
from collections.abc import Mapping
from pathlib import Path

HEADER = """\
# What script/server set, for `.venv/bin/flask …` and for the tests: the environment comes before it.
# Lines of your own (GEOCODER_URL=…) are kept; the others are written again at each start.
"""
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=?&~!*-]*")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")


def read(path: Path) -> dict[str, str]:
    """Return the settings of a file, in its order; none where there is no such file."""
    if not path.exists():
        return {}
    found = (_LINE.fullmatch(text) for text in path.read_text(encoding="utf-8").splitlines())
    return {match[1]: _unquoted(match[2]) for match in found if match}


def write(path: Path, values: Mapping[str, str]) -> None:
    """Write settings so that only the owner reads them, and never half of them."""
    text = HEADER + "".join(f"{key}={_quoted(value)}\n" for key, value in values.items())
    write_private(path, text)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one go by `text`, with mode 0600."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def _quoted(value: str) -> str:
    """Return a value as a dotenv file wants it: single quotes where it holds more than plain characters."""
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return re.sub(r"\\(['\\])", r"\1", value[1:-1])
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value
