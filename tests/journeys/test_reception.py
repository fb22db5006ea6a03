"""Other channels in, in a real browser: a call taken with the keyboard alone, a mail completed by its link, a reply."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.database import db
from core.geo import Place
from reporter.reports.models import Report
from tests import factories
from tests.journeys.conftest import Reader, Running
from tests.reporter.inbound.writing import mail

PASSWORD = "demonstration"
#: The mailbox is read every twenty seconds.
PATIENCE = 60


def sign_in(page: Page, running: Running, role: str = "reception") -> None:
    """A colleague, by the form that everybody uses."""
    from flask_security import hash_password

    with running.acting():
        user = factories.user(role)
        if user.password is None:
            user.password = hash_password(PASSWORD)
            db.session.commit()
        email = user.email
    page.goto(f"{running.url}/login?next=/desk/new")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/desk/new")


def letters(page: Page, running: Running, to: str) -> list[dict]:
    """The mails to that address, the newest first."""
    answer = page.request.get(f"{running.url}/dev/mailbox?to={to}", headers={"Accept": "application/json"})
    return answer.json()["items"]


def letter(page: Page, running: Running, to: str, words: str) -> dict:
    """The newest mail to that address whose subject says `words`, once it is there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = next((one for one in letters(page, running, to) if re.search(words, one["subject"])), None)
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"No mail to {to} says {words!r}")


def made(page: Page) -> str:
    """The reference that reception reads aloud."""
    page.wait_for_url("**/desk/new?made=*")
    return page.locator(".made-reference").inner_text()


@pytest.mark.parametrize("reader", ["desk"], indirect=True)
def test_a_call_is_taken_with_the_keyboard_alone(reader: Reader, running: Running):
    page, keys = reader.page, reader.page.keyboard
    sign_in(page, running)
    expect(page.locator("[name=kind]")).to_be_focused()
    keys.type("dépo")
    expect(page.get_by_role("option", name="Depot")).to_be_visible()
    keys.press("Enter")
    expect(page.locator("[name=kind]")).to_have_value("Depot")
    reader.check()
    keys.press("Tab")
    keys.type("devant le lavoir")
    for words in ("Des sacs éventrés devant le lavoir", "Jeanne Élan", "", "appel@example.org"):
        keys.press("Tab")
        keys.type(words)
    # The map, by its arrows: the pin stands still.
    page.locator("[data-where]").focus()
    keys.press("ArrowRight")
    expect(page.locator("[name=lat]")).not_to_have_value("")
    expect(page.locator("[data-known]")).not_to_contain_text("Une fois le lieu trouvé")
    page.locator("[name=description]").focus()
    keys.press("Control+Enter")
    reference = made(page)
    reader.check()
    assert reference in letter(page, running, "appel@example.org", "signalement")["text"]
    with running.acting():
        report = db.session.scalar(select(Report).where(Report.reference == reference))
        assert (report.channel, report.address) == ("phone", "devant le lavoir")


@pytest.mark.parametrize("reader", ["desk", "phone"], indirect=True)
def test_what_is_known_is_followed_for_who_calls(reader: Reader, running: Running, request):
    place = Place(3.8801, 43.6177 if request.node.callspec.params["reader"] == "desk" else 43.6197)
    with running.acting():
        known = factories.report(place=place, email=None, description="Un trou que l’on connaît").reference
    page, address = reader.page, f"voisine-{request.node.callspec.params['reader']}@example.org"
    sign_in(page, running)
    page.fill("[name=kind]", "Nid-de-poule")
    page.fill("[name=description]", "Le trou de la place")
    page.fill("[name=email]", address)
    # As a photo's or an address's place would put it.
    page.evaluate(
        "({lat, lon}) => { const f = document.getElementById('reception').elements;"
        " f.lat.value = lat; f.lon.value = lon; }",
        {"lat": str(place.lat), "lon": str(place.lon)},
    )
    page.get_by_role("button", name="Enregistrer").last.click()
    expect(page.get_by_text("Pas encore enregistré")).to_be_visible()
    reader.check()
    page.get_by_role("button", name="Même problème").first.click()
    assert made(page) == known
    letter(page, running, address, "suivre ce signalement")


