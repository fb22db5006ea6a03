"""Who hears of an event: everybody once a channel, each number once, and a question its author alone."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects import postgresql

from core.database import db, execute_unscoped
from core.identity.actor import Actor
from core.identity.models import Contact
from core.notifications.outbox.models import Message
from interventions.triage import verbs as triage_verbs
from reporter import subscriptions
from reporter.reports.history import append
from reporter.reports.intake import lock_report
from reporter.subscriptions.models import ReportSubscription
from reporter.subscriptions.recipients import recipients_of
from tests import factories
from tests.reporter.subscriptions.test_links import by_sms, here

__all__ = ["by_sms", "here"]
BY = Actor("system")


def told(report, kind: str | None = None) -> list[tuple[str, str, str]]:
    """(address or number, channel, language) of those who hear of an event of that report."""
    rows = execute_unscoped(recipients_of(report, kind)).all()
    found = []
    for contact_id, channel, locale in rows:
        contact = db.session.get(Contact, contact_id)
        found.append((contact.email or contact.phone or "a browser", channel, locale))
    return sorted(found)


def subscription(report, *, channel: str = "mail", locale: str = "fr", author: bool = False, confirmed: bool = True,
             stopped: bool = False, contact: Contact | None = None, **details) -> Contact:  # fmt: skip
    one = contact or Contact(jurisdiction_id=report.jurisdiction_id, **details)
    db.session.add(one)
    db.session.flush()
    now = report.received_at
    db.session.add(ReportSubscription(
        jurisdiction_id=report.jurisdiction_id, report_id=report.id, contact_id=one.id, channel=channel,
        locale=locale, author=author, confirmed_at=now if confirmed else None,
        stopped_at=now if stopped else None))  # fmt: skip
    db.session.flush()
    return one


@pytest.fixture
def report(here):
    """A report whose author left an address."""
    return factories.report(email="auteur@example.org")


def test_each_contact_once_a_channel(report):
    both = subscription(report, email="deux@example.org", phone="+33612345678")
    subscription(report, contact=both, channel="sms", locale="en")
    subscription(report, channel="push")
    subscription(report, email="attend@example.org", confirmed=False)
    subscription(report, email="assez@example.org", stopped=True)
    assert told(report) == [
        ("a browser", "push", "fr"), ("auteur@example.org", "mail", "fr"),
        ("deux@example.org", "mail", "fr"), ("deux@example.org", "sms", "en")]  # fmt: skip


def test_an_address_that_fails_hears_nothing_and_the_other_channel_does(report):
    one = subscription(report, email="deux@example.org", phone="+33612345678", email_failed_at=report.received_at)
    subscription(report, contact=one, channel="sms")
    subscription(report, channel="sms", phone="+33699999999", phone_failed_at=report.received_at)
    subscription(report, channel="sms", email="sans-numero@example.org")
    assert told(report) == [("auteur@example.org", "mail", "fr"), ("deux@example.org", "sms", "fr")]


def test_a_familys_number_is_told_once(report):
    for name in ("Zoé", "Paul"):
        subscription(report, channel="sms", phone="+33612345678", name=name)
    assert [one for one in told(report) if one[1] == "sms"] == [("+33612345678", "sms", "fr")]


def test_of_what_was_merged_each_hears_once_in_the_language_of_the_nearest(report):
    other, third = factories.report(email="voisin@example.org"), factories.report(email="tiers@example.org")
    one = db.session.scalars(select(Contact).where(Contact.email == "voisin@example.org")).one()
    subscription(report, contact=one, locale="en")
    for joined in (other, third):
        triage_verbs.merge(joined.reference, report.reference, by=Actor("desk", factories.user("supervisor").id),
                     reason="Le même trou")  # fmt: skip
    assert told(report) == [
        ("auteur@example.org", "mail", "fr"), ("tiers@example.org", "mail", "fr"),
        ("voisin@example.org", "mail", "en")]  # fmt: skip
    before = db.session.scalar(select(Message.id).order_by(Message.id.desc()).limit(1))
    append(lock_report(report.reference), "resolved", by=BY)
    owed = db.session.scalars(select(Message).where(Message.id > before, Message.kind == "report.resolved")).all()
    assert sorted(message.contact.email for message in owed) == [
        "auteur@example.org", "tiers@example.org", "voisin@example.org"]  # fmt: skip


def test_once_taken_apart_again_each_hears_of_its_own(report):
    other = factories.report(email="voisin@example.org")
    by = Actor("desk", factories.user("supervisor").id)
    triage_verbs.merge(other.reference, report.reference, by=by, reason="Le même trou")
    triage_verbs.reopen(lock_report(other.reference), reason="Ce n’est pas le même", by=by)
    assert told(lock_report(report.reference)) == [("auteur@example.org", "mail", "fr")]
    assert told(lock_report(other.reference)) == [("voisin@example.org", "mail", "fr")]


def test_a_question_goes_to_who_sent_this_report_by_each_of_their_channels(report):
    other = factories.report(email="voisin@example.org")
    triage_verbs.merge(other.reference, report.reference, by=Actor("desk", factories.user("supervisor").id), reason="x")
    subscription(report, email="suit@example.org")
    subscription(report, channel="push", author=True)
    assert told(report, "question") == [("a browser", "push", "fr"), ("auteur@example.org", "mail", "fr")]


def test_an_author_by_sms_is_asked_first_and_an_unset_channel_is_none(here, app, by_sms, monkeypatch):
    made = factories.report(email=None, phone="0612345678")
    assert told(made) == []
    subscriptions.confirm(
        db.session.scalars(select(ReportSubscription).where(ReportSubscription.report_id == made.id)).one()
    )
    assert told(made) == [("+33612345678", "sms", "fr")]
    assert told(factories.report(email=None, phone="04 67 00 00 00")) == []
    assert told(factories.report(email="a@example.org", phone="0612345678")) == [("a@example.org", "mail", "fr")]
    monkeypatch.setitem(app.config, "SMS_URL", None)
    assert told(factories.report(email=None, phone="0612345678")) == []


def test_ten_thousand_followers_are_found_by_the_index_alone(report):
    db.session.execute(
        text("""
        WITH people AS (
            INSERT INTO contact (jurisdiction_id, email)
            SELECT :here, 'f' || n || '@example.org' FROM generate_series(1, 10000) AS n RETURNING id
        ), more AS (
            INSERT INTO report (jurisdiction_id, in_charge_id, category_id, reference, status, priority, private,
                                location, channel)
            SELECT jurisdiction_id, in_charge_id, category_id, 'VC-' || n, status, priority, private, location, channel
            FROM report, generate_series(1, 3000) AS n WHERE id = :id RETURNING id
        ), others AS (
            INSERT INTO report_subscription (jurisdiction_id, report_id, contact_id, confirmed_at)
            SELECT :here, more.id, (SELECT min(id) FROM people), now() FROM more
        )
        INSERT INTO report_subscription (jurisdiction_id, report_id, contact_id, confirmed_at)
        SELECT :here, :id, people.id, now() FROM people"""),
        {"here": report.jurisdiction_id, "id": report.id},
    )
    for table in ("contact", "report_subscription", "report"):
        db.session.execute(text(f"ANALYZE {table}"))
    few = db.session.scalars(
        select(ReportSubscription.report_id).where(ReportSubscription.report_id != report.id).limit(1)
    ).one()
    report_of_few = lock_report(db.session.scalar(text("SELECT reference FROM report WHERE id = :id"), {"id": few}))
    shown = str(recipients_of(report_of_few).compile(
        dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))  # fmt: skip
    plan = "\n".join(execute_unscoped(text(f"EXPLAIN {shown}".replace(":", "\\:"))).scalars())
    assert "uq_report_subscription_report_id_contact_id_channel" in plan and "Seq Scan on follower" not in plan, plan
    assert "Seq Scan on report" not in plan and "Seq Scan on contact" not in plan, plan
    assert execute_unscoped(select(func.count()).select_from(recipients_of(report).subquery())).scalar() == 10_001
