"""Is it repaired? Yes once, no once; two at once, too late, opened or joined meanwhile."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from core.database import db, utcnow
from core.errors import FieldError, Refused
from core.identity.actor import Actor
from core.notifications.outbox.models import Message
from core.photos.verbs import accept
from interventions.triage import verbs as triage_verbs
from interventions.work_orders import execution
from reporter.feedback import repair_check
from reporter.feedback.models import RepairAnswer
from reporter.messages.event_context import event_contexts
from reporter.messages.event_texts import last_day_to_contest
from reporter.reports import detail as report_detail
from reporter.reports import intake as report_intake
from reporter.reports import transitions
from reporter.reports.models import ReportEvent
from reporter.subscriptions.models import ReportSubscription
from tests import factories


@pytest.fixture
def here(acting, jurisdiction):
    with acting(jurisdiction):
        yield jurisdiction


def resolved(**more):
    """A report whose work is done."""
    made = factories.report(**more)
    order = factories.work_order(report_intake.lock_report(made.reference))
    by = Actor("desk", factories.user("supervisor").id)
    execution.start(order, by=by)
    execution.finish(order, by=by)
    db.session.commit()
    return report_intake.lock_report(made.reference)


def author_of(report) -> int:
    return report.contact_id


def neighbour_of(report, email: str = "voisine@example.org") -> int:
    """A confirmed follower's contact."""
    from core.identity import contacts

    contact_id = contacts.find_or_create_contact(contacts.ContactDetails(email=email))
    db.session.add(
        ReportSubscription(
            jurisdiction_id=report.jurisdiction_id, report_id=report.id, contact_id=contact_id, confirmed_at=utcnow()
        )
    )
    db.session.flush()
    return contact_id


def kinds(report) -> list[str]:
    rows = db.session.scalars(
        select(ReportEvent.kind).where(ReportEvent.report_id == report.id).order_by(ReportEvent.id)
    )
    return list(rows)


def told(report) -> list[str]:
    return [
        kind.removeprefix("report.")
        for kind in db.session.scalars(
            select(Message.kind).where(Message.facts["report"].as_integer() == report.id).order_by(Message.id)
        )
    ]


def test_yes_is_kept_once_and_shown_without_a_name(here):
    report = resolved()
    for _twice in range(2):
        repair_check.confirm(report, None, contact_id=author_of(report), rating="4", by=Actor("web"))
    assert kinds(report).count("confirmed") == 1 and report.status == "resolved"
    found = db.session.scalar(select(RepairAnswer))
    assert (found.repaired, found.rating) == (True, 4)
    repair_check.contest(report, None, contact_id=author_of(report), text="Finalement non", by=Actor("web"))
    assert report.status == "resolved" and repair_check.repair_question(report, author_of(report)).repaired is True
    assert "confirmed" not in told(report)
    line = next(one for one in report_detail.report_history(report.id) if one.kind == "confirmed")
    assert line.facts == {"by": "author"} and line.words is None


def test_many_followers_say_yes_in_one_line(here):
    report = resolved()
    for number in range(3):
        contact = neighbour_of(report, f"v{number}@example.org")
        repair_check.confirm(report, None, contact_id=contact, by=Actor("web"))
    repair_check.confirm(report, None, contact_id=author_of(report), by=Actor("web"))
    assert kinds(report).count("confirmed") == 2


def test_a_rating_goes_from_one_to_five(here):
    report = resolved()
    with pytest.raises(FieldError) as error:
        repair_check.confirm(report, None, contact_id=author_of(report), rating="6", by=Actor("web"))
    assert error.value.field == "rating"


def test_no_opens_it_again_and_is_read_by_the_services_alone(here):
    photo = accept(factories.jpeg())
    report = resolved()
    repair_check.contest(
        report,
        None,
        contact_id=author_of(report),
        text="Le trou est encore là, 06 12 34 56 78",
        photos=[str(photo.token)],
        by=Actor("web"),
    )
    assert (report.status, report.unread_answer, report.closed_at) == ("acknowledged", "contested", None)
    assert kinds(report)[-2:] == ["reopened", "contested"] and told(report)[-1] == "reopened"
    assert all("encore" not in (line.words or "") for line in report_detail.report_history(report.id, mine=True))
    said = report_detail.report_history(report.id, staff=True)[0]
    assert "encore" in said.words and said.facts["photos"] == [str(photo.token)]
    shown = report_detail.report_detail(report.reference).photos
    assert [one["role"] for one in shown if one["token"] == str(photo.token)] == ["seen"]


def test_what_was_finished_before_proves_nothing_any_more(here):
    report = resolved()
    repair_check.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    look = factories.work_order(report, kind="inspection")
    by = Actor("desk", factories.user("supervisor").id)
    execution.start(look, by=by)
    execution.finish(look, by=by)
    assert report_intake.lock_report(report.reference).status != "resolved"


