"""The desk's lists: what they hold, how they are narrowed, how far they may cost, and the wall."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.database import db, utcnow
from core.geo import Place
from core.identity.actor import Actor
from interventions.desk import choices, menu
from interventions.planning import verbs as planning_verbs
from interventions.triage import verbs as triage_verbs
from interventions.work_orders import execution
from interventions.work_orders import verbs as work_order_verbs
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from tests import factories
from tests.interventions.desk.pages import look

#: In the first sector; the centre of the jurisdiction is the corner of all four.
HERE = Place(factories.CENTRE.lon - 0.01, factories.CENTRE.lat - 0.01)
THERE = Place(factories.CENTRE.lon + 0.02, factories.CENTRE.lat + 0.02)


def reports(acting, jurisdiction, *kinds: dict) -> list[str]:
    """Reports made of these, each a minute older than the one before; their references."""
    made = []
    with acting(jurisdiction):
        for index, kind in enumerate(kinds):
            report = factories.report(**{"email": None, "place": HERE} | kind)
            db.session.execute(
                update(Report.__table__)
                .where(Report.__table__.c.id == report.id)
                .values(received_at=utcnow() - timedelta(minutes=index))
            )
            made.append(report.reference)
        db.session.commit()
    return made


def test_the_newest_come_first_and_the_rest_by_their_cursor(acting, jurisdiction, desk):
    made = reports(acting, jurisdiction, *[{"description": f"Trou numéro {n}"} for n in range(53)])
    first = look(desk, "/desk/reports")
    assert first.rows == made[:50] and first.title == "53 signalements sont ouverts."
    rest = look(desk, first.link("next"))
    assert rest.rows == made[50:] and rest.link("next") is None
    # What arrives in the meantime moves nothing.
    reports(acting, jurisdiction, {})
    assert look(desk, first.link("next")).rows == made[50:]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=trou", {1}),
        ("category=group:proprete", {2}),
        ("sector=s4", {3}),
        ("sector=quartier:s4", {3}),
        ("state=danger", {1}),
        ("state=acknowledged", {4}),
        ("state=received", {0, 1, 2, 3}),
        ("q=matelas", {2}),
        ("q=tilleuls+nid", set()),
        ("age=30", {0, 1, 2, 3, 4}),
        ("age=31", set()),
        ("state=all&category=nid-de-poule&q=ancien", {4}),
        ("state=late", {3}),
        ("state=nonsense", {0, 1, 2, 3, 4}),
    ],
)
def test_every_filter_narrows_the_list_and_its_map(acting, jurisdiction, desk, query, expected):
    made = reports(
        acting,
        jurisdiction,
        {},
        {"category": "trou", "answers": {"profondeur": "faible"}},
        {"category": "depot", "description": "Un matelas sur le trottoir"},
        {"place": THERE},
        {"description": "Trou ancien"},
    )
    with acting(jurisdiction):
        triage_verbs.acknowledge(report_intake.lock_report(made[4]), by=Actor("desk", factories.user("supervisor").id))
        db.session.execute(
            update(Report.__table__)
            .where(Report.__table__.c.reference == made[3])
            .values(due_at=utcnow() - timedelta(days=2))
        )
        db.session.commit()
    page = look(desk, f"/desk/reports?{query}")
    assert {made.index(row) for row in page.rows} == expected


@pytest.mark.parametrize(
    "query",
    [
        "",
        "state=late&category=trou",
        "sector=s1&age=7",
        "q=trou",
        "state=unrouted",
        "category=group:voirie&q=trou&sector=s1",
    ],
)
def test_no_list_asks_the_database_more_than_eight_times(acting, jurisdiction, desk, statements, query):
    reports(acting, jurisdiction, {}, {"category": "depot"})
    with acting(jurisdiction):
        factories.work_order(factories.report())
    for path in ("/desk/reports", "/desk/work-orders"):
        menu.drop_cache()
        choices.drop_cache()
        statements.clear()
        look(desk, f"{path}?{query}")
        assert len(statements) <= 8, (path, query, statements)


def test_a_row_costs_no_statement_of_its_own(acting, jurisdiction, desk, statements):
    reports(acting, jurisdiction, {})
    look(desk, "/desk/reports")
    statements.clear()
    look(desk, "/desk/reports")
    few = len(statements)
    reports(acting, jurisdiction, *[{} for _ in range(20)])
    statements.clear()
    assert len(look(desk, "/desk/reports").rows) == 21
    assert len(statements) <= few


def test_the_morning_counts_in_one_statement_and_leads_to_its_lists(acting, jurisdiction, desk, statements):
    made = reports(acting, jurisdiction, {"category": "trou", "answers": {"profondeur": "forte"}}, {}, {})
    with acting(jurisdiction):
        by = Actor("desk", factories.user("reception").id)
        work_order_verbs.create_work_order(reports=[report_intake.lock_report(made[1])], title="Reboucher", by=by)
        db.session.commit()
    statements.clear()
    page = look(desk, "/desk/")
    assert len(statements) <= 8
    assert page.rows == [made[0], made[2]]  # the other was seen by whoever made work of it
    numbers = {
        one.get("href"): "".join(next(one.iter("b")).itertext())
        for one in page.tree.iter("a")
        if "number" in (one.get("class") or "").split()
    }
    assert numbers == {
        "/desk/reports?state=danger": "1",
        "/desk/reports?state=late": "0",
        "/desk/reports?state=all&age=evening": "3",
        "/desk/work-orders?state=awaiting_approval": "1",
        "/desk/work-orders?state=to_verify": "0",
        "/desk/work-orders?state=today": "0",
    }
    for href, number in numbers.items():
        assert len(look(desk, href).rows) == int(number), href


def test_a_report_without_a_team_is_said_to_be_so(acting, jurisdiction, desk):
    from interventions.triage.models import Triage

    made = reports(acting, jurisdiction, {}, {})
    with acting(jurisdiction):
        db.session.execute(
            update(Triage.__table__)
            .values(team_id=None)
            .where(Triage.__table__.c.report_id == report_intake.lock_report(made[0]).id)
        )
        db.session.commit()
    assert look(desk, "/desk/reports?state=unrouted").rows == [made[0]]
    assert "Non orienté" in look(desk, f"/desk/reports/{made[0]}").text
    assert "Équipe Voirie" in look(desk, f"/desk/reports/{made[1]}").text


def test_an_empty_list_says_so_and_a_narrowed_one_how_to_widen_it(jurisdiction, desk):
    assert look(desk, "/desk/reports").title == "Aucun signalement n’est ouvert."
    narrowed = look(desk, "/desk/reports?q=licorne")
    assert "licorne" in narrowed.title and "Montrer tout ce qui est ouvert" in narrowed.text
    assert look(desk, "/desk/work-orders").title == "Aucune intervention n’est en cours."


def test_only_the_part_that_changes_is_sent_to_a_script(acting, jurisdiction, desk):
    made = reports(acting, jurisdiction, *[{} for _ in range(52)])
    part = look(desk, "/desk/reports?state=received", HX_Request="true", HX_Target="list")
    assert "<html" not in part.text.split("</form>")[0] and part.rows == made[:50]
    assert 'id="headline"' in part.text and "52 signalements" in part.text
    more = look(desk, first_next(part), HX_Request="true", HX_Target="more")
    assert more.rows == made[50:] and "<form" not in more.text
    beside = look(desk, f"/desk/reports/{made[0]}", HX_Request="true", HX_Target="beside")
    assert "<nav" not in beside.text and made[0] in beside.text
    # Going back in the browser's history asks for the whole page again.
    whole = look(desk, "/desk/reports", HX_Request="true", HX_Target="list", HX_History_Restore_Request="true")
    assert "<nav" in whole.text


def first_next(page) -> str:
    """Where the rest of a list is."""
    return page.link("next")


def test_what_is_open_is_part_of_the_address(acting, jurisdiction, desk):
    made = reports(acting, jurisdiction, {}, {})
    page = look(desk, f"/desk/reports?open={made[1]}")
    assert page.rows[:2] == made and f'data-sheet="{made[1]}"' in page.text
    look(desk, "/desk/reports?open=nothing")
    with acting(jurisdiction):
        number = factories.work_order(report_intake.lock_report(made[0])).number
    for listed in ("reports", "work-orders"):
        assert f'data-sheet="{number}"' in look(desk, f"/desk/{listed}?open={number}").text


def test_a_reference_leads_to_its_report_whatever_its_state(acting, jurisdiction, desk):
    made = reports(acting, jurisdiction, {}, {})
    with acting(jurisdiction):
        by = Actor("desk", factories.user("supervisor").id)
        triage_verbs.reject(report_intake.lock_report(made[0]), reason="Déjà fait", by=by)
        db.session.commit()
    assert look(desk, "/desk/reports?q=" + made[0].replace("-", " ").lower()).rows == [made[0]]


def test_another_towns_things_are_not_there(acting, jurisdiction, desk, signed_in):
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    (theirs,) = reports(acting, other, {})
    with acting(other):
        number = factories.work_order(report_intake.lock_report(theirs)).number
    assert look(desk, "/desk/reports?state=all").rows == []
    assert look(desk, "/desk/work-orders?state=all").rows == []
    look(desk, f"/desk/reports/{theirs}", 404)
    look(desk, f"/desk/work-orders/{number}", 404)
    assert desk.post(f"/desk/reports/{theirs}/acknowledge", data={"version": "1"}).status_code == 404
    assert desk.post(f"/desk/work-orders/{number}/start", data={"version": "2"}).status_code == 404
    made = desk.post("/desk/work-orders", data={"report": theirs, "title": "Voler"})
    assert made.status_code == 404
    selected = desk.post("/desk/reports/selection", data={"report": f"{theirs}@1", "do": "acknowledge"})
    assert selected.status_code == 303
    points = desk.get("/desk/reports/points?bbox=3.8,43.5,3.95,43.7&zoom=13").json
    assert points["features"] == []
    with acting(other):
        assert report_intake.lock_report(theirs).status == "acknowledged"  # by its own work order, at home


def test_the_map_shows_what_the_list_holds(acting, jurisdiction, desk, statements):
    made = reports(acting, jurisdiction, {}, {"category": "trou", "answers": {"profondeur": "forte"}}, {"place": THERE})
    box = "bbox=3.8,43.5,3.95,43.7"
    look(desk, "/desk/")
    for query, expected in (("", set(made)), ("state=danger", {made[1]}), ("sector=s4", {made[2]})):
        statements.clear()
        body = desk.get(f"/desk/reports/points?{box}&zoom=18&{query}").json
        assert {one["id"] for one in body["features"]} == expected, query
        assert len(statements) <= 4  # who asks, and at most three
    (danger,) = desk.get(f"/desk/reports/points?{box}&zoom=18&state=danger").json["features"]
    assert danger["properties"]["status"] == "danger"
    together = desk.get(f"/desk/reports/points?{box}&zoom=11").json["features"]
    assert sorted(one["properties"].get("count", 1) for one in together) == [1, 2]
    several = next(one["properties"] for one in together if "count" in one["properties"])
    assert (several["count"], len(several["ids"]), several["status"]) == (2, 2, "danger")
    assert desk.get("/desk/reports/points?bbox=nonsense").status_code == 422


def test_work_orders_are_narrowed_too(acting, jurisdiction, desk):
    numbers = []
    with acting(jurisdiction):
        by = Actor("desk", factories.user("supervisor").id)
        for more in (
            {"title": "Reboucher"},
            {"title": "Nettoyer", "kind": "preventive", "category": "depot"},
            {"title": "Étayer", "kind": "making_safe"},
            {"title": "Remplacer", "category": "controle"},
        ):
            numbers.append(factories.work_order(**more).number)
        orders = [work_order_verbs.lock_work_order(number) for number in numbers]
        planning_verbs.schedule(orders[0], start=menu.midnight(), end=menu.midnight(1), team="voirie", by=by)
        planning_verbs.schedule(orders[2], start=utcnow() - timedelta(days=2), end=utcnow() - timedelta(days=1), by=by)
        execution.cancel(orders[1], reason="Non", by=by)
        db.session.commit()
    for query, expected in (
        ("", {0, 2, 3}),
        ("state=cancelled", {1}),
        ("state=all", {0, 1, 2, 3}),
        ("team=voirie", {0}),
        ("team=none", {2, 3}),
        ("kind=making_safe", {2}),
        ("q=etayer", {2}),
        ("category=controle", {3}),
        ("state=late", {2}),
        ("state=today", {0, 2}),
        ("state=ready", {3}),
        (f"q={numbers[3]}", {3}),
        ("age=1&state=all&category=group:proprete", {1}),
        ("sector=s1", set()),
    ):
        rows = look(desk, f"/desk/work-orders?{query}").rows
        assert {numbers.index(row) for row in rows} == expected, query
    assert desk.get(f"/desk/reports?q={numbers[0]}").headers["Location"].endswith(numbers[0])


def test_what_came_in_since_is_counted_and_waits_to_be_asked_for(acting, jurisdiction, desk):
    reports(acting, jurisdiction, {})
    page = look(desk, "/desk/reports?state=received")
    address = next(one.get("data-news") for one in page.tree.iter("p") if one.get("data-news"))
    assert desk.get(address).json["number"] == 0
    reports(acting, jurisdiction, {}, {"category": "depot"})
    with acting(jurisdiction):
        db.session.execute(
            update(Report.__table__).values(received_at=Report.__table__.c.received_at + timedelta(minutes=2))
        )
        db.session.commit()
    assert desk.get(address).json["number"] == 3
    assert desk.get("/desk/reports/news?since=hier").status_code == 422


def test_what_people_write_is_never_taken_for_the_page(acting, jurisdiction, desk):
    nasty = '<img src=x onerror=alert(1)> & "quoted"'
    reports(acting, jurisdiction, {"description": nasty, "address": nasty})
    with acting(jurisdiction):
        factories.work_order(factories.report(email=None), title=nasty)
    for path in ("/desk/reports", "/desk/work-orders", "/desk/"):
        page = look(desk, path)
        assert "<img src=x" not in page.text and "&lt;img src=x" in page.text
        assert any(nasty in "".join(one.itertext()) for one in page.tree.iter("a"))