@pytest.mark.parametrize("reader", ["desk-plain"], indirect=True)
def test_a_letter_is_taken_in_without_a_script(reader: Reader, running: Running):
    page = reader.page
    sign_in(page, running)
    page.get_by_label("Par courrier").check(force=True)
    page.fill("[name=kind]", "lampadaire")
    page.fill("[name=description]", "La lampe du carrefour clignote")
    page.get_by_text("Indiquer le lieu autrement").click()
    page.select_option("[name=sector]", "s2")
    page.get_by_role("button", name="Enregistrer").last.click()
    if page.get_by_text("Pas encore enregistré").is_visible():
        page.get_by_role("button", name="Enregistrer").last.click()
    reference = made(page)
    reader.check()
    with running.acting():
        assert db.session.scalar(select(Report.channel).where(Report.reference == reference)) == "letter"


def test_a_mail_is_completed_by_its_link_and_its_news_are_answered_by_mail(reader: Reader, chromium, running: Running):
    sender, jurisdiction = "boite@example.org", "ne-pas-repondre@localhost"
    running.mailbox.put(
        mail(
            to=jurisdiction,
            sender=f"Paul <{sender}>",
            subject="Impossible de passer",
            text="Des encombrants barrent le trottoir.\n\nEnvoyé de mon iPhone",
            photos=(factories.jpeg(),),
        )
    )
    page = reader.page
    asked = letter(page, running, sender, "Presque fini")
    link = re.search(r"https?://\S+/complete/\w+", asked["text"])[0]
    page.goto(link)
    expect(page.locator("textarea[name=description]")).to_have_value(re.compile("encombrants barrent le trottoir"))
    expect(page.locator("[name=email]")).to_have_value(sender)
    expect(page.locator("[data-list] [data-kept]")).to_have_count(1)
    reader.check()
    label = page.locator(".choice", has_text="Depot").first
    if not label.is_visible():
        page.locator("[data-all] summary").click()
    label.click()
    page.locator("[data-pin-map]").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[name=lat]")).not_to_have_value("")
    page.locator("[data-send]").click()
    page.wait_for_url("**/r/**")
    reference = re.search(r"/r/([\w-]+)", page.url)[1]
    with running.acting():
        report = db.session.scalar(select(Report).where(Report.reference == reference))
        assert report.channel == "mail" and report.cover_id is not None
        reply = _reply_address(report)
    letter(page, running, sender, "signalement")
    running.mailbox.put(
        mail(
            to=reply,
            sender=f"Paul <{sender}>",
            subject="Re: votre signalement",
            text="Il y a aussi un matelas.\n\nLe mar. 3 mars 2026 à 10:40, Ville <v@e.fr> a écrit :\n> Bonjour",
        )
    )
    _seen_by_the_desk(chromium, running, reference)


def _reply_address(report: Report) -> str:
    """Where the author's replies are sent, as the mail's Reply-To says it."""
    from core.notifications.mail.addresses import reply_address
    from reporter.inbound.links import reply_word
    from reporter.subscriptions.models import ReportSubscription

    subscription = db.session.scalar(
        select(ReportSubscription.id).where(ReportSubscription.report_id == report.id, ReportSubscription.author)
    )
    return reply_address(reply_word(subscription))


def _seen_by_the_desk(chromium, running: Running, reference: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    page = context.new_page()
    sign_in(page, running, "supervisor")
    until = time.monotonic() + PATIENCE
    while True:
        page.goto(f"{running.url}/desk/reports/{reference}")
        if page.get_by_text("Il y a aussi un matelas.").count():
            break
        assert time.monotonic() < until, "The reply did not come in"
        time.sleep(1)
    assert not page.get_by_text("a écrit").count()
    context.close()
