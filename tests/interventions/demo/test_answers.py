"""What the demonstration's residents answer, without playing six months before."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from core.actor import Actor
from core.database import db, utcnow
from interventions import street, triage
from interventions.demo.answers import NEIGHBOURS, answer_back
from reporter import intake
from reporter.answers.models import Comment, MeToo, Verdict
from reporter.models import Report
from tests import factories


def test_residents_answer_and_the_desk_has_something_to_read(acting, town):
    with acting(town):
        user = factories.user("supervisor").id
        by = Actor("desk", user)
        made = [factories.report(address=f"{number} rue Haute") for number in range(4 + len(NEIGHBOURS))]
        for report in made[:2]:
            order = factories.work_order(intake.lock(report.reference))
            street.start(order, by=by)
            street.finish(order, by=by)
        for report in made[4:]:
            triage.acknowledge(intake.lock(report.reference), by=by)
        db.session.commit()
        answer_back(utcnow() + timedelta(hours=1), user)
        db.session.flush()
        assert Counter(db.session.scalars(select(Report.to_read))) == {None: 7, "contested": 1, "answered": 1}
        assert Counter(db.session.scalars(select(Report.status)))["waiting"] == 1
        assert Counter(db.session.scalars(select(Verdict.repaired))) == {True: 1, False: 1}
        assert Counter(db.session.scalars(select(Comment.status))) == {"shown": 1, "pending": 2}
        assert len(list(db.session.scalars(select(MeToo)))) == sum(NEIGHBOURS)
