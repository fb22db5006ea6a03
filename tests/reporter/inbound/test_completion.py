"""The link that completes what came by mail: everything is there, and it makes one report, once."""

from __future__ import annotations

import html5lib
import pytest
import sqlalchemy as sa

from core.database import db
from core.geo import Place
from core.identity.models import Contact
from core.notifications.mail.addresses import reply_address
from core.notifications.outbox.models import Message
from reporter.inbound import drafts
from reporter.inbound import links as inbound_links
from reporter.inbound.models import ANSWER, REPORT, UNKNOWN, InboundMessage
from reporter.reports.models import Report, ReportEvent
from reporter.subscriptions.models import ReportSubscription
from tests import factories
from tests.reporter.inbound.writing import mail, photo_at


def _fields(page: str) -> dict[str, list[str]]:
    """The fields of a page's form, as a browser would send them."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    found: dict[str, list[str]] = {}
    for one in tree.iter("input"):
        kind = one.get("type", "text")
        if one.get("name") and (kind not in ("radio", "checkbox") or one.get("checked") is not None) and kind != "file":
            found.setdefault(one.get("name"), []).append(one.get("value", ""))
    for one in tree.iter("textarea"):
        found[one.get("name")] = ["".join(one.itertext()).strip()]
    return found


@pytest.fixture
def draft(taken):
    """A mail with a photo that says nothing of the place, and the path that completes it."""
    (inbound,) = taken(mail(subject="Trottoir", text="Impossible de passer en poussette.", photos=(factories.jpeg(),)))
    return inbound.id, f"/complete/{inbound_links.complete_word(inbound.id)}"


def test_the_page_holds_all_that_came(client, draft):
    answer = client.get(draft[1])
    assert answer.status_code == 200
    fields = _fields(answer.text)
    assert fields["description"] == ["Trottoir\n\nImpossible de passer en poussette."]
    assert fields["email"] == ["jeanne@example.org"] and len(fields["photo"]) == 1


def test_completed_it_is_a_report_by_mail_with_its_photo(client, draft, here):
    fields = _fields(client.get(draft[1]).text) | {"category": ["depot"], "lat": ["43.61"], "lon": ["3.87"]}
    answer = client.post("/report/new", data=fields)
    assert answer.status_code == 303, answer.text[:2000]
    report = db.session.scalars(sa.select(Report)).one()
    assert report.channel == "mail" and report.cover_id is not None
    inbound = db.session.get(InboundMessage, draft[0], populate_existing=True)
    assert (inbound.interpreted_as, inbound.report_id, inbound.handled) == (REPORT, report.id, True)
    told = db.session.execute(
        sa.select(Contact.email, ReportSubscription.channel).join(ReportSubscription.contact)
    ).one()
    assert told == ("jeanne@example.org", "mail")


def test_the_link_leads_to_the_report_afterwards_and_a_second_form_makes_no_second_one(client, draft, here):
    fields = _fields(client.get(draft[1]).text) | {"category": ["depot"], "lat": ["43.61"], "lon": ["3.87"]}
    client.post("/report/new", data=fields)
    later = client.post("/report/new", data=fields | {"idempotency_key": ["another"], "description": ["autre"]})
    assert later.status_code == 303
    report = db.session.scalars(sa.select(Report)).one()
    assert client.get(draft[1]).location.startswith(f"/r/{report.reference}?key=")


def test_a_refused_form_keeps_the_link_and_its_photo(client, draft):
    fields = _fields(client.get(draft[1]).text)
    answer = client.post("/report/new", data=fields)
    assert answer.status_code == 422
    again = _fields(answer.text)
    assert again["arrival"] == fields["arrival"] and again["photo"] == fields["photo"]


def test_a_photo_that_says_where_is_believed(client, taken):
    (inbound,) = taken(mail(subject="Regardez", text="Voilà", photos=(photo_at(Place(3.88, 43.62)),)))
    fields = _fields(client.get(f"/complete/{inbound_links.complete_word(inbound.id)}").text)
    assert (round(float(fields["lat"][0]), 3), round(float(fields["lon"][0]), 3)) == (43.62, 3.88)


def test_a_forged_link_and_one_of_no_report_open_nothing(client, draft, taken):
    assert client.get(draft[1][:-2] + ("aa" if draft[1][-2:] != "aa" else "bb")).status_code == 409
    (other,) = taken(mail(Precedence="bulk"))
    assert client.get(f"/complete/{inbound_links.complete_word(other.id)}").status_code == 404


def _answer_to(number: int, **more) -> bytes:
    return mail(to=reply_address(inbound_links.complete_word(number)), subject="Re: Presque fini", **more)


def test_who_answers_the_question_by_mail_is_not_asked_again(taken, draft, here):
    (more,) = taken(
        _answer_to(
            draft[0],
            text="C’est au 12 rue des Lilas.\n\nLe 3 mars 2026, Ville a écrit :\n> x",
            photos=(factories.jpeg(),),
        )
    )
    assert (more.interpreted_as, more.handled) == (ANSWER, True)
    inbound = db.session.get(InboundMessage, draft[0], populate_existing=True)
    assert (inbound.interpreted_as, inbound.handled, len(inbound.photo_ids)) == (UNKNOWN, False, 2)
    assert "said_more" in inbound.remark and drafts.words_of(inbound).endswith("\n\nC’est au 12 rue des Lilas.")
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 1


def test_a_photo_that_says_where_completes_it(taken, here):
    (inbound,) = taken(mail(subject="Bonjour", text="Un gros depot sauvage"))
    taken(_answer_to(inbound.id, text="Voilà", photos=(photo_at(Place(3.88, 43.62)),)))
    report = db.session.scalars(sa.select(Report)).one()
    assert report.channel == "mail" and "depot sauvage" in report.description and report.cover_id is not None
    assert db.session.get(InboundMessage, inbound.id, populate_existing=True).report_id == report.id


def test_the_link_still_works_after_an_answer_and_an_answer_after_the_link(client, taken, draft, here):
    taken(_answer_to(draft[0], text="Au 12"))
    fields = _fields(client.get(draft[1]).text) | {"category": ["depot"], "lat": ["43.61"], "lon": ["3.87"]}
    assert fields["description"][0].endswith("Au 12") and client.post("/report/new", data=fields).status_code == 303
    report = db.session.scalars(sa.select(Report)).one()
    (later,) = taken(_answer_to(draft[0], text="Et aussi au 14"))
    assert (later.interpreted_as, later.report_id) == (ANSWER, report.id)
    assert db.session.scalar(sa.select(sa.func.count()).where(ReportEvent.kind == "answered")) == 1
