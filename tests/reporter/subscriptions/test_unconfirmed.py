"""What strangers may cause: an address that has not confirmed, and a number, are told little and not often."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from core.database import db, utcnow
from core.database.scope import current_jurisdiction
from core.identity import contacts
from core.identity.actor import Actor
from core.identity.models import Contact
from core.notifications.outbox import digest, renderers
from core.notifications.outbox.models import GATHERED, Message
from core.web import rate_limits
from interventions.triage import verbs as triage_verbs
from reporter import subscriptions
from reporter.messages.wording import verbs as wording_verbs
from reporter.reports import detail as report_detail
from reporter.reports import transitions
from reporter.reports.intake import FEW_A_DAY, lock_report, submit
from reporter.reports.models import Report
from reporter.subscriptions.models import ReportSubscription
from tests import factories
from tests.reporter.subscriptions.test_links import by_sms, follow, here, mail_of, newest, path_of

__all__ = ["by_sms", "here"]
FORM = {"category": "nid-de-poule", "lat": "43.6115", "lon": "3.8775"}
#: What somebody typed, each recognisable in whatever leaves.
TYPED = {"description": "ACHETEZ http://spam.example", "address": "RUE-DU-SPAM", "name": "SPAMMEUR"}


def leaves(message: Message) -> str:
    """All of a message as it leaves: subject, text and HTML of a mail, headers included; the words of an SMS."""
    out = renderers.prepare(message).outgoing
    if message.channel == "sms":
        return out.text
    mail = mail_of(message)
    return "\n".join((mail.subject, mail.brief or "", mail.text, html.unescape(mail.html or "")))


def nothing_typed(words: str) -> None:
    for typed in (*TYPED.values(), "spam.example"):
        assert typed.lower() not in words.lower(), typed


def owed(kind: str) -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))


def confirm_path(message: Message) -> str:
    return path_of(re.search(r"http\S+/c/\S+", mail_of(message).text)[0])


def test_a_stranger_s_address_gets_no_word_that_was_typed(here, client):
    assert client.post("/report/new", data=FORM | TYPED | {"email": "victime@example.org"}).status_code == 303
    made = db.session.scalars(select(Report)).one()
    words = leaves(newest("report.received"))
    nothing_typed(words)
    assert made.reference in words and "Nid-de-poule" in words and "L112-11" in words
    by = Actor("desk", factories.user("supervisor").id)
    triage_verbs.reject(lock_report(made.reference), reason="C’est une route départementale", by=by)
    words = leaves(newest("report.rejected"))
    nothing_typed(words)
    assert "départementale" in words, "the services' own words stay"
    triage_verbs.reopen(lock_report(made.reference), by=by)
    nothing_typed(leaves(newest("report.reopened")))


@pytest.mark.parametrize(
    "body",
    [
        {
            "description": TYPED["description"],
            "address": TYPED["address"],
            "contact": {"name": TYPED["name"], "email": "victime@example.org"},
        },
    ],
)
def test_nor_by_the_api(here, client, body):
    place = {"type": "Point", "coordinates": [3.8775, 43.6115]}
    sent = client.post("/api/v1/reports", json=body | {"category": "nid-de-poule", "location": place})
    assert sent.status_code == 201
    nothing_typed(leaves(newest("report.received")))


def test_nor_in_the_town_s_own_words_or_a_day_s_digest(here, client):
    at = wording_verbs.wording_key("received", "mail", "fr")
    body = "« {{ description }} » {{ address }} {{ page }}"
    wording_verbs.save(at, subject="Reçu : {{ address }}", body=body, user_id=None)
    client.post("/report/new", data=FORM | TYPED | {"email": "victime@example.org"})
    nothing_typed(leaves(newest("report.received")))
    made = db.session.scalars(select(Report)).one()
    db.session.get(Contact, made.contact_id).digest = True
    triage_verbs.reject(lock_report(made.reference), reason="Non", by=Actor("desk", factories.user("supervisor").id))
    message = newest("report.rejected")
    assert message.status == GATHERED
    db.session.commit()
    digest.make_digests(current_jurisdiction(), utcnow() + timedelta(days=2))
    nothing_typed(leaves(newest("digest")))


def test_what_a_resident_said_is_not_repaired_is_typed_too(here, client):
    made = factories.report(email="victime@example.org")
    triage_verbs.reject(lock_report(made.reference), reason="Non", by=Actor("desk", factories.user("supervisor").id))
    db.session.execute(text("UPDATE report SET status = 'resolved'"))
    db.session.expire_all()
    transitions.contest(
        lock_report(made.reference), by=Actor("web"), words=TYPED["description"], facts={"by": "report_subscription"}
    )
    nothing_typed(leaves(newest("report.reopened")))


def test_nor_what_stands_in_the_report_it_was_merged_with(here, client):
    made = factories.report(email="victime@example.org", description="", address="")
    assert client.post("/report/new", data=FORM | TYPED).status_code == 303
    other = db.session.scalars(select(Report).where(Report.id != made.id)).one()
    by = Actor("desk", factories.user("supervisor").id)
    triage_verbs.merge(made.reference, other.reference, by=by)
    nothing_typed(leaves(newest("report.merged")))
    triage_verbs.reject(lock_report(other.reference), reason="Non", by=by)
    message = newest("report.rejected")
    assert message.contact.email == "victime@example.org"
    nothing_typed(leaves(message))


def test_once_it_has_confirmed_all_is_said(here, client):
    client.post("/report/new", data=FORM | TYPED | {"email": "ici@example.org"})
    path = confirm_path(newest("report.received"))
    page = client.get(path)
    assert page.status_code == 200 and "<button" in page.text
    assert db.session.scalars(select(Contact.confirmed_at).where(Contact.email == "ici@example.org")).one() is None, (
        "to look changes nothing"
    )
    assert client.post(path).status_code == 303
    client.post("/report/new", data=FORM | TYPED | {"email": "ici@example.org", "lat": "43.6120", "seen": "all"})
    db.session.expire_all()
    mail = mail_of(newest("report.received"))
    assert TYPED["description"] in mail.text and TYPED["address"] in mail.subject and "/c/" not in mail.text


def test_a_few_reports_a_day_and_then_none_until_it_confirms(here):
    for number in range(FEW_A_DAY + 4):
        factories.report(email="Victime@example.org" if number % 2 else "victime@example.org")
    assert db.session.scalar(select(func.count(Report.id))) == FEW_A_DAY + 4, "each is accepted"
    told = owed("report.received")
    assert len(told) == FEW_A_DAY
    last = db.session.scalars(select(Report).order_by(Report.id.desc()).limit(1)).one()
    by = Actor("desk", factories.user("supervisor").id)
    triage_verbs.reject(lock_report(last.reference), reason="Non", by=by)
    assert not owed("report.rejected"), "nor what becomes of them"
    subscription = db.session.scalars(
        select(ReportSubscription).where(ReportSubscription.report_id == told[0].facts["report"])
    ).one()
    subscriptions.confirm(subscription)
    triage_verbs.reopen(lock_report(last.reference), by=by)
    assert len(owed("report.reopened")) == 1, "from its yes on it is told of all of them"
    factories.report(email="victime@example.org")
    assert len(owed("report.received")) == FEW_A_DAY + 1


def test_what_reception_takes_down_counts_as_confirmed(here, signed_in):
    desk = signed_in("reception")
    sent = {
        "channel": "phone",
        "kind": "Nid-de-poule",
        "lat": "43.6105",
        "lon": "3.8765",
        "email": "jeanne@example.org",
    }
    for number in range(FEW_A_DAY + 1):
        known = ",".join(db.session.scalars(select(Report.reference)))
        told = sent | {"description": f"Un trou {number}", "seen": known.split(",")}
        assert desk.post("/desk/new", data=told).status_code == 303
    told = owed("report.received")
    assert len(told) == FEW_A_DAY + 1 and "Un trou 0" in mail_of(told[0]).text
    confirmed = db.session.scalars(select(Contact.confirmed_at).where(Contact.email == "jeanne@example.org")).one()
    assert confirmed is None, "for these reports alone"


def test_a_question_to_follow_says_nothing_that_was_typed(here, client, by_sms):
    made = factories.report(email=None, address=TYPED["address"], description=TYPED["description"])
    assert follow(made, email="victime@example.org")
    nothing_typed(leaves(newest("report.confirm")))
    assert follow(made, channel="sms", phone="+33612345678")
    words = leaves(newest("report.confirm"))
    nothing_typed(words)
    assert made.reference in words


def test_nor_does_the_question_for_an_area(here, client):
    data = {
        "area": "circle",
        "lat": "43.6115",
        "lon": "3.8775",
        "radius": "500",
        "address": TYPED["address"],
        "channel": "mail",
        "email": "victime@example.org",
    }
    assert client.post("/around", data=data).status_code == 303
    nothing_typed(leaves(newest("area.confirm")))


# --- numbers


def five_names(client) -> None:
    for name in ("Anne", "Bea", "Cleo", "Dora", "Eve"):
        seen = list(db.session.scalars(select(Report.reference)))
        sent = FORM | {"name": name, "phone": "06 12 34 56 78", "seen": seen}
        assert client.post("/report/new", data=sent).status_code == 303


def test_five_names_at_one_number_are_one_contact_and_one_question(here, client, by_sms):
    five_names(client)
    assert db.session.scalar(select(func.count(Report.id))) == 5
    told = set(db.session.scalars(select(ReportSubscription.contact_id)))
    assert len(told) == 1
    messages = list(db.session.scalars(select(Message)))
    assert [(one.kind, one.channel) for one in messages] == [("report.confirm", "sms")], "asked once, and nothing else"


def test_a_number_beside_five_addresses_is_asked_once(here, client, by_sms):
    for number in range(5):
        sent = FORM | {
            "email": f"a{number}@example.org",
            "phone": "0612345678",
            "news": "sms",
            "seen": list(db.session.scalars(select(Report.reference))),
        }
        assert client.post("/report/new", data=sent).status_code == 303
    assert [one.kind for one in db.session.scalars(select(Message))] == ["report.confirm"]


def test_a_number_is_told_of_all_its_reports_once_it_said_yes(here, client, by_sms):
    five_names(client)
    link = renderers.prepare(newest("report.confirm")).outgoing.text.split()[-1]
    assert client.post(path_of(link)).status_code == 303
    db.session.expire_all()
    by = Actor("desk", factories.user("supervisor").id)
    for made in db.session.scalars(select(Report)).all():
        triage_verbs.reject(lock_report(made.reference), reason="Non", by=by)
    assert [one.channel for one in owed("report.rejected")] == ["sms"] * 5
    db.session.expire_all()
    client.post("/report/new", data=FORM | {"phone": "0612345678", "lat": "43.62"})
    assert [one.channel for one in owed("report.received")] == ["sms"], "a number that answered is not asked again"


@pytest.mark.parametrize("number", ["+44 7700 900123", "+882 16 12345678", "+225 07 01 02 03 04"])
def test_no_sms_leaves_the_countries_that_are_allowed(here, client, by_sms, number):
    assert client.post("/report/new", data=FORM | {"phone": number}).status_code in (303, 422)
    assert not list(db.session.scalars(select(Message)))
    made = factories.report(email=None)
    answer = client.post(f"/r/{made.reference}/follow", data={"channel": "sms", "phone": number})
    assert answer.status_code == 422 and 'id="phone-error"' in answer.text


def test_the_countries_are_a_setting(here, app, by_sms, monkeypatch):
    assert contacts.may_be_mobile("+33612345678") and contacts.may_be_mobile("+262692123456")
    assert not contacts.may_be_mobile("+32470123456") and not contacts.may_be_mobile("+33467000000")
    monkeypatch.setitem(app.config, "SMS_PREFIXES", "+32")
    assert contacts.may_be_mobile("+32470123456") and not contacts.may_be_mobile("+33612345678")


# --- what is known of an address


def shown(reference: str) -> tuple[str | None, str | None, str | None]:
    """What the desk shows of who sent a report."""
    row = report_detail.report_detail(reference, staff=True)
    return row.contact_name, row.contact_email, row.contact_phone


def test_the_first_stranger_s_name_and_number_stick_to_nothing(here):
    made = []
    for left in ({"name": "Faux", "phone": "06 11 11 11 11"}, {"name": "Vraie", "phone": "06 12 34 56 78"}, {}):
        details = contacts.parse_contact_details(email="vraie@example.org", **left)
        made.append(submit(by=Actor("web"), category="nid-de-poule", place=factories.CENTRE, contact=details).reference)
    assert [shown(one) for one in made] == [
        ("Faux", "vraie@example.org", "+33611111111"),
        ("Vraie", "vraie@example.org", "+33612345678"),
        (None, "vraie@example.org", None),
    ]
    own = db.session.scalars(select(Contact).where(Contact.email == "vraie@example.org")).one()
    assert (own.name, own.phone) == (None, None)


def test_nor_to_an_address_that_has_confirmed(here):
    known = Contact(
        jurisdiction_id=here.id,
        email="vraie@example.org",
        name="Vraie",
        phone="+33612345678",
        confirmed_at=utcnow(),
        phone_confirmed_at=utcnow(),
    )
    db.session.add(known)
    db.session.flush()
    stranger = contacts.parse_contact_details(name="Faux", email="vraie@example.org", phone="06 11 11 11 11")
    made = submit(by=Actor("web"), category="nid-de-poule", place=factories.CENTRE, contact=stranger)
    assert shown(made.reference) == ("Faux", "vraie@example.org", "+33611111111")
    db.session.refresh(known)
    assert (known.name, known.phone) == ("Vraie", "+33612345678")
    alone = contacts.parse_contact_details(name="Autre", phone="06 12 34 56 78")
    other = submit(by=Actor("web"), category="nid-de-poule", place=factories.CENTRE, contact=alone)
    assert shown(other.reference) == ("Autre", None, "+33612345678"), "a number typed alone shows no address"


# --- one origin


def test_one_origin_sends_many_reports_but_not_without_end(client, bearer, monkeypatch):
    assert rate_limits.REPORTED == "120 per minute;600 per hour", "a school class behind one address goes through"
    monkeypatch.setattr(rate_limits, "REPORTED", "3 per hour")
    for _one in range(3):
        assert client.post("/report/new", data={}).status_code == 422
    assert client.post("/report/new", data=FORM).status_code == 429
    assert client.post("/api/v1/reports", json={}).status_code == 429, "by whatever door"
    assert client.post("/api/v1/reports", json={}, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 422
    assert client.post("/api/v1/reports", json={}, headers=bearer("reception")).status_code == 422, "a colleague"
