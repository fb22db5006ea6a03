"""What leaves for other programs: signed, without personal data, tried again, and given up in the end."""

from __future__ import annotations

import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.database import db, utcnow
from core.identity.actor import Actor
from core.notifications.channels import PAUSES
from core.notifications.outbox import renderers, sender
from core.notifications.outbox.models import Message
from core.notifications.webhooks import delivery
from core.notifications.webhooks import verbs as webhook_verbs
from core.notifications.webhooks.models import FAILING, GONE, Webhook
from reporter.reports import intake as report_intake
from reporter.reports import transitions
from tests import factories
from tests.core.notifications.webhooks.conftest import again, owed, tried, tries
from tests.core.notifications.webhooks.receiver import CLOSE, HANG, Receiver

DESCRIPTION = "Un trou, appelez Marie Durand au 06 12 34 56 78 ou marie@example.org"
ADDRESS = "12 rue des Tilleuls, chez Mme Durand"


def received(**more):
    return factories.report(description=DESCRIPTION, address=ADDRESS, email="marie@example.org", **more)


def test_what_happened_arrives_signed_in_the_convention(receiver, webhook):
    report = received()
    transitions.acknowledge(
        report_intake.lock_report(report.reference), by=Actor("desk", factories.user("supervisor").id)
    )
    db.session.commit()
    assert [tried(message) for message in owed(webhook)] == [None, None]
    first, second = receiver.got
    for got in (first, second):
        assert got.signed_with(webhook.secret)
        assert got.headers["content-type"] == "application/json"
    body = first.body
    assert list(body) == ["version", "id", "type", "occurred_at", "jurisdiction", "data"]
    assert (body["version"], body["type"], body["jurisdiction"]) == (1, "report.received", "villeclaire")
    assert body["id"] == first.headers["webhook-id"] != second.headers["webhook-id"]
    assert body["data"]["event"]["kind"] == "received"
    assert body["occurred_at"] == body["data"]["event"]["occurred_at"] and body["occurred_at"].endswith("Z")
    told = second.body["data"]["report"]
    assert (told["reference"], told["status"], told["category"]) == (report.reference, "acknowledged", "nid-de-poule")
    assert told["location"] == {"type": "Point", "coordinates": [3.877, 43.611]}
    assert told["api_url"] == f"http://localhost/api/v1/reports/{report.reference}"


def test_it_says_nothing_of_anybody(receiver, webhook):
    report = received()
    factories.user("supervisor")
    transitions.reject(report_intake.lock_report(report.reference), reason="Voir avec Mme Durand", by=Actor("desk"))
    db.session.commit()
    for message in owed(webhook):
        assert tried(message) is None
    said = " ".join(got.data.decode() for got in receiver.got)
    for private in ("Durand", "marie", "06 12", "0612", "Tilleuls", "Un trou", "supervisor", "key="):
        assert private not in said, private


def test_a_private_report_is_told_to_nobody(receiver, webhook, acting, jurisdiction):
    factories.report(category="personne")
    assert owed(webhook) == []
    # One that became private after it was owed is not sent either.
    report = received()
    transitions.correct_category(report_intake.lock_report(report.reference), category="personne", by=Actor("desk"))
    db.session.commit()
    (message,) = owed(webhook)
    assert tried(message) == "dropped" and receiver.got == []


def test_a_forged_or_changed_delivery_is_noticed(receiver, webhook, acting, jurisdiction):
    received()
    tried(owed(webhook)[0])
    (got,) = receiver.got
    other = webhook_verbs.create(url=receiver.url)
    assert got.signed_with(webhook.secret) and not got.signed_with(other.secret)
    for name, value in (("webhook-id", "msg_1"), ("webhook-timestamp", "1700000000"), ("webhook-signature", "v1,AAAA")):
        changed = type(got)(got.path, got.headers | {name: value}, got.data)
        assert not changed.signed_with(webhook.secret), name
    assert not type(got)(got.path, got.headers, got.data + b" ").signed_with(webhook.secret)


def test_while_a_secret_is_changed_both_are_good(receiver, webhook):
    former = webhook.secret
    fresh = webhook_verbs.renew_secret(webhook)
    received()
    tried(owed(webhook)[0])
    assert receiver.got[0].signed_with(former) and receiver.got[0].signed_with(fresh)
    webhook.former_until = utcnow() - timedelta(seconds=1)
    db.session.commit()
    tried(owed(webhook)[0])
    assert not receiver.got[1].signed_with(former) and receiver.got[1].signed_with(fresh)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (500, "500 thank you"),
        (404, "404 thank you"),
        (301, "301 thank you"),
        (CLOSE, "no connection"),
        (429, "429 thank you"),
    ],
)
def test_what_is_not_accepted_is_tried_again_and_noted(receiver, webhook, answer, said):
    received()
    (message,) = owed(webhook)
    receiver.answers = [answer]
    assert tried(message).startswith(said)
    assert tried(message) is None
    # The same delivery: a receiver that had it after all knows it by its name.
    assert receiver.got[0].headers["webhook-id"] == receiver.got[1].headers["webhook-id"]
    first, second = tries(message)
    assert first.status == (answer if isinstance(answer, int) else None) and second.status == 200
    assert first.answer and first.milliseconds >= 0 and second.answer == "thank you"
    assert again(webhook).failing_since is None


