"""The desk in a real browser: list and map as one, what opens beside them, the keyboard alone, no script."""

from __future__ import annotations

import re
from contextlib import contextmanager
from itertools import count

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from core.database import db, utcnow
from core.geo import Place
from core.identity.actor import Actor
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from tests import factories
from tests.journeys.conftest import signed_in

_number = count(1)


@pytest.fixture
def desk(reader, running):
    """A supervisor before the desk, signed in by the form that everybody uses."""
    return signed_in(reader, running, "supervisor", "/desk/")


@pytest.fixture
def made(running):
    """`made(category=…)` – a report whose description holds a word that no other has: (word, reference)."""

    def make(**more) -> tuple[str, str]:
        word = f"mot{next(_number)}x{utcnow():%H%M%S%f}"
        with running.acting():
            place = Place(factories.CENTRE.lon - 0.011, factories.CENTRE.lat - 0.012)
            report = factories.report(**{"place": place, "description": f"Un trou {word}"} | more)
            return word, report.reference

    return make


@contextmanager
def held(running, reference: str):
    """The report as the database holds it, for a moment."""
    with running.acting():
        yield report_intake.lock_report(reference)
        db.session.rollback()


def of_this(word: str, query: str = "") -> str:
    """The list narrowed to the reports of one test."""
    return f"/desk/reports?q={word}&{query}"


wide = pytest.mark.parametrize("reader", ["desk"], indirect=True)
each_screen = pytest.mark.parametrize("reader", ["desk", "phone"], indirect=True)
plain = pytest.mark.parametrize("reader", ["desk-plain", "phone-plain"], indirect=True)


@wide
def test_a_report_opens_beside_the_list_is_decided_there_and_its_row_follows(desk, made, running):
    word, reference = made()
    page = desk.open(of_this(word))
    page.click(f"#row-{reference} a")
    expect(page.locator("#beside [data-title]")).to_be_focused()
    expect(page).to_have_url(re.compile(f"open={reference}"))
    expect(page.locator("#list")).to_be_visible()
    page.click("#beside button:has-text('Prendre en compte')")
    expect(page.locator("#beside .flash")).to_contain_text("pris en compte")
    expect(page.locator(f"#row-{reference} .row-state")).to_contain_text("Pris en compte")
    page.click("#act-note summary")
    page.fill("#note-text", "Vu au téléphone")
    page.click("#act-note button")
    expect(page.locator("#beside .history")).to_contain_text("Vu au téléphone")
    page.reload()
    expect(page.locator("#beside .history")).to_contain_text("Vu au téléphone")
    page.keyboard.press("Escape")
    expect(page.locator("#beside")).to_be_empty()
    assert "open=" not in page.url
    with held(running, reference) as report:
        assert report.status == "acknowledged"
    assert desk.complaints == []


