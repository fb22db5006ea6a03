"""The loop by its verbs: a report becomes work, the work is done, and the resident is told."""

from datetime import timedelta

from sqlalchemy import select

from core.database import db, utcnow
from core.identity.actor import Actor
from core.notifications.outbox.models import Message
from interventions.planning import verbs as planning_verbs
from interventions.triage.models import Triage
from interventions.work_orders import execution
from interventions.work_orders import verbs as work_order_verbs
from reporter.reports.intake import lock_report
from tests import factories


def test_a_report_becomes_work_and_is_resolved(acting, jurisdiction, statements):
    with acting(jurisdiction):
        factories.user("supervisor")
        statements.clear()
        made = factories.report()
        asked = list(statements)
        assert len(asked) <= 12, "\n".join(asked)
        assert db.session.get(Triage, made.id).team_id is not None
        order = factories.work_order(lock_report(made.reference))
        by = Actor("desk", factories.user("supervisor").id)
        assert lock_report(made.reference).status == "acknowledged"
        planning_verbs.schedule(
            work_order_verbs.lock_work_order(order.number),
            start=utcnow() + timedelta(days=2),
            team="voirie",
            announce=True,
            by=by,
        )
        assert lock_report(made.reference).status == "planned"
        execution.start(work_order_verbs.lock_work_order(order.number), by=by)
        assert lock_report(made.reference).status == "in_progress"
        execution.finish(work_order_verbs.lock_work_order(order.number), comment="Enrobé à froid", minutes=40, by=by)
        found = lock_report(made.reference)
        assert found.status == "resolved" and found.closed_at is not None
        db.session.commit()
        kinds = db.session.scalars(select(Message.kind).order_by(Message.id)).all()
        assert kinds == ["report.received", "report.planned", "report.resolved"]


def test_the_mails_say_what_happened_in_the_followers_language(acting, jurisdiction):
    from core.notifications.outbox.models import Message
    from core.notifications.outbox.renderers import prepare

    with acting(jurisdiction):
        by = Actor("desk", factories.user("supervisor").id)
        first = factories.report(email="ici@example.org", description="Un trou, appelez-moi")
        second = factories.report(email="there@example.org", locale="en")
        order = factories.work_order(lock_report(first.reference))
        planning_verbs.schedule(
            work_order_verbs.lock_work_order(order.number), start=utcnow() + timedelta(days=2), announce=True, by=by
        )
        from interventions.triage import verbs as triage_verbs

        triage_verbs.merge(second.reference, first.reference, by=by, reason="Le même trou")
        execution.start(work_order_verbs.lock_work_order(order.number), by=by)
        execution.finish(work_order_verbs.lock_work_order(order.number), comment="Enrobé", by=by)
        db.session.commit()
        said = {}
        for message in db.session.scalars(select(Message).order_by(Message.id)):
            mail = prepare(message).outgoing
            said.setdefault(mail.to, []).append((message.kind, mail.data.decode("utf-8")))
        assert [kind for kind, _mail in said["ici@example.org"]] == [
            "report.received",
            "report.planned",
            "report.resolved",
        ]
        assert [kind for kind, _mail in said["there@example.org"]] == [
            "report.received",
            "report.merged",
            "report.resolved",
        ]
        assert f"/r/{first.reference}" in said["ici@example.org"][0][1].replace("=\r\n", "")
        assert "has been merged with" in said["there@example.org"][1][1].replace("=\r\n", "")
        assert f"/r/{second.reference}" in said["there@example.org"][2][1].replace("=\r\n", "")


def test_the_news_of_a_repair_waits_for_its_photo_but_not_for_ever(acting, jurisdiction):
    import pytest

    from core.notifications.outbox.renderers import NotYet, prepare
    from core.photos.jobs import process_photo
    from core.photos.verbs import accept

    with acting(jurisdiction):
        by = Actor("field", factories.user("supervisor").id)
        made = factories.report()
        order = factories.work_order(lock_report(made.reference))
        photo = accept(factories.jpeg())
        execution.start(work_order_verbs.lock_work_order(order.number), by=by)
        execution.finish(work_order_verbs.lock_work_order(order.number), photos=[str(photo.token)], by=by)
        db.session.commit()
        news = db.session.scalar(select(Message).where(Message.kind == "report.resolved"))
        with pytest.raises(NotYet):
            prepare(news)
        process_photo(photo.id)
        db.session.expire_all()
        news = db.session.scalar(select(Message).where(Message.kind == "report.resolved"))
        assert b"Content-ID: <repair>" in prepare(news).outgoing.data

        from reporter.messages import repair_photo

        second = factories.report()
        order = factories.work_order(lock_report(second.reference))
        late = accept(factories.jpeg())
        execution.start(work_order_verbs.lock_work_order(order.number), by=by)
        execution.finish(work_order_verbs.lock_work_order(order.number), photos=[str(late.token)], by=by)
        db.session.commit()
        old = utcnow() - repair_photo.PATIENCE
        assert repair_photo.repair_photo(lock_report(second.reference).id, old) == ()


def test_a_day_that_is_over_is_not_announced(acting, jurisdiction):
    import pytest

    from core.errors import Refused

    with acting(jurisdiction):
        by = Actor("desk", factories.user("supervisor").id)
        order = factories.work_order(lock_report(factories.report().reference))
        planning_verbs.schedule(
            work_order_verbs.lock_work_order(order.number), start=utcnow() - timedelta(days=2), by=by
        )
        with pytest.raises(Refused, match="."):
            planning_verbs.announce_day(work_order_verbs.lock_work_order(order.number), by=by)
        assert work_order_verbs.lock_work_order(order.number).announced_day is None


def test_a_private_report_is_not_named_where_it_was_merged(acting, jurisdiction):
    from interventions.triage import verbs as triage_verbs
    from reporter.reports import detail

    with acting(jurisdiction):
        by = Actor("desk", factories.user("supervisor").id)
        kept = factories.report(category="depot")
        hidden = factories.report(category="personne")
        triage_verbs.merge(hidden.reference, kept.reference, by=by)
        assert hidden.reference not in str(detail.report_history(kept.id))
