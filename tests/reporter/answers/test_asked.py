"""A question to the resident: asked, answered, answered too late, never answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.actor import Actor
from core.database import db, utcnow
from core.errors import FieldError, Refused
from core.photos.verbs import accept
from interventions import triage
from reporter import intake, reading
from reporter.answers import asked
from reporter.models import Report, ReportEvent
from tests import factories


@pytest.fixture
def here(acting, town):
    with acting(town):
        yield town


@pytest.fixture
def by(here):
    return Actor("desk", factories.user("supervisor").id)


def question(by, *, before: str = "received", **more):
    made = factories.report(**more)
    report = intake.lock(made.reference)
    if before == "acknowledged":
        triage.acknowledge(report, by=by)
    triage.ask(report, text="De quel côté de la rue ?", by=by)
    return report


def kinds(report) -> list[str]:
    return list(db.session.scalars(
        select(ReportEvent.kind).where(ReportEvent.report_id == report.id).order_by(ReportEvent.id)))


def test_a_question_waits_as_long_as_the_town_says(here, by):
    report = question(by)
    assert report.status == "waiting"
    assert timedelta(days=13) < report.waiting_until - utcnow() <= timedelta(days=14)
    words = {one.kind: one.words for one in reading.history(report.id)}
    assert words["question"] is None, "what is asked is for its author alone"
    mine = {one.kind: one.words for one in reading.history(report.id, mine=True)}
    assert mine["question"] == "De quel côté de la rue ?"


@pytest.mark.parametrize("before", ["received", "acknowledged"])
def test_an_answer_brings_it_back_to_what_it_was(here, by, before):
    report = question(by, before=before)
    photo = accept(factories.jpeg())
    asked.answer(report, text="Côté pair", photos=[photo.token], by=Actor("web"))
    assert (report.status, report.waiting_until, report.to_read) == (before, None, "answered")
    mine = next(one for one in reading.history(report.id, mine=True) if one.kind == "answered")
    assert mine.words == "Côté pair" and str(photo.token) in mine.facts["photos"]
    assert "answered" not in [one.kind for one in reading.history(report.id)]


def test_a_second_question_returns_to_the_first_state(here, by):
    report = question(by, before="acknowledged")
    triage.ask(report, text="Et l’étage ?", by=by)
    asked.answer(report, text="Le deuxième", by=Actor("web"))
    assert report.status == "acknowledged"


def test_an_answer_needs_words_or_a_photo(here, by):
    report = question(by)
    with pytest.raises(FieldError) as error:
        asked.answer(report, text=" ", by=Actor("web"))
    assert error.value.field == "text" and report.status == "waiting"


def test_an_answer_that_comes_late_is_read_all_the_same(here, by):
    report = question(by)
    triage.reject(report, reason="Sans précision, nous ne pouvons rien faire.", by=by)
    asked.answer(report, text="J’étais absent : côté pair", by=Actor("mail"))
    assert (report.status, report.to_read) == ("rejected", "answered")


def test_somebody_else_s_answer_is_not_shown_to_the_author(here, by):
    report = question(by)
    from core import contacts

    other = contacts.keep(contacts.Details(email="autre@example.org"))
    asked.answer(report, text="Je crois que c’est à gauche", by=Actor("mail"), contact_id=other)
    assert report.status == "received"
    assert "answered" not in [one.kind for one in reading.history(report.id, mine=True)]


def test_what_nobody_answers_comes_back_by_itself(here, by, monkeypatch):
    late, early = question(by), question(by)
    late.waiting_until = utcnow() - timedelta(minutes=1)
    db.session.commit()
    assert asked.lapse() == 1 and asked.lapse() == 0
    found = db.session.get(Report, late.id)
    assert (found.status, found.to_read, found.waiting_until) == ("received", "unanswered", None)
    assert kinds(found)[-1] == "unanswered"
    assert db.session.get(Report, early.id).status == "waiting"


def test_work_that_begins_ends_the_waiting(here, by):
    report = question(by)
    factories.work_order(report)
    report = intake.lock(report.reference)
    assert (report.status, report.waiting_until) == ("acknowledged", None)
    with pytest.raises(Refused):
        triage.ask(report, text="Encore une question", by=by)


@pytest.mark.parametrize("words", ["", "  ", "x" * 1001])
def test_a_question_is_a_question(here, by, words):
    made = intake.lock(factories.report().reference)
    with pytest.raises(FieldError) as error:
        triage.ask(made, text=words, by=by)
    assert error.value.field == "text" and made.status == "received"


def test_what_was_read_is_not_put_before_the_desk_again(here, by):
    report = question(by)
    asked.answer(report, text="Côté pair", by=Actor("web"))
    triage.heard(report, by=by)
    assert report.to_read is None
    triage.ask(report, text="Sûr ?", by=by)
    asked.answer(report, text="Oui", by=Actor("web"))
    assert report.to_read == "answered"
    triage.acknowledge(report, by=by)
    assert report.to_read is None
