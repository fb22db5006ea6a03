"""Work orders at the desk: made in one form, and moved through every state by the forms of their page."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.database import db, utcnow
from core.notifications.outbox.models import Message
from core.times import local_time
from interventions.work_orders.models import WorkOrder
from reporter.reports.models import Report
from tests import factories
from tests.interventions.desk.pages import Page, look

REASON = {"reason": "La pluie"}


@pytest.fixture
def order(acting, jurisdiction):
    """`order(number)` – the work order as the database holds it."""

    def ask(number: str) -> WorkOrder:
        with acting(jurisdiction):
            found = db.session.scalar(select(WorkOrder).where(WorkOrder.number == number))
            db.session.expunge(found)
            return found

    return ask


@pytest.fixture
def tomorrow(acting, jurisdiction) -> str:
    """The day after today, as a form has it."""
    with acting(jurisdiction):
        return (local_time(utcnow()) + timedelta(days=1)).date().isoformat()


def make(browser, *references: str, **fields) -> str:
    """Make a work order by its form; return its number."""
    page = look(browser, "/desk/work-orders/new?" + "&".join(f"report={one}" for one in references))
    form = page.form("work-orders")
    answer = browser.post(form.action, data=form.fields | {"report": list(references)} | fields)
    assert answer.status_code == 303, answer.text[:3000]
    return answer.headers["Location"].rsplit("/", 1)[1]


def moved(browser, number: str, verb: str, **fields) -> Page:
    """Send the form of a verb from the work order's page, and open what it leads to."""
    answer = look(browser, f"/desk/work-orders/{number}").form(verb).send(browser, **fields)
    assert answer.status_code == 303, answer.text[:3000]
    return look(browser, answer.headers["Location"])


def test_one_form_makes_gives_plans_and_announces(acting, jurisdiction, made, desk, order, tomorrow):
    first, second = made(), made()
    number = make(
        desk,
        first,
        second,
        title="Reboucher la rue",
        instructions="Deux sacs",
        priority="1",
        team="voirie",
        day=tomorrow,
        **{"from": "10:30", "to": "12:00", "announce": "1"},
    )
    found = order(number)
    assert (found.status, found.title, found.instructions, found.priority) == (
        "scheduled",
        "Reboucher la rue",
        "Deux sacs",
        1,
    )
    with acting(jurisdiction):
        start, end = local_time(found.starts_at), local_time(found.ends_at)
        assert (start.date().isoformat(), f"{start:%H:%M}", f"{end:%H:%M}") == (tomorrow, "10:30", "12:00")
        assert set(db.session.scalars(select(Report.status))) == {"planned"}
        assert db.session.scalars(select(Message.kind).where(Message.kind == "report.planned")).all() != []
    page = look(desk, f"/desk/work-orders/{number}")
    for words in ("Reboucher la rue", "Deux sacs", "Équipe Voirie", first, second, "Les habitants en sont informés"):
        assert words in page.text, words


def test_the_form_proposes_what_the_reports_say(made, desk):
    reference = made(category="trou", answers={"profondeur": "forte"})
    page = look(desk, f"/desk/work-orders/new?report={reference}&report=VC-777-777&report=x")
    fields = page.form("work-orders").fields
    assert {name: fields[name] for name in ("category", "priority", "team", "kind")} == {
        "category": "trou",
        "priority": "2",
        "team": "voirie",
        "kind": "final",
    }


def test_nothing_is_made_when_a_part_cannot_be(acting, jurisdiction, made, desk, tomorrow):
    reference = made()
    form = look(desk, f"/desk/work-orders/new?report={reference}").form("work-orders")
    for wrong, field in (
        ({"day": "demain"}, "date"),
        ({"day": tomorrow, "from": "25h"}, "heure"),
        ({"day": tomorrow, "from": "12:00", "to": "10:00"}, "fin"),
        ({"team": "pompiers"}, "équipe"),
        ({"agent": "nobody@example.org"}, "adresse"),
        ({"announce": "1"}, "annoncer"),
        ({"category": "licorne"}, "catégorie"),
        ({"title": "x" * 300}, "200"),
    ):
        answer = form.send(desk, **({"instructions": "Gardez ceci"} | wrong))
        assert answer.status_code == 422, wrong
        assert field in answer.text and "Gardez ceci" in answer.text, wrong
        Page(answer)
    with acting(jurisdiction):
        assert db.session.scalar(select(WorkOrder.id)) is None
        assert db.session.scalar(select(Report.status)) == "received"