def test_no_needs_words_or_a_photo(here):
    report = resolved()
    with pytest.raises(FieldError) as error:
        repair_check.contest(report, None, contact_id=author_of(report), text="  ", by=Actor("web"))
    assert error.value.field == "text" and report.status == "resolved"


def test_two_who_say_no_at_once_are_both_heard_and_told_of_once(here):
    report = resolved()
    other = neighbour_of(report)
    repair_check.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    repair_check.contest(report, None, contact_id=other, text="Non plus", by=Actor("web"))
    assert kinds(report).count("reopened") == 1 and kinds(report).count("contested") == 2
    assert len(list(db.session.scalars(select(RepairAnswer)))) == 2


def test_yes_after_somebody_said_no_is_told_how_it_stands(here):
    report = resolved()
    other = neighbour_of(report)
    repair_check.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    assert repair_check.repair_question(report, other).state == repair_check.REOPENED
    with pytest.raises(Refused):
        repair_check.confirm(report, None, contact_id=other, by=Actor("web"))


def test_after_the_delay_it_is_reported_again(here, monkeypatch):
    report = resolved()
    monkeypatch.setattr(repair_check, "utcnow", lambda: utcnow() + timedelta(days=16))
    assert repair_check.repair_question(report, author_of(report)).state == repair_check.LATE
    with pytest.raises(Refused) as error:
        repair_check.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    assert error.value.code == "too_late" and report.status == "resolved"


def test_an_older_repair_is_not_asked_about_any_more(here):
    report = resolved()
    first = db.session.scalar(select(ReportEvent).where(ReportEvent.kind == "resolved"))
    repair_check.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    other = neighbour_of(report)
    order = factories.work_order(report)
    by = Actor("desk", factories.user("supervisor").id)
    execution.start(order, by=by)
    execution.finish(order, by=by)
    report = report_intake.lock_report(report.reference)
    assert repair_check.repair_question(report, other, first).state == repair_check.NEWER
    with pytest.raises(Refused):
        repair_check.contest(report, first, contact_id=other, text="Non", by=Actor("web"))
    assert report.status == "resolved"
    assert repair_check.repair_question(report, author_of(report)).state == repair_check.ASKED


def test_one_that_was_joined_to_another_is_left_alone(here):
    report, main = resolved(), factories.report(email=None)
    triage_verbs.reopen(report, by=Actor("desk", factories.user("supervisor").id))
    transitions.merge(report, report_intake.lock_report(main.reference), by=Actor("desk"))
    assert repair_check.repair_question(report, author_of(report)).state == repair_check.JOINED
    with pytest.raises(Refused):
        repair_check.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))


def test_an_author_without_an_address_answers_once_too(here):
    report = resolved(email=None)
    for _twice in range(2):
        repair_check.confirm(report, None, contact_id=None, by=Actor("web"))
    assert kinds(report).count("confirmed") == 1


def test_nothing_is_asked_of_what_was_never_repaired(here):
    assert repair_check.repair_question(factories.report(), 1) is None


def test_no_is_heard_until_the_end_of_the_day_that_was_promised(here, monkeypatch):
    made = factories.report()
    order = factories.work_order(report_intake.lock_report(made.reference))
    # A phone without network: it was done five days before it is recorded.
    by = Actor("field", factories.user("supervisor").id, utcnow() - timedelta(days=5))
    execution.start(order, by=by)
    execution.finish(order, by=by)
    report = report_intake.lock_report(made.reference)
    event = db.session.scalars(select(ReportEvent).where(ReportEvent.kind == "resolved")).one()
    assert event.recorded_at - event.occurred_at > timedelta(days=4)
    promised = last_day_to_contest(event_contexts([event.id])[event.id], here)
    assert repair_check.repair_question(report, author_of(report)).until == promised
    assert promised >= event.recorded_at + timedelta(days=here.preferences.reopen_days), "the generous clock"
    local = promised.astimezone(ZoneInfo(here.time_zone))
    assert (local.hour, local.minute) == (23, 59)
    monkeypatch.setattr(repair_check, "utcnow", lambda: promised - timedelta(seconds=1))
    assert repair_check.repair_question(report, author_of(report)).state == repair_check.ASKED
    monkeypatch.setattr(repair_check, "utcnow", lambda: promised + timedelta(seconds=1))
    assert repair_check.repair_question(report, author_of(report)).state == repair_check.LATE


def test_a_second_no_after_the_delay_is_too_late_although_the_first_was_not(here, monkeypatch):
    report = resolved()
    other = neighbour_of(report)
    repair_check.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    assert repair_check.repair_question(report, other).state == repair_check.REOPENED
    monkeypatch.setattr(repair_check, "utcnow", lambda: utcnow() + timedelta(days=17))
    with pytest.raises(Refused) as error:
        repair_check.contest(report, None, contact_id=other, text="Non plus", by=Actor("web"))
    assert error.value.code == "illegal_move" and len(list(db.session.scalars(select(RepairAnswer)))) == 1