def test_who_never_answers_costs_some_seconds(receiver, webhook, monkeypatch):
    monkeypatch.setattr(delivery, "TIMEOUT_SECONDS", 0.5)
    received()
    receiver.answers = [HANG]
    (message,) = owed(webhook)
    assert tried(message) == "no answer in time"
    (one,) = tries(message)
    assert one.status is None and 400 < one.milliseconds < 5000
    assert again(webhook).failing_since is not None


def test_a_redirect_is_not_followed(receiver, webhook):
    received()
    receiver.answers, receiver.headers = [307], {"Location": receiver.url.replace("/alentour", "/inside")}
    assert tried(owed(webhook)[0]).startswith("307")
    assert [got.path for got in receiver.got] == ["/alentour"]


def test_an_answer_is_not_kept_whole_nor_with_addresses(receiver, webhook):
    received()
    receiver.answers, receiver.said = [500], b"\x00\xff sorry jean@example.org " + b"x" * 9000
    tried(owed(webhook)[0])
    (one,) = tries(owed(webhook)[0])
    assert "sorry […]" in one.answer and len(one.answer) <= delivery.EXCERPT


class TestInside:
    """No address inside the house's own network."""

    @pytest.fixture
    def closed(self, app, webhook, monkeypatch):
        monkeypatch.setitem(app.config, "ALLOW_PRIVATE_TARGETS", "")
        return webhook

    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://10.0.0.8/",
            "https://169.254.169.254/latest/meta-data",
            "https://192.168.1.1/",
            "https://[::ffff:10.0.0.1]/",
            "https://localhost:5432/",
            "https://2130706433/",
        ],
    )
    def test_is_not_asked_whatever_was_kept(self, closed, receiver, url):
        received()
        db.session.execute(update(Webhook).values(url=url))
        db.session.commit()
        (message,) = owed(closed)
        assert "inside our own network" in tried(message)
        assert receiver.got == [] and "not asked" in tries(message)[0].answer

    def test_a_name_that_came_to_lead_inside_is_not_asked(self, closed, receiver, monkeypatch):
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda *_a, **_k: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 443))]
        )
        received()
        db.session.execute(update(Webhook).values(url="https://sig.example.org/"))
        db.session.commit()
        assert "inside our own network" in tried(owed(closed)[0])


class TestSuspension:
    """A subscription that fails for too long, or says that it is over, is told nothing more."""

    def test_gone_is_gone(self, receiver, webhook):
        received()
        received()
        receiver.answers = [410]
        first, second = owed(webhook)
        assert tried(first).startswith("for ever 410")
        now = again(webhook)
        assert now.suspended_at is not None and now.suspended_why == GONE
        assert [message.status for message in owed(webhook)] == ["dropped", "dropped"]
        assert tried(owed(webhook)[1]) == "dropped" and len(receiver.got) == 1
        received()
        assert len(owed(webhook)) == 2

    def test_too_many_given_up(self, receiver, webhook):
        for number in range(delivery.MOST_GIVEN_UP):
            assert again(webhook).suspended_at is None, number
            received()
            message = owed(webhook)[-1]
            # The last of its tries.
            message.tries = len(PAUSES) + 1
            receiver.answers = [500]
            tried(message)
        now = again(webhook)
        assert now.failures == delivery.MOST_GIVEN_UP and now.suspended_why == FAILING

    def test_one_that_is_accepted_begins_anew(self, receiver, webhook):
        received()
        (message,) = owed(webhook)
        message.tries = len(PAUSES) + 1
        receiver.answers = [500]
        tried(message)
        assert again(webhook).failures == 1
        tried(owed(webhook)[0])
        now = again(webhook)
        assert (now.failures, now.failing_since) == (0, None)

    def test_days_of_failure(self, receiver, webhook):
        received()
        receiver.answers = [500, 500]
        tried(owed(webhook)[0])
        db.session.execute(
            update(Webhook).values(failing_since=utcnow() - timedelta(days=delivery.MOST_DAYS, minutes=1))
        )
        db.session.commit()
        tried(owed(webhook)[0])
        assert again(webhook).suspended_why == FAILING

    def test_resumed_it_is_told_what_comes_and_can_ask_for_what_it_missed(self, receiver, webhook):
        received()
        webhook_verbs.suspend(webhook)
        db.session.commit()
        received()
        (message,) = owed(webhook)
        assert message.status == "dropped"
        webhook_verbs.resume(webhook)
        received()
        assert [one.status for one in owed(webhook)] == ["dropped", "owed"]
        assert webhook_verbs.send_again(webhook) == 1
        assert [one.status for one in owed(webhook)] == ["owed", "owed"]

    def test_a_test_is_sent_all_the_same(self, receiver, webhook):
        webhook_verbs.suspend(webhook)
        webhook_verbs.ping(webhook)
        db.session.commit()
        (message,) = owed(webhook)
        assert tried(message) is None
        assert receiver.got[0].body["type"] == "ping" and receiver.got[0].body["data"] == {}
        assert receiver.got[0].signed_with(webhook.secret)


