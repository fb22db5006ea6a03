"""The database: one declarative base, one naming convention, types used by every table.

Sessions come from `db.session`: one per request or job (Flask-SQLAlchemy-Lite), scoped to the current
jurisdiction by `core.database.scope`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVarTuple, overload

import orjson
import psycopg
from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    CursorResult,
    DateTime,
    Engine,
    Executable,
    Identity,
    MetaData,
    Result,
    Table,
    Text,
    event,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.sql.selectable import TypedReturnsRows

CONSTRAINT_NAMES = {
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
#: A text that a jurisdiction writes, one per language: {"fr": "…", "en": "…"}.
Localized = Annotated[dict[str, str], mapped_column(JSONB)]
Words = Annotated[str, mapped_column(Text)]
Columns = TypeVarTuple("Columns")


class Base(DeclarativeBase):
    """Every table's base. Enumerations are text with a check (see `one_of`)."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)
    type_annotation_map = {dict[str, Any]: JSONB, list[Any]: JSONB, str: Text}

    if TYPE_CHECKING:
        # Every model here is mapped to a table: SQLAlchemy says only that it could be any FROM clause.
        __table__: ClassVar[Table]


def dumps(value: Any) -> str:
    """JSON as text, with datetimes in ISO 8601; used for JSONB columns and answers."""
    return orjson.dumps(value).decode()


#: Short statements all: compiling their plans costs more than it saves.
SERVER_OPTIONS = "-c jit=off"
#: How long a statement waits for a lock that another transaction holds, in seconds. Then whoever waits is told that
#: somebody else is changing the same thing (core.web.http), and a job is left to its sweep.
LOCK_SECONDS = 5
#: The engine of requests that only show: no transaction around them, and the database refuses them a write.
READ_ONLY_ENGINE = "reading"


class RequestSession(Session):
    """A session of a request or job; `info[READING]` makes it speak over the connections that cannot write."""

    def get_bind(self, *args: Any, **options: Any) -> Engine | Connection:
        """The reading engine where it was asked for, else what the session was made for."""
        if self.info.get(READ_ONLY_ENGINE):
            return db.get_engine(READ_ONLY_ENGINE)
        return super().get_bind(*args, **options)


db = SQLAlchemy(
    engine_options={
        "json_serializer": dumps,
        "json_deserializer": orjson.loads,
        # What people wrote is a bound parameter: it must not reach a log inside an exception (DESIGN §5.3).
        "hide_parameters": True,
        "pool_size": 10,
        "max_overflow": 10,
        "connect_args": {"connect_timeout": 5, "options": f"{SERVER_OPTIONS} -c lock_timeout={LOCK_SECONDS}s"},
    },
    session_options={"autoflush": True, "class_": RequestSession},
)


def engines(url: str) -> dict[str, Any]:
    """The engines of an application: one that writes, and one whose connections cannot."""
    return {
        "default": url,
        READ_ONLY_ENGINE: {
            "url": url,
            "isolation_level": "AUTOCOMMIT",
            "connect_args": {
                "connect_timeout": 5,
                "options": f"{SERVER_OPTIONS} -c default_transaction_read_only=on",
            },
        },
    }


def init_app(app: Flask) -> None:
    """Put the database on `app`."""
    db.init_app(app)
    # The extension also closes sessions of asyncio, which nothing here opens, in a thread it starts for that
    # at the end of every request.
    app.teardown_appcontext_funcs[:] = [one for one in app.teardown_appcontext_funcs if not iscoroutinefunction(one)]


def listen_to_sessions(name: str, listener: Callable[..., None]) -> None:
    """Call `listener` at each event `name` (SQLAlchemy's words) of every session of this process.

    Once, however many applications are made in it.
    """
    if not event.contains(Session, name, listener):
        event.listen(Session, name, listener)


@overload
def execute_unscoped(statement: TypedReturnsRows[*Columns], parameters: Any = None) -> CursorResult[*Columns]: ...


@overload
def execute_unscoped(statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]: ...


def execute_unscoped(statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
    """Execute a Core statement that names its jurisdiction itself, past the wall that is put on ORM statements."""
    return db.session.connection().execute(statement, parameters)


def affected_rows(result: Result[*tuple[Any, ...]]) -> int:
    """How many rows an INSERT, UPDATE or DELETE that was executed by a session touched."""
    assert isinstance(result, CursorResult)
    return result.rowcount


def fetch_row_unscoped(statement: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    """One row of a short statement in psycopg's own words (%(name)s) that names its jurisdiction itself.

    It is asked over a reading connection, past session and SQLAlchemy: they cost more than its answer. For
    requests that only show, where the same few statements are asked thousands of times.
    """
    connection = db.get_engine(READ_ONLY_ENGINE).raw_connection()
    try:
        driver = connection.driver_connection
        assert driver is not None  # it is taken from the pool by the line above
        return driver.execute(statement, values).fetchone()
    except psycopg.OperationalError:
        # Cut off, as all the others may be: SQLAlchemy finds out below, and the request is tried again.
        connection.invalidate()
    finally:
        connection.close()
    row = db.session.connection().exec_driver_sql(statement, values).fetchone()
    return None if row is None else tuple(row)


def end_transaction() -> None:
    """Give the connection back before another party is spoken with (a geocoder, the storage, a mailbox).

    What was written so far stays: it must be whole (photos that were kept, nothing else).
    """
    db.session.commit()


def one_of(column: str, values: tuple[str, ...] | list[str], name: str | None = None) -> CheckConstraint:
    """A check that `column` is one of `values` (an enumeration, as text)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name or column)


def utcnow() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
