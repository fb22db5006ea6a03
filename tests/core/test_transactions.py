"""What waits for the commit, what is not done inside a transaction, and what is said when a lock is not given."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from core import outbound, storage
from core.database import LOCK_SECONDS, READ_ONLY_ENGINE, db, transactions
from core.database.transactions import Guard, WritingTransaction, on_commit
from core.notifications.mail.transport import open_transport
from interventions.desk import menu
from reporter.reports.models import Report
from tests import factories
from tests.conftest import environment, fresh_database


def test_what_waits_for_the_commit_is_called_once_after_the_outermost_one(acting, jurisdiction):
    called = []

    def drop() -> None:
        called.append(db.session.in_transaction())

    with acting(jurisdiction):
        with db.session.begin_nested():
            on_commit(drop)
            on_commit(drop)
        assert called == []
        db.session.commit()
        assert len(called) == 1
        db.session.commit()
        assert len(called) == 1


def test_what_was_rolled_back_calls_nothing(acting, jurisdiction):
    called = []
    with acting(jurisdiction):
        on_commit(lambda: called.append(1))
        db.session.execute(sa.text("SELECT 1"))
        db.session.rollback()
        db.session.commit()
    assert called == []


def test_a_form_drops_the_menus_numbers_after_its_commit_and_not_before(acting, jurisdiction, signed_in, monkeypatch):
    """Another request between the two would count what was, and keep it."""
    with acting(jurisdiction):
        reference = factories.report().reference
    browser, order = signed_in("supervisor"), []
    monkeypatch.setattr(menu, "drop_cache", lambda: order.append("forgotten"))
    sa.event.listen(
        sa.orm.Session,
        "after_commit",
        commit := lambda session: order.append("released" if session.in_nested_transaction() else "committed"),
    )
    try:
        answer = browser.post("/desk/reports/selection", data={"report": f"{reference}@1", "do": "acknowledge"})
    finally:
        sa.event.remove(sa.orm.Session, "after_commit", commit)
    assert answer.status_code == 303
    assert order[-2:] == ["committed", "forgotten"] and order.count("forgotten") == 1


@pytest.mark.parametrize("party", ["storage", "resolver", "mailbox"])
def test_nobody_is_spoken_to_in_a_transaction_that_has_written(app, acting, jurisdiction, tmp_path, party, monkeypatch):
    monkeypatch.setitem(app.extensions, "transaction_guard", Guard())

    def speak() -> None:
        if party == "storage":
            storage.storage().ready()
        elif party == "resolver":
            with pytest.raises(outbound.BlockedAddress):
                outbound.check_url("https://127.0.0.1/")
        else:
            open_transport(f"file://{tmp_path}", hello="localhost").send(_mail())

    with acting(jurisdiction):
        speak()
        db.session.execute(sa.select(Report.id))
        speak()
        db.session.execute(sa.text("WITH gone AS (DELETE FROM report WHERE id = 0 RETURNING id) SELECT 1 FROM gone"))
        with pytest.raises(WritingTransaction, match=party):
            speak()
        db.session.commit()
        speak()
        db.session.execute(sa.select(Report.id).with_for_update())
        with pytest.raises(WritingTransaction):
            speak()
        db.session.rollback()
        speak()


def _mail():
    from core.notifications.mail import Outgoing

    return Outgoing(sender="a@example.org", to="b@example.org", data=b"Subject: x\r\n\r\nx\r\n")


def test_what_is_named_and_what_a_test_does_itself_is_let_through(app, acting, jurisdiction, monkeypatch):
    def speaks() -> bool:
        try:
            storage.storage().ready()
        except WritingTransaction:
            return False
        return True

    with acting(jurisdiction):
        db.session.execute(sa.text("DELETE FROM report WHERE id = 0"))
        for guard, through in (
            (Guard(), False),
            (Guard(frozenset({__name__})), True),
            (Guard(frozenset({"core.web.idempotency"})), False),
            (Guard(outside=Path(__file__).parent), True),
        ):
            monkeypatch.setitem(app.extensions, "transaction_guard", guard)
            assert speaks() is through


def test_without_the_guard_nothing_is_looked_at(acting, jurisdiction, app, monkeypatch):
    monkeypatch.delitem(app.extensions, "transaction_guard")
    with acting(jurisdiction):
        db.session.execute(sa.text("DELETE FROM report WHERE id = 0"))
        transactions.must_not_write("storage")


@pytest.fixture(scope="module")
def real(migrated, tmp_path_factory):
    """An application on a database of its own, whose commits are real and whose requests use both engines."""
    from app import create_app
    from core.settings import Settings

    with fresh_database(f"{migrated}_locks", template=migrated) as url:
        known = environment(url, tmp_path_factory.mktemp("locks"))
        made = create_app(Settings(_env_file=None, **{k: known[k] for k in Settings.model_fields if k in known}))
        yield made
        with made.app_context():
            db.engine.dispose()
            db.get_engine(READ_ONLY_ENGINE).dispose()


def test_who_waits_too_long_for_somebody_elses_change_reads_a_sentence(real):
    from core.database.scope import serving

    with real.app_context():
        served = factories.jurisdiction()
        with serving(served):
            report, headers = factories.report().reference, {"Authorization": f"Bearer {factories.token('supervisor')}"}
        other = db.engine.connect()
        with other, other.begin():
            other.execute(sa.text("SELECT 1 FROM report WHERE reference = :one FOR UPDATE"), {"one": report})
            client = real.test_client()
            answer = client.post(f"/api/v1/reports/{report}/acknowledge", headers=headers)
            assert answer.status_code == 409 and answer.get_json()["code"] == "busy"
            assert answer.headers["Retry-After"] == "1"
        assert client.post(f"/api/v1/reports/{report}/acknowledge", headers=headers).status_code == 200
    assert LOCK_SECONDS <= 10


def test_a_safe_request_speaks_over_the_connections_that_cannot_write(real):
    with real.test_request_context("/", method="GET"):
        real.preprocess_request()
        assert db.session.get_bind() is db.get_engine(READ_ONLY_ENGINE)
        with pytest.raises(sa.exc.InternalError):
            db.session.execute(sa.text("CREATE TEMPORARY TABLE t AS SELECT 1"))
            db.session.execute(sa.text("DELETE FROM message"))
    with real.test_request_context("/", method="POST"):
        real.preprocess_request()
        assert db.session.get_bind() is db.engine
