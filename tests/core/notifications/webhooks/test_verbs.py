"""Subscriptions: made, changed, stopped; and what they are owed, in one statement an event."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import select

from api.v1.schemas import report_events
from core.database import db
from core.database.scope import serving
from core.errors import FieldErrors, NotFound, Refused
from core.identity.actor import Actor
from core.identity.models import Body
from core.notifications.outbox.models import Message
from core.notifications.webhooks import outbox as webhook_outbox
from core.notifications.webhooks import payloads
from core.notifications.webhooks import verbs as webhook_verbs
from core.notifications.webhooks.models import Webhook
from reporter.categories.models import Category
from reporter.reports import intake as report_intake
from reporter.reports import transitions
from reporter.statuses import EVENTS, INTERNAL
from tests import factories
from tests.core.notifications.webhooks.conftest import owed


def test_each_has_a_secret_of_its_own_as_the_convention_writes_it(acting, jurisdiction, receiver):
    with acting(jurisdiction):
        target = webhook_verbs.look_up(receiver.url)
        one, other = webhook_verbs.create(url=target), webhook_verbs.create(url=target)
        assert one.secret != other.secret and one.secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(one.secret.removeprefix("whsec_"), validate=True)) <= 64


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        12,
        "sig",
        "ftp://example.org/",
        "http://example.org/",
        "https://user:word@example.org/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.1.2.3/hook",
        "https://[fd00::1]/",
        "https:///x",
        "https://nowhere.invalid/",
        "https://example.org:99999/",
        "javascript:alert(1)",
        "https://x" + "y" * 2000,
    ],
)
def test_an_address_that_cannot_be_asked_is_refused_in_words(acting, jurisdiction, url):
    with acting(jurisdiction), pytest.raises(FieldErrors) as error:
        webhook_verbs.create(url=url)
    assert set(error.value.fields) == {"url"} and error.value.fields["url"].endswith(".")


def test_our_own_address_is_no_other_program(app, acting, jurisdiction, monkeypatch, receiver):
    monkeypatch.setitem(app.config, "PUBLIC_URL", receiver.url.removesuffix("/alentour"))
    with acting(jurisdiction), pytest.raises(FieldErrors):
        webhook_verbs.create(url=receiver.url)


def test_kinds_are_those_there_are(acting, jurisdiction, receiver):
    with acting(jurisdiction):
        with pytest.raises(FieldErrors) as error:
            webhook_verbs.create(url=receiver.url, kinds=["report.resolved", "report.noted", "x\x00"], label="y" * 99)
        assert set(error.value.fields) == {"kinds", "label"}
        target = webhook_verbs.look_up(receiver.url)
        assert webhook_verbs.create(url=target, kinds=["report.resolved"]).kinds == ["report.resolved"]
        # All of them are all of them to come as well.
        assert webhook_verbs.create(url=target, kinds=payloads.known_kinds()).kinds == []


def test_every_public_event_can_be_told():
    assert set(report_events.REPORT_EVENT_KINDS) == set(EVENTS) - set(INTERNAL)
    assert {f"report.{kind}" for kind in report_events.REPORT_EVENT_KINDS} <= set(payloads.known_kinds())


class TestOwing:
    """Which subscriptions are owed what."""

    def test_the_kinds_that_it_wants(self, acting, jurisdiction, receiver):
        with acting(jurisdiction):
            target = webhook_verbs.look_up(receiver.url)
            everything = webhook_verbs.create(url=target)
            some = webhook_verbs.create(url=target, kinds=["report.resolved", "report.rejected"])
            report = factories.report()
            transitions.note(report, text="Interne", by=Actor("desk"))
            transitions.reject(report, reason="Privé", by=Actor("desk"))
            db.session.commit()
            assert [m.kind for m in owed(everything)] == ["report.received", "report.rejected"]
            assert [m.kind for m in owed(some)] == ["report.rejected"]
            assert owed(some)[0].facts["reference"] == report.reference

    def test_one_statement_an_event_however_many_there_are(self, acting, jurisdiction, receiver, statements):
        with acting(jurisdiction):
            target = webhook_verbs.look_up(receiver.url)
            factories.report()
            statements.clear()
            factories.report()
            alone = len(statements)
            for _number in range(5):
                webhook_verbs.create(url=target)
            db.session.commit()
            statements.clear()
            factories.report()
            assert len(statements) == alone
            assert sum("FROM webhook" in one for one in statements) == 1

    def test_nobody_is_owed_an_event_twice(self, acting, jurisdiction, webhook):
        for _time in range(2):
            webhook_outbox.queue_deliveries(
                "report.received", source="report_event:1", jurisdictions={jurisdiction.id}, facts={}
            )
        assert len(owed(webhook)) == 1

    def test_where_it_lies_and_who_is_in_charge(self, acting, jurisdiction, receiver):
        with acting(jurisdiction):
            target = webhook_verbs.look_up(receiver.url)
            there = factories.jurisdiction("metropole", host="metropole.localhost", prefix="ME")
            with serving(there):
                theirs = webhook_verbs.create(url=target)
            ours = webhook_verbs.create(url=target)
            body = Body(jurisdiction_id=jurisdiction.id, code="metropole", names={"fr": "M"}, hosted_id=there.id)
            db.session.add(body)
            db.session.flush()
            db.session.scalar(select(Category).where(Category.code == "depot")).body_id = body.id
            factories.report()
            report = factories.report(category="depot")
            rows = db.session.execute(
                select(Message.__table__.c.recipient, Message.__table__.c.jurisdiction_id)
                .where(Message.__table__.c.channel == "webhook")
                .order_by(Message.__table__.c.id)
            ).all()
            assert rows == [
                (f"webhook:{ours.id}", jurisdiction.id),
                (f"webhook:{theirs.id}", there.id),
                (f"webhook:{ours.id}", jurisdiction.id),
            ]
            with serving(there):
                told = payloads.json_body(owed(theirs)[0])
            assert report.reference.encode() in told and b'"jurisdiction":"metropole"' in told

    def test_another_towns_are_not_mine(self, acting, jurisdiction, webhook):
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
        with serving(other):
            factories.report()
            assert webhook_verbs.list_webhooks() == []
            with pytest.raises(NotFound):
                webhook_verbs.get_webhook(webhook.id)
            assert not list(db.session.scalars(select(Message).where(Message.channel == "webhook")))


class TestSendAgain:
    """What did not arrive is sent again, one or all."""

    def test_one_that_arrived_too(self, acting, jurisdiction, webhook):
        factories.report()
        (message,) = owed(webhook)
        message.status = "sent"
        db.session.commit()
        assert webhook_verbs.send_again(webhook) == 0
        assert webhook_verbs.send_again(webhook, [message.id]) == 1
        assert owed(webhook)[0].status == "owed" and owed(webhook)[0].tries == 0
        assert webhook_verbs.send_again(webhook, [message.id]) == 0

    def test_only_its_own_and_only_while_it_is_told(self, acting, jurisdiction, webhook, receiver):
        other = webhook_verbs.create(url=receiver.url)
        factories.report()
        for wrong in ([owed(other)[0].id], [2**70], [0]):
            with pytest.raises(NotFound):
                webhook_verbs.send_again(webhook, wrong)
        webhook_verbs.suspend(webhook)
        with pytest.raises(Refused):
            webhook_verbs.send_again(webhook)


def test_moves_that_make_no_sense_are_refused(acting, jurisdiction, webhook):
    with pytest.raises(Refused):
        webhook_verbs.resume(webhook)
    webhook_verbs.suspend(webhook)
    with pytest.raises(Refused):
        webhook_verbs.suspend(webhook)
    for number in (0, -1, 2**63, 10**30):
        with pytest.raises(NotFound):
            webhook_verbs.get_webhook(number)


def test_a_town_has_so_many_and_no_more(acting, jurisdiction, receiver, monkeypatch):
    monkeypatch.setattr(webhook_verbs, "MOST", 2)
    with acting(jurisdiction):
        target = webhook_verbs.look_up(receiver.url)
        for _number in range(2):
            webhook_verbs.create(url=target)
        with pytest.raises(Refused):
            webhook_verbs.create(url=target)


def test_a_change_that_is_refused_changes_nothing(acting, jurisdiction, webhook):
    before = webhook.url, webhook.label, webhook.version
    with pytest.raises(FieldErrors):
        webhook_verbs.change(webhook, url="https://10.0.0.1/", label="Autre", kinds=["x"])
    assert (webhook.url, webhook.label, webhook.version) == before
    webhook_verbs.change(webhook, label="Autre")
    assert (webhook.label, webhook.kinds, webhook.version) == ("Autre", [], before[2] + 1)
    assert db.session.get(Webhook, webhook.id) is webhook


def test_received_reports_are_read_back_only_with_the_report(acting, jurisdiction, webhook):
    report = factories.report()
    assert report_intake.lock_report(report.reference).id == owed(webhook)[0].facts["report"]