def test_a_removed_one_is_told_nothing(receiver, webhook):
    received()
    webhook_verbs.remove(webhook)
    db.session.commit()
    received()
    (message,) = db.session.query(Message).where(Message.channel == "webhook").all()
    assert message.status == "dropped" and tried(message) == "dropped"
    assert db.session.get(Webhook, webhook.id).secret == ""


class TestThroughTheOutbox:
    """The channel's own sender, from the claim to the record."""

    def test_one_that_is_accepted_and_one_that_is_refused(self, receiver, webhook):
        received()
        received()
        receiver.answers = [503]
        receiver.headers = {"Retry-After": "3600"}
        assert sender.send_due("webhook") == 0
        first, second = owed(webhook)
        assert (first.status, first.tries, first.error) == ("owed", 1, "503 thank you")
        assert first.due_at - utcnow() > timedelta(minutes=55)
        # In order: what came after it waits.
        assert (second.status, second.tries) == ("owed", 0)
        webhook_verbs.ping(webhook)
        db.session.commit()
        receiver.headers = {}
        assert sender.send_due("webhook") == 3
        assert [got.body["type"] for got in receiver.got] == ["report.received"] * 3 + ["ping"]
        assert {message.status for message in owed(webhook)} == {"sent"}
        assert [one.status for one in tries(owed(webhook)[0])] == [503, 200]

    def test_one_that_is_gone(self, receiver, webhook):
        received()
        received()
        receiver.answers = [410]
        sender.send_due("webhook")
        assert [message.status for message in owed(webhook)] == ["dropped", "dropped"]
        assert again(webhook).suspended_why == GONE and len(receiver.got) == 1

    def test_the_administrators_hear_of_it_and_nobody_else(self, receiver, webhook):
        chief, clerk = factories.user("administrator"), factories.user("supervisor")
        received()
        receiver.answers = [410]
        sender.send_due("webhook")
        (mail,) = db.session.scalars(select(Message).where(Message.kind == "webhook.suspended"))
        assert mail.user_id == chief.id != clerk.id
        said = renderers.prepare(mail)
        text = said.mail.text
        assert "SIG" in text and "(410)" in text and f"/admin/webhooks/{webhook.id}" in text
        # Once it was seen to, there is nothing to say any more.
        webhook_verbs.resume(again(webhook))
        db.session.commit()
        assert renderers.prepare(mail) is None

    def test_one_that_hangs_keeps_no_other_waiting(self, receiver, webhook, monkeypatch):
        monkeypatch.setattr(delivery, "TIMEOUT_SECONDS", 1.5)
        with Receiver() as other:
            told = webhook_verbs.create(url=other.url)
            received()
            receiver.answers = [HANG]
            since = time.monotonic()
            done = []
            real = other._server.RequestHandlerClass.do_POST
            monkeypatch.setattr(
                other._server.RequestHandlerClass,
                "do_POST",
                lambda handler: (done.append(time.monotonic() - since), real(handler)),
            )
            assert sender.send_due("webhook") == 1
            assert done[0] < 1 and [message.status for message in owed(told)] == ["sent"]
            assert owed(webhook)[0].error == "no answer in time"


def test_the_docs_tell_a_receiver_how_to_verify(receiver, webhook):
    """The lines that docs/channels.md gives to those who have no library do what they say."""
    page = (Path(__file__).resolve().parents[4] / "docs" / "channels.md").read_text("utf-8")
    start = page.index("    import base64")
    lines = page[start : page.index("\n\nAnswer with 2xx", start)]
    known: dict = {}
    exec("\n".join(line[4:] for line in lines.splitlines()), known)
    received()
    tried(owed(webhook)[0])
    (got,) = receiver.got
    assert known["genuine"](webhook.secret, got.headers, got.data)
    assert not known["genuine"](webhook.secret, got.headers, got.data + b" ")
    assert not known["genuine"](webhook.secret, got.headers | {"webhook-timestamp": "1700000000"}, got.data)