def test_the_same_form_twice_makes_one(acting, jurisdiction, made, desk):
    form = look(desk, f"/desk/work-orders/new?report={made()}").form("work-orders")
    first, second = form.send(desk), form.send(desk)
    assert first.headers["Location"] == second.headers["Location"]
    with acting(jurisdiction):
        assert len(db.session.scalars(select(WorkOrder.id)).all()) == 1


def test_reception_asks_and_a_supervisor_approves(made, desk, reception, order):
    page = look(reception, f"/desk/work-orders/new?report={made()}")
    assert "day" not in page.form("work-orders").fields
    number = make(reception, made(), title="Reboucher")
    assert (order(number).status, order(number).starts_at) == ("awaiting_approval", None)
    theirs = look(reception, f"/desk/work-orders/{number}")
    assert not theirs.has_form("approve") and theirs.has_form("change")
    assert reception.post(f"/desk/work-orders/{number}/approve", data={"version": "2"}).status_code == 403
    moved(desk, number, "approve")
    assert order(number).status == "ready"


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        ({"team": "voirie"}, "équipe"),
        ({"agent": "agent@villeclaire.example"}, "agent"),
        ({"day": "2030-01-01"}, "programme"),
        ({"announce": "1"}, "annonce"),
    ],
)
def test_what_reception_may_not_decide_is_refused_in_words_and_never_dropped(made, reception, wish, named):
    answer = reception.post("/desk/work-orders", data={"report": made(), "title": "Reboucher"} | wish)
    assert answer.status_code == 422
    assert named in answer.text and "Reboucher" in answer.text


def test_reception_corrects_what_awaits_approval_and_nothing_after(made, desk, reception, order):
    number = make(reception, made(), title="Reboucher")
    moved(reception, number, "change", title="Reboucher vite")
    assert order(number).title == "Reboucher vite"
    moved(desk, number, "approve")
    assert not look(reception, f"/desk/work-orders/{number}").has_form("change")
    sent = {"version": str(order(number).version), "title": "Tout autre chose"}
    assert reception.post(f"/desk/work-orders/{number}/change", data=sent).status_code == 403
    assert order(number).title == "Reboucher vite"
    assert desk.post(f"/desk/work-orders/{number}/change", data=sent).status_code == 303


@pytest.mark.parametrize("role", ["reception", "supervisor", "administrator"])
def test_no_button_of_a_work_order_or_of_the_menu_leads_to_a_refusal(acting, jurisdiction, made, desk, signed_in, role):
    browser = signed_in(role)
    numbers = [make(desk, made(), title="Prête"), make(signed_in("reception"), made(), title="À valider")]
    actions, links = set(), set()
    for number in numbers:
        page = look(browser, f"/desk/work-orders/{number}")
        actions |= {one.get("action") or "" for one in page.tree.iter("form")}
        links |= {one.get("href") or "" for one in page.tree.iter("a")}
    actions = {one for one in actions if "/work-orders/" in one}
    links = {one for one in links if one.startswith(("/desk", "/admin"))}
    assert actions and "/desk/reports" in links
    assert ("/admin/" in links) == (role == "administrator")
    # Without the version that the page holds, what one may do is refused as changed, or in its fields.
    assert {browser.post(action).status_code for action in actions} <= {412, 422, 200}, actions
    assert {browser.get(link).status_code for link in links} == {200}


def test_work_without_a_report_has_a_place_of_its_own(acting, jurisdiction, desk, order):
    number = make(desk, title="Saler le pont", kind="preventive", lat="43.61", lon="3.87", address="Pont Vieux")
    assert order(number).kind == "preventive"
    page = look(desk, f"/desk/work-orders/{number}")
    assert "Pont Vieux" in page.text and not page.has_form("announce")


