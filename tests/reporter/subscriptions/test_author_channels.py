"""How the person who sends a report is told of it: by mail, by SMS, by none; by the form and by the API."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.database import db
from core.errors import FieldError, FieldErrors
from core.identity import contacts
from core.identity.actor import Actor
from core.identity.models import Contact
from core.photos.verbs import accept
from reporter.reports.intake import submit
from reporter.reports.models import Report
from reporter.subscriptions.models import ReportSubscription
from tests import factories
from tests.reporter.subscriptions.test_links import by_sms, follow, here, rows

__all__ = ["by_sms", "here"]
FORM = {"category": "nid-de-poule", "lat": "43.6115", "lon": "3.8775", "description": "Un trou"}


def told() -> list[tuple[str, str | None, str | None]]:
    """(channel, address, number) of the authors, in the order in which they sent."""
    rows = db.session.execute(
        select(ReportSubscription.channel, Contact.email, Contact.phone)
        .join(Contact, Contact.id == ReportSubscription.contact_id)
        .where(ReportSubscription.author)
        .order_by(ReportSubscription.id)
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("typed", "channel"),
    [  # fmt: skip
        ({"email": "a@example.org"}, ("mail", "a@example.org", None)),
        ({"phone": "06 12 34 56 78"}, ("sms", None, "+33612345678")),
        ({"email": "a@example.org", "phone": "0612345678"}, ("mail", "a@example.org", None)),
        ({"email": "a@example.org", "phone": "0612345678", "news": "mail"}, ("mail", "a@example.org", None)),
        ({"email": "a@example.org", "phone": "0612345678", "news": "sms"}, ("sms", None, "+33612345678")),
        ({"email": "a@example.org", "news": "sms"}, ("mail", "a@example.org", None)),
        ({"phone": "04 67 00 00 00"}, None),
        ({"phone": "0612345678", "news": "<script>"}, ("sms", None, "+33612345678")),
    ],
)
def test_the_form_offers_both_and_takes_what_there_is(here, client, by_sms, typed, channel):
    assert client.post("/report/new", data=FORM | typed).status_code == 303
    assert told() == ([channel] if channel else [])


def test_a_fixed_number_chosen_for_sms_is_refused_with_all_that_was_typed(here, client, by_sms):
    typed = {"email": "a@example.org", "phone": "04 67 00 00 00", "news": "sms"}
    answer = client.post("/report/new", data=FORM | typed)
    assert answer.status_code == 422 and 'id="phone-error"' in answer.text
    assert 'value="a@example.org"' in answer.text and 'value="04 67 00 00 00"' in answer.text
    assert 'value="sms" checked' in answer.text


def test_without_a_gateway_nothing_is_said_of_sms(here, client):
    assert "SMS" not in client.get("/report/new").text
    client.post("/report/new", data=FORM | {"phone": "0612345678", "news": "sms"})
    assert told() == []
    made = db.session.scalars(select(Report)).one()
    assert "SMS" not in client.get(f"/r/{made.reference}").text
    answer = client.post(f"/r/{made.reference}/follow", data={"channel": "sms", "phone": "0612345678"})
    assert answer.status_code == 422, "the address is asked for"


def test_the_api_tells_by_mail_else_by_sms(here, client, by_sms):
    body = {"category": "nid-de-poule", "location": {"type": "Point", "coordinates": [3.8775, 43.6115]}}
    for contact in ({"email": "a@example.org", "phone": "0612345678"}, {"phone": "+33 6 99 99 99 99", "locale": "en"}):
        assert client.post("/api/v1/reports", json=body | {"contact": contact}).status_code == 201
    assert told() == [("mail", "a@example.org", None), ("sms", None, "+33699999999")]


def test_a_report_with_everything_takes_twelve_statements_by_either_channel(here, by_sms, statements):
    factories.report(email=None)
    for news in ("mail", "sms"):
        left = contacts.parse_contact_details(name="Zoé", email=f"{news}@example.org", phone="0612345678", news=news)
        photo = str(accept(factories.jpeg()).token)
        db.session.commit()
        statements.clear()
        submit(by=Actor("web"), category="nid-de-poule", place=factories.CENTRE, description="Un trou",
               address="1 rue Haute", contact=left, photos=[photo])  # fmt: skip
        assert len(statements) <= 12, "\n".join(statements)
        db.session.commit()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12 34 56 78", "+33612345678"), ("06.12.34.56.78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"), ("+330612345678", "+33612345678"), ("0692 12 34 56", "+262692123456"),
        ("+44 7700 900123", "+447700900123"), ("04 67 00 00 00", "+33467000000"), ("", ""),
        ("06 39 98 12 34", "+33639981234"), ("0590 12 34 56", "+590590123456"), ("+687 75 12 34", "+687751234"),
    ],
)  # fmt: skip
def test_a_number_is_kept_as_it_is_dialled_from_anywhere(typed, kept):
    assert contacts.parse_phone(typed) == kept


@pytest.mark.parametrize(
    "typed", ["abc", "12", "+", "06 12 34 56 7x", "1" * 20, "3939999", "06 CALL ME 12", "٠٦١٢٣٤٥٦٧٨", "06\n12"]
)
def test_what_is_no_number_is_refused(here, typed):
    with pytest.raises(FieldError):
        contacts.parse_mobile(typed)


HOSTILE = [
    "", "\0", "x" * 300_000, "'; DROP TABLE follower;--", "<script>alert(1)</script>", "a@b@c", "%s%n", "{{7*7}}",
    "\r\nBcc: x@y.fr", "é\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "\u202e0612345678",
]  # fmt: skip


@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_that_is_typed_breaks_a_form(here, client, by_sms, word):
    made = factories.report(email=None)
    before = rows()
    path = f"/r/{made.reference}/follow"
    both = {"channel": word, "language": word, "email": word}
    for data in ({"email": word}, {"channel": "sms", "phone": word}, both):
        answer = client.post(path, data=data)
        assert answer.status_code == 422 and "<script>alert" not in answer.text
    answer = client.post("/mine", data={"who": word})
    assert answer.status_code == 422 and "<script>alert" not in answer.text
    assert rows() == before


def test_an_address_in_another_alphabet_is_one(here):
    made = factories.report(email=None)
    assert follow(made, email=contacts.parse_email("zoé@exämple.org"))
    with pytest.raises((FieldError, FieldErrors)):
        contacts.parse_contact_details(email="x@example.org\nBcc: y@example.org\x00")
