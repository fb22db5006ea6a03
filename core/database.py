"""The database: one declarative base, one naming convention, types used by every table.

Sessions come from `db.session`: one per request or job (Flask-SQLAlchemy-Lite), scoped to the current
jurisdiction by `core.scope`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, MetaData, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Ref = Annotated[int, mapped_column(BigInteger)]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Now = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
#: A text that a town writes, one per language: {"fr": "…", "en": "…"}.
Localized = Annotated[dict[str, str], mapped_column(JSONB)]
Words = Annotated[str, mapped_column(Text)]


class Base(DeclarativeBase):
    """Every table's base. Enumerations are text with a check (see `one_of`)."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dict[str, Any]: JSONB, list[Any]: JSONB, str: Text}


def dumps(value: Any) -> str:
    """JSON as text, with datetimes in ISO 8601; used for JSONB columns and answers."""
    return orjson.dumps(value).decode()


db = SQLAlchemy(
    engine_options={
        "json_serializer": dumps,
        "json_deserializer": orjson.loads,
        "pool_size": 10,
        "max_overflow": 10,
        "pool_pre_ping": True,
        # What people wrote is a bound parameter: it must not reach a log inside an exception (DESIGN §5.3).
        "hide_parameters": True,
        # Short statements all: compiling their plans costs more than it saves.
        "connect_args": {"connect_timeout": 5, "options": "-c jit=off"},
    },
    session_options={"autoflush": True},
)


def one_of(column: str, values: tuple[str, ...] | list[str], name: str | None = None) -> CheckConstraint:
    """A check that `column` is one of `values` (an enumeration, as text)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name or column)


def utcnow() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
