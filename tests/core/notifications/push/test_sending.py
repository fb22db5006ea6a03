"""Pushes, to a push service of this machine that checks what real ones check and reads what a browser reads."""

from __future__ import annotations

import base64
import json
import time

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid.jwt import decode

from core.database import db
from core.database.scope import current_jurisdiction
from core.notifications.outbox import renderers
from core.notifications.outbox.models import DROPPED, OWED, SENT
from core.notifications.outbox.sender import send_due
from core.notifications.outbox.verbs import queue_message
from core.notifications.push.cli import vapid
from core.notifications.push.keys import public_key
from core.notifications.push.models import PushSubscription
from tests.core.notifications.outbox.conftest import contact, due_now, found, newest, seconds_left
from tests.web_server import WebServer

PAGE = "https://signaler.villeclaire.example/r/VC-7K3-9QT"


class Browser:
    """A browser with its own keys, subscribed at a push service of ours."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = name.encode().ljust(16, b"-")

    def subscription(self, server: WebServer, contact_id: int) -> int:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        made = PushSubscription(
            jurisdiction_id=current_jurisdiction().id,
            contact_id=contact_id,
            endpoint=f"{server.url}/push/{self.name}",
            p256dh=base64.urlsafe_b64encode(point).decode().rstrip("="),
            auth=base64.urlsafe_b64encode(self.secret).decode().rstrip("="),
        )
        db.session.add(made)
        db.session.flush()
        return made.id

    def reads(self, body: bytes) -> dict:
        """What the browser decrypts. Raises where it was encrypted for another one."""
        return json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"))


@pytest.fixture(autouse=True)
def jurisdiction(jurisdiction, acting, monkeypatch, app):
    private = app.test_cli_runner().invoke(vapid).output.strip().removeprefix("VAPID_PRIVATE_KEY=")
    monkeypatch.setitem(app.config, "VAPID_PRIVATE_KEY", private)
    monkeypatch.setitem(app.config, "ALLOW_PRIVATE_TARGETS", "127.0.0.1")
    monkeypatch.setitem(app.config, "MAIL_FROM", "Alentour <bonjour@villeclaire.example>")
    monkeypatch.setattr("core.notifications.outbox.postponement.quiet_until", lambda *_given: None)
    monkeypatch.setitem(
        renderers._RENDERERS,
        "test.news",
        lambda message: renderers.Mail(
            "Réparé",
            "…",
            brief="Le trou de l’allée du Chêne est rebouché.",
            page=PAGE,
            unsubscribe="https://signaler.villeclaire.example/follow/stop/abc",
        ),
    )
    with acting(jurisdiction):
        yield jurisdiction


@pytest.fixture
def service():
    with WebServer() as server:
        yield server


def push_owed(to: int, source: str = "event:1") -> int:
    queue_message("test.news", source=source, contact_id=to, channel="push")
    db.session.commit()
    return newest()


def living() -> list[int]:
    db.session.expire_all()
    return sorted(one.id for one in db.session.query(PushSubscription) if one.gone_at is None)


def test_a_browser_is_told_in_its_own_cipher(service):
    phone, stranger, marie = Browser("phone"), Browser("stranger"), contact("marie@example.org")
    phone.subscription(service, marie)
    number = push_owed(marie)
    assert send_due("push") == 1 and found(number).status == SENT
    (asked,) = service.asked
    assert asked.path == "/push/phone" and asked.headers["content-encoding"] == "aes128gcm"
    said = phone.reads(asked.body)
    assert said["title"] == "Villeclaire" and said["body"] == "Le trou de l’allée du Chêne est rebouché."
    assert (said["page"], said["tag"], said["lang"]) == (PAGE, f"message:{number}", "fr")
    assert said["stop"].endswith("/follow/stop/abc") and said["stop_words"]
    with pytest.raises(Exception):  # noqa: B017 - whatever the cipher says
        stranger.reads(asked.body)
    # Nothing of it travels in the clear.
    assert b"Villeclaire" not in asked.body and "allée".encode() not in asked.body


def test_the_service_knows_who_asks(service):
    phone, marie = Browser("phone"), contact("marie@example.org")
    phone.subscription(service, marie)
    number = push_owed(marie)
    send_due("push")
    headers = service.asked[0].headers
    scheme, _space, rest = headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid" and parts["k"] == public_key()
    claims = decode(parts["t"], parts["k"])
    assert claims["aud"] == service.url and claims["sub"] == "mailto:bonjour@villeclaire.example"
    assert time.time() < claims["exp"] <= time.time() + 86400
    head = json.loads(base64.urlsafe_b64decode(parts["t"].split(".")[0] + "=="))
    assert head["alg"] == "ES256"
    assert int(headers["ttl"]) == 7 * 86400 and headers["urgency"] == "normal"
    assert headers["topic"] == f"m{number}"


def test_every_browser_of_a_person_is_told_and_the_gone_are_forgotten(service):
    browsers, marie = [Browser(name) for name in ("phone", "desk", "old")], contact("marie@example.org")
    ids = [one.subscription(service, marie) for one in browsers]
    service.paths["/push/old"] = [410]
    number = push_owed(marie)
    assert send_due("push") == 1 and found(number).status == SENT
    assert [one.path for one in service.asked] == ["/push/phone", "/push/desk", "/push/old"]
    assert living() == ids[:2]
    push_owed(marie, "event:2")
    assert send_due("push") == 1 and len(service.asked) == 5


@pytest.mark.parametrize("status", [404, 410])
def test_who_has_no_browser_left_is_not_a_failure(service, status):
    marie = contact("marie@example.org")
    Browser("old").subscription(service, marie)
    service.script = [status]
    first = push_owed(marie)
    assert send_due("push") == 0 and found(first).status == DROPPED and living() == []
    second = push_owed(marie, "event:2")
    assert send_due("push") == 0 and found(second).status == DROPPED and len(service.asked) == 1


def test_one_that_failed_is_tried_again_alone(service):
    marie = contact("marie@example.org")
    for name in ("phone", "desk"):
        Browser(name).subscription(service, marie)
    service.paths["/push/desk"] = [503]
    number = push_owed(marie)
    assert send_due("push") == 0
    assert (found(number).status, found(number).error) == (OWED, "the push service answered 503")
    due_now(number)
    assert send_due("push") == 1 and found(number).status == SENT
    assert [one.path for one in service.asked] == ["/push/phone", "/push/desk", "/push/desk"]


def test_a_browser_that_never_answers_does_not_make_a_told_person_untold(service):
    marie = contact("marie@example.org")
    for name in ("phone", "desk"):
        Browser(name).subscription(service, marie)
    service.paths["/push/desk"] = [503] * 8
    number = push_owed(marie)
    for _try in range(8):
        due_now(number)
        send_due("push")
    assert found(number).status == SENT
    assert [one.path for one in service.asked].count("/push/phone") == 1


def test_a_service_that_has_enough_is_left_alone_as_long_as_it_says(service):
    marie = contact("marie@example.org")
    Browser("phone").subscription(service, marie)
    service.script, service.headers = [429], {"Retry-After": "900"}
    number = push_owed(marie)
    assert send_due("push") == 0 and 800 < seconds_left(number) < 1200


def test_an_endpoint_inside_our_network_is_not_asked(service, app, monkeypatch):
    monkeypatch.setitem(app.config, "ALLOW_PRIVATE_TARGETS", "")
    marie = contact("marie@example.org")
    Browser("phone").subscription(service, marie)
    number = push_owed(marie)
    assert send_due("push") == 0 and service.asked == []
    assert found(number).status == DROPPED and living() == []


def test_keys_that_are_none_stop_no_other(service):
    marie = contact("marie@example.org")
    broken = Browser("broken").subscription(service, marie)
    db.session.get(PushSubscription, broken).p256dh = base64.urlsafe_b64encode(b"\x04" + b"\x01" * 64).decode()
    kept = Browser("phone").subscription(service, marie)
    number = push_owed(marie)
    assert send_due("push") == 1 and found(number).status == SENT and living() == [kept]


def test_one_that_hangs_keeps_no_other_waiting(service, monkeypatch):
    monkeypatch.setattr("core.outbound.PATIENCE", 1.0)
    slow, quick = contact("slow@example.org"), contact("quick@example.org")
    Browser("slow").subscription(service, slow)
    Browser("quick").subscription(service, quick)
    service.paths["/push/slow"] = [5.0]
    first, second = push_owed(slow), push_owed(quick)
    began = time.monotonic()
    assert send_due("push") == 1 and time.monotonic() - began < 4
    assert found(first).status == OWED and found(second).status == SENT
    assert [one.path for one in service.asked].index("/push/quick") <= 1
