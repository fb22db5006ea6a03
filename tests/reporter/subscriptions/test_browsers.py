"""Being told in the browser: what a subscription must be, what it follows, and that it is nobody else's."""

from __future__ import annotations

import base64
import socket

import pytest
from sqlalchemy import select

from core.database import db
from core.identity.models import Contact
from core.notifications.outbox.models import Message
from core.notifications.push.models import PushSubscription
from reporter import subscriptions
from reporter.reports.history import append
from reporter.reports.intake import lock_report
from reporter.subscriptions import browsers, my_page
from reporter.subscriptions.models import ReportSubscription
from tests import factories
from tests.reporter.subscriptions.test_links import here, rows
from tests.reporter.subscriptions.test_my_page import key_in, open_page
from tests.reporter.subscriptions.test_recipients import BY

__all__ = ["here"]
PRIVATE = "lopRlxc2GhovN28NC6qtm0x5nmq2GOGcKJ3HdQUnZh8"
PUBLIC = "BDrc3wYn3tM0Eb60saxMKJUPF701F_Baa9ROtDc5y4DtpPM9Xr3soPt4al--rm1cOfE7GioLpR_8kjut2cXu4mg"
AUTH = base64.urlsafe_b64encode(b"s" * 16).decode().rstrip("=")


@pytest.fixture(autouse=True)
def set_up(app, monkeypatch):
    """Pushes are set up, and the push service of the tests is on this machine."""
    monkeypatch.setitem(app.config, "VAPID_PRIVATE_KEY", PRIVATE)
    monkeypatch.setitem(app.config, "ALLOW_PRIVATE_TARGETS", "127.0.0.1")


def browser(name: str = "one", **more) -> dict:
    """What a browser's subscription says of itself."""
    keys = {"p256dh": PUBLIC, "auth": AUTH} | more.pop("keys", {})
    return {"endpoint": f"https://127.0.0.1:9/push/{name}", "expirationTime": None, "keys": keys} | more


def follow(client, report, name: str = "one", **more):
    return client.post("/push/follow", json={"reference": report.reference, "subscription": browser(name)} | more)


def state(client, report, name: str = "one") -> bool:
    asked = {"reference": report.reference, "endpoint": browser(name)["endpoint"]}
    return client.post("/push/state", json=asked).json["following"]


def test_a_browser_is_told_of_a_report_until_it_has_enough(here, client):
    made, other = factories.report(email=None), factories.report(email=None)
    assert f'data-key="{PUBLIC}"' in client.get(f"/r/{made.reference}").text
    answer = follow(client, made, language="en")
    assert answer.status_code == 201 and "Set-Cookie" not in answer.headers
    follow(client, made, language="en")
    follow(client, other)
    one = db.session.scalars(select(PushSubscription)).one()
    contact = db.session.get(Contact, one.contact_id)
    assert (contact.email, contact.phone) == (None, None)
    kept = db.session.scalars(select(ReportSubscription).order_by(ReportSubscription.id)).all()
    assert [(f.channel, f.locale, f.author) for f in kept] == [("push", "en", False), ("push", "fr", False)]
    append(lock_report(made.reference), "resolved", by=BY)
    owed = db.session.scalars(select(Message).where(Message.channel == "push")).one()
    assert (owed.contact_id, owed.locale) == (contact.id, "en")
    db.session.commit()
    assert state(client, made) and not state(client, made, "two")
    stop = "/" + answer.json["stop"].split("/", 3)[3]
    assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not state(client, made) and state(client, other)
    for _again in range(2):
        asked = {"reference": other.reference, "endpoint": browser()["endpoint"]}
        assert client.post("/push/stop", json=asked).json == {"following": False}
    assert not state(client, other)
    assert follow(client, made).status_code == 201 and state(client, made), "asked for once more, told once more"


@pytest.mark.parametrize(
    "given",
    [
        None, [], "x", {},
        {"endpoint": "http://169.254.169.254/latest"}, {"endpoint": "https://10.0.0.1/"},
        {"endpoint": "ftp://127.0.0.1/"}, {"endpoint": "javascript:alert(1)"},
        {"endpoint": "https://name:secret@127.0.0.1/"}, {"endpoint": "https://127.0.0.1/" + "x" * 2000},
        {"endpoint": "https://127.0.0.1/\r\nX: y"}, {"endpoint": 12}, {"endpoint": None},
        {"keys": {"p256dh": "AAAA"}}, {"keys": {"auth": AUTH + "AAAA"}}, {"keys": {"auth": None}},
        {"keys": {"p256dh": PUBLIC.replace("B", "A", 1)}}, {"keys": {"p256dh": "é" * 87}},
    ],
)  # fmt: skip
def test_what_is_no_subscription_is_refused_by_its_part(here, client, given):
    made = factories.report(email=None)
    before = rows()
    sent = browser(**given) if isinstance(given, dict) and given else given
    answer = client.post("/push/follow", json={"reference": made.reference, "subscription": sent},
                         headers={"Accept": "application/json"})  # fmt: skip
    assert answer.status_code == 422 and answer.json["errors"][0]["field"], answer.text
    assert rows() == before


