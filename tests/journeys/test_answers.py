"""The answer back in a real browser: a mail is read and answered, the supervisor sees it; a question; a comment."""

from __future__ import annotations

import re
import time
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from core.database import db
from core.identity import jurisdictions
from core.identity.actor import Actor
from interventions.work_orders import execution
from reporter.reports import intake as report_intake
from tests import factories
from tests.journeys.conftest import Reader, Running
from tests.journeys.test_loop import act, report_status, signed_in

PHOTO = {"name": "encore.jpg", "mimeType": "image/jpeg"}


@pytest.fixture
def mailbox(running: Running) -> None:
    """The demonstration's mailbox is open."""
    with running.acting():
        db.session.execute(text("UPDATE jurisdiction SET demo = true"))
        db.session.commit()
        jurisdictions.drop_cache()


def resolved(running: Running, email: str, **more) -> str:
    """The reference of a report whose work is done, and told."""
    with running.acting():
        made = factories.report(email=email, **more)
        order = factories.work_order(report_intake.lock_report(made.reference))
        by = Actor("desk", factories.user("supervisor").id)
        execution.start(order, by=by)
        execution.finish(order, by=by)
        db.session.commit()
        return made.reference


def open_mail(page: Page, running: Running, address: str, subject: str) -> Page:
    """Open somebody's mail of that subject in the mailbox, once it has come."""
    until = time.monotonic() + 60
    while True:
        page.goto(f"{running.url}/dev/mailbox?to={quote(address)}")
        found = page.get_by_role("link", name=re.compile(subject))
        if found.count():
            break
        assert time.monotonic() < until, page.locator("main").inner_text()[:1000]
        time.sleep(1)
    found.first.click()
    page.get_by_role("link", name="Le voir comme dans une messagerie").click()
    return page


def link_in(page: Page, words: str) -> str:
    """Path and query of the link of these words, in the mail that is open."""
    found = urlsplit(page.get_by_role("link", name=words, exact=True).first.get_attribute("href"))
    return f"{found.path}?{found.query}"


@pytest.mark.parametrize("reader", ["phone", "phone-plain"], indirect=True)
def test_no_is_said_from_the_mail_and_the_supervisor_sees_it(reader: Reader, chromium, running: Running, mailbox):
    email = f"non-{'plain' if reader.plain else 'js'}@example.org"
    reference = resolved(running, email, description=f"Un trou, {email}")
    page = open_mail(reader.page, running, email, "Réparé")
    no = link_in(page, "Non, ce n’est pas réparé")
    page = reader.open(no)
    expect(page.get_by_role("heading", level=1)).to_have_text("Qu’est-ce qui n’est pas réparé ?")
    assert report_status(running, reference) == "resolved", "a link alone changes nothing"
    reader.check()
    if reader.plain:
        page.locator("button.btn-primary").click()
        expect(page.locator("#errors")).to_be_visible()
    page.get_by_label("Ce qui ne va pas").fill("Le trou s’est rouvert au bout d’un jour")
    page.set_input_files("#files", PHOTO | {"buffer": factories.jpeg()})
    if not reader.plain:
        expect(page.locator("[data-kept]")).to_have_count(1)
    page.get_by_role("button", name="Dire que ce n’est pas réparé").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci : le signalement est rouvert.")
    reader.check()
    assert report_status(running, reference) == "acknowledged"

    desk = signed_in(chromium, running, "supervisor", script=not reader.plain)
    desk.goto(f"{running.url}/desk/")
    desk.get_by_role("link", name=re.compile("réparations? contestée")).click()
    expect(desk.locator("h1")).to_contain_text("contestée")
    desk.locator(f"[data-row='{reference}'] a").click()
    said = desk.locator("#heard")
    expect(said).to_contain_text("Le trou s’est rouvert au bout d’un jour")
    expect(said.locator("figure")).to_have_count(1)
    desk.goto(f"{running.url}/desk/reports/{reference}")
    desk.get_by_role("button", name="Marquer comme lu").click()
    expect(desk.locator(".flash").first).to_be_visible()
    expect(desk.locator("#heard")).to_have_count(0)
    page = reader.open(no)
    expect(page.get_by_role("button", name="Dire que ce n’est pas réparé")).to_have_count(0)


