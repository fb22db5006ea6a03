"""The loop by its verbs: a report becomes work, the work is done, and the resident is told."""

from datetime import timedelta

from sqlalchemy import select

from core.actor import Actor
from core.database import db, utcnow
from core.outbox.models import Message
from interventions import street, work
from interventions.models import Triage
from reporter.intake import lock
from tests import factories


def test_a_report_becomes_work_and_is_resolved(acting, town, statements):
    with acting(town):
        factories.user("supervisor")
        statements.clear()
        made = factories.report()
        asked = list(statements)
        assert len(asked) <= 12, "\n".join(asked)
        assert db.session.get(Triage, made.id).team_id is not None
        order = factories.work_order(lock(made.reference))
        by = Actor("desk", factories.user("supervisor").id)
        assert lock(made.reference).status == "acknowledged"
        work.schedule(
            work.lock(order.number), start=utcnow() + timedelta(days=2), team="voirie", announce=True, by=by
        )
        assert lock(made.reference).status == "planned"
        street.start(work.lock(order.number), by=by)
        assert lock(made.reference).status == "in_progress"
        street.finish(work.lock(order.number), comment="Enrobé à froid", minutes=40, by=by)
        found = lock(made.reference)
        assert found.status == "resolved" and found.closed_at is not None
        db.session.commit()
        kinds = db.session.scalars(select(Message.kind).order_by(Message.id)).all()
        assert kinds == ["report.received", "report.planned", "report.resolved"]


def test_the_mails_say_what_happened_in_the_followers_language(acting, town):
    from core.outbox.kinds import outgoing
    from core.outbox.models import Message

    with acting(town):
        by = Actor("desk", factories.user("supervisor").id)
        first = factories.report(email="ici@example.org", description="Un trou, appelez-moi")
        second = factories.report(email="there@example.org", locale="en")
        order = factories.work_order(lock(first.reference))
        work.schedule(work.lock(order.number), start=utcnow() + timedelta(days=2), announce=True, by=by)
        from interventions import triage

        triage.merge(second.reference, first.reference, by=by, reason="Le même trou")
        street.start(work.lock(order.number), by=by)
        street.finish(work.lock(order.number), comment="Enrobé", by=by)
        db.session.commit()
        said = {}
        for message in db.session.scalars(select(Message).order_by(Message.id)):
            mail = outgoing(message).outgoing
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


def test_the_news_of_a_repair_waits_for_its_photo_but_not_for_ever(acting, town):
    import pytest

    from core.outbox.kinds import NotYet, outgoing
    from core.photos.jobs import process_photo
    from core.photos.verbs import accept

    with acting(town):
        by = Actor("field", factories.user("supervisor").id)
        made = factories.report()
        order = factories.work_order(lock(made.reference))
        photo = accept(factories.jpeg())
        street.start(work.lock(order.number), by=by)
        street.finish(work.lock(order.number), photos=[str(photo.token)], by=by)
        db.session.commit()
        news = db.session.scalar(select(Message).where(Message.kind == "report.resolved"))
        with pytest.raises(NotYet):
            outgoing(news)
        process_photo(photo.id)
        db.session.expire_all()
        news = db.session.scalar(select(Message).where(Message.kind == "report.resolved"))
        assert b"Content-ID: <repair>" in outgoing(news).outgoing.data

        from reporter.mails import pictures

        second = factories.report()
        order = factories.work_order(lock(second.reference))
        late = accept(factories.jpeg())
        street.start(work.lock(order.number), by=by)
        street.finish(work.lock(order.number), photos=[str(late.token)], by=by)
        db.session.commit()
        old = utcnow() - pictures.PATIENCE
        assert pictures.repair(lock(second.reference).id, old) == ()


def test_a_day_that_is_over_is_not_announced(acting, town):
    import pytest

    from core.errors import Refused

    with acting(town):
        by = Actor("desk", factories.user("supervisor").id)
        order = factories.work_order(lock(factories.report().reference))
        work.schedule(work.lock(order.number), start=utcnow() - timedelta(days=2), by=by)
        with pytest.raises(Refused, match="."):
            work.announce_day(work.lock(order.number), by=by)
        assert work.lock(order.number).announced_day is None


def test_a_private_report_is_not_named_where_it_was_merged(acting, town):
    from interventions import triage
    from reporter import reading

    with acting(town):
        by = Actor("desk", factories.user("supervisor").id)
        kept = factories.report(category="depot")
        hidden = factories.report(category="personne")
        triage.merge(hidden.reference, kept.reference, by=by)
        assert hidden.reference not in str(reading.history(kept.id))
