"""SMS through a gateway of this machine, spoken with by apprise."""

from __future__ import annotations

import json
import logging
from urllib.parse import parse_qs

import pytest

from core.database import db
from core.notifications.channels import known_channels
from core.notifications.channels import sms as channel_sms
from core.notifications.outbox import renderers
from core.notifications.outbox.models import DEAD, DROPPED, OWED, SENT, SentText
from core.notifications.outbox.postponement import quiet_until
from core.notifications.outbox.sender import send_due
from core.notifications.outbox.verbs import queue_message
from tests.core.notifications.outbox.conftest import contact, due_now, found, newest, seconds_left
from tests.web_server import WebServer

PAGE = "https://signaler.villeclaire.example/r/VC-7K3-9QT"


@pytest.fixture(autouse=True)
def jurisdiction(jurisdiction, acting):
    with acting(jurisdiction):
        yield jurisdiction


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    """It is not night."""
    monkeypatch.setattr("core.notifications.outbox.postponement.quiet_until", lambda *_given: None)
    return quiet_until


@pytest.fixture
def gateway(app, monkeypatch):
    with WebServer() as server:
        monkeypatch.setitem(
            app.config, "SMS_URL", f"json://127.0.0.1:{server.port}/send?:to={{phone}}&:from=VILLECLAIRE"
        )
        yield server


@pytest.fixture(autouse=True)
def says(monkeypatch):
    monkeypatch.setitem(
        renderers._RENDERERS,
        "test.news",
        lambda message: renderers.Mail(
            "Réparé",
            "…",
            brief="Le trou de la rue Foch est rebouché.",
            page=PAGE,
            kept=message.facts.get("kept", False),
        ),
    )


def text_owed(phone: str | None = "+33612345678", source: str = "event:1", **facts) -> int:
    queue_message("test.news", source=source, contact_id=contact(None, phone=phone), channel="sms", facts=facts)
    db.session.commit()
    return newest()


def test_a_text_arrives_with_its_link(gateway):
    number = text_owed()
    assert send_due("sms") == 1
    (asked,) = gateway.asked
    said = json.loads(asked.body)
    assert said["to"] == "+33612345678" and said["from"] == "VILLECLAIRE"
    assert said["message"] == f"Le trou de la rue Foch est rebouché. {PAGE}" and not said["title"]
    assert found(number).status == SENT


def test_a_form_with_the_number_in_the_path(app, monkeypatch):
    with WebServer() as server:
        monkeypatch.setitem(app.config, "SMS_URL", f"form://user:word@127.0.0.1:{server.port}/send")
        text_owed()
        assert send_due("sms") == 1
        (asked,) = server.asked
        assert asked.path == "/send/+33612345678" and asked.headers["authorization"].startswith("Basic ")
        assert parse_qs(asked.body.decode())["message"] == [f"Le trou de la rue Foch est rebouché. {PAGE}"]


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("vonage://k:s@Ville", "vonage://k:s@Ville/%2B336?cto=5&rto=10"),
        ("vonage://k:s@Ville/{phone}?rto=3", "vonage://k:s@Ville/%2B336?rto=3&cto=5"),
        ("json://h/a/?:to={phone}&cto=1&rto=1", "json://h/a/?:to=%2B336&cto=1&rto=1"),
    ],
)
def test_where_the_number_stands(url, whole):
    assert channel_sms.address(url, "+336") == whole


def test_a_number_changes_nothing_of_the_address():
    assert channel_sms.address("json://h/{phone}", "+336@evil.example/?x=1#") == (
        "json://h/%2B336%40evil.example%2F%3Fx%3D1%23?cto=5&rto=10"
    )


class Root(logging.Handler):
    """What reaches the root of all logs, and so the administrator."""

    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self.said = said

    def emit(self, record):
        self.said.append(record.getMessage())


def test_no_is_tried_again(gateway, monkeypatch):
    gateway.script = [500, 429]
    said = []
    monkeypatch.setattr(logging.getLogger(), "handlers", [Root(said)])
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    number = text_owed()
    assert send_due("sms") == 0
    message = found(number)
    assert (message.status, message.tries, message.error) == (OWED, 1, "the gateway answered 500")
    assert 20 < seconds_left(number) < 40
    due_now(number)
    assert send_due("sms") == 0 and found(number).error == "the gateway answered 429"
    due_now(number)
    assert send_due("sms") == 1 and found(number).status == SENT
    logging.getLogger("core.notifications.outbox").warning("heard")
    assert said and not any("612345678" in one or "Foch" in one or "Ville" in one for one in said)


def test_a_gateway_that_is_not_there(app, monkeypatch):
    monkeypatch.setitem(app.config, "SMS_URL", "json://127.0.0.1:1/send")
    number = text_owed()
    assert send_due("sms") == 0
    assert found(number).error == "the gateway did not accept it" and found(number).status == OWED


def test_an_address_that_apprise_does_not_know(app, monkeypatch):
    monkeypatch.setitem(app.config, "SMS_URL", "nosuch://gateway")
    number = text_owed()
    assert send_due("sms") == 0
    assert found(number).status == OWED and "SMS_URL" in found(number).error


def test_it_is_given_up_after_the_last_try(gateway):
    gateway.script = [500] * 8
    number = text_owed()
    for _try in range(8):
        due_now(number)
        send_due("sms")
    assert found(number).status == DEAD and len(gateway.asked) == 8


def test_who_has_no_number_any_more_gets_none(gateway):
    number = text_owed(phone=None)
    assert send_due("sms") == 0 and found(number).status == DROPPED and gateway.asked == []


def test_without_a_gateway_everything_stays_owed(app, monkeypatch):
    monkeypatch.setitem(app.config, "SMS_URL", None)
    number = text_owed()
    assert send_due("sms") == 0 and (found(number).status, found(number).tries) == (OWED, 0)


def test_the_exact_words_are_kept(gateway):
    number = text_owed(kept=True)
    assert send_due("sms") == 1
    kept = db.session.get(SentText, number)
    assert (kept.subject, kept.text) == ("", f"Le trou de la rue Foch est rebouché. {PAGE}")


def test_a_channel_is_one_file():
    assert {"mail", "sms", "push", "webhook"} <= set(known_channels())
    for name, channel in known_channels().items():
        assert channel.name == name and str(channel.words)
