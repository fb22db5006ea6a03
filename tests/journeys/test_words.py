"""An administrator writes the jurisdiction's own words in a real browser, and a resident reads them in the mail."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from core.database import db
from core.identity.actor import Actor
from reporter.reports import intake as report_intake
from reporter.reports import transitions
from tests import factories
from tests.journeys.conftest import signed_in

PASSWORD = "demonstration"
PAGE = "/admin/words/rejected/mail"


@pytest.fixture
def admin(reader, running):
    """An administrator, signed in by the form that everybody uses."""
    return signed_in(reader, running, "administrator", "/admin/words")


@pytest.mark.parametrize("reader", ["desk", "phone", "phone-plain"], indirect=True)
def test_the_pages_of_words_can_be_read_by_everybody(admin, running):
    with running.acting():
        factories.report(email=None)
    for path in ("/admin/words", PAGE, "/admin/words/planned/sms", "/admin/words/question/push?locale=en"):
        admin.open(path)
        admin.check()
    page = admin.open(PAGE)
    page.fill("#body", "Bonjour,\n\nvoici {{ oups }}")
    page.get_by_role("button", name="Employer ce texte").click()
    expect(page.locator("#errors")).to_contain_text("Ligne 3, colonne 10")
    expect(page.locator("#body")).to_have_value("Bonjour,\n\nvoici {{ oups }}")
    admin.check()


@pytest.mark.parametrize("reader", ["desk", "phone-plain"], indirect=True)
def test_words_are_seen_before_they_are_kept_and_then_sent(admin, running, request):
    mark = f"Salutations de la mairie {time.time():.0f}"
    who = f"mots{time.time_ns()}@example.org"
    with running.acting():
        reference = factories.report(email=who).reference
    page = admin.open(PAGE)
    page.fill("#body", f"{mark}.\n\n{{% if reason %}}Pourquoi : {{{{ reason }}}}{{% endif %}}")
    page.fill("#reference", reference)
    if admin.plain:
        page.get_by_role("button", name="Aperçu", exact=True).click()
    else:
        page.locator("#reference").blur()
    expect(page.locator("#preview")).to_contain_text(mark)
    expect(page.locator("#preview")).to_contain_text(reference)
    page.get_by_role("button", name="Comme dans une messagerie").click()
    expect(page.frame_locator("iframe[name=look]").locator("h1")).to_contain_text("Sans suite")
    page.get_by_role("button", name="Employer ce texte").click()
    expect(page.locator(".flash")).to_contain_text("désormais employé")
    with running.acting():
        transitions.reject(report_intake.lock_report(reference), reason="Terrain privé", by=Actor("desk"))
        db.session.commit()
    said = mail(page, running, who, "Pourquoi")
    assert mark in said and "Pourquoi : Terrain privé" in said
    admin.open(PAGE)
    page.get_by_role("button", name="Revenir au texte d’Alentour").click()
    expect(page.locator(".flash")).to_contain_text("de nouveau employé")
    assert admin.complaints == []


def mail(page, running, address: str, words: str) -> str:
    """The text of the mail to that address that holds these words, once it has arrived."""
    until = time.monotonic() + 90
    while True:
        answer = page.request.get(
            f"{running.url}/dev/mailbox?to={quote(address)}", headers={"Accept": "application/json"}
        )
        for one in answer.json()["items"] if answer.ok else []:
            if words in one["text"]:
                return one["text"]
        assert time.monotonic() < until, "it has not arrived"
        time.sleep(1)


@pytest.fixture
def supervisor(reader, running):
    """A supervisor, signed in."""
    from flask_security import hash_password

    with running.acting():
        user = factories.user("supervisor")
        if user.password is None:
            user.password = hash_password(PASSWORD)
            db.session.commit()
        email = user.email
    page = reader.open("/login?next=/desk/")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/desk/")
    return reader


@pytest.mark.parametrize("reader", ["desk", "phone", "phone-plain"], indirect=True)
def test_a_supervisor_sees_what_will_be_read_before_deciding(supervisor, running):
    who = f"avant{time.time_ns()}@example.org"
    with running.acting():
        reference = factories.report(email=who).reference
    page = supervisor.open(f"/desk/reports/{reference}")
    page.click("#act-reject summary")
    page.fill("#reject-reason", "Terrain privé, voyez le syndic")
    if supervisor.plain:
        page.click("#act-reject .no-script button")
        expect(page.locator("h1")).to_contain_text("Aperçu du message")
    expect(page.locator(".letter")).to_contain_text("Terrain privé, voyez le syndic")
    expect(page.locator("main")).to_contain_text("1 message sera envoyé (1 par e-mail)")
    supervisor.check()
    seen = page.locator(".letter-text").inner_text()
    page.get_by_role("button", name="Confirmer" if supervisor.plain else "Classer et dire pourquoi").click()
    expect(page.locator(".flash").first).to_contain_text("classé sans suite")
    read = mail(page, running, who, "Terrain privé")
    assert read.splitlines()[0] == seen.splitlines()[0] and "syndic" in read
    page = supervisor.open(f"/desk/reports/{reference}/receipt")
    expect(page.locator(".receipt-text")).to_contain_text(reference)
    supervisor.check()
