"""Is it repaired? Yes once, no once; two at once, too late, opened or joined meanwhile."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from core.actor import Actor
from core.database import db, utcnow
from core.errors import FieldError, Refused
from core.outbox.models import Message
from core.photos.verbs import accept
from interventions import street, triage
from reporter import intake, moves, reading
from reporter.answers import repaired
from reporter.answers.models import Verdict
from reporter.mails.occasion import occasions
from reporter.mails.sayings import last_day_to_contest
from reporter.models import Follower, ReportEvent
from tests import factories


@pytest.fixture
def here(acting, town):
    with acting(town):
        yield town


def resolved(**more):
    """A report whose work is done."""
    made = factories.report(**more)
    order = factories.work_order(intake.lock(made.reference))
    by = Actor("desk", factories.user("supervisor").id)
    street.start(order, by=by)
    street.finish(order, by=by)
    db.session.commit()
    return intake.lock(made.reference)


def author_of(report) -> int:
    return report.contact_id


def neighbour_of(report, email: str = "voisine@example.org") -> int:
    """A confirmed follower's contact."""
    from core import contacts

    contact_id = contacts.keep(contacts.Details(email=email))
    db.session.add(
        Follower(jurisdiction_id=report.jurisdiction_id, report_id=report.id, contact_id=contact_id,
                 confirmed_at=utcnow()))
    db.session.flush()
    return contact_id


def kinds(report) -> list[str]:
    rows = db.session.scalars(
        select(ReportEvent.kind).where(ReportEvent.report_id == report.id).order_by(ReportEvent.id))
    return list(rows)


def told(report) -> list[str]:
    return [
        kind.removeprefix("report.") for kind in db.session.scalars(
            select(Message.kind).where(Message.facts["report"].as_integer() == report.id).order_by(Message.id))
    ]


def test_yes_is_kept_once_and_shown_without_a_name(here):
    report = resolved()
    for _twice in range(2):
        repaired.confirm(report, None, contact_id=author_of(report), rating="4", by=Actor("web"))
    assert kinds(report).count("confirmed") == 1 and report.status == "resolved"
    found = db.session.scalar(select(Verdict))
    assert (found.repaired, found.rating) == (True, 4)
    repaired.contest(report, None, contact_id=author_of(report), text="Finalement non", by=Actor("web"))
    assert report.status == "resolved" and repaired.standing(report, author_of(report)).repaired is True
    assert "confirmed" not in told(report)
    line = next(one for one in reading.history(report.id) if one.kind == "confirmed")
    assert line.facts == {"by": "author"} and line.words is None


def test_many_followers_say_yes_in_one_line(here):
    report = resolved()
    for number in range(3):
        contact = neighbour_of(report, f"v{number}@example.org")
        repaired.confirm(report, None, contact_id=contact, by=Actor("web"))
    repaired.confirm(report, None, contact_id=author_of(report), by=Actor("web"))
    assert kinds(report).count("confirmed") == 2


def test_a_rating_goes_from_one_to_five(here):
    report = resolved()
    with pytest.raises(FieldError) as error:
        repaired.confirm(report, None, contact_id=author_of(report), rating="6", by=Actor("web"))
    assert error.value.field == "rating"


def test_no_opens_it_again_and_is_read_by_the_services_alone(here):
    report = resolved()
    photo = accept(factories.jpeg())
    repaired.contest(report, None, contact_id=author_of(report), text="Le trou est encore là, 06 12 34 56 78",
                     photos=[str(photo.token)], by=Actor("web"))
    assert (report.status, report.to_read, report.closed_at) == ("acknowledged", "contested", None)
    assert kinds(report)[-2:] == ["reopened", "contested"] and told(report)[-1] == "reopened"
    assert all("encore" not in (line.words or "") for line in reading.history(report.id, mine=True))
    said = reading.history(report.id, staff=True)[0]
    assert "encore" in said.words and said.facts["photos"] == [str(photo.token)]
    shown = reading.detail(report.reference).photos
    assert [one["role"] for one in shown if one["token"] == str(photo.token)] == ["seen"]


def test_what_was_finished_before_proves_nothing_any_more(here):
    report = resolved()
    repaired.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    look = factories.work_order(report, kind="inspection")
    by = Actor("desk", factories.user("supervisor").id)
    street.start(look, by=by)
    street.finish(look, by=by)
    assert intake.lock(report.reference).status != "resolved"


def test_no_needs_words_or_a_photo(here):
    report = resolved()
    with pytest.raises(FieldError) as error:
        repaired.contest(report, None, contact_id=author_of(report), text="  ", by=Actor("web"))
    assert error.value.field == "text" and report.status == "resolved"


