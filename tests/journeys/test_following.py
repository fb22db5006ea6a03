"""Following, in a real browser with real messages: mail, SMS, a notification; changing one's mind; every link of
every message looked at by a scanner that changes nothing."""

from __future__ import annotations

import base64
import json
import re
import time
from urllib.parse import unquote

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import expect
from sqlalchemy import text

from core.database import db
from core.geo import Place
from core.identity.actor import Actor
from tests import factories
from tests.journeys.conftest import Running
from tests.web_server import Asked

LINK = re.compile(r"https?://[^\s<>\"]+")
TABLES = (
    "contact",
    "report_subscription",
    "area_subscription",
    "push_subscription",
    "report",
    "report_event",
    "repair_answer",
    "comment",
)


def mails(page, running: Running, to: str) -> list[dict]:
    """All mails to that address, the newest first, from the mailbox of the demonstration."""
    answer = page.request.get(f"{running.url}/dev/mailbox?to={to}", headers={"Accept": "application/json"})
    return answer.json()["items"]


def mail(page, running: Running, to: str, words: str) -> str:
    """The text of the newest mail to that address that says `words`, once it is there."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for one in mails(page, running, to):
            if words in one["subject"] + one["text"]:
                return one["text"]
        time.sleep(0.3)
    raise AssertionError(f"No mail to {to} says {words!r}")


def link_in(text_: str, part: str) -> str:
    return next(one for one in LINK.findall(text_) if part in one)


def sms(running: Running, number: str, words: str) -> str:
    """The text of the SMS to that number that says `words`, once the gateway has it."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for one in list(running.gateway.asked):
            if one.path.startswith("/sms") and number in unquote(one.path) + str(one.body):
                said = json.loads(one.body)["message"]
                if words in said:
                    return said
        time.sleep(0.3)
    raise AssertionError(f"No SMS to {number} says {words!r}")


def resolved(reference: str) -> None:
    """The work on that report is done."""
    from reporter.reports.history import append
    from reporter.reports.intake import lock_report

    append(lock_report(reference), "resolved", by=Actor("system"))
    db.session.commit()


def report_at(number: int, **more) -> str:
    """The reference of a report of its own place."""
    place = Place(3.857 + number / 1000, 43.621)
    return factories.report(place=place, address=f"{number} allée des Acacias", **more).reference


@pytest.mark.parametrize("reader", ["phone", "desk", "phone-plain"], indirect=True)
def test_a_neighbour_follows_by_mail_has_enough_and_says_so_with_one_click(reader, running, request):
    number = {"phone": 1, "desk": 2, "phone-plain": 3}[request.node.callspec.params["reader"]]
    address = f"voisine{number}@example.org"
    with running.acting():
        reference = report_at(number, email=None)
    page = reader.open(f"/r/{reference}")
    reader.check()
    page.locator("#follow").get_by_label("E-mail", exact=True).fill(address)
    page.locator("#follow").get_by_label("Langue des messages").select_option("en")
    page.get_by_role("button", name="Me tenir au courant").click()
    expect(page.get_by_role("status").first).to_contain_text("Ouvrez l’e-mail")
    reader.check()

    question = mail(page, running, address, "Do you want updates")
    page.goto(link_in(question, "/c/"))
    reader.check()
    page.get_by_role("button", name="Oui, tenez-moi au courant").click()
    expect(page.get_by_role("status").first).to_contain_text("C’est noté")
    with running.acting():
        resolved(reference)
    # The question names the report too; the news has the link that ends them.
    news = mail(page, running, address, "/s/")
    assert reference in news
    page.goto(link_in(news, "/s/"))
    expect(page.locator("h1")).to_contain_text("Ne plus recevoir")
    reader.check()
    page.get_by_role("button", name="Oui, ne plus en recevoir").click()
    expect(page.locator("h1")).to_contain_text("Vous ne recevrez plus")
    reader.check()


