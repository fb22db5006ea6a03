"""Two at the desk at the same moment, on connections of their own: everything here is committed for real."""

from __future__ import annotations

import threading
import time
from html import unescape

import pytest
import sqlalchemy as sa

from core.database import db
from core.database.scope import current_jurisdiction_id, serving
from core.identity import jurisdictions
from core.identity.contacts import ContactDetails, find_or_create_contact
from reporter.inbound import drafts
from reporter.inbound import links as inbound_links
from reporter.inbound.mail import intake as mail_intake
from reporter.inbound.models import UNKNOWN, InboundMessage
from reporter.reports.intake import lock_report
from reporter.reports.models import Report
from tests import factories
from tests.api.conftest import apart
from tests.api.test_races import together
from tests.reporter.inbound.writing import mail

__all__ = ["apart"]
TURNS = 3
TOLD = {"channel": "phone", "kind": "Nid-de-poule", "lat": "43.6105", "lon": "3.8765"}


@pytest.fixture
def here(apart):
    """The jurisdiction apart, acting; whatever is written is committed for real."""
    jurisdictions.drop_cache()
    with apart.app_context(), serving(jurisdictions.by_slug("villeclaire")):
        yield jurisdictions.by_slug("villeclaire")
    jurisdictions.drop_cache()


def clerk(apart, user):
    """The browser of a colleague."""
    browser, key = apart.test_client(), factories.session_of(user)
    with browser.session_transaction() as session:
        session["_user_id"], session["_fresh"], session["fs_cc"] = key, True, "set"
    return browser


def came(turn: int, **more) -> InboundMessage:
    """A mail that waits for the desk."""
    inbound = InboundMessage(
        jurisdiction_id=current_jurisdiction_id(),
        channel="mail",
        key=f"race {turn}",
        remark="forged",
        **({"interpreted_as": UNKNOWN, "handled": False} | more),
    )
    inbound.contact_id = find_or_create_contact(ContactDetails(email=f"paul{turn}@example.org"))
    drafts.store_content(inbound, subject="", text="Un banc cassé", photos=[])
    db.session.add(inbound)
    db.session.commit()
    return inbound


def post(apart, user, path: str, data: dict):
    """A form of the desk, sent by that colleague when it is called."""
    browser = clerk(apart, user)
    return lambda: browser.post(path, data=data)


@pytest.mark.parametrize("turn", range(TURNS))
def test_two_clerks_make_one_report_of_a_mail(apart, here, turn, monkeypatch):
    monkeypatch.setitem(apart.config, "WTF_CSRF_ENABLED", False)
    people = [factories.user("reception"), factories.user("supervisor")]
    inbound = came(turn)
    number = inbound.id
    before = db.session.scalar(sa.select(sa.func.count(Report.id)))
    known = list(db.session.scalars(sa.select(Report.reference)))
    db.session.commit()
    data = TOLD | {"arrival": str(number), "description": f"Banc {turn}", "seen": known, "lat": f"43.60{turn}5"}
    answers = together(*[post(apart, one, "/desk/new", data) for one in people])
    assert sorted(one.status_code for one in answers) == [303, 409], [one.text[-800:] for one in answers]
    refused = next(one for one in answers if one.status_code == 409)
    assert f"Banc {turn}" in refused.text, "nothing that was typed is lost"
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Report.id))) == before + 1


def test_what_is_added_at_the_desk_and_by_mail_waits_for_nobody_for_ever(apart, here, monkeypatch):
    """The desk adds an inbound message to its report while its author answers: whoever comes second waits, none is
    refused for a deadlock."""
    monkeypatch.setitem(apart.config, "WTF_CSRF_ENABLED", False)
    made = factories.report(email=None)
    inbound = came(100, interpreted_as="report", handled=True, report_id=made.id)
    browser = clerk(apart, factories.user("reception"))
    answer = mail(to=f"ne-pas-repondre+r.{inbound_links.complete_word(inbound.id)}@localhost", text="Devant la poste")
    reference, number = made.reference, inbound.id
    db.session.commit()
    held, go = threading.Event(), threading.Event()
    found: dict[str, object] = {}

    def hold() -> None:
        with apart.app_context(), serving(here):
            lock_report(reference)
            held.set()
            go.wait(30)
            db.session.rollback()

    def desk() -> None:
        found["desk"] = browser.post(f"/desk/arrivals/{number}/attach", data={"reference": reference})

    def author() -> None:
        try:
            with apart.app_context():
                found["mail"] = mail_intake.take_mail(answer).interpreted_as
                db.session.commit()
        except Exception as error:  # noqa: BLE001 - a deadlock is what this looks for
            found["mail"] = error

    threads = [threading.Thread(target=one) for one in (hold, desk, author)]
    threads[0].start()
    held.wait(10)
    # One after the other they come to wait: for the report, or for the message that the other holds.
    for waiting, thread in enumerate(threads[1:], 1):
        thread.start()
        _waiting(waiting)
    go.set()
    for thread in threads:
        thread.join(60)
    assert found["mail"] == "answer"
    # A deadlock is answered with 409 too: here it is what the desk is told, that it was dealt with before.
    assert found["desk"].status_code == 409 and "a traité ce message entre-temps" in unescape(found["desk"].text)


def _waiting(count: int) -> None:
    """Return once so many wait for a lock."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        db.session.rollback()
        if (
            db.session.scalar(
                sa.text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND wait_event_type = 'Lock'"
                )
            )
            >= count
        ):
            return
        time.sleep(0.05)
    raise AssertionError("nobody waits")
