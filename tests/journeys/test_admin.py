"""The administrator in a real browser: the start page, how the jurisdiction writes, and another program that is
told."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.core.notifications.webhooks.receiver import Receiver
from tests.journeys.conftest import signed_in

EACH = pytest.mark.parametrize("reader", ["desk", "phone", "phone-plain"], indirect=True)


@pytest.fixture
def admin(reader, running):
    """An administrator before the settings, signed in by the form that everybody uses."""
    return signed_in(reader, running, "administrator", "/admin/")


@EACH
def test_another_program_is_told_what_happens(admin, running):
    page = admin.page
    admin.check()
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("link", name="Nouveau webhook").click()
    admin.check()
    with Receiver() as other:
        page.get_by_label("Adresse", exact=True).fill("https://10.0.0.8/sig")
        page.get_by_role("button", name="Créer le webhook").click()
        expect(page.get_by_role("alert")).to_contain_text("notre propre réseau")
        admin.check()
        page.get_by_label("Adresse", exact=True).fill(other.url)
        page.get_by_label(re.compile("^Nom")).fill("Carte")
        page.get_by_role("button", name="Créer le webhook").click()
        secret = page.locator(".secret").inner_text()
        admin.check()
        page.get_by_role("button", name="Envoyer un essai").click()
        _arrived(other, 1)
        assert other.got[0].body["type"] == "ping" and other.got[0].signed_with(secret)
        with running.acting():
            reference = factories.report(description="Appelez Marie au 06 12 34 56 78").reference
        _arrived(other, 2)
        told = other.got[1]
        assert told.signed_with(secret) and told.body["data"]["report"]["reference"] == reference
        assert b"Marie" not in told.data and b"06 12" not in told.data
        _shown(page, "Accepté", 2)
        assert page.locator(".secret").count() == 0
        admin.check()
        page.get_by_role("link", name="Un signalement est reçu").first.click()
        expect(page.locator("pre")).to_contain_text(reference)
        admin.check()
        page.go_back()
        page.get_by_role("button", name="Suspendre").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("n’est plus prévenu de rien")
        admin.check()
        page.get_by_role("link", name="Supprimer le webhook").click()
        admin.check()
        page.get_by_role("button", name="Supprimer").click()
        expect(page.get_by_role("status")).to_contain_text("supprimé")


def _arrived(other: Receiver, count: int) -> None:
    until = time.monotonic() + 25
    while len(other.got) < count and time.monotonic() < until:
        time.sleep(0.1)
    assert len(other.got) == count, [got.body.get("type") for got in other.got]


def _shown(page, words: str, count: int) -> None:
    """Look at the log until it says so: the answer is noted a moment after it was given."""
    until = time.monotonic() + 10
    while page.get_by_text(words, exact=True).count() < count and time.monotonic() < until:
        page.get_by_role("link", name="Actualiser").click()
    assert page.get_by_text(words, exact=True).count() == count


@EACH
def test_how_the_town_writes_is_set_from_the_screen(admin, running):
    page = admin.page
    page.get_by_role("link", name="Comment nous écrivons aux habitants").first.click()
    admin.check()
    page.get_by_label("Jours pour répondre à une question").fill("21")
    page.locator("form#habits").get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_contain_text("Enregistré.")
    expect(page.get_by_label("Jours pour répondre à une question")).to_have_value("21")
    page.locator("#hall").get_by_label(re.compile("^Téléphone")).fill("bientôt")
    page.locator("#hall").get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("04 67 00 00 00")
    admin.check()
    page.get_by_role("link", name="Tous les réglages").click()
    page.get_by_role("link", name="Demandes formelles").first.click()
    admin.check()
    row = page.get_by_role("row").filter(has_text="Depot")
    row.get_by_role("combobox").select_option("rejection")
    row.get_by_role("spinbutton").fill("3")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_contain_text("Depot")
    row.get_by_role("combobox").select_option("")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_contain_text("1 catégorie")