@pytest.mark.parametrize("reader", ["phone", "phone-plain"], indirect=True)
def test_a_neighbour_follows_by_sms(reader, running):
    number = "+3361234560" + ("1" if reader.plain else "2")
    with running.acting():
        reference = report_at(5 if reader.plain else 6, email=None)
    page = reader.open(f"/r/{reference}")
    page.locator("#follow .choice", has_text="Par SMS").click()
    expect(page.locator("#follow").get_by_label("E-mail", exact=True)).to_be_hidden()
    page.locator("#follow").get_by_label("Mobile").fill("04 67 00 00 00")
    page.get_by_role("button", name="Me tenir au courant").click()
    expect(page.locator("#phone-error")).to_contain_text("ne peut pas recevoir de SMS")
    expect(page.locator("#follow").get_by_label("Mobile")).to_have_value("04 67 00 00 00")
    reader.check()
    page.locator("#follow").get_by_label("Mobile").fill("0" + number[3:])
    page.get_by_role("button", name="Me tenir au courant").click()
    expect(page.get_by_role("status").first).to_contain_text("Ouvrez le SMS")

    page.goto(link_in(sms(running, number, "Confirmez ici"), "/c/"))
    reader.check()
    page.get_by_role("button", name="Oui, tenez-moi au courant").click()
    expect(page.get_by_role("status").first).to_contain_text("C’est noté")
    with running.acting():
        resolved(reference)
    page.goto(link_in(sms(running, number, "/t/"), "/t/"))
    expect(page.locator("#told")).to_contain_text("par SMS")
    reader.check()
    page.get_by_role("button", name="Ne plus m’en envoyer").click()
    expect(page.locator("h1")).to_contain_text("Vous ne recevrez plus")


@pytest.mark.parametrize("reader", ["phone", "desk", "phone-plain"], indirect=True)
def test_ones_own_page_from_the_link_to_the_last_button(reader, running, request):
    number = {"phone": 11, "desk": 12, "phone-plain": 13}[request.node.callspec.params["reader"]]
    address, other = f"zoe{number}@example.org", f"zoe{number}.nouvelle@example.org"
    with running.acting():
        reference = report_at(number, email=address)
    page = reader.open("/mine")
    reader.check()
    page.get_by_label("Votre e-mail ou votre numéro de mobile").fill(address)
    page.get_by_role("button", name="Envoyez-moi le lien").click()
    expect(page.get_by_role("status")).to_contain_text("Si nous connaissons cette adresse")
    page.goto(link_in(mail(page, running, address, "votre page"), "/mine/"))
    reader.check()
    page.get_by_role("button", name="Oui, l’ouvrir").click()
    expect(page.locator("h1")).to_have_text("Vos signalements et ce que vous suivez")
    expect(page.locator("main")).to_contain_text(f"{number} allée des Acacias")
    reader.check()

    page.get_by_label("Un récapitulatif par jour").check()
    page.locator("form[action='/mine/rhythm']").get_by_role("button").click()
    expect(page.get_by_role("status").first).to_contain_text("C’est noté")
    expect(page.get_by_label("Un récapitulatif par jour")).to_be_checked()
    page.get_by_label("Langue de tous les messages").select_option("en")
    page.locator("form[action='/mine/language']").get_by_role("button").click()
    expect(page.get_by_label("Langue de tous les messages")).to_have_value("en")

    page.get_by_label("Une autre adresse e-mail").fill("pas une adresse")
    page.get_by_role("button", name="Utiliser cette adresse").click()
    expect(page.locator("#email-error")).to_be_visible()
    expect(page.get_by_label("Une autre adresse e-mail")).to_have_value("pas une adresse")
    reader.check()
    page.get_by_label("Une autre adresse e-mail").fill(other)
    page.get_by_role("button", name="Utiliser cette adresse").click()
    expect(page.get_by_role("status").first).to_contain_text("vos nouvelles y arriveront")
    page.goto(link_in(mail(page, running, other, "/mine/address/"), "/mine/address/"))
    reader.check()
    page.get_by_role("button", name="Oui, c’est").click()
    expect(page.get_by_role("status").first).to_contain_text("désormais à cette adresse")
    expect(page.locator("#how")).to_contain_text(other)
    expect(page.locator("main")).to_contain_text(f"{number} allée des Acacias")

    page.get_by_role("link", name="allée des Acacias").click()
    expect(page).to_have_url(f"{running.url}/r/{reference}")
    expect(page.locator("#follow")).to_contain_text("Les nouvelles de ce signalement vous sont envoyées par e-mail")
    page.get_by_role("link", name="Changer la façon").click()
    page.get_by_role("button", name="Tout arrêter").click()
    expect(page.locator("main")).to_contain_text("Vous n’en recevez pas de nouvelles")
    reader.check()
    page.get_by_role("button", name="Fermer ma page").click()
    expect(page.get_by_role("status")).to_contain_text("fermée")


