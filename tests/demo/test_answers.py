"""What the demonstration's residents answer, without playing six months before."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from core.database import db, utcnow
from core.identity.actor import Actor
from demo.resident_answers import NEIGHBOURS, answer_back
from interventions.triage import verbs as triage_verbs
from interventions.work_orders import execution
from reporter.feedback.models import Comment, MeToo, RepairAnswer
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from tests import factories


def test_residents_answer_and_the_desk_has_something_to_read(acting, jurisdiction):
    with acting(jurisdiction):
        user = factories.user("supervisor").id
        by = Actor("desk", user)
        made = [factories.report(address=f"{number} rue Haute") for number in range(4 + len(NEIGHBOURS))]
        for report in made[:2]:
            order = factories.work_order(report_intake.lock_report(report.reference))
            execution.start(order, by=by)
            execution.finish(order, by=by)
        for report in made[4:]:
            triage_verbs.acknowledge(report_intake.lock_report(report.reference), by=by)
        db.session.commit()
        answer_back(utcnow() + timedelta(hours=1), user)
        db.session.flush()
        assert Counter(db.session.scalars(select(Report.unread_answer))) == {None: 7, "contested": 1, "answered": 1}
        assert Counter(db.session.scalars(select(Report.status)))["waiting"] == 1
        assert Counter(db.session.scalars(select(RepairAnswer.repaired))) == {True: 1, False: 1}
        assert Counter(db.session.scalars(select(Comment.status))) == {"shown": 1, "pending": 2}
        assert len(list(db.session.scalars(select(MeToo)))) == sum(NEIGHBOURS)
