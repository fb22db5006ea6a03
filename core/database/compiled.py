"""Statements built once for each shape of a question: to build one takes longer than to answer it.

Whatever changes from one question to the next is a named parameter (`given`); what the text depends on is the
key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, Float, Integer, Select, Text, bindparam

from core.database import db

_TYPES: dict[str, Any] = {
    "jurisdiction": BigInteger,
    "limit": Integer,
    "number": BigInteger,
    "since": DateTime(timezone=True),
    "until": DateTime(timezone=True),
    "updated_since": DateTime(timezone=True),
    "moment": DateTime(timezone=True),
    "statuses": ARRAY(Text),
    "categories": ARRAY(BigInteger),
    "ids": ARRAY(BigInteger),
    "west": Float,
    "south": Float,
    "east": Float,
    "north": Float,
}
_compiled: dict[tuple[Any, ...], tuple[str, dict[str, Any]]] = {}


def parameter(name: str, kind: Any = None) -> Any:
    """A value that is named when the statement runs; text, unless `kind` or its name says otherwise."""
    usual = BigInteger if name.startswith("category") else Text
    return bindparam(name, type_=kind or _TYPES.get(name, usual))


def execute_compiled(key: tuple[Any, ...], build: Callable[[], Select], values: dict[str, Any]) -> list[Any]:
    """The rows of the statement that `build` makes of that key, under `values`. One statement."""
    known = _compiled.get(key)
    if known is None:
        compiled = build().compile(dialect=db.engine.dialect)
        known = _compiled[key] = str(compiled), dict(compiled.params)
    words, fixed = known
    return list(db.session.connection().exec_driver_sql(words, fixed | values))