SUBSCRIBED = """({endpoint, p256dh, auth}) => {
  const made = {endpoint, options: {}, unsubscribe: async () => true, toJSON: () => ({endpoint, keys: {p256dh, auth}})};
  let has = null;
  PushManager.prototype.subscribe = async function (options) {
    window.asked = [options.userVisibleOnly, new Uint8Array(options.applicationServerKey).length];
    return (has = made);
  };
  PushManager.prototype.getSubscription = async () => has;
}"""


def pushed(running: Running, path: str) -> Asked:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for one in list(running.gateway.asked):
            if one.path == path:
                return one
        time.sleep(0.2)
    raise AssertionError("Nothing was pushed")


def shown(page) -> list[dict]:
    """The notifications that the worker shows now."""
    return page.evaluate("""async () => (await (await navigator.serviceWorker.ready).getNotifications())
        .map(({title, body, data}) => ({title, body, data}))""")


def test_a_device_is_told_and_shows_it(reader, running):
    with running.acting():
        reference = report_at(21, email=None)
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    browser = {"endpoint": f"{running.gateway.url}/push/journey", "p256dh": _word(point), "auth": _word(b"s" * 16)}
    context, page = reader.page.context, reader.page
    page.add_init_script(f"({SUBSCRIBED})({json.dumps(browser)})")
    heard = page.context.new_cdp_session(page)
    heard.send("ServiceWorker.enable")
    workers: list[dict] = []
    heard.on("ServiceWorker.workerRegistrationUpdated", lambda given: workers.extend(given["registrations"]))

    reader.open(f"/r/{reference}")
    button = page.locator("[data-push] button")
    expect(button).to_have_text("Me prévenir sur cet appareil")
    reader.check()
    context.grant_permissions(["notifications"])
    button.click()
    expect(page.locator("[data-news]")).to_contain_text("Vous serez prévenu sur cet appareil")
    assert page.evaluate("window.asked") == [True, 65]
    reader.check()
    with running.acting():
        resolved(reference)
    sent = pushed(running, "/push/journey")
    assert sent.headers["authorization"].startswith("vapid ")
    said = http_ece.decrypt(sent.body, private_key=key, auth_secret=b"s" * 16, version="aes128gcm").decode()
    assert json.loads(said)["title"] == "Villeclaire" and reference in json.loads(said)["page"]

    # What a push service would hand over to the browser.
    heard.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": running.url, "registrationId": workers[-1]["registrationId"], "data": said},
    )
    until = time.monotonic() + 10
    while not (notifications := shown(page)) and time.monotonic() < until:
        time.sleep(0.1)
    assert notifications[0]["title"] == "Villeclaire" and "Acacias" in notifications[0]["body"]
    assert notifications[0]["data"]["page"].endswith(f"/r/{reference}")

    button.click()
    expect(page.locator("[data-news]")).to_contain_text("n’affichera plus")
    expect(button).to_have_text("Me prévenir sur cet appareil")


def _word(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_who_says_no_to_the_browser_is_told_how_to_change_that(reader, running):
    with running.acting():
        reference = report_at(22, email=None)
    reader.page.add_init_script("Notification.requestPermission = async () => 'denied'")
    page = reader.open(f"/r/{reference}")
    page.locator("[data-push] button").click()
    expect(page.locator("[data-news]")).to_contain_text("Votre navigateur ne le permet pas")
    reader.check()


def test_a_scanner_that_opens_every_link_changes_nothing(reader, running):
    with running.acting():
        reference = report_at(31, email="scan.auteur@example.org", phone="")
        report_at(32, email="scan.auteur@example.org")
    page = reader.page
    page.request.post(f"{running.url}/r/{reference}/follow", form={"email": "scan.voisin@example.org"})
    page.request.post(f"{running.url}/mine", form={"who": "scan.auteur@example.org"})
    with running.acting():
        resolved(reference)
    texts = [mail(page, running, "scan.voisin@example.org", "/c/")]
    texts += [mail(page, running, "scan.auteur@example.org", part) for part in ("/mine/", "/s/")]
    texts += [one["text"] for one in mails(page, running, "scan.auteur@example.org")]
    links = {link for one in texts for link in LINK.findall(one)}
    assert len(links) >= 5
    before = _rows(running)
    for link in sorted(links):
        for method in ("GET", "HEAD"):
            answer = page.request.fetch(link, method=method)
            assert answer.status < 400, (method, link)
    assert _rows(running) == before


def _rows(running: Running) -> dict[str, list]:
    with running.acting():
        return {name: [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {name} ORDER BY id"))]
                for name in TABLES}  # fmt: skip
