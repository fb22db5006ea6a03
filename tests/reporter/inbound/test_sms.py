"""SMS that come in: kept once, from a gateway that knows the secret; STOP is heard."""

from __future__ import annotations

import base64

import pytest
import sqlalchemy as sa

from core.database import db
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from core.notifications.outbox.models import DROPPED, Message
from core.notifications.outbox.verbs import queue_message
from reporter.inbound import drafts
from reporter.inbound.models import ANSWER, AUTOMATIC, REPORT, UNKNOWN, InboundMessage
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from reporter.statuses import WAITING
from reporter.subscriptions.models import ReportSubscription
from tests import factories

SECRET = "un secret du fournisseur"
NUMBER = "+33612345678"


@pytest.fixture
def gateway(app, client, monkeypatch):
    """`gateway(field=…)` or `gateway(json={…})` – what the gateway sends; the answer's status."""
    monkeypatch.setitem(app.config, "SMS_INBOUND_SECRET", SECRET)
    monkeypatch.setitem(app.config, "SMS_URL", "json://127.0.0.1:9/")

    def send(json=None, secret=SECRET, **form):
        word = base64.b64encode(f"gateway:{secret}".encode()).decode()
        given = {"json": json} if json is not None else {"data": form}
        return client.post("/in/sms", headers={"Authorization": f"Basic {word}"}, **given).status_code

    return send


def _inbound_messages() -> list[InboundMessage]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(InboundMessage).order_by(InboundMessage.id)))


@pytest.mark.parametrize(
    "given",
    [
        {"From": "+33612345678", "Body": "Un trou", "MessageSid": "SM1", "To": "+33700000000"},
        {"json": {"from": "33612345678", "text": "Un trou", "id": 17}},
        {"json": {"sender": "06 12 34 56 78", "message": "Un trou"}},
        {"json": {"senderid": "0033612345678", "message": "Un trou", "id": "a", "creationDatetime": "2026-03-03"}},
        {"json": {"data": {"from": "+33612345678", "text": "Un trou"}, "event": "message.received"}},
        {"json": [{"msisdn": "33612345678", "content": "Un trou", "messageId": "z"}]},
    ],
)
def test_every_gateway_s_shape_is_kept_and_once(gateway, here, given):
    assert gateway(**given) == 204 and gateway(**given) == 204
    (inbound,) = _inbound_messages()
    assert (inbound.channel, inbound.interpreted_as, inbound.handled) == ("sms", REPORT, False)
    assert drafts.words_of(inbound) == "Un trou"
    owed = db.session.scalars(sa.select(Message)).one()
    assert (owed.kind, owed.channel) == ("arrival.complete", "sms")
    assert db.session.scalar(sa.select(Contact.phone).where(Contact.id == owed.contact_id)) == NUMBER


def test_who_does_not_know_the_secret_is_refused(gateway, client, app, here, monkeypatch):
    assert gateway(secret="another", From=NUMBER, Body="x") == 401
    bearer = {"Authorization": f"Bearer {SECRET}"}
    assert client.post("/in/sms", data={"From": NUMBER, "Body": "x"}).status_code == 401
    assert client.post("/in/sms", data={"From": NUMBER, "Body": "x"}, headers=bearer).status_code == 204
    monkeypatch.setitem(app.config, "SMS_INBOUND_SECRET", None)
    assert client.post("/in/sms", data={"From": NUMBER, "Body": "x"}, headers=bearer).status_code == 404
    assert len(_inbound_messages()) == 1


@pytest.mark.parametrize("given", [{}, {"From": "'; DROP", "Body": "x"}, {"json": {"from": {"a": 1}}}, {"json": 3}])
def test_what_is_no_sms_is_refused_in_words(gateway, here, given):
    assert gateway(**given) == 422 and _inbound_messages() == []


def _by_sms(**more) -> Report:
    made = report_intake.submit(
        by=Actor("phone"),
        category="depot",
        place=factories.CENTRE,
        description="Un tas",
        contact=ContactDetails(phone=NUMBER),
        **more,
    )
    db.session.commit()
    return made


def test_an_answer_while_a_report_waits_reaches_it(gateway, here):
    from interventions.triage import verbs as triage_verbs

    report = _by_sms()
    triage_verbs.ask(
        report_intake.lock_report(report.reference), text="Où ?", by=Actor("desk", factories.user("supervisor").id)
    )
    db.session.commit()
    assert gateway(From=NUMBER, Body="Au 12", MessageSid="1") == 204
    (inbound,) = _inbound_messages()
    assert (inbound.interpreted_as, inbound.report_id, inbound.handled) == (ANSWER, report.id, True)
    assert db.session.get(Report, report.id).status != WAITING


@pytest.mark.parametrize("word", ["STOP", "stop.", "Arrêt", " ARRET "])
def test_stop_stops_all_sms_to_that_number(gateway, here, word):
    report = _by_sms()
    queue_message(
        "report.planned",
        source="report_event:0",
        contact_id=db.session.scalar(sa.select(ReportSubscription.contact_id)),
        channel="sms",
        facts={"report": report.id},
    )
    db.session.commit()
    assert gateway(From=NUMBER, Body=word, MessageSid="1") == 204
    (inbound,) = _inbound_messages()
    assert (inbound.interpreted_as, inbound.remark) == (AUTOMATIC, "stopped")
    assert db.session.scalar(sa.select(ReportSubscription.stopped_at)) is not None
    assert set(db.session.scalars(sa.select(Message.status).where(Message.channel == "sms"))) == {DROPPED}


def test_a_number_that_writes_too_much_is_read_by_the_desk_alone(gateway, here, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_A_DAY", 2)
    monkeypatch.setattr(drafts, "open_draft_of", lambda *_who: None)
    for number in range(4):
        gateway(From=NUMBER, Body=f"Encore {number}", MessageSid=str(number))
    assert [one.interpreted_as for one in _inbound_messages()] == [REPORT, REPORT, UNKNOWN, UNKNOWN]
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 2


def test_a_second_sms_says_more_of_the_first(gateway, here):
    gateway(From=NUMBER, Body="Un trou", MessageSid="1")
    gateway(From=NUMBER, Body="rue des Lilas", MessageSid="2")
    first, second = _inbound_messages()
    assert (second.interpreted_as, second.handled) == (ANSWER, True)
    assert "said_more" in first.remark and drafts.words_of(first) == "Un trou\n\nrue des Lilas"
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 1
