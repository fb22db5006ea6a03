"""What came in and was not understood waits on the desk until somebody says what it is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.contacts import Details, keep
from core.database import db
from core.identity.models import Words
from core.scope import current_id
from interventions.desk import menu
from reporter.arrivals import reports
from reporter.arrivals.models import BOUNCE, REPORT, UNKNOWN, Arrival
from reporter.models import Report, ReportEvent
from tests import factories


@pytest.fixture
def desk(signed_in):
    """The browser of somebody at reception."""
    return signed_in("reception")


@pytest.fixture
def here(acting, town):
    """The town acting, its menu counted anew."""
    menu.forget()
    with acting(town):
        yield
    menu.forget()


def _came(taken_for: str = UNKNOWN, remark: str = "forged", text: str = "Un banc <b>cassé</b>", **more) -> Arrival:
    arrival = Arrival(door="mail", key=str(db.session.scalar(sa.select(sa.func.count(Arrival.id)))),
                      taken_for=taken_for, remark=remark, dealt_with=False, **more)
    arrival.jurisdiction_id = current_id()
    arrival.contact_id = keep(Details(name="Paul", email="paul@example.org"))
    reports.keep_what_came(arrival, subject="", text=text, photos=[])
    db.session.add(arrival)
    db.session.commit()
    return arrival


def test_it_is_counted_in_the_menu_and_shown_with_its_reason(desk, here):
    _came()
    _came(BOUNCE, "nowhere 5.1.1", "")
    _came(REPORT, "")
    menu.forget()
    page = desk.get("/desk/arrivals").text
    assert "2 messages à traiter." in page and "paul@example.org" in page
    assert "Un banc &lt;b&gt;cassé" in page and "Cette adresse n’existe pas" in page
    assert "Lieu demandé à l’auteur" in page


def test_nothing_waits(desk, here):
    assert "Rien ici." in desk.get("/desk/arrivals").text


def test_it_is_set_aside_once(desk, here):
    number = _came().id
    assert desk.post(f"/desk/arrivals/{number}/aside").status_code == 303
    assert db.session.get(Arrival, number, populate_existing=True).dealt_with
    assert desk.post(f"/desk/arrivals/{number}/aside").status_code == 409


def test_it_is_added_to_a_report_by_its_reference(desk, here):
    number, report = _came().id, factories.report()
    for wrong in ("", "VC-222-222"):
        refused = desk.post(f"/desk/arrivals/{number}/attach", data={"reference": wrong})
        assert refused.status_code == 422 and f'id="reference-{number}-error"' in refused.text
    typed = report.reference.lower().replace("-", " ")
    assert desk.post(f"/desk/arrivals/{number}/attach", data={"reference": typed}).status_code == 303
    arrival = db.session.get(Arrival, number, populate_existing=True)
    assert (arrival.report_id, arrival.dealt_with) == (report.id, True)
    said = db.session.scalars(sa.select(Words.text).join(ReportEvent, ReportEvent.words_id == Words.id)
                              .where(ReportEvent.report_id == report.id, ReportEvent.kind == "answered")).all()
    assert said == ["Un banc <b>cassé</b>"]


def test_a_report_is_made_of_it(desk, here):
    arrival = _came()
    page = desk.get(f"/desk/new?arrival={arrival.id}").text
    assert "Un banc &lt;b&gt;cassé" in page and "paul@example.org" in page
    form = {"arrival": arrival.id, "kind": "Depot", "lat": "43.61", "lon": "3.87", "description": "Un banc cassé",
            "email": "paul@example.org"}
    assert desk.post("/desk/new", data=form).status_code == 303
    report = db.session.scalars(sa.select(Report)).one()
    done = db.session.get(Arrival, arrival.id, populate_existing=True)
    assert report.door == "mail" and (done.report_id, done.dealt_with, done.taken_for) == (report.id, True, REPORT)


def test_another_town_s_is_not_there(desk, here, acting):
    with acting():
        elsewhere = factories.town("ailleurs", host="ailleurs.localhost", prefix="AI")
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
