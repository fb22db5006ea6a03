"""Reception: what is told on the telephone or in a letter becomes a report like any other."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.database import db, utcnow
from core.geo import Place
from core.identity.models import Contact
from reporter.reports.models import Report, ReportEvent
from reporter.subscriptions.models import ReportSubscription
from tests import factories

HERE = {"lat": "43.6105", "lon": "3.8765"}
TOLD = {"channel": "phone", "kind": "Nid-de-poule", "description": "Un trou profond", **HERE}


@pytest.fixture
def desk(signed_in):
    """The browser of somebody at reception."""
    return signed_in("reception")


@pytest.fixture
def in_jurisdiction(acting, jurisdiction):
    """The jurisdiction acting, for what the test looks up."""
    with acting(jurisdiction):
        yield


def _report() -> Report:
    return db.session.scalars(sa.select(Report)).one()


def test_an_empty_form_says_what_to_do(desk):
    page = desk.get("/desk/new")
    assert page.status_code == 200 and 'name="kind"' in page.text and 'value="phone" checked' in page.text


@pytest.mark.parametrize("channel", ["phone", "desk", "letter", "mail"])
def test_what_is_told_is_a_report_by_that_channel_and_its_reference_is_read_aloud(desk, in_jurisdiction, channel):
    answer = desk.post("/desk/new", data=TOLD | {"channel": channel, "name": "Jeanne", "email": "jeanne@example.org"})
    assert answer.status_code == 303
    report = _report()
    assert report.channel == channel and answer.location == f"/desk/new?made={report.reference}"
    assert db.session.scalar(sa.select(ReportEvent.user_id).where(ReportEvent.kind == "received")) is not None
    told = db.session.execute(
        sa.select(Contact.email, ReportSubscription.channel, ReportSubscription.author).join(ReportSubscription.contact)
    )
    assert told.one() == ("jeanne@example.org", "mail", True)
    page = desk.get(answer.location).text
    assert report.reference in page and ", ".join(" ".join(part) for part in report.reference.split("-")) in page


def test_who_wants_no_news_gets_none(desk, in_jurisdiction):
    desk.post("/desk/new", data=TOLD | {"email": "jeanne@example.org", "news": "none"})
    assert _report().contact_id is not None
    assert db.session.scalar(sa.select(sa.func.count(ReportSubscription.id))) == 0


def test_a_mobile_alone_is_told_by_sms(desk, in_jurisdiction, app, monkeypatch):
    monkeypatch.setitem(app.config, "SMS_URL", "json://127.0.0.1:9/")
    desk.post("/desk/new", data=TOLD | {"phone": "06 12 34 56 78"})
    assert db.session.scalars(sa.select(ReportSubscription.channel)).all() == ["sms"]


def test_a_letter_is_received_on_its_day(desk, in_jurisdiction):
    day = (utcnow() - timedelta(days=9)).date()
    desk.post("/desk/new", data=TOLD | {"channel": "letter", "day": day.isoformat()})
    report = _report()
    assert report.received_at.date() == day and report.due_at == report.received_at + timedelta(hours=72)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": "dragon"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"lat": "", "lon": ""}, "address"),
        ({"lat": "48.8", "lon": "2.3"}, "address"),
        ({"email": "jeanne"}, "email"),
        ({"phone": "abc"}, "phone"),
        ({"day": "2999-01-01"}, "day"),
        ({"day": "hier"}, "day"),
        ({"channel": "api"}, "channel"),
        ({"news": "sms", "phone": "04 67 00 00 00"}, "phone"),
    ],
)
def test_what_is_refused_is_named_and_nothing_typed_is_lost(desk, in_jurisdiction, typed, field):
    answer = desk.post("/desk/new", data=TOLD | {"name": "Jeanne Élan"} | typed)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text and f'id="{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text, "what is wrong stands beside the field too"
    assert "Un trou profond" in answer.text and "Jeanne Élan" in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Report.id))) == 0


def test_a_photo_is_kept_when_something_else_is_missing(desk, in_jurisdiction):
    answer = desk.post(
        "/desk/new",
        data=TOLD | {"kind": "", "photos": (io.BytesIO(factories.jpeg()), "a.jpg")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422 and answer.text.count('name="photo"') == 1


@pytest.mark.parametrize("kind", ["nid-de-poule", "NID-DE-POULE", "nid"])
def test_a_kind_is_known_by_its_name_or_the_beginning_of_one_alone(desk, in_jurisdiction, kind):
    assert desk.post("/desk/new", data=TOLD | {"kind": kind}).status_code == 303


def test_questions_are_shown_before_it_is_recorded(desk, in_jurisdiction):
    first = desk.post("/desk/new", data=TOLD | {"kind": "trou"})
    assert first.status_code == 200 and 'name="answers.profondeur"' in first.text
    assert desk.post("/desk/new", data=TOLD | {"kind": "trou", "asked": "trou"}).status_code == 422
    answered = TOLD | {"kind": "trou", "asked": "trou", "answers.profondeur": "forte"}
    assert desk.post("/desk/new", data=answered).status_code == 303


def test_what_is_known_nearby_is_shown_first_and_may_be_followed_instead(desk, in_jurisdiction):
    known = factories.report(place=Place(3.8765, 43.6105), email=None)
    first = desk.post("/desk/new", data=TOLD)
    assert first.status_code == 200 and f'value="{known.reference}"' in first.text
    told = TOLD | {"seen": known.reference}
    refused = desk.post("/desk/new", data=told | {"follow": known.reference})
    assert refused.status_code == 422 and 'href="#email"' in refused.text
    followed = desk.post("/desk/new", data=told | {"follow": known.reference, "email": "jeanne@example.org"})
    assert followed.location == f"/desk/new?made={known.reference}"
    assert db.session.scalar(sa.select(sa.func.count(Report.id))) == 1
    assert db.session.scalar(sa.select(ReportSubscription.report_id)) == known.id
    assert desk.post("/desk/new", data=told).status_code == 303


def test_the_piece_beside_shows_every_kind_the_same_first(desk, in_jurisdiction):
    other = factories.report(category="depot", place=Place(3.8765, 43.6106), email=None)
    same = factories.report(place=Place(3.8770, 43.6108), email=None)
    piece = desk.get("/desk/new/nearby?lat=43.6106&lon=3.8765&category=nid-de-poule").text
    assert piece.index(same.reference) < piece.index(other.reference)


def test_the_same_form_twice_is_one_report(desk, in_jurisdiction):
    form = TOLD | {"idempotency_key": "une-clé"}
    assert desk.post("/desk/new", data=form).location == desk.post("/desk/new", data=form).location
    assert db.session.scalar(sa.select(sa.func.count(Report.id))) == 1


def test_the_page_asks_little_of_the_database(desk, in_jurisdiction, statements):
    factories.report(place=Place(3.8765, 43.6105))
    desk.get("/desk/new")
    statements.clear()
    desk.get("/desk/new")
    assert len(statements) <= 8, statements