def test_every_state_is_reached_and_left_by_the_page(acting, jurisdiction, made, desk, order, tomorrow):
    number = make(desk, made(category="controle"), title="Réparer")
    offered = {
        "ready": {"schedule", "assign", "start", "change", "cancel"},
        "scheduled": {"schedule", "announce", "assign", "start", "refuse", "change", "cancel"},
        "in_progress": {"hold", "refuse", "finish", "assign", "change", "cancel"},
        "on_hold": {"resume", "refuse", "finish", "assign", "change", "cancel"},
        "done": {"verify", "return", "change"},
        "verified": set(),
        "cancelled": set(),
    }

    def at(state: str) -> None:
        assert order(number).status == state
        page = look(desk, f"/desk/work-orders/{number}")
        verbs = ("approve", *sorted(set().union(*offered.values())))
        assert {verb for verb in verbs if page.has_form(verb)} == offered[state], state

    at("ready")
    moved(desk, number, "assign", team="proprete")
    moved(desk, number, "schedule", day=tomorrow, team="voirie")
    at("scheduled")
    moved(desk, number, "announce")
    assert not look(desk, f"/desk/work-orders/{number}").has_form("announce")
    moved(desk, number, "start")
    at("in_progress")
    moved(desk, number, "hold", **REASON)
    at("on_hold")
    moved(desk, number, "resume")
    moved(desk, number, "refuse", **REASON)
    at("ready")
    moved(desk, number, "start")
    moved(desk, number, "finish", comment="Refait", minutes="45")
    at("done")
    moved(desk, number, "return", reason="Il manque un joint")
    at("ready")
    moved(desk, number, "start")
    moved(desk, number, "finish")
    moved(desk, number, "verify")
    at("verified")
    history = look(desk, f"/desk/work-orders/{number}").text
    for words in ("La pluie", "Il manque un joint", "Refait", "Confiée à Équipe Propreté", "supervisor villeclaire"):
        assert words in history, words
    number = make(desk, made(), title="Autre")
    moved(desk, number, "cancel", reason="Doublon")
    at("cancelled")


def test_a_changed_day_is_told_with_its_reason(acting, jurisdiction, made, desk, tomorrow):
    number = make(desk, made(), day=tomorrow, announce="1")
    later = local_day(tomorrow, 3)
    page = moved(desk, number, "schedule", day=later, reason="Le camion est en panne")
    assert "Le camion est en panne" in page.text
    with acting(jurisdiction):
        told = select(Message.id).where(Message.kind == "report.day_changed")
        assert db.session.scalars(told).all() != []


def local_day(day: str, more: int) -> str:
    """A day some days after another, both as a form has them."""
    from datetime import date

    return (date.fromisoformat(day) + timedelta(days=more)).isoformat()


def test_the_photo_of_the_repair_is_kept_when_the_form_is_refused(acting, jurisdiction, made, desk, order):
    number = make(desk, made(category="lampadaire"), title="Remplacer l’ampoule")
    moved(desk, number, "start")
    form = look(desk, f"/desk/work-orders/{number}").form("finish")
    without = form.send(desk, comment="Changée")
    assert without.status_code == 422 and order(number).status == "in_progress"
    refused = form.send(desk, minutes="beaucoup", photos=(io.BytesIO(factories.jpeg()), "ampoule.jpg"))
    assert refused.status_code == 422
    again = Page(refused).form("finish")
    assert again.fields["photo_token"]
    assert again.send(desk, minutes="20").status_code == 303
    assert order(number).status == "done"
    not_one = look(desk, f"/desk/work-orders/{make(desk, made())}")
    moved(desk, not_one.form("start").action.split("/")[-2], "start")
    number = not_one.form("start").action.split("/")[-2]
    text = (
        look(desk, f"/desk/work-orders/{number}")
        .form("finish")
        .send(desk, photos=(io.BytesIO(b"not a photo"), "lettre.jpg"))
    )
    assert text.status_code == 422 and "photo" in text.text.lower()


def test_the_second_of_two_people_on_one_work_order_is_told(made, desk, signed_in, order):
    number = make(desk, made(), title="Réparer")
    admin = signed_in("administrator")
    theirs = look(admin, f"/desk/work-orders/{number}").form("change")
    moved(desk, number, "change", title="Réparer vite")
    answer = theirs.send(admin, instructions="Attention au chien")
    assert answer.status_code == 412 and order(number).title == "Réparer vite"
    page = Page(answer)
    assert "supervisor villeclaire" in page.text
    assert page.form("change").fields["instructions"] == "Attention au chien"


def test_a_work_order_is_read_in_few_statements(made, desk, statements):
    number = make(desk, made(), made(), title="Réparer")
    look(desk, f"/desk/work-orders/{number}")
    statements.clear()
    look(desk, f"/desk/work-orders/{number}")
    assert len(statements) <= 4, statements


def test_a_verb_that_the_state_does_not_allow_is_refused(made, desk, order):
    number = make(desk, made())
    version = look(desk, f"/desk/work-orders/{number}").form("start").fields["version"]
    answer = desk.post(f"/desk/work-orders/{number}/verify", data={"version": version})
    assert answer.status_code == 409 and order(number).status == "ready"
    assert desk.post(f"/desk/work-orders/{number}/explode").status_code == 404
