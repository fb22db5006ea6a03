"""A report that lies in one jurisdiction and is looked after by another; and what a machine would send."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from core.database import db
from core.geo import Place
from core.identity.actor import Actor
from core.web import rate_limits
from interventions.desk import menu
from interventions.triage import verbs as triage_verbs
from reporter import subscriptions
from reporter.feedback import comments as feedback_comments
from reporter.feedback.models import Comment, RepairAnswer
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from tests import factories

THERE = {"base_url": "http://metropole.example"}


@pytest.fixture
def elsewhere(acting, jurisdiction, make):
    """(reference, id, jurisdiction in charge) of a resolved report that a métropole looks after since."""
    with acting():
        there = factories.jurisdiction("metropole", centre=Place(3.9, 43.611), host="metropole.example", prefix="ME")
    reference, report_id = make("resolved")
    with acting(jurisdiction):
        db.session.execute(update(Report).where(Report.id == report_id).values(in_charge_id=there.id))
        db.session.commit()
    return reference, report_id, there


def test_it_is_contested_where_it_is_looked_after(app, acting, jurisdiction, elsewhere):
    reference, report_id, there = elsewhere
    with acting(jurisdiction):
        key = subscriptions.author_key(report_id)
    browser = app.test_client()
    browser.get(f"/r/{reference}?key={key}", **THERE)
    sent = browser.post(f"/r/{reference}/repaired/no", data={"text": "Non"}, **THERE)
    assert sent.status_code == 303
    with acting(there):
        found = report_intake.lock_report(reference)
        assert (found.status, found.unread_answer) == ("acknowledged", "contested")
        menu.drop_cache()
        assert menu.count_now().contested == 1
    with acting(jurisdiction):
        assert db.session.scalar(select(RepairAnswer.jurisdiction_id)) == jurisdiction.id


def test_its_comments_are_read_there_and_its_questions_asked(app, acting, jurisdiction, elsewhere):
    reference, _id, there = elsewhere
    with acting(there):
        report = report_intake.lock_report(reference)
        triage_verbs.reopen(report, by=Actor("desk", factories.user("supervisor").id))
        db.session.commit()
    sent = app.test_client().post(f"/r/{reference}/comment", data={"text": "Pareil", "email": "v@example.org"}, **THERE)
    assert sent.status_code == 303
    with acting(there):
        (waiting,) = feedback_comments.pending_comments()
        assert waiting.words == "Pareil"
        menu.drop_cache()
        assert menu.count_now().comments == 1
        feedback_comments.publish_comment(waiting.id, by=Actor("desk"))
        db.session.commit()
    with acting(jurisdiction):
        assert db.session.scalar(select(Comment.status)) == "shown"
        assert feedback_comments.pending_comments() == []


def test_a_machine_is_told_to_wait_and_people_never_are(app, make, monkeypatch):
    monkeypatch.setattr(rate_limits, "POSTS_PER_ORIGIN", "3 per hour")
    reference, _id = make()
    codes = [app.test_client().post(f"/r/{reference}/comment", data={"text": f"Mot {n}"}).status_code for n in range(5)]
    assert codes[:3] == [303] * 3 and codes[3] == 429
    assert app.test_client().get(f"/r/{reference}").status_code == 200


def test_the_limit_is_far_above_what_people_do():
    number, _per, period = rate_limits.POSTS_PER_ORIGIN.partition(" per ")
    assert int(number) >= 100 and period == "hour"
