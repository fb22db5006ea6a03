"""A report that lies in one town and is looked after by another; and what a machine would send."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from core import limits
from core.actor import Actor
from core.database import db
from core.geo import Place
from interventions import triage
from interventions.desk import menu
from reporter import following, intake
from reporter.answers import neighbours
from reporter.answers.models import Comment, Verdict
from reporter.models import Report
from tests import factories

THERE = {"base_url": "http://metropole.example"}


@pytest.fixture
def elsewhere(acting, town, make):
    """(reference, id, town in charge) of a resolved report that a métropole looks after since."""
    with acting():
        there = factories.town("metropole", centre=Place(3.9, 43.611), host="metropole.example", prefix="ME")
    reference, report_id = make("resolved")
    with acting(town):
        db.session.execute(update(Report).where(Report.id == report_id).values(in_charge_id=there.id))
        db.session.commit()
    return reference, report_id, there


def test_it_is_contested_where_it_is_looked_after(app, acting, town, elsewhere):
    reference, report_id, there = elsewhere
    with acting(town):
        key = following.author_key(report_id)
    browser = app.test_client()
    browser.get(f"/r/{reference}?key={key}", **THERE)
    sent = browser.post(f"/r/{reference}/repaired/no", data={"text": "Non"}, **THERE)
    assert sent.status_code == 303
    with acting(there):
        found = intake.lock(reference)
        assert (found.status, found.to_read) == ("acknowledged", "contested")
        menu.forget()
        assert menu.count().contested == 1
    with acting(town):
        assert db.session.scalar(select(Verdict.jurisdiction_id)) == town.id


def test_its_comments_are_read_there_and_its_questions_asked(app, acting, town, elsewhere):
    reference, _id, there = elsewhere
    with acting(there):
        report = intake.lock(reference)
        triage.reopen(report, by=Actor("desk", factories.user("supervisor").id))
        db.session.commit()
    sent = app.test_client().post(
        f"/r/{reference}/comment", data={"text": "Pareil", "email": "v@example.org"}, **THERE)
    assert sent.status_code == 303
    with acting(there):
        (waiting,) = neighbours.pending()
        assert waiting.words == "Pareil"
        menu.forget()
        assert menu.count().comments == 1
        neighbours.show(waiting.id, by=Actor("desk"))
        db.session.commit()
    with acting(town):
        assert db.session.scalar(select(Comment.status)) == "shown"
        assert neighbours.pending() == []


def test_a_machine_is_told_to_wait_and_people_never_are(app, make, monkeypatch):
    monkeypatch.setattr(limits, "ADDED", "3 per hour")
    reference, _id = make()
    codes = [app.test_client().post(f"/r/{reference}/comment", data={"text": f"Mot {n}"}).status_code for n in range(5)]
    assert codes[:3] == [303] * 3 and codes[3] == 429
    assert app.test_client().get(f"/r/{reference}").status_code == 200


def test_the_limit_is_far_above_what_people_do():
    number, _per, period = limits.ADDED.partition(" per ")
    assert int(number) >= 100 and period == "hour"