@pytest.mark.parametrize("reader", ["phone", "desk"], indirect=True)
def test_yes_is_said_from_the_mail_with_stars(reader: Reader, running: Running, mailbox, request):
    email = f"oui-{request.node.callspec.params['reader']}@example.org"
    reference = resolved(running, email)
    page = open_mail(reader.page, running, email, "Réparé")
    page = reader.open(link_in(page, "Oui, c’est réparé"))
    reader.check()
    page.locator("input[name=rating][value='4']").check()
    page.get_by_role("button", name="Oui, c’est réparé").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci, votre réponse est notée.")
    page = reader.open(f"/r/{reference}")
    expect(page.get_by_text("L’auteur du signalement confirme la réparation")).to_be_visible()


@pytest.mark.parametrize("reader", ["phone", "phone-plain"], indirect=True)
def test_a_question_is_answered_on_the_page(reader: Reader, chromium, running: Running, mailbox):
    email = f"question-{'plain' if reader.plain else 'js'}@example.org"
    with running.acting():
        reference = factories.report(email=email, description=f"Question, {email}").reference
    desk = signed_in(chromium, running, "supervisor")
    act(desk, f"{running.url}/desk/reports/{reference}", "ask", text="Devant ou derrière l’école ?")
    assert report_status(running, reference) == "waiting"
    page = reader.open(f"/r/{reference}")
    assert "derrière" not in page.locator("main").inner_text()
    page = open_mail(reader.page, running, email, "question|précision")
    page = reader.open(link_in(page, "Répondre à la question"))
    expect(page.locator("#question")).to_contain_text("Devant ou derrière l’école ?")
    reader.check()
    page.get_by_label("Votre réponse").fill("Derrière, côté parking")
    page.get_by_role("button", name="Répondre").click()
    expect(page.locator(".flash")).to_contain_text("Merci")
    expect(page.locator("#question")).to_have_count(0)
    reader.check()
    assert report_status(running, reference) == "received"
    desk.goto(f"{running.url}/desk/reports?state=answered")
    expect(desk.locator(f"[data-row='{reference}']")).to_be_visible()
    desk.goto(f"{running.url}/desk/reports/{reference}")
    expect(desk.locator("#heard")).to_contain_text("Derrière, côté parking")


@pytest.mark.parametrize("reader", ["phone", "phone-plain", "desk"], indirect=True)
def test_a_neighbour_adds_a_photo_and_the_desk_lets_it_be_seen(reader: Reader, chromium, running: Running, request):
    words = f"Aussi au 14 ({request.node.callspec.params['reader']})"
    with running.acting():
        reference = factories.report(email=None).reference
    page = reader.open(f"/r/{reference}")
    page.get_by_role("button", name="Moi aussi").click()
    expect(page.get_by_text("Une autre personne l’a vu aussi")).to_be_visible()
    expect(page.get_by_role("button", name="Moi aussi")).to_have_count(0)
    page.get_by_text("Ajouter une photo ou un commentaire").click()
    reader.check()
    page.get_by_label("Ce que vous voulez ajouter").fill(words)
    page.set_input_files("#files", PHOTO | {"buffer": factories.jpeg()})
    if not reader.plain:
        expect(page.locator("[data-kept]")).to_have_count(1)
    page.get_by_role("button", name="Ajouter au signalement").click()
    expect(page.locator(".flash")).to_contain_text("Votre ajout paraîtra ici")
    assert words not in page.locator("main").inner_text()
    desk = signed_in(chromium, running, "reception")
    desk.goto(f"{running.url}/desk/comments")
    one = desk.locator(".card", has_text=words)
    one.get_by_role("button", name="Publier", exact=True).click()
    expect(desk.locator(".flash").first).to_be_visible()
    page = reader.open(f"/r/{reference}")
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.locator("figure.photo")).to_have_count(1)
    reader.check()
