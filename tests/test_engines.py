"""A safe request reads over connections that cannot write, in these tests as in production.

Each case runs twice: before the application of the tests, whose reading engine borrows the test's connection
(`tests.engines`), and before one on a database of its own, whose engines are production's to the last option.
"""

from __future__ import annotations

import pytest
from psycopg.errors import NoActiveSqlTransaction, ReadOnlySqlTransaction
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from core.database import db, fetch_row_unscoped
from core.identity.models import Jurisdiction
from core.web.access import ANYONE, requires
from tests import factories
from tests.conftest import environment, fresh_database

#: A page for anybody, whose view a test exchanges for its own.
ADDRESS = "/healthz"
WRITES = {
    "update": "UPDATE jurisdiction SET prefix = 'XX'",
    "a CTE that writes": "WITH gone AS (DELETE FROM sector RETURNING id) SELECT count(*) FROM gone",
    "a function that writes": "SELECT nextval(pg_get_serial_sequence('jurisdiction', 'id'))",
    "a lock": "SELECT id FROM jurisdiction FOR UPDATE",
}


@pytest.fixture(scope="module")
def real(migrated, tmp_path_factory):
    """An application with a jurisdiction, on a database of its own: its two engines are as production's."""
    from app import create_app
    from core.settings import Settings

    with fresh_database("engines", template=migrated) as url:
        known = environment(url, tmp_path_factory.mktemp("engines"))
        made = create_app(Settings(_env_file=None, **{k: known[k] for k in Settings.model_fields if k in known}))
        made.config["PROPAGATE_EXCEPTIONS"] = False
        with made.app_context():
            factories.jurisdiction()
        yield made
        with made.app_context():
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture(params=["of the tests", "of production"])
def either(request, app, jurisdiction):
    """The application of the tests, then one with production's engines; both with a jurisdiction."""
    return app if request.param == "of the tests" else request.getfixturevalue("real")


@pytest.fixture
def answering(either, monkeypatch):
    """`answering(view)` – the error that GET of a page with that view ends in, None where it answers 200."""

    def ask(view):
        found = []

        @requires(ANYONE)
        def answer_or_fail():
            try:
                return view()
            except Exception as error:
                found.append(error)
                raise

        endpoint = either.url_map.bind("localhost").match(ADDRESS)[0]
        monkeypatch.setitem(either.view_functions, endpoint, answer_or_fail)
        answer = either.test_client().get(ADDRESS)
        assert answer.status_code == (500 if found else 200)
        return found[0] if found else None

    return ask


def prefix(app) -> str:
    """What the writing engine finds."""
    with app.app_context():
        return db.session.scalar(select(Jurisdiction.__table__.c.prefix).limit(1))


@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES)
def test_the_database_refuses_a_get_that_writes(either, answering, statement):
    error = answering(lambda: str(db.session.execute(text(statement))))
    assert isinstance(error, DBAPIError) and isinstance(error.orig, ReadOnlySqlTransaction)
    assert prefix(either) == "VC"


def test_the_database_refuses_what_the_session_would_flush_on_get(either, answering):
    def view():
        db.session.scalar(select(Jurisdiction).limit(1)).prefix = "XX"
        db.session.flush()
        return ""

    error = answering(view)
    assert isinstance(error.orig, ReadOnlySqlTransaction)
    assert prefix(either) == "VC"


def test_the_database_refuses_a_glance_that_writes(either, answering):
    error = answering(
        lambda: str(fetch_row_unscoped("UPDATE jurisdiction SET prefix = %(to)s RETURNING 1", {"to": "XX"}))
    )
    assert isinstance(error, ReadOnlySqlTransaction)
    assert prefix(either) == "VC"


def test_there_is_no_transaction_around_a_get(answering):
    def view():
        with db.session.begin_nested():
            return str(db.session.scalar(text("SELECT 1")))

    assert isinstance(answering(view).orig, NoActiveSqlTransaction)


def test_a_refused_statement_does_not_spoil_the_next(answering):
    def view():
        with pytest.raises(DBAPIError):
            db.session.execute(text("SELECT 1 / 0"))
        assert db.session.scalar(select(func.count()).select_from(Jurisdiction.__table__)) == 1
        return ""

    assert answering(view) is None


def test_a_get_sees_what_was_committed_before(either, answering):
    seen = []

    def view():
        seen.append(db.session.scalar(select(Jurisdiction.__table__.c.slug)))
        return ""

    assert answering(view) is None and seen == ["villeclaire"]


def test_after_a_get_the_same_application_writes(either):
    """The savepoints of reading end with each statement: what comes after may write again."""
    client = either.test_client()
    assert client.get("/").status_code == 200
    with either.app_context():
        assert db.session.scalar(text("SELECT current_setting('transaction_read_only')")) == "off"
        with db.session.begin_nested() as inner:
            db.session.execute(text(WRITES["update"]))
            inner.rollback()
    assert prefix(either) == "VC"
