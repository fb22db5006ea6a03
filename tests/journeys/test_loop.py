"""The whole loop in a real browser: a photo becomes work, the work is done, the resident reads of it; and every
state of reports and of work orders, reached and left through the screen."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask_security import hash_password
from playwright.sync_api import Page, TimeoutError, expect
from sqlalchemy import select, text

from core.database import db, utcnow
from core.identity import jurisdictions
from core.times import local_time
from interventions.work_orders.models import WorkOrder, WorkOrderReport
from reporter.reports.models import Report
from reporter.statuses import STATUSES as REPORT_STATUSES
from tests import factories
from tests.journeys.conftest import Reader, Running

PASSWORD = "demonstration"
#: What no verb of this version reaches: handing on to another body.
NOT_YET = {"transferred"}


def signed_in(chromium, running: Running, role: str, *, script: bool = False) -> Page:
    """A colleague's page, signed in by the form, with or without a script."""
    with running.acting():
        user = factories.user(role)
        user.password = hash_password(PASSWORD)
        db.session.commit()
        email = user.email
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900},
        locale="fr-FR",
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{running.url}/login?next=/landing")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/(desk|field)/$"))
    return page


def act(page: Page, address: str, verb: str, **fields: str) -> None:
    """Open a page and send its form of that verb, as somebody would."""
    page.goto(address)
    form = page.locator(f"form[action$='/{verb}']").first
    closed = page.locator(f"details:not([open]):has(form[action$='/{verb}']) > summary")
    if closed.count():
        closed.first.click()
    for name, value in fields.items():
        control = form.locator(f"[name='{name}']").first
        if control.evaluate("one => one.type") in ("checkbox", "radio"):
            control.check()
        elif control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    form.locator("button:not([name=delete])").last.click()
    expect(page.locator(".flash").first).to_be_visible()


def report_status(running: Running, reference: str) -> str:
    with running.acting():
        return db.session.scalar(select(Report.status).where(Report.reference == reference))


def order_of(running: Running, reference: str) -> tuple[str, str]:
    """(number, status) of the newest work order of a report."""
    with running.acting():
        return tuple(
            db.session.execute(
                select(WorkOrder.number, WorkOrder.status)
                .join(WorkOrderReport, WorkOrderReport.work_order_id == WorkOrder.id)
                .join(Report, Report.id == WorkOrderReport.report_id)
                .where(Report.reference == reference)
                .order_by(WorkOrder.id.desc())
                .limit(1)
            ).one()
        )


def today(running: Running, days: int = 0) -> str:
    with running.acting():
        return (local_time(utcnow()) + timedelta(days=days)).date().isoformat()