@wide
def test_the_keyboard_alone_walks_picks_opens_and_makes_one_job_of_two(desk, made, running):
    word, first = made()
    _word, second = made(description=f"Un autre trou {word}")
    page = desk.open(of_this(word))
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".row.is-current")).to_have_attribute("data-row", second)
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-picked-count]")).to_have_text("2 sélectionnés")
    page.keyboard.press("k")
    page.keyboard.press("e")
    expect(page.locator("#beside")).to_contain_text(second)
    page.keyboard.press("Escape")
    expect(page.locator(f"#row-{second} a")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    reach(page, "Créer une intervention")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/work-orders/new?**")
    expect(page.locator("h1")).to_have_text("Une seule intervention pour 2 signalements")
    reach(page, "Ce qui est à faire", by="label")
    page.keyboard.type("Reboucher les deux")
    reach(page, "Créer l’intervention")
    page.keyboard.press("Enter")
    expect(page.locator(".flash")).to_contain_text("créée")
    for reference in (first, second):
        with held(running, reference) as report:
            assert report.status == "acknowledged"
    assert desk.complaints == []


def reach(page, name: str, by: str = "button") -> None:
    """Press Tab until what is called so has the focus, as somebody without a mouse does."""
    wanted = page.get_by_label(name, exact=True) if by == "label" else page.get_by_role("button", name=name)
    for _ in range(150):
        if wanted.evaluate_all("(found) => found.includes(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached with the keyboard")


@wide
def test_list_and_map_are_narrowed_together_and_share_one_selection(desk, made, running):
    word, reference = made(category="depot")
    page = desk.open("/desk/reports")
    page.fill("#q", word)
    expect(page.locator("#headline")).to_contain_text("1 signalement")
    # The address follows the answer.
    page.wait_for_url(re.compile(rf"q={word}"))
    assert "state=" not in page.url
    point = page.locator(f"[data-point='{reference}']")
    expect(point).to_have_count(1)
    page.check(f"#row-{reference} input")
    expect(point).to_have_class(re.compile(r"\bis-chosen\b"))
    point.click()
    expect(page.locator("#beside")).to_contain_text(reference)
    page.select_option("#f-state", "rejected")
    expect(page.locator("#list")).to_contain_text("Rien ne correspond à cette recherche")
    expect(point).to_have_count(0)
    page.go_back()
    expect(page.locator(f"#row-{reference}")).to_be_visible()
    assert desk.complaints == []


@wide
def test_the_second_of_two_people_keeps_what_they_typed(desk, made, running):
    from interventions.triage import verbs as triage_verbs

    word, reference = made()
    page = desk.open(of_this(word, f"open={reference}"))
    page.click("#act-reject summary")
    page.fill("#reject-reason", "Terrain privé")
    expect(page.locator("#reads-reject")).to_contain_text("Terrain privé")
    with running.acting():
        other = factories.user("reception")
        triage_verbs.correct_category(
            report_intake.lock_report(reference), category="depot", by=Actor("desk", other.id)
        )
        db.session.commit()
    page.click("#act-reject .cluster button")
    expect(page.locator("#beside [role=alert]")).to_contain_text("reception")
    expect(page.locator("#reject-reason")).to_have_value("Terrain privé")
    desk.check()
    page.click("#act-reject .cluster button")
    expect(page.locator("#beside .flash")).to_contain_text("classé sans suite")


@wide
def test_a_photo_is_seen_large_and_left_with_one_key(desk, made, running):
    from core.photos.verbs import accept

    with running.acting():
        token = accept(factories.jpeg()).token
        db.session.commit()
    _word, reference = made(photos=[token])
    page = desk.open(f"/desk/reports?open={reference}")
    for _attempt in range(60):
        if page.locator("#beside [data-large]").count():
            break
        page.wait_for_timeout(500)  # the worker is at it
        page.reload()
    page.click("#beside [data-large]")
    expect(page.locator("#large img")).to_be_visible()
    desk.check()
    page.keyboard.press("Escape")
    expect(page.locator("#large")).to_be_hidden()
    expect(page.locator("#beside")).to_contain_text(reference)


@each_screen
def test_the_pin_is_moved_with_the_arrow_keys(desk, made, running):
    _word, reference = made()
    page = desk.open(f"/desk/reports/{reference}")
    page.click("#act-place summary")
    before = page.input_value("#lon")
    page.locator("#act-place .map").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#lon")).not_to_have_value(before)
    after = page.input_value("#lon")
    page.click("#act-place button:has-text('Enregistrer le lieu')")
    expect(page.locator(".flash")).to_contain_text("Lieu corrigé")
    with running.acting():
        assert abs(db.session.scalar(db_lon(reference)) - float(after)) < 1e-6


def db_lon(reference: str):
    """The longitude that the database holds."""
    from sqlalchemy import func, select

    return select(func.ST_X(Report.location)).where(Report.reference == reference)


@plain
def test_without_a_script_everything_is_done_by_links_and_forms(desk, made, running):
    word, first = made()
    _word, second = made(description=f"Encore {word}")
    page = desk.open("/desk/reports")
    page.fill("#q", word)
    page.click("#filters button")
    expect(page.locator("h1")).to_contain_text("2 signalements")
    page.check(f"#row-{first} input")
    page.click(".picked button[value=acknowledge]")
    expect(page.locator(".flash")).to_contain_text("1 signalement pris en compte")
    page.click(f"#row-{second} a")
    expect(page.locator("h1")).to_contain_text("12 rue des Tilleuls")
    page.click("#act-merge summary")
    page.check(f"#act-merge input[value='{first}']")
    page.click("#act-merge .cluster button")
    expect(page.locator(".flash")).to_contain_text(f"rattaché à {first}")
    page.goto(f"{desk.url}/desk/work-orders/new?report={first}")
    page.fill("#title", "Reboucher")
    page.click("button:has-text('Créer l’intervention')")
    expect(page.locator("h1")).to_have_text("Reboucher")
    page.click("button:has-text('Commencer')")
    page.click("#act-finish summary")
    page.fill("#finish-comment", "Rebouché à l’enrobé")
    page.click("#act-finish .cluster button")
    expect(page.locator(".flash")).to_contain_text("réalisée")
    with held(running, first) as report:
        assert report.status == "resolved"
    with held(running, second) as report:
        assert report.status == "merged"


@each_screen
def test_every_state_of_the_lists_can_be_read_by_everybody(desk, made, running):
    word, reference = made(category="trou", answers={"profondeur": "forte"})
    with running.acting():
        db.session.execute(
            update(Report.__table__).where(Report.__table__.c.reference == reference).values(due_at=utcnow())
        )
        db.session.commit()
    for path in (
        "/desk/",
        "/desk/reports",
        of_this(word),
        of_this("licorne"),
        "/desk/reports?state=transferred",
        "/desk/work-orders",
        "/desk/work-orders?q=licorne",
        f"/desk/reports?open={reference}",
        "/desk/reports/merge",
        f"/desk/work-orders/new?report={reference}",
        "/desk/work-orders/new",
    ):
        desk.open(path)
        desk.check()


@each_screen
def test_a_report_can_be_read_by_everybody_in_each_of_its_states(desk, made, running):
    from interventions.planning import verbs as planning_verbs
    from interventions.triage import verbs as triage_verbs
    from interventions.work_orders import execution
    from interventions.work_orders import verbs as work_order_verbs

    word, reference = made()
    _word, into = made(description=f"Le même {word}")
    with running.acting():
        by = Actor("desk", factories.user("supervisor").id)

    def shown(then=None) -> None:
        if then:
            with running.acting():
                then()
                db.session.commit()
        desk.open(f"/desk/reports/{reference}")
        for form in ("#act-reject", "#act-merge", "#act-place", "#act-category", "#act-note", "#act-reopen"):
            if desk.page.locator(form).count() and not desk.plain:
                desk.page.locator(f"{form} > summary").click()
        desk.check()

    shown()
    shown(lambda: triage_verbs.reject(report_intake.lock_report(reference), reason="Non", by=by))
    shown(lambda: triage_verbs.reopen(report_intake.lock_report(reference), reason="Si", by=by))
    shown(lambda: factories.work_order(report_intake.lock_report(reference), title=f"Reboucher {word}"))

    def order():
        from interventions.work_orders.models import WorkOrder

        number = db.session.scalar(db_number(WorkOrder, word))
        return work_order_verbs.lock_work_order(number)

    shown(lambda: planning_verbs.schedule(order(), start=utcnow(), announce=True, by=by))
    shown(lambda: execution.start(order(), by=by))
    shown(lambda: execution.finish(order(), comment="Fait", by=by))
    shown(
        lambda: (
            triage_verbs.reopen(report_intake.lock_report(reference), by=by),
            execution.return_work(order(), reason="Non", by=by),
            execution.cancel(order(), reason="Doublon", by=by),
            triage_verbs.merge(reference, into, by=by),
        )
    )


def db_number(model, word: str):
    """The number of the work order whose title holds a word."""
    from sqlalchemy import select

    return select(model.number).where(model.title.contains(word))


@each_screen
def test_a_work_order_can_be_read_by_everybody_in_each_of_its_states(desk, made, running):
    from interventions.planning import verbs as planning_verbs
    from interventions.work_orders import execution
    from interventions.work_orders import verbs as work_order_verbs

    word, reference = made(category="controle")
    with running.acting():
        asks, by = (Actor("desk", factories.user(role).id) for role in ("reception", "supervisor"))
        number = work_order_verbs.create_work_order(
            reports=[report_intake.lock_report(reference)], title=f"Réparer {word}", by=asks
        ).number
        db.session.commit()

    def shown(then=None) -> None:
        if then:
            with running.acting():
                then(work_order_verbs.lock_work_order(number))
                db.session.commit()
        page = desk.open(f"/desk/work-orders/{number}")
        for summary in page.locator(".act > summary").all():
            summary.click()
        desk.check()

    shown()
    shown(lambda order: work_order_verbs.approve(order, by=by))
    shown(lambda order: planning_verbs.schedule(order, start=utcnow(), team="voirie", announce=True, by=by))
    shown(lambda order: execution.start(order, by=by))
    shown(lambda order: execution.hold(order, reason="La pluie", by=by))
    shown(lambda order: (execution.resume(order, by=by), execution.finish(order, minutes=20, by=by)))
    shown(lambda order: execution.verify(order, by=by))
    with running.acting():
        number = factories.work_order(title=f"Rien {word}").number
    shown(lambda order: execution.cancel(order, reason="Doublon", by=by))
