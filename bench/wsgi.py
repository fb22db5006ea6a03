"""The product's own application, with one header more: how many statements an answer asked the database."""

from __future__ import annotations

import threading

import psycopg
import sqlalchemy as sa

from app import create_app
from core.database import db

HEADER = "X-Statements"
NOT_COUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK TO")

app = create_app()
_asked = threading.local()


class Heard(psycopg.Cursor):
    """Counts where the driver itself is asked: what goes past SQLAlchemy is counted too."""

    def execute(self, query, *arguments, **options):
        """Ask, and count."""
        if not str(query).lstrip().startswith(NOT_COUNTED):
            _asked.n = getattr(_asked, "n", 0) + 1
        return super().execute(query, *arguments, **options)


def _hear(connection, _record) -> None:
    connection.cursor_factory = Heard


with app.app_context():
    # One that writes, one that cannot: what a page asks goes over the second.
    for engine in db.engines.values():
        sa.event.listen(engine, "connect", _hear)


class Counted:
    """Counts from the first hook to the last byte: no view and no commit is left out."""

    def __init__(self, inner) -> None:
        self.inner = inner

    def __call__(self, environ, start_response):
        _asked.n = 0

        def start(status, headers, *more):
            return start_response(status, [*headers, (HEADER, str(_asked.n))], *more)

        return self.inner(environ, start)


app.wsgi_app = Counted(app.wsgi_app)
