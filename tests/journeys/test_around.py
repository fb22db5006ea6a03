"""Around here, in a real browser with real mails: an area is followed and confirmed, a report there is told; a notice
is drawn, counted, confirmed once more, and read by whom it concerns."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from core.geo import Place
from tests import factories
from tests.factories import CENTRE
from tests.journeys.test_following import link_in, mail, mails
from tests.journeys.test_loop import signed_in
from tests.look.measure import fits, reads_in_both


def confirmed(reader, running, address: str) -> None:
    """Read the question in the mailbox, and say yes."""
    said = mail(reader.page, running, address, "Voulez-vous")
    page = reader.page
    page.goto(link_in(said, "/c/"))
    reader.check()
    page.get_by_role("button", name="Oui").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est noté")


@pytest.mark.parametrize("reader", ["phone", "desk-plain"], indirect=True)
def test_a_street_is_followed_and_what_happens_there_is_told(reader, running, request):
    name = request.node.callspec.params["reader"]
    street, address = f"rue des Lilas {name}", f"rue-{name}@example.org"
    page = reader.open("/around")
    reader.check()
    page.get_by_label("Une rue").check(force=True)
    page.get_by_label("Nom de la rue").fill(street)
    page.get_by_role("button", name="Me tenir au courant").click()
    expect(page.get_by_role("alert")).to_contain_text("E-mail")
    expect(page.get_by_label("Nom de la rue")).to_have_value(street)
    reader.check()
    page.locator("#email").fill(address)
    page.get_by_role("button", name="Me tenir au courant").click()
    expect(page.get_by_role("status").first).to_contain_text("Encore une étape")
    with running.acting():
        before = factories.report(address=f"2 {street}", email=None).reference
    confirmed(reader, running, address)
    with running.acting():
        after = factories.report(address=f"4 {street}", email=None).reference
    said = mail(page, running, address, "Signalé près de chez vous")
    assert after in said and street in said
    assert not [one for one in mails(page, running, address) if before in one["text"]], "nothing before the yes"
    page.goto(link_in(said, "/around/change/"))
    reader.check()
    page.get_by_role("button", name="Ne plus suivre ce lieu").click()
    # The link asks once more: a mail program opens it too.
    if page.get_by_role("button", name="Oui").count():
        page.get_by_role("button", name="Oui").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ne recevrez plus")


def test_a_circle_is_chosen_under_the_pin(reader, running):
    address = "cercle@example.org"
    with running.acting():
        reference = factories.report(place=Place(CENTRE.lon - 0.012, CENTRE.lat + 0.012), email=None).reference
    page = reader.open(f"/r/{reference}")
    page.get_by_role("link", name="Suivre ce qui se passe autour d’ici").click()
    expect(page.locator(".around-edge")).to_have_count(1)
    page.get_by_label("Jusqu’à quelle distance").select_option("200")
    page.locator("#email").fill(address)
    page.get_by_role("button", name="Me tenir au courant").click()
    expect(page.get_by_role("status").first).to_contain_text("Encore une étape")
    confirmed(reader, running, address)
    with running.acting():
        near = factories.report(place=Place(CENTRE.lon - 0.0125, CENTRE.lat + 0.012), email=None).reference
    assert near in mail(page, running, address, "Signalé près de chez vous")


def test_a_notice_is_drawn_by_the_keyboard_counted_confirmed_and_read(chromium, reader, running):
    address, title = "avis@example.org", "Marché de Noël : place fermée"
    reader.open("/around")
    reader.page.get_by_label("Un quartier").check(force=True)
    reader.page.locator("#sector").select_option("s1")
    reader.page.locator("#email").fill(address)
    reader.page.get_by_role("button", name="Me tenir au courant").click()
    confirmed(reader, running, address)

    desk = signed_in(chromium, running, "supervisor", script=True)
    desk.goto(f"{running.url}/desk/notices/new", wait_until="networkidle")
    fits(desk)
    reads_in_both(desk)
    desk.locator("#title_fr").fill(title)
    desk.locator("#text_fr").fill("La place est fermée aux voitures jusqu’à dimanche.")
    desk.locator("#place").fill("place du Marché")
    drawn = desk.locator("[data-draw-map]")
    drawn.focus()
    for keys in (["ArrowLeft"] * 3 + ["ArrowDown"] * 3, ["ArrowDown"] * 2):
        for key in keys:
            desk.keyboard.press(key)
            desk.wait_for_timeout(120)
        desk.keyboard.press("Space")
    expect(desk.locator("[data-said]")).to_have_text("2 points.")
    desk.get_by_role("button", name="Enregistrer et prévisualiser").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text(title)
    expect(desk.locator(".notice-edge")).to_have_count(1)
    reads_in_both(desk)
    assert title not in reader.open("/notices").inner_text("main")
    desk.get_by_role("link", name="Compter qui sera prévenu, puis publier").click()
    heading = desk.get_by_role("heading", level=1)
    expect(heading).to_contain_text(re.compile("va partir|vont partir"))
    assert int(heading.inner_text().split()[0]) >= 1
    assert not [one for one in mails(desk, running, address) if title in one["subject"]], "to count is not to send"
    fits(desk)
    reads_in_both(desk)
    desk.get_by_role("button", name=re.compile("Publier et envoyer")).click()
    expect(desk.get_by_role("status").first).to_contain_text("L’avis est publié")

    said = mail(reader.page, running, address, title)
    reader.page.goto(link_in(said, "/notices/"), wait_until="networkidle")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(title)
    expect(reader.page.locator(".notice-edge")).to_have_count(1)
    reader.check()
    reader.open("/notices")
    reader.check()
    home = reader.open("/")
    expect(home.locator(".home-notices")).to_contain_text(title)
    mark = home.get_by_role("button", name=title)
    expect(mark).to_be_visible()
    mark.press("Enter")
    expect(home.get_by_role("link", name="Lire l’avis")).to_be_focused()
    reader.check()

    desk.reload()
    desk.get_by_text("Retirer…").click()
    desk.locator("#reasons_fr").fill("Le marché est reporté.")
    desk.get_by_role("button", name="Retirer l’avis").click()
    expect(desk.get_by_role("status").first).to_contain_text("L’avis est retiré")
    assert "Le marché est reporté." in mail(reader.page, running, address, "Avis retiré")
    assert title not in reader.open("/notices").inner_text("main")
    desk.context.close()
