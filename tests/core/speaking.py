"""Which modules speak SQL of their own, and which of them a statement came from."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import sqlalchemy as sa

from tests.databases import ROOT

FLOORS = ("core", "reporter", "interventions", "api", "demo")
#: What leaves the ORM: a table instead of its class, text, a driver's own words, and the two ways past the session.
_ATTRIBUTES = {"__table__", "exec_driver_sql", "raw_connection", "driver_connection"}
_FUNCTIONS = {"core.database": {"execute_unscoped", "fetch_row_unscoped"}, "sqlalchemy": {"text"}}


def speaks(source: str) -> bool:
    """Whether a module's source speaks raw SQL or SQLAlchemy Core past the ORM, which the wall does not cover."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            module = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in _ATTRIBUTES or (module in ("sa", "sqlalchemy") and node.attr == "text"):
                return True
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            known = _FUNCTIONS.get(node.module, set()) | (
                _FUNCTIONS["sqlalchemy"] if node.module.split(".")[0] == "sqlalchemy" else set()
            )
            if known & {name.name for name in node.names}:
                return True
    return False


def modules() -> set[str]:
    """The dotted names of the product's modules that speak SQL of their own."""
    return {_dotted(path) for floor in FLOORS for path in (ROOT / floor).rglob("*.py") if speaks(path.read_text())}


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@contextmanager
def heard(*engines: sa.Engine) -> Iterator[set[str]]:
    """The dotted names of the product's modules that were under way when a statement was asked, as they come."""
    found: set[str] = set()

    def hear(*_arguments: object) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            name = frame.f_globals.get("__name__", "")
            if name.partition(".")[0] in FLOORS:
                found.add(name)
            frame = frame.f_back

    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", hear)
    yield found
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", hear)


def carries(value: object, is_theirs: Callable[[object], bool], depth: int = 5) -> bool:
    """Whether a value holds, however deep, something for which `is_theirs` says so."""
    if is_theirs(value):
        return True
    if depth == 0 or isinstance(value, str | bytes | int | float | bool | type(None)):
        return False
    inside: list[object] = []
    if isinstance(value, dict):
        inside = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inside = list(value)
    elif hasattr(value, "__dict__"):
        inside = [one for name, one in vars(value).items() if not name.startswith("_sa_")]
    with suppress(TypeError):
        inside = inside or list(
            getattr(value, "__slots__", ())
            and [getattr(value, name) for name in value.__slots__ if hasattr(value, name)]
        )
    return any(carries(one, is_theirs, depth - 1) for one in inside)
