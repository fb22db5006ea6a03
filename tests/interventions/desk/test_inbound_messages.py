"""What came in and was not understood waits on the desk until somebody says what it is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.database import db
from core.database.scope import current_jurisdiction_id
from core.identity.contacts import ContactDetails, find_or_create_contact
from core.models import FreeText
from interventions.desk import menu
from reporter.inbound import drafts
from reporter.inbound.models import BOUNCE, REPORT, UNKNOWN, InboundMessage
from reporter.reports.models import Report, ReportEvent
from tests import factories


@pytest.fixture
def desk(signed_in):
    """The browser of somebody at reception."""
    return signed_in("reception")


@pytest.fixture
def here(acting, jurisdiction):
    """The jurisdiction acting, its menu counted anew."""
    menu.drop_cache()
    with acting(jurisdiction):
        yield
    menu.drop_cache()


def _came(
    interpreted_as: str = UNKNOWN, remark: str = "forged", text: str = "Un banc <b>cassé</b>", **more
) -> InboundMessage:
    inbound = InboundMessage(
        channel="mail",
        key=str(db.session.scalar(sa.select(sa.func.count(InboundMessage.id)))),
        interpreted_as=interpreted_as,
        remark=remark,
        handled=False,
        **more,
    )
    inbound.jurisdiction_id = current_jurisdiction_id()
    inbound.contact_id = find_or_create_contact(ContactDetails(name="Paul", email="paul@example.org"))
    drafts.store_content(inbound, subject="", text=text, photos=[])
    db.session.add(inbound)
    db.session.commit()
    return inbound


def test_it_is_counted_in_the_menu_and_shown_with_its_reason(desk, here):
    _came()
    _came(BOUNCE, "nowhere 5.1.1", "")
    _came(REPORT, "")
    menu.drop_cache()
    page = desk.get("/desk/arrivals").text
    assert "2 messages à traiter." in page and "paul@example.org" in page
    assert "Un banc &lt;b&gt;cassé" in page and "Cette adresse n’existe pas" in page
    assert "Lieu demandé à l’auteur" in page


def test_nothing_waits(desk, here):
    assert "Rien ici." in desk.get("/desk/arrivals").text


def test_it_is_set_aside_once(desk, here):
    number = _came().id
    assert desk.post(f"/desk/arrivals/{number}/aside").status_code == 303
    assert db.session.get(InboundMessage, number, populate_existing=True).handled
    assert desk.post(f"/desk/arrivals/{number}/aside").status_code == 409


def test_it_is_added_to_a_report_by_its_reference(desk, here):
    number, report = _came().id, factories.report()
    for wrong in ("", "VC-222-222"):
        refused = desk.post(f"/desk/arrivals/{number}/attach", data={"reference": wrong})
        assert refused.status_code == 422 and f'id="reference-{number}-error"' in refused.text
    typed = report.reference.lower().replace("-", " ")
    assert desk.post(f"/desk/arrivals/{number}/attach", data={"reference": typed}).status_code == 303
    inbound = db.session.get(InboundMessage, number, populate_existing=True)
    assert (inbound.report_id, inbound.handled) == (report.id, True)
    said = db.session.scalars(
        sa.select(FreeText.text)
        .join(ReportEvent, ReportEvent.free_text_id == FreeText.id)
        .where(ReportEvent.report_id == report.id, ReportEvent.kind == "answered")
    ).all()
    assert said == ["Un banc <b>cassé</b>"]


def test_a_report_is_made_of_it(desk, here):
    inbound = _came()
    page = desk.get(f"/desk/new?arrival={inbound.id}").text
    assert "Un banc &lt;b&gt;cassé" in page and "paul@example.org" in page
    form = {
        "arrival": inbound.id,
        "kind": "Depot",
        "lat": "43.61",
        "lon": "3.87",
        "description": "Un banc cassé",
        "email": "paul@example.org",
    }
    assert desk.post("/desk/new", data=form).status_code == 303
    report = db.session.scalars(sa.select(Report)).one()
    done = db.session.get(InboundMessage, inbound.id, populate_existing=True)
    assert report.channel == "mail" and (done.report_id, done.handled, done.interpreted_as) == (report.id, True, REPORT)


def test_another_town_s_is_not_there(desk, here, acting):
    with acting():
        elsewhere = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(elsewhere):
        number = _came(text="Un secret d’ailleurs").id
    assert "secret" not in desk.get("/desk/arrivals").text
    assert desk.post(f"/desk/arrivals/{number}/aside").status_code == 404
    assert "secret" not in desk.get(f"/desk/new?arrival={number}").text


def test_the_page_asks_little_of_the_database(desk, here, statements):
    for _number in range(5):
        _came()
    desk.get("/desk/arrivals")
    statements.clear()
    desk.get("/desk/arrivals")
    assert len(statements) <= 8, statements
