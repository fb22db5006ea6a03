"""A question to the resident: asked, answered, answered too late, never answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.database import db, utcnow
from core.errors import FieldError, Refused
from core.identity.actor import Actor
from core.photos.verbs import accept
from interventions.triage import verbs as triage_verbs
from reporter.feedback import questions
from reporter.reports import detail
from reporter.reports import intake as report_intake
from reporter.reports.models import Report, ReportEvent
from tests import factories


@pytest.fixture
def here(acting, jurisdiction):
    with acting(jurisdiction):
        yield jurisdiction


@pytest.fixture
def by(here):
    return Actor("desk", factories.user("supervisor").id)


def question(by, *, before: str = "received", **more):
    made = factories.report(**more)
    report = report_intake.lock_report(made.reference)
    if before == "acknowledged":
        triage_verbs.acknowledge(report, by=by)
    triage_verbs.ask(report, text="De quel côté de la rue ?", by=by)
    return report


def kinds(report) -> list[str]:
    return list(
        db.session.scalars(select(ReportEvent.kind).where(ReportEvent.report_id == report.id).order_by(ReportEvent.id))
    )


def test_a_question_waits_as_long_as_the_town_says(here, by):
    report = question(by)
    assert report.status == "waiting"
    assert timedelta(days=13) < report.waiting_until - utcnow() <= timedelta(days=14)
    words = {one.kind: one.words for one in detail.report_history(report.id)}
    assert words["question"] is None, "what is asked is for its author alone"
    mine = {one.kind: one.words for one in detail.report_history(report.id, mine=True)}
    assert mine["question"] == "De quel côté de la rue ?"


@pytest.mark.parametrize("before", ["received", "acknowledged"])
def test_an_answer_brings_it_back_to_what_it_was(here, by, before):
    photo = accept(factories.jpeg())
    report = question(by, before=before)
    questions.answer(report, text="Côté pair", photos=[photo.token], by=Actor("web"))
    assert (report.status, report.waiting_until, report.unread_answer) == (before, None, "answered")
    mine = next(one for one in detail.report_history(report.id, mine=True) if one.kind == "answered")
    assert mine.words == "Côté pair" and str(photo.token) in mine.facts["photos"]
    assert "answered" not in [one.kind for one in detail.report_history(report.id)]


def test_a_second_question_returns_to_the_first_state(here, by):
    report = question(by, before="acknowledged")
    triage_verbs.ask(report, text="Et l’étage ?", by=by)
    questions.answer(report, text="Le deuxième", by=Actor("web"))
    assert report.status == "acknowledged"


def test_an_answer_needs_words_or_a_photo(here, by):
    report = question(by)
    with pytest.raises(FieldError) as error:
        questions.answer(report, text=" ", by=Actor("web"))
    assert error.value.field == "text" and report.status == "waiting"


def test_an_answer_that_comes_late_is_read_all_the_same(here, by):
    report = question(by)
    triage_verbs.reject(report, reason="Sans précision, nous ne pouvons rien faire.", by=by)
    questions.answer(report, text="J’étais absent : côté pair", by=Actor("mail"))
    assert (report.status, report.unread_answer) == ("rejected", "answered")


def test_somebody_else_s_answer_is_not_shown_to_the_author(here, by):
    report = question(by)
    from core.identity import contacts

    other = contacts.find_or_create_contact(contacts.ContactDetails(email="autre@example.org"))
    questions.answer(report, text="Je crois que c’est à gauche", by=Actor("mail"), contact_id=other)
    assert report.status == "received"
    assert "answered" not in [one.kind for one in detail.report_history(report.id, mine=True)]


def test_what_nobody_answers_comes_back_by_itself(here, by, monkeypatch):
    late, early = question(by), question(by)
    late.waiting_until = utcnow() - timedelta(minutes=1)
    db.session.commit()
    assert questions.end_unanswered() == 1 and questions.end_unanswered() == 0
    found = db.session.get(Report, late.id)
    assert (found.status, found.unread_answer, found.waiting_until) == ("received", "unanswered", None)
    assert kinds(found)[-1] == "unanswered"
    assert db.session.get(Report, early.id).status == "waiting"


def test_work_that_begins_ends_the_waiting(here, by):
    report = question(by)
    factories.work_order(report)
    report = report_intake.lock_report(report.reference)
    assert (report.status, report.waiting_until) == ("acknowledged", None)
    with pytest.raises(Refused):
        triage_verbs.ask(report, text="Encore une question", by=by)


@pytest.mark.parametrize("words", ["", "  ", "x" * 1001])
def test_a_question_is_a_question(here, by, words):
    made = report_intake.lock_report(factories.report().reference)
    with pytest.raises(FieldError) as error:
        triage_verbs.ask(made, text=words, by=by)
    assert error.value.field == "text" and made.status == "received"


def test_what_was_read_is_not_put_before_the_desk_again(here, by):
    report = question(by)
    questions.answer(report, text="Côté pair", by=Actor("web"))
    triage_verbs.mark_answer_read(report, by=by)
    assert report.unread_answer is None
    triage_verbs.ask(report, text="Sûr ?", by=by)
    questions.answer(report, text="Oui", by=Actor("web"))
    assert report.unread_answer == "answered"
    triage_verbs.acknowledge(report, by=by)
    assert report.unread_answer is None
