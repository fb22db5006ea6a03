"""Rules of work and routing that a small change of the code would break without anybody noticing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.database import db, utcnow
from core.errors import Forbidden, Refused
from core.geo import Place
from core.identity.actor import Actor
from core.identity.models import Sector
from core.notifications.outbox.models import Message
from interventions.planning import verbs as planning_verbs
from interventions.teams.models import Team
from interventions.triage import routing
from interventions.triage import verbs as triage_verbs
from interventions.triage.models import Triage
from interventions.work_orders import execution
from interventions.work_orders import verbs as work_order_verbs
from reporter.categories.models import Category
from reporter.reports.intake import lock_report
from tests import factories

#: In the first sector of the factory's jurisdiction, and in the fourth.
FIRST, FOURTH = Place(3.860, 43.595), Place(3.890, 43.625)
NOON = datetime(2026, 3, 5, 11, tzinfo=UTC)


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


def test_a_colleague_of_the_team_does_not_take_work_given_to_one_agent(by):
    mine, colleague = factories.user("agent"), factories.user("agent", email="autre@villeclaire.example")
    order = factories.work_order(factories.report())
    planning_verbs.schedule(order, start=utcnow(), team="voirie", agent=mine.email, by=by)
    with pytest.raises(Forbidden):
        execution.start(order, by=Actor("field", colleague.id))
    assert not execution.is_assigned_to(order, Actor("field", colleague.id))
    execution.start(order, by=Actor("field", mine.id))
    assert order.status == "in_progress"


def test_work_given_to_a_team_is_each_members_and_nobody_elses(by):
    outsider = factories.user("agent", email="proprete@villeclaire.example", team="proprete")
    order = factories.work_order(factories.report())
    with pytest.raises(Forbidden):
        execution.start(order, by=Actor("field", factories.user("agent").id))
    planning_verbs.schedule(order, start=utcnow(), team="voirie", by=by)
    for refused in (outsider, factories.user("reception")):
        with pytest.raises(Forbidden):
            execution.start(order, by=Actor("field", refused.id))
    execution.start(order, by=Actor("field", factories.user("agent").id))


@pytest.mark.parametrize("role", ["reception", "agent"])
def test_what_a_supervisor_decides_is_refused_by_the_verb_itself(by, role):
    order, other = factories.work_order(factories.report()), Actor("desk", factories.user(role).id)
    for verb, given in (
        (work_order_verbs.approve, {}),
        (planning_verbs.assign, {"team": "voirie"}),
        (planning_verbs.schedule, {"start": utcnow()}),
        (planning_verbs.announce_day, {}),
        (work_order_verbs.change_work_order, {"title": "x"}),
        (execution.verify, {}),
        (execution.return_work, {"reason": "x"}),
        (execution.cancel, {"reason": "x"}),
    ):
        with pytest.raises(Forbidden):
            verb(order, **given, by=other)
    assert order.status == "ready" and order.version == 2


@pytest.mark.parametrize("nobody", [Actor("web"), Actor("desk"), Actor("mail")])
def test_who_is_nobody_decides_nothing_about_a_report(by, nobody):
    report = factories.report()
    for verb, given in (
        (triage_verbs.acknowledge, {}),
        (triage_verbs.reject, {"reason": "x"}),
        (triage_verbs.note, {"text": "x"}),
        (triage_verbs.reopen, {}),
        (triage_verbs.correct_category, {"category": "depot"}),
        (triage_verbs.correct_place, {"place": FIRST}),
        (triage_verbs.ask, {"text": "x"}),
    ):
        with pytest.raises(Forbidden):
            verb(report, **given, by=nobody)
    assert report.status == "received"


def test_returned_work_is_no_longer_finished(by):
    order = factories.work_order(factories.report())
    execution.start(order, by=by)
    execution.finish(order, minutes=20, by=by)
    assert order.finished_at is not None
    execution.return_work(order, reason="Il manque un joint", by=by)
    assert (order.status, order.finished_at, order.starts_at) == ("ready", None, None)


def test_another_hour_of_the_announced_day_is_not_told_again_and_another_day_is(by):
    report = factories.report()
    order = factories.work_order(lock_report(report.reference))
    day = (utcnow() + timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
    planning_verbs.schedule(order, start=day, announce=True, by=by)
    planning_verbs.schedule(order, start=day + timedelta(hours=4), by=by)
    assert told(report) == ["received", "planned"]
    planning_verbs.schedule(order, start=day + timedelta(days=1), reason="La pluie", by=by)
    assert told(report) == ["received", "planned", "day_changed"]


def test_today_can_be_announced_and_yesterday_cannot(by):
    order = factories.work_order(factories.report())
    planning_verbs.schedule(order, start=NOON - timedelta(hours=2), by=by)
    with pytest.raises(Refused) as refused:
        planning_verbs.announce_day(order, by=Actor("desk", by.user_id, NOON + timedelta(days=1)))
    assert refused.value.code == "over"
    planning_verbs.announce_day(order, by=Actor("desk", by.user_id, NOON))
    assert order.announced_day == order.starts_at


def _team(report) -> str | None:
    return db.session.scalar(
        select(Team.code)
        .join(Triage, Triage.team_id == Team.id)
        .where(Triage.report_id == report.id)
        .execution_options(populate_existing=True)
    )


@pytest.fixture
def sector_rule(by, jurisdiction):
    """In the fourth sector the other team mends potholes; the general rule is older, and stays."""
    routing.add_routing_rule(
        jurisdiction_id=jurisdiction.id,
        category_id=db.session.scalar(select(Category.id).where(Category.code == "nid-de-poule")),
        team_id=db.session.scalar(select(Team.id).where(Team.code == "proprete")),
        sector_id=db.session.scalar(select(Sector.id).where(Sector.code == "s4")),
    )


@pytest.mark.usefixtures("sector_rule")
def test_a_sectors_own_rule_comes_before_the_general_one():
    assert _team(factories.report(place=FIRST)) == "voirie"
    assert _team(factories.report(place=FOURTH)) == "proprete"


@pytest.mark.usefixtures("sector_rule")
def test_a_corrected_place_is_routed_anew(by):
    report = factories.report(place=FIRST)
    triage_verbs.correct_place(lock_report(report.reference), place=FOURTH, by=by)
    assert _team(report) == "proprete"
    triage_verbs.correct_place(lock_report(report.reference), place=FIRST, by=by)
    assert _team(report) == "voirie"