def test_two_who_say_no_at_once_are_both_heard_and_told_of_once(here):
    report = resolved()
    other = neighbour_of(report)
    repaired.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    repaired.contest(report, None, contact_id=other, text="Non plus", by=Actor("web"))
    assert kinds(report).count("reopened") == 1 and kinds(report).count("contested") == 2
    assert len(list(db.session.scalars(select(Verdict)))) == 2


def test_yes_after_somebody_said_no_is_told_how_it_stands(here):
    report = resolved()
    other = neighbour_of(report)
    repaired.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    assert repaired.standing(report, other).state == repaired.REOPENED
    with pytest.raises(Refused):
        repaired.confirm(report, None, contact_id=other, by=Actor("web"))


def test_after_the_delay_it_is_reported_again(here, monkeypatch):
    report = resolved()
    monkeypatch.setattr(repaired, "utcnow", lambda: utcnow() + timedelta(days=16))
    assert repaired.standing(report, author_of(report)).state == repaired.LATE
    with pytest.raises(Refused) as error:
        repaired.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    assert error.value.code == "too_late" and report.status == "resolved"


def test_an_older_repair_is_not_asked_about_any_more(here):
    report = resolved()
    first = db.session.scalar(select(ReportEvent).where(ReportEvent.kind == "resolved"))
    repaired.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    other = neighbour_of(report)
    order = factories.work_order(report)
    by = Actor("desk", factories.user("supervisor").id)
    street.start(order, by=by)
    street.finish(order, by=by)
    report = intake.lock(report.reference)
    assert repaired.standing(report, other, first).state == repaired.NEWER
    with pytest.raises(Refused):
        repaired.contest(report, first, contact_id=other, text="Non", by=Actor("web"))
    assert report.status == "resolved"
    assert repaired.standing(report, author_of(report)).state == repaired.ASKED


def test_one_that_was_joined_to_another_is_left_alone(here):
    report, main = resolved(), factories.report(email=None)
    triage.reopen(report, by=Actor("desk", factories.user("supervisor").id))
    moves.merge(report, intake.lock(main.reference), by=Actor("desk"))
    assert repaired.standing(report, author_of(report)).state == repaired.JOINED
    with pytest.raises(Refused):
        repaired.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))


def test_an_author_without_an_address_answers_once_too(here):
    report = resolved(email=None)
    for _twice in range(2):
        repaired.confirm(report, None, contact_id=None, by=Actor("web"))
    assert kinds(report).count("confirmed") == 1


def test_nothing_is_asked_of_what_was_never_repaired(here):
    assert repaired.standing(factories.report(), 1) is None


def test_no_is_heard_until_the_end_of_the_day_that_was_promised(here, monkeypatch):
    made = factories.report()
    order = factories.work_order(intake.lock(made.reference))
    # A phone without network: it was done five days before it is recorded.
    by = Actor("field", factories.user("supervisor").id, utcnow() - timedelta(days=5))
    street.start(order, by=by)
    street.finish(order, by=by)
    report = intake.lock(made.reference)
    event = db.session.scalars(select(ReportEvent).where(ReportEvent.kind == "resolved")).one()
    assert event.recorded_at - event.occurred_at > timedelta(days=4)
    promised = last_day_to_contest(occasions([event.id])[event.id], here)
    assert repaired.standing(report, author_of(report)).until == promised
    assert promised >= event.recorded_at + timedelta(days=here.habits.reopen_days), "the generous clock"
    local = promised.astimezone(ZoneInfo(here.time_zone))
    assert (local.hour, local.minute) == (23, 59)
    monkeypatch.setattr(repaired, "utcnow", lambda: promised - timedelta(seconds=1))
    assert repaired.standing(report, author_of(report)).state == repaired.ASKED
    monkeypatch.setattr(repaired, "utcnow", lambda: promised + timedelta(seconds=1))
    assert repaired.standing(report, author_of(report)).state == repaired.LATE


def test_a_second_no_after_the_delay_is_too_late_although_the_first_was_not(here, monkeypatch):
    report = resolved()
    other = neighbour_of(report)
    repaired.contest(report, None, contact_id=author_of(report), text="Non", by=Actor("web"))
    assert repaired.standing(report, other).state == repaired.REOPENED
    monkeypatch.setattr(repaired, "utcnow", lambda: utcnow() + timedelta(days=17))
    with pytest.raises(Refused) as error:
        repaired.contest(report, None, contact_id=other, text="Non plus", by=Actor("web"))
    assert error.value.code == "illegal_move" and len(list(db.session.scalars(select(Verdict)))) == 1
