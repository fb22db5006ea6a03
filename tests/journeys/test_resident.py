"""The resident's journeys: a photo becomes a report that can be followed, on a phone first, with and without
a script, by finger or by keyboard."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD
from playwright.sync_api import expect

from core.geo import Place
from tests import factories

REFERENCE = re.compile(r"VC-[0-9A-Z]{3}-[0-9A-Z]{3}")
HERE = {"latitude": 43.6123, "longitude": 3.8801, "accuracy": 12}


def photo(name: str = "trou.jpg", width: int = 640) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": factories.jpeg(width)}


def taken_at(lat: float, lon: float) -> dict:
    """A photo whose EXIF says where it was taken."""
    exif = Image.Exif()

    def sexagesimal(degrees: float) -> tuple[float, float, float]:
        whole, rest = divmod(degrees * 60, 1)
        return whole // 60, whole % 60, round(rest * 60, 3)

    exif[IFD.GPSInfo] = {
        GPS.GPSLatitudeRef: "N",
        GPS.GPSLatitude: sexagesimal(lat),
        GPS.GPSLongitudeRef: "E",
        GPS.GPSLongitude: sexagesimal(lon),
    }
    return {"name": "taken.jpg", "mimeType": "image/jpeg", "buffer": factories.jpeg(exif=exif)}


def choose_kind(page, name: str) -> None:
    """Pick a category, from the likely ones or from the whole list."""
    label = page.locator(".choice", has_text=name).first
    if not label.is_visible():
        page.get_by_text("Autre chose…").click()
    label.click()


def send(page) -> None:
    page.get_by_role("button", name="Envoyer").locator("visible=true").click()


def sent_reference(page) -> str:
    expect(page).to_have_url(re.compile(r"/r/VC-.{7}\?sent=1"))
    return REFERENCE.search(page.locator("article .reference-large").inner_text())[0]


@pytest.mark.parametrize("reader", ["phone", "desk"], indirect=True)
def test_a_photo_a_place_a_kind_and_it_is_sent(reader, running):
    reader.page.context.grant_permissions(["geolocation"])
    reader.page.context.set_geolocation(HERE)
    page = reader.open("/")
    reader.check()
    page.get_by_role("link", name="Signaler").locator("visible=true").last.click()
    page.wait_for_load_state("networkidle")
    reader.check()

    page.locator("#files").set_input_files([photo("un.jpg"), photo("deux.jpg", 700)])
    expect(page.locator("[data-kept]")).to_have_count(2)
    page.get_by_role("button", name="Retirer cette photo").first.click()
    expect(page.locator("[data-kept]")).to_have_count(1)
    page.get_by_role("button", name="Utiliser ma position").click()
    expect(page.locator("[data-how]")).to_have_text("d’après votre appareil, à 12 m près")
    expect(page.locator("[data-called]")).to_have_text("Quartier 4")
    choose_kind(page, "Trou")
    page.locator("#questions").get_by_text("Forte").click()
    page.get_by_label("Ce que vous voyez").fill("Profond, devant l’école.")
    page.get_by_label("E-mail, si vous souhaitez être tenu au courant").fill("habitante@example.org")
    reader.check()
    send(page)

    reference = sent_reference(page)
    reader.check()
    expect(page.get_by_text("Profond, devant l’école.")).to_be_visible()
    expect(page.get_by_text("Les nouvelles de ce signalement vous sont envoyées")).to_be_visible()
    expect(page.locator(".photo-ready img")).to_be_visible(timeout=60_000)  # the worker, then follow.js
    page.goto(f"{running.url}/r?reference={reference.lower().replace('-', ' ')}")
    expect(page).to_have_url(f"{running.url}/r/{reference}")


@pytest.mark.parametrize("reader", ["phone-plain", "desk-plain"], indirect=True)
def test_the_same_without_a_script(reader):
    page = reader.open("/report/new")
    page.locator("#files").set_input_files(photo())
    page.get_by_label("Adresse, ou repère à proximité").fill("Devant la boulangerie")
    page.get_by_label("Quartier").select_option(label="Quartier 2")
    choose_kind(page, "Trou")
    page.get_by_label("E-mail, si vous souhaitez être tenu au courant").fill("plain@")
    send(page)

    # The kind has a question that was not on the page yet: it is asked, nothing is lost.
    expect(page.get_by_role("status").first).to_contain_text("Pas encore envoyé")
    expect(page.get_by_label("Garder")).to_be_checked()
    send(page)

    summary = page.locator("#errors")
    expect(summary).to_contain_text("E-mail")
    expect(summary).to_contain_text("Ce champ est obligatoire.")
    expect(page.get_by_label("Adresse, ou repère à proximité")).to_have_value("Devant la boulangerie")
    expect(page.get_by_label("E-mail, si vous souhaitez être tenu au courant")).to_have_value("plain@")
    expect(page.get_by_label("Garder")).to_be_checked()
    page.get_by_label("E-mail, si vous souhaitez être tenu au courant").fill("plain@example.org")
    page.locator("#questions").get_by_text("Faible").click()
    send(page)
    sent_reference(page)
    page.reload()
    expect(page.locator("h1")).to_contain_text("Devant la boulangerie")


def test_a_photo_that_cannot_be_used_is_refused_at_once(reader):
    page = reader.open("/report/new")
    page.locator("#files").set_input_files(
        {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"not a photo at all"}
    )
    expect(page.locator("[data-photo-error]")).to_contain_text("JPEG, PNG, WebP")
    expect(page.locator(".photos .photo")).to_have_count(0)
    reader.check()


def test_a_refused_field_keeps_everything_and_is_gone_to(reader):
    page = reader.open("/report/new")
    page.locator("#files").set_input_files(photo())
    expect(page.locator("[data-kept]")).to_have_count(1)
    page.get_by_label("Ce que vous voyez").fill("Sans lieu ni sujet 🙂 \u202eأ")
    page.get_by_label("E-mail, si vous souhaitez être tenu au courant").fill("pas une adresse")
    send(page)
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("#errors li")).to_have_count(3)
    expect(page.get_by_label("Ce que vous voyez")).to_have_value("Sans lieu ni sujet 🙂 \u202eأ")
    expect(page.locator("[data-kept]")).to_have_count(1)
    reader.check()
    page.locator("#errors a", has_text="E-mail").click()
    expect(page.get_by_label("E-mail, si vous souhaitez être tenu au courant")).to_be_focused()


@pytest.mark.parametrize("reader", ["phone", "phone-plain"], indirect=True)
def test_a_place_outside_the_town_is_said_with_its_name(reader):
    page = reader.open("/report/new")
    if reader.plain:
        page.get_by_text("Je connais les coordonnées").click()
        page.get_by_label("Latitude").fill("48.85")
        page.get_by_label("Longitude").fill("2.35")
        choose_kind(page, "Depot")
        send(page)
        expect(page.locator("#errors")).to_contain_text("en dehors de Villeclaire")
        expect(page.get_by_label("Latitude")).to_have_value("48.85")
        return
    reader.page.context.grant_permissions(["geolocation"])
    reader.page.context.set_geolocation({"latitude": 43.70, "longitude": 3.877})
    page.get_by_role("button", name="Utiliser ma position").click()
    expect(page.locator("[data-called]")).to_contain_text("en dehors de Villeclaire")
    reader.check()
    # The pin can be moved in.
    page.context.set_geolocation(HERE)
    page.get_by_role("button", name="Utiliser ma position").click()
    expect(page.locator("[data-called]")).to_have_text("Quartier 4")


def test_what_is_known_nearby_can_be_followed_instead(reader, running):
    with running.acting():
        known = factories.report(
            category="lampadaire", place=Place(3.8601, 43.6001), email="voisin@example.org"
        ).reference
    reader.page.context.grant_permissions(["geolocation"])
    reader.page.context.set_geolocation({"latitude": 43.60015, "longitude": 3.8602})
    page = reader.open("/report/new")
    expect(page.locator("[data-called]")).to_have_text("Quartier 1")
    choose_kind(page, "Lampadaire")
    expect(page.locator("#known")).to_contain_text("Déjà signalé à")
    expect(page.locator("#known")).to_contain_text("Une personne le suit.")
    reader.check()
    page.get_by_role("link", name="C’est le même : je suis ce signalement").click()
    expect(page).to_have_url(f"{running.url}/r/{known}#follow")
    page.get_by_label("E-mail", exact=True).fill("suiveuse@")
    page.get_by_role("button", name="Me tenir au courant").click()
    expect(page.locator("#email-error")).to_be_visible()
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("suiveuse@")
    page.get_by_label("E-mail", exact=True).fill("suiveuse@example.org")
    page.get_by_role("button", name="Me tenir au courant").click()
    expect(page.get_by_role("status").first).to_contain_text("Ouvrez l’e-mail")
    reader.check()


@pytest.mark.parametrize("reader", ["phone-plain"], indirect=True)
def test_without_a_script_what_is_nearby_is_shown_before_sending(reader, running):
    with running.acting():
        factories.report(category="depot", place=Place(3.8901, 43.5901), description="Un matelas", email=None)
    page = reader.open("/report/new")
    page.get_by_text("Je connais les coordonnées").click()
    page.get_by_label("Latitude").fill("43.5901")
    page.get_by_label("Longitude").fill("3.8902")
    choose_kind(page, "Depot")
    send(page)
    expect(page.locator("#known")).to_contain_text("Un matelas")
    # It is another one: the second time it leaves.
    send(page)
    sent_reference(page)


def test_a_double_tap_sends_once(reader, running):
    page = reader.open("/report/new?category=depot")
    page.evaluate("""() => {
      const form = document.getElementById("report");
      form.elements.lat.value = "43.6200"; form.elements.lon.value = "3.8600";
      form.elements.description.value = "Deux fois";
      const body = new URLSearchParams(new FormData(form));
      window.answers = Promise.all([1, 2].map(() => fetch("/report/new", {method: "POST", body})
        .then((answer) => new URL(answer.url).pathname)));
    }""")
    first, second = page.evaluate("window.answers")
    assert first == second and REFERENCE.search(first)
    with running.acting():
        from sqlalchemy import func, select

        from core.database import db
        from reporter.reports.models import Report

        assert db.session.scalar(select(func.count()).where(Report.description == "Deux fois")) == 1


def test_with_the_keyboard_alone(reader):
    page = reader.open("/report/new")

    def tab_to(selector: str) -> None:
        for _ in range(60):
            if page.evaluate("(one) => document.activeElement?.matches(one)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} cannot be reached")

    tab_to("[data-pin-map]")
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "+"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    expect(page.locator("[data-how]")).to_have_text("choisi par vous")
    tab_to("input[name=category]")
    page.keyboard.press("Space")
    tab_to("[data-all] > summary")
    page.keyboard.press("Enter")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("personne")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=category]:checked")).to_have_value("personne")
    tab_to("#description")
    page.keyboard.type("Au clavier")
    tab_to("[data-send]")
    page.keyboard.press("Enter")
    sent_reference(page)
    expect(page.get_by_text("Au clavier")).to_be_visible()


def test_showing_sets_no_cookie_and_sending_does(reader, running):
    with running.acting():
        reference = factories.report(email=None, place=Place(3.87, 43.63)).reference
    for path in ("/", "/report/new", f"/r/{reference}", "/accessibility", "/legal", "/nowhere"):
        reader.open(path)
        assert reader.page.context.cookies() == [], path
        reader.check()


def test_the_language_is_the_readers_choice(reader):
    page = reader.open("/report/new")
    page.get_by_role("button", name="EN, English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is happening?")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="FR, français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Que se passe-t-il\u202f?")


def test_the_map_shows_points_that_lead_to_their_page(reader, running):
    with running.acting():
        reference = factories.report(email=None, place=Place(3.8571, 43.6391)).reference
    page = reader.open("/")
    point = page.locator(f"[data-point='{reference}']")
    expect(point).to_have_attribute("aria-label", re.compile("Nid-de-poule, Reçu"))
    point.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Voir la suite donnée").click()
    expect(page).to_have_url(f"{running.url}/r/{reference}")


def test_the_form_reads_as_well_where_its_script_did_not_come(reader):
    reader.page.route("**/built/*.js", lambda route: route.abort())
    page = reader.open("/report/new")
    expect(page.get_by_label("Quartier")).to_be_visible()
    expect(page.get_by_text("Chercher par un mot")).to_be_hidden()
    page.get_by_text("Autre chose…").click()
    page.get_by_text("Je connais les coordonnées").click()
    reader.complaints.clear()
    reader.check()


def test_arrow_keys_walk_through_the_kinds_and_a_word_finds_them(reader):
    page = reader.open("/report/new")
    page.get_by_text("Autre chose…").click()
    page.get_by_label("Chercher par un mot").fill("lampad")
    expect(page.locator(".choice:visible:not(summary)")).to_have_count(1)
    page.get_by_label("Chercher par un mot").fill("éléphant")
    expect(page.get_by_text("Choisissez le plus proche")).to_be_visible()
    page.get_by_label("Chercher par un mot").fill("")
    page.locator("[data-all] input[name=category]").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-all]")).to_have_attribute("open", "")
    chosen = page.locator("input[name=category]:checked").input_value()
    page.keyboard.press("Enter")
    expect(page.locator("[data-all]")).not_to_have_attribute("open", "")
    expect(page.locator(f"[data-likely] input[value={chosen}]")).to_be_focused()
    reader.check()


def test_the_place_comes_from_the_photo_where_it_says_so(reader):
    page = reader.open("/report/new")
    page.locator("#files").set_input_files(taken_at(45.4642, 9.19))
    expect(page.locator("[data-called]")).to_contain_text("hors de Villeclaire. Montrez le lieu")
    reader.check()
    page.locator("#files").set_input_files(taken_at(43.625, 3.885))
    expect(page.locator("[data-how]")).to_have_text("d’après la photo")
    expect(page.locator("[data-called]")).to_have_text("Quartier 4")
    assert page.locator("input[name=lat]").input_value().startswith("43.625")
    reader.check()


@pytest.mark.parametrize("reader", ["phone-plain"], indirect=True)
def test_without_a_script_the_photo_alone_says_where(reader):
    page = reader.open("/report/new")
    page.locator("#files").set_input_files(taken_at(43.6355, 3.8505))
    choose_kind(page, "Lampadaire")
    send(page)
    sent_reference(page)


def test_the_page_weighs_less_than_ninety_kilobytes_and_one_font(reader):
    weights: dict[str, int] = {}

    def weigh(response) -> None:
        weights[response.url.rsplit("/", 1)[1]] = int(response.headers.get("content-length", 0))

    reader.page.on("response", weigh)
    reader.open("/report/new")
    assert len([name for name in weights if name.endswith(".woff2")]) == 1
    heavy = {name: size for name, size in weights.items() if name.endswith((".js", ".css"))}
    assert len(heavy) >= 3
    assert sum(heavy.values()) < 90_000, heavy