@pytest.mark.parametrize("reader", ["phone"], indirect=True)
def test_a_photo_becomes_work_and_its_author_reads_of_it(reader: Reader, chromium, running: Running):
    with running.acting():
        db.session.execute(text("UPDATE jurisdiction SET demo = true"))
        db.session.commit()
        jurisdictions.drop_cache()
        factories.user("agent")
    reader.page.context.grant_permissions(["geolocation"])
    reader.page.context.set_geolocation({"latitude": 43.6035, "longitude": 3.8905, "accuracy": 8})
    page = reader.open("/report/new")
    page.set_input_files("#files", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": factories.jpeg()})
    expect(page.locator("[data-kept]")).to_have_count(1)
    page.get_by_role("button", name="Utiliser ma position").click()
    expect(page.locator("[data-how]")).to_contain_text("d’après votre appareil")
    page.get_by_text("Autre chose…").click()
    page.get_by_role("radio", name="Depot").check()
    page.get_by_label("Ce que vous voyez").fill("Un matelas et des cartons")
    page.get_by_label("E-mail, si vous souhaitez être tenu au courant").fill("boucle@example.org")
    send_for_good(page)
    reference = re.search(r"VC-\w{3}-\w{3}", page.url)[0]

    supervisor = signed_in(chromium, running, "supervisor")
    supervisor.goto(f"{running.url}/desk/work-orders/new?report={reference}")
    form = supervisor.locator("form[action='/desk/work-orders']")
    form.locator("[name=title]").fill("Enlever un matelas")
    form.locator("[name=team]").select_option("voirie")
    form.locator("[name=day]").fill(today(running))
    form.locator("[name=announce]").check()
    form.locator("button").last.click()
    expect(supervisor.locator(".flash").first).to_be_visible()
    number, status = order_of(running, reference)
    assert status == "scheduled" and report_status(running, reference) == "planned"

    agent = signed_in(chromium, running, "agent")
    agent.goto(f"{running.url}/field/jobs/{number}")
    agent.get_by_role("button", name="Commencer").click()
    agent.get_by_role("link", name="C’est terminé").click()
    agent.get_by_label("Choisir des photos").set_input_files(
        {"name": "fini.jpg", "mimeType": "image/jpeg", "buffer": factories.jpeg(800, 600)}
    )
    agent.get_by_label("Commentaire sur les travaux").fill("Enlevé et balayé")
    agent.get_by_role("button", name="C’est terminé").click()
    expect(agent).to_have_url(re.compile(r"/field/$"))
    assert report_status(running, reference) == "resolved"

    page.goto(f"{running.url}/r/{reference}")
    expect(page.locator(".pill").first).to_contain_text("Traité")
    expect(page.get_by_text("Enlevé et balayé")).to_be_visible()
    expect(page.get_by_alt_text("Après le travail").or_(page.locator("figure img")).first).to_be_visible(timeout=60_000)
    reader.check()
    subjects = mails(page, running, "boucle@example.org", 3)
    assert [words.split(" :")[0].split("\u00a0:")[0] for words in subjects][0].startswith("Votre signalement")
    assert "passera" in subjects[1] and "Réparé" in subjects[2]


def send_for_good(page: Page) -> None:
    """Send the form, and once more where what others reported nearby is shown first."""
    for _look in range(2):
        page.locator("[data-send]").click()
        try:
            page.wait_for_url(re.compile(r"/r/VC-"), timeout=15_000)
        except TimeoutError:
            continue
        return
    raise AssertionError(page.locator("main").inner_text()[:2000])


def mails(page: Page, running: Running, address: str, many: int) -> list[str]:
    """The subjects of somebody's mails, oldest first, once there are as many."""
    until = time.monotonic() + 90
    while True:
        answer = page.request.get(
            f"{running.url}/dev/mailbox?to={quote(address)}", headers={"Accept": "application/json"}
        )
        items = answer.json()["items"] if answer.ok else []
        if len(items) >= many:
            return [one["subject"] for one in reversed(items)]
        assert time.monotonic() < until, items
        time.sleep(1)


def test_every_state_is_reached_and_left_through_the_screen(chromium, running: Running):
    with running.acting():
        factories.user("agent")
        mine, other = (factories.report(description=words, email=None).reference for words in ("Un", "Deux"))
    reception = signed_in(chromium, running, "reception")
    supervisor = signed_in(chromium, running, "supervisor")
    seen: list[str] = []
    orders: list[str] = []
    report = f"{running.url}/desk/reports/{mine}"

    def look() -> str:
        found = report_status(running, mine)
        seen.append(found)
        return found

    def work(verb: str, **fields: str) -> str:
        number, _status = order_of(running, mine)
        act(supervisor, f"{running.url}/desk/work-orders/{number}", verb, **fields)
        orders.append(order_of(running, mine)[1])
        look()
        return orders[-1]

    assert look() == "received"
    act(reception, report, "acknowledge")
    assert look() == "acknowledged"
    act(reception, report, "ask", text="Devant quel numéro ?")
    assert look() == "waiting"
    act(supervisor, report, "acknowledge")
    assert look() == "acknowledged"
    act(supervisor, report, "reject", reason="Ce n’est pas sur la commune")
    assert look() == "rejected"
    act(supervisor, report, "reopen")
    assert look() == "acknowledged"
    act(supervisor, report, "merge", into=other)
    assert look() == "merged"
    act(supervisor, report, "reopen")
    assert look() == "acknowledged"

    reception.goto(f"{running.url}/desk/work-orders/new?report={mine}")
    form = reception.locator("form[action='/desk/work-orders']")
    form.locator("[name=title]").fill("Reboucher")
    form.locator("button").last.click()
    expect(reception.locator(".flash").first).to_be_visible()
    orders.append(order_of(running, mine)[1])
    assert orders[-1] == "awaiting_approval"
    assert work("approve") == "ready"
    assert work("schedule", day=today(running, 1), team="voirie") == "scheduled"
    assert seen[-1] == "acknowledged"
    assert work("announce") == "scheduled" and seen[-1] == "planned"
    assert work("refuse", reason="Il faut une nacelle") == "ready" and seen[-1] == "acknowledged"
    assert work("schedule", day=today(running, 2), announce="1") == "scheduled" and seen[-1] == "planned"
    assert work("start") == "in_progress" and seen[-1] == "in_progress"
    assert work("hold", reason="Il pleut") == "on_hold" and seen[-1] == "in_progress"
    assert work("resume") == "in_progress"
    assert work("finish", comment="Fait", minutes="20") == "done" and seen[-1] == "resolved"
    assert work("return", reason="Cela s’est rouvert") == "ready" and seen[-1] == "acknowledged"
    assert work("start") == "in_progress"
    assert work("finish", comment="Refait") == "done" and seen[-1] == "resolved"
    assert work("verify") == "verified" and seen[-1] == "resolved"
    act(supervisor, report, "reopen", reason="Un habitant a rappelé")
    assert look() in ("acknowledged", "in_progress")

    supervisor.goto(f"{running.url}/desk/work-orders/new?report={mine}")
    form = supervisor.locator("form[action='/desk/work-orders']")
    form.locator("[name=title]").fill("Reprendre")
    form.locator("button").last.click()
    expect(supervisor.locator(".flash").first).to_be_visible()
    assert work("cancel", reason="Plus nécessaire") == "cancelled"
    assert set(seen) == set(REPORT_STATUSES) - NOT_YET
    assert set(orders) == {
        "awaiting_approval",
        "ready",
        "scheduled",
        "in_progress",
        "on_hold",
        "done",
        "verified",
        "cancelled",
    }
