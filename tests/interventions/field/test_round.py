"""The round of an agent: which jobs, in which order, what is counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.database import db, utcnow
from core.identity.actor import Actor
from core.times import local_time
from interventions.field.queries import midnight, round_of
from interventions.planning import verbs as planning_verbs
from interventions.teams.models import Team, TeamMember
from interventions.work_orders import execution
from tests import factories


def _job(title: str, *reports, start, team="voirie", agent=None, **more):
    by = Actor("desk", factories.user("supervisor").id)
    order = factories.work_order(*reports, title=title, category="nid-de-poule", place=factories.CENTRE, **more)
    planning_verbs.schedule(order, start=start, end=start + timedelta(minutes=30), team=team, agent=agent, by=by)
    db.session.commit()
    return order


def _titles(jobs) -> list[str]:
    return [job.title for job in jobs]


@pytest.fixture
def noon(acting, jurisdiction):
    with acting(jurisdiction):
        return midnight() + timedelta(hours=12)


def test_the_jobs_of_today_and_what_was_left_come_in_order(acting, jurisdiction, noon):
    with acting(jurisdiction):
        agent = factories.user("agent")
        _job("l’après-midi", start=noon + timedelta(hours=3))
        _job("le matin", start=noon - timedelta(hours=3))
        _job("oubliée hier", start=noon - timedelta(days=1))
        _job("demain", start=noon + timedelta(days=1))
        _job("poussée en tête", start=noon + timedelta(hours=5)).position = -1
        db.session.commit()
        found = round_of(agent.id)
        assert _titles(found.todo) == ["poussée en tête", "oubliée hier", "le matin", "l’après-midi"]
        assert [job.overdue for job in found.todo] == [False, True, False, False]
        assert _titles(found.later) == ["demain"]


def test_what_is_begun_comes_first_and_what_is_paused_last(acting, jurisdiction, noon):
    with acting(jurisdiction):
        agent = factories.user("agent")
        me = Actor("field", agent.id)
        _job("prévue", start=noon)
        paused = _job("en pause", start=noon - timedelta(hours=2))
        execution.start(paused, by=me)
        execution.hold(paused, reason="Pluie", by=me)
        begun = _job("commencée", start=noon + timedelta(hours=2))
        execution.start(begun, by=me)
        db.session.commit()
        assert _titles(round_of(agent.id).todo) == ["commencée", "prévue", "en pause"]


def test_what_is_begun_before_its_day_is_todays(acting, jurisdiction, noon):
    with acting(jurisdiction):
        agent = factories.user("agent")
        order = _job("en avance", start=noon + timedelta(days=2))
        execution.start(order, by=Actor("field", agent.id))
        db.session.commit()
        found = round_of(agent.id)
        assert (_titles(found.todo), _titles(found.later)) == (["en avance"], [])


def test_only_mine_or_my_teams_and_given_to_nobody_else(acting, jurisdiction, noon):
    with acting(jurisdiction):
        agent = factories.user("agent")
        other = factories.user("agent", email="autre@villeclaire.example")
        _job("à moi", start=noon, agent=agent.email)
        _job("à mon équipe", start=noon + timedelta(minutes=1))
        _job("à mon collègue", start=noon, agent=other.email)
        _job("à l’autre équipe", start=noon, team="proprete")
        assert _titles(round_of(agent.id).todo) == ["à moi", "à mon équipe"]
        assert _titles(round_of(other.id).todo) == ["à mon collègue", "à mon équipe"]
        team = db.session.scalar(select(Team).where(Team.code == "proprete"))
        db.session.add(TeamMember(jurisdiction_id=jurisdiction.id, team_id=team.id, user_id=agent.id))
        db.session.commit()
        assert "à l’autre équipe" in _titles(round_of(agent.id).todo)


def test_what_was_done_today_is_counted_and_yesterday_is_not(acting, jurisdiction, noon):
    with acting(jurisdiction):
        agent = factories.user("agent")
        yesterday, today = midnight() - timedelta(hours=5), midnight() + timedelta(seconds=1)
        for title, when in (("hier", yesterday), ("aujourd’hui", today)):
            order = _job(title, start=when)
            execution.start(order, by=Actor("field", agent.id, when))
            execution.finish(order, by=Actor("field", agent.id, when))
        _job("à faire", start=noon)
        found = round_of(agent.id)
        assert _titles(found.done) == ["aujourd’hui"]
        assert found.total == 2


def test_work_given_without_a_day_waits_under_the_days_after(acting, jurisdiction):
    with acting(jurisdiction):
        agent = factories.user("agent")
        order = factories.work_order(title="quand vous pourrez", category="depot", place=factories.CENTRE)
        planning_verbs.assign(order, agent=agent.email, by=Actor("desk", factories.user("supervisor").id))
        db.session.commit()
        found = round_of(agent.id)
        assert (_titles(found.todo), _titles(found.later)) == ([], ["quand vous pourrez"])


def test_another_towns_work_is_not_seen(acting, jurisdiction, noon):
    with acting():
        far = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(jurisdiction):
        agent_id = factories.user("agent").id
        _job("ici", start=noon)
    with acting(far):
        _job("là-bas", start=noon)
        assert round_of(agent_id).todo == []


def test_a_round_costs_the_same_whatever_its_length(acting, jurisdiction, noon, signed_in, statements):
    browser = signed_in("agent")
    asked = []
    for _turn in range(2):
        with acting(jurisdiction):
            for number in range(4):
                _job(f"travail {number}", start=noon)
        statements.clear()
        assert browser.get("/field/").status_code == 200
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 8, asked


def test_the_page_says_the_next_job_the_others_and_how_many(acting, jurisdiction, signed_in):
    browser = signed_in("agent")
    with acting(jurisdiction):
        soon = utcnow() + timedelta(minutes=1)
        if local_time(soon).date() != local_time(utcnow()).date():
            soon = utcnow()
        report = factories.report(
            category="trou", answers={"profondeur": "forte"}, description="Un cratère <b>énorme</b>"
        )
        _job("Reboucher", report, start=soon)
        _job("Balayer", start=soon + timedelta(seconds=1), priority="0")
        page = browser.get("/field/").text
    assert "0 faite sur 2" in page
    assert page.index("Reboucher") < page.index("Balayer")
    assert "cratère &lt;b&gt;énorme" in page
    assert "state-danger" in page
    assert page.count("btn-primary") == 1


def test_an_empty_day_says_so(signed_in):
    assert "Rien n’est programmé pour vous aujourd’hui." in signed_in("agent").get("/field/").text


@pytest.mark.parametrize(
    ("device", "start"),
    [
        ("Mozilla/5.0 (Linux; Android 15)", "geo:43.611000,3.877000?q=43.611000,3.877000(12%20rue%20des%20Tilleuls)"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)", "https://maps.apple.com/?daddr=43.611000,3.877000"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "https://www.openstreetmap.org/?mlat=43.611000&amp;mlon=3.877000"),
    ],
)
def test_the_way_opens_what_the_phone_has(acting, jurisdiction, noon, signed_in, device, start):
    browser = signed_in("agent")
    with acting(jurisdiction):
        _job("Reboucher", start=noon, address="12 rue des Tilleuls")
    assert f'href="{start}' in browser.get("/field/", headers={"User-Agent": device}).text
