"""The engines of production on the one connection of a test.

Whatever a test writes stands in one transaction that is rolled back, so no second connection can see it. The
reading engine of the application under test (`core.database.READ_ONLY_ENGINE`) is therefore the real one, with its real
options, but what it is given for a connection is a `ReadingConnection`: the test's own connection, made to behave
like one of production's. Those commit each statement for itself and refuse every write, so here each statement
stands in a savepoint of its own that PostgreSQL itself holds read-only (`transaction_read_only` may be set inside
a savepoint and ends with it), and what needs a transaction around it is refused in PostgreSQL's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import g, has_app_context
from flask.testing import FlaskClient

_BEGIN = "SAVEPOINT reading; SET LOCAL transaction_read_only = on"
_END = "RELEASE SAVEPOINT reading"
_UNDO = "ROLLBACK TO SAVEPOINT reading; RELEASE SAVEPOINT reading"
#: What PostgreSQL accepts inside a transaction only: a connection of production's reading engine is in none.
_NEEDS_A_TRANSACTION = ("SAVEPOINT", "RELEASE", "ROLLBACK TO", "DECLARE", "LOCK")


#: Who hears the statements that are asked past SQLAlchemy, and so past its events.
hearing: list[Callable[[str], None]] = []


class _ReadingCursor(psycopg.Cursor):
    """A cursor whose statements stand each in a read-only savepoint of its own."""

    def execute(self, query, params=None, **options):
        """Execute one statement. Raises `psycopg.errors.ReadOnlySqlTransaction` where it writes."""
        with _read_only(self.connection, query):
            return super().execute(query, params, **options)

    def executemany(self, query, params_seq, **options):
        """Execute one statement for several sets of values, as `execute`."""
        with _read_only(self.connection, query):
            return super().executemany(query, params_seq, **options)


@contextmanager
def _read_only(connection: psycopg.Connection, query: Any) -> Iterator[None]:
    words = str(query).lstrip().upper()
    if words.startswith(_NEEDS_A_TRANSACTION):
        raise psycopg.errors.NoActiveSqlTransaction(
            f"{words.split(maxsplit=1)[0]} can only be used in transaction blocks"
        )
    connection.execute(_BEGIN)
    try:
        yield
    except psycopg.Error:
        connection.execute(_UNDO)
        raise
    connection.execute(_END)


class ReadingConnection:
    """A DBAPI connection of the reading engine, lent by a test: see the module.

    Nothing of its own is ever committed or closed: the connection belongs to the test.
    """

    #: Set by SQLAlchemy for its isolation level; production's connections have it set to True.
    autocommit, isolation_level = True, None

    def __init__(self, lent: psycopg.Connection) -> None:
        self._lent = lent

    def cursor(self, name: str = "", **options: Any) -> psycopg.Cursor:
        """A cursor that only reads. A named one (of the server) needs a transaction, which is not there."""
        if name:
            raise psycopg.errors.NoActiveSqlTransaction("DECLARE CURSOR can only be used in transaction blocks")
        return _ReadingCursor(self._lent, **options)

    def execute(self, query: Any, params: Any = None, **options: Any) -> psycopg.Cursor:
        """As psycopg's connection: a new cursor with the statement executed (`core.database.fetch_row_unscoped` asks
        so)."""
        for hear in hearing:
            hear(query)
        return self.cursor().execute(query, params, **options)

    def commit(self) -> None:
        """Each statement is for itself: there is nothing to commit."""

    rollback = close = commit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lent, name)


@contextmanager
def lent_to(reading: sa.Engine, connection: sa.Connection) -> Iterator[None]:
    """Let the reading engine read on a test's `connection`, and on no other, meanwhile."""
    if reading.dialect.server_version_info is None:
        # Once, on a real connection: what an engine asks of the server before its first statement.
        reading.connect().close()
    reading.dispose()
    lent = connection.connection.driver_connection

    def connect(_dialect, _record, _arguments, _options):
        return ReadingConnection(lent)

    sa.event.listen(reading, "do_connect", connect)
    try:
        yield
    finally:
        sa.event.remove(reading, "do_connect", connect)
        reading.dispose()


class Client(FlaskClient):
    """A client whose requests are each in a context of their own, as a server's are, whatever the test has open.

    What the test has added to its own session is written before, and what it has read is read again afterwards:
    the request may have changed it.
    """

    def open(self, *arguments: Any, **options: Any):
        """Send one request; see `werkzeug.test.Client.open`."""
        if self.preserve_context:
            return super().open(*arguments, **options)
        # Flask-SQLAlchemy-Lite keeps a context's sessions there.
        own = g.get("_sqlalchemy_sessions", {}).get("default") if has_app_context() else None
        if own is not None and own.is_active:
            own.flush()
        try:
            return Context().run(super().open, *arguments, **options)
        finally:
            if own is not None:
                own.expire_all()
