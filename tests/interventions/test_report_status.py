"""What work does to the reports it answers, where it is not the straight way."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.database import db, utcnow
from core.errors import FieldError, Refused
from core.geo import Place
from core.identity.actor import Actor
from core.notifications.outbox.models import Message
from interventions.planning import verbs as planning_verbs
from interventions.triage import verbs as triage_verbs
from interventions.work_orders import execution, report_status
from interventions.work_orders import verbs as work_order_verbs
from interventions.work_orders.models import WorkOrder
from reporter.reports.intake import lock_report
from reporter.reports.models import Report, ReportEvent
from tests import factories


@pytest.fixture
def by(acting, jurisdiction):
    """A supervisor at the desk, the jurisdiction acting."""
    with acting(jurisdiction):
        yield Actor("desk", factories.user("supervisor").id)


def told(report) -> list[str]:
    """The kinds of news owed of a report, the first first."""
    return [
        kind.removeprefix("report.")
        for kind in db.session.scalars(
            select(Message.kind)
            .where(Message.facts["report"].as_integer() == report.id, Message.kind != "report.confirm")
            .order_by(Message.id)
        )
    ]


def finish(order: WorkOrder, by: Actor) -> None:
    execution.start(order, by=by)
    execution.finish(order, by=by)


def test_withdrawing_what_was_left_of_the_work_resolves_the_report_and_tells_it(by):
    made = factories.report()
    first, second = (factories.work_order(lock_report(made.reference)) for _ in range(2))
    planning_verbs.schedule(second, start=utcnow() + timedelta(days=2), announce=True, by=by)
    finish(first, by)
    assert lock_report(made.reference).status == "planned"
    execution.cancel(second, reason="Déjà fait avec l’autre", by=by)
    assert lock_report(made.reference).status == "resolved"
    assert told(made) == ["received", "planned", "resolved"]


def test_work_that_was_finished_before_the_desk_reopened_a_report_no_longer_proves_it(by):
    made = factories.report(category="controle")
    first = factories.work_order(lock_report(made.reference))
    finish(first, by)
    second = factories.work_order(lock_report(made.reference))
    finish(second, by)
    execution.verify(first, by=by)
    execution.verify(second, by=by)
    triage_verbs.reopen(lock_report(made.reference), reason="Le trou est revenu", by=Actor("desk", by.user_id))
    by = Actor("desk", by.user_id)
    look = factories.work_order(lock_report(made.reference), kind="inspection")
    assert lock_report(made.reference).status == "acknowledged"
    finish(look, by)
    assert lock_report(made.reference).status == "in_progress"
    again = factories.work_order(lock_report(made.reference))
    finish(again, by)
    execution.verify(look, by=by)
    execution.verify(again, by=by)
    assert lock_report(made.reference).status == "resolved"
    assert told(made) == ["received", "resolved", "reopened", "resolved"]


def test_a_day_announced_and_given_up_with_early_work_is_told(by):
    made = factories.report(category="controle")
    order = factories.work_order(lock_report(made.reference))
    planning_verbs.schedule(order, start=utcnow() + timedelta(days=5), announce=True, by=by)
    finish(order, by)
    assert lock_report(made.reference).status == "in_progress"
    execution.return_work(order, reason="Le bord s’effrite", by=by)
    assert told(made) == ["received", "planned", "day_changed"]
    line = db.session.scalars(select(ReportEvent).order_by(ReportEvent.id.desc())).first()
    assert line.facts["start"] is None and line.free_text_id is None


def test_what_a_phone_sends_late_is_news_for_those_who_ask_what_has_changed_since(by):
    order = factories.work_order(lock_report(factories.report().reference))
    before = utcnow()
    execution.start(order, by=Actor("field", by.user_id, before - timedelta(hours=3)))
    assert order.started_at == before - timedelta(hours=3)
    assert order.updated_at >= before


def test_work_that_is_over_is_given_to_nobody_else_and_stays_as_it_was_written(by):
    order = factories.work_order(lock_report(factories.report().reference))
    execution.cancel(order, reason="En double", by=by)
    with pytest.raises(Refused):
        planning_verbs.assign(order, team="proprete", by=by)
    with pytest.raises(Refused):
        work_order_verbs.change_work_order(order, title="Autre chose", by=by)


def test_reports_are_locked_in_one_order_whoever_locks_them(by):
    made = [factories.report() for _ in range(3)]
    for report, reference in zip(made, ("VC-CCC-CCC", "VC-AAA-AAA", "VC-DDD-DDD"), strict=True):
        db.session.execute(update(Report).where(Report.id == report.id).values(reference=reference))
    db.session.expire_all()
    order = factories.work_order(*[lock_report(report.reference) for report in made])
    # As triage.merge and those who make work of several reports do: by reference.
    assert [one.reference for one in report_status.lock_reports_of(order)] == ["VC-AAA-AAA", "VC-CCC-CCC", "VC-DDD-DDD"]


def test_what_a_neighbours_crew_is_at_counts_for_the_desk(by, acting, jurisdiction):
    there = factories.jurisdiction("voisine", centre=Place(4.2, 43.611), host="voisine.example", prefix="VO")
    made = factories.report()
    reference = made.reference
    charge = update(Report).where(Report.reference == reference)
    db.session.execute(charge.values(in_charge_id=there.id))
    db.session.commit()
    with acting(there):
        crew = Actor("field", factories.user("supervisor").id)
        number = factories.work_order(lock_report(reference)).number
        execution.start(work_order_verbs.lock_work_order(number), by=crew)
        db.session.commit()
    with pytest.raises(Refused):
        triage_verbs.reject(lock_report(reference), reason="Rien à faire", by=by)
    db.session.execute(charge.values(in_charge_id=jurisdiction.id))
    db.session.commit()
    with acting(there):
        execution.finish(work_order_verbs.lock_work_order(number), by=crew)
        db.session.commit()
    found = lock_report(reference)
    # No longer in their charge, and told all the same.
    assert found.status == "resolved" and told(found)[-1] == "resolved"


def test_joined_twice_means_told_twice_of_the_joining(by):
    from core.notifications.outbox.renderers import prepare

    one, two, three = (factories.report(email=f"{name}@example.org") for name in ("un", "deux", "trois"))
    triage_verbs.merge(one.reference, two.reference, by=by)
    triage_verbs.merge(two.reference, three.reference, by=by)
    news = db.session.scalars(
        select(Message).where(Message.kind == "report.merged", Message.facts["report"].as_integer() == two.id)
    ).all()
    assert {prepare(message).outgoing.to for message in news} == {"un@example.org", "deux@example.org"}
    before = one.version
    db.session.expire_all()
    assert lock_report(one.reference).merged_into_id == three.id
    assert one.version > before, "its page shows another link: it has changed"


def test_a_report_open_again_says_why_it_was_closed(by):
    from core.notifications.outbox.renderers import prepare

    made = factories.report(locale="en")
    triage_verbs.reject(lock_report(made.reference), reason="Private ground", by=by)
    triage_verbs.reopen(lock_report(made.reference), reason="It is ours after all", by=by)
    message = db.session.scalars(select(Message).where(Message.kind == "report.reopened")).one()
    said = prepare(message).outgoing.data.decode().replace("=\n", "").replace("=\r\n", "")
    assert "not as it should be" not in said and "ours after all" in said


def test_another_category_brings_who_is_in_charge_with_it(by, jurisdiction):
    from core.identity.models import Body
    from reporter.categories.models import Category

    there = factories.jurisdiction("metropole", centre=Place(4.2, 43.611), host="metropole.example", prefix="ME")
    body = Body(jurisdiction_id=jurisdiction.id, code="metropole", names={"fr": "Métropole"}, hosted_id=there.id)
    db.session.add(body)
    db.session.flush()
    db.session.execute(update(Category).where(Category.code == "depot").values(body_id=body.id))
    made = factories.report()
    triage_verbs.correct_category(lock_report(made.reference), category="depot", by=by)
    assert (made.in_charge_id, made.body_id) == (there.id, body.id)
    triage_verbs.correct_category(lock_report(made.reference), category="nid-de-poule", by=by)
    assert (made.in_charge_id, made.body_id) == (jurisdiction.id, None)


def test_another_category_makes_the_promised_day_anew_from_the_reception(by):
    made = factories.report(category="nid-de-poule")
    received = made.received_at - timedelta(days=2)
    db.session.execute(update(Report).where(Report.id == made.id).values(received_at=received, due_at=received))
    made = lock_report(made.reference)
    triage_verbs.correct_category(made, category="depot", by=by)
    assert made.due_at is None
    triage_verbs.correct_category(made, category="nid-de-poule", by=by)
    assert made.due_at == received + timedelta(hours=72)
    lines = db.session.scalars(
        select(ReportEvent.facts)
        .where(ReportEvent.report_id == made.id, ReportEvent.kind == "category_changed")
        .order_by(ReportEvent.id)
    ).all()
    assert [(one["due_from"], one["due_to"]) for one in lines] == [
        (received.isoformat(), None),
        (None, made.due_at.isoformat()),
    ]


def test_those_in_charge_correct_a_neighbours_report_under_the_neighbours_categories(by, acting, jurisdiction):
    there = factories.jurisdiction("metropole", centre=Place(3.9, 43.611), host="metropole.example", prefix="ME")
    made = factories.report()
    db.session.execute(update(Report).where(Report.id == made.id).values(in_charge_id=there.id))
    db.session.expire_all()
    with acting(there):
        found, by = lock_report(made.reference), Actor("desk", factories.user("supervisor").id)
        triage_verbs.correct_category(found, category="personne", by=by)
        assert found.private and found.category.jurisdiction_id == jurisdiction.id
        with pytest.raises(FieldError):
            triage_verbs.correct_place(found, place=Place(3.92, 43.611), by=by)
        triage_verbs.correct_place(found, place=Place(3.86, 43.60), address="Rue Neuve", by=by)
        db.session.flush()