def test_only_json_is_taken_and_only_where_pushes_are_set_up(here, client, app, monkeypatch):
    made = factories.report(email=None)
    assert client.post("/push/follow", data={"reference": made.reference}).status_code == 415
    for body in ([], "x", 1, {"reference": made.reference, "subscription": {"keys": 1}}, {"reference": 3}):
        assert client.post("/push/follow", json=body).status_code == 422
    monkeypatch.setitem(app.config, "VAPID_PRIVATE_KEY", None)
    assert follow(client, made).status_code == 404
    assert "data-push" not in client.get(f"/r/{made.reference}").text


def test_a_private_report_is_told_to_its_authors_browser_alone(here, app):
    made = factories.report(category="personne", email="auteur@example.org")
    stranger, author = app.test_client(), app.test_client()
    author.get(f"/r/{made.reference}?key={subscriptions.author_key(made.id)}")
    assert follow(stranger, made).status_code == 404
    assert follow(author, made).status_code == 201
    assert db.session.scalars(select(ReportSubscription).where(ReportSubscription.channel == "push")).one().author


def test_a_new_address_of_a_browser_keeps_what_it_follows(here, client):
    made = factories.report(email=None)
    follow(client, made)
    renewed = {"former": browser()["endpoint"], "subscription": browser("two")}
    assert client.post("/push/renew", json=renewed).status_code == 200
    assert state(client, made, "two") and not state(client, made, "one")
    assert client.post("/push/renew", json=renewed).status_code == 404
    assert db.session.scalars(select(PushSubscription)).one().endpoint.endswith("two")


def test_a_browser_becomes_one_of_a_persons_with_what_it_follows(here, client, app):
    own, made = factories.report(email="zoe@example.org"), factories.report(email=None)
    follow(client, made)
    key = key_in(open_page(client, "zoe@example.org"))
    given = {"key": key, "subscription": browser()}
    assert app.test_client().post("/mine/push", json=given).status_code == 409
    assert client.post("/mine/push", json=given | {"key": "x"}).status_code == 409
    assert client.post("/mine/push", json=given).status_code == 201
    page = client.get("/mine").text
    assert made.reference in page and own.reference in page and "Un navigateur" in page
    zoe = db.session.scalars(select(Contact).where(Contact.email == "zoe@example.org")).one()
    assert db.session.scalars(select(PushSubscription)).one().contact_id == zoe.id


def test_somebodys_browser_on_anothers_page_takes_nothing_along(here, app):
    own = factories.report(email="zoe@example.org")
    factories.report(email="paul@example.org")
    zoe, paul = app.test_client(), app.test_client()
    for who, name in ((zoe, "zoe@example.org"), (paul, "paul@example.org")):
        given = {"key": key_in(open_page(who, name)), "subscription": browser()}
        assert who.post("/mine/push", json=given).status_code == 201
    assert own.reference not in paul.get("/mine").text and own.reference in zoe.get("/mine").text


def test_nor_from_somebody_who_is_known_by_a_number_alone(here, client, app, monkeypatch):
    monkeypatch.setitem(app.config, "SMS_URL", "json://127.0.0.1:9/")
    own = factories.report(email=None, phone="06 12 34 56 78")
    factories.report(email="paul@example.org")
    anne = db.session.scalars(select(Contact).where(Contact.phone == "+33612345678")).one()
    subscription = db.session.scalars(select(ReportSubscription).where(ReportSubscription.report_id == own.id)).one()
    subscription.confirmed_at = anne.phone_confirmed_at = anne.created_at
    db.session.commit()
    browsers.attach_browser(my_page.Person(anne, "sms", (anne.id,)), browsers.parse_browser(browser()), "fr")
    db.session.commit()
    given = {"key": key_in(open_page(client, "paul@example.org")), "subscription": browser()}
    assert client.post("/mine/push", json=given).status_code == 201
    db.session.expire_all()
    assert subscription.contact_id == anne.id and own.reference not in client.get("/mine").text


def test_the_worker_stands_at_the_root_and_is_asked_for_again(client):
    answer = client.get("/told_worker.js")
    assert answer.content_type.startswith("text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/" and answer.headers["Cache-Control"] == "no-cache"
    assert "import" not in answer.text and "Set-Cookie" not in answer.headers
    again = client.get("/told_worker.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_no_name_server_is_asked_for_what_a_stranger_types(here, client, monkeypatch):
    made = factories.report(email=None)
    asked = []
    real = socket.getaddrinfo

    def resolve(host, *more, flags=0, **others):
        if not flags & socket.AI_NUMERICHOST:
            asked.append(host)
        return real(host, *more, flags=flags, **others)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    sent = browser(endpoint="https://push.slow.example/abc")
    answer = client.post("/push/follow", json={"reference": made.reference, "subscription": sent})
    assert answer.status_code == 201 and asked == []
    for inside in ("https://10.0.0.1/", "https://0x7f.2/", "https://[::1]/", "https://2130706434/"):
        refused = client.post("/push/follow", json={"reference": made.reference,
                                                    "subscription": browser(endpoint=inside)})  # fmt: skip
        assert refused.status_code == 422, inside
    assert asked == []
