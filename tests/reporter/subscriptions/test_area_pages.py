"""The pages of an area: what is typed is kept, nothing is said of an address, a GET changes nothing."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from core.database import db
from core.notifications.outbox.models import Message
from reporter.subscriptions import areas
from reporter.subscriptions import links as subscription_links
from reporter.subscriptions.models import AreaSubscription
from tests import factories
from tests.reporter.subscriptions.conftest import follows

STREET = {
    "area": "street",
    "street": "rue des Tilleuls",
    "email": "voisine@example.org",
    "channel": "mail",
    "language": "fr",
}


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(AreaSubscription))


def questions() -> int:
    return db.session.scalar(select(func.count()).where(Message.kind == "area.confirm"))


def test_the_form_leads_from_every_first_page(here, client):
    for address in ("/", "/notices"):
        assert 'href="/around"' in client.get(address).text
    made = factories.report()
    assert f"/around?near={made.reference}" in client.get(f"/r/{made.reference}").text


def test_the_surroundings_of_a_public_report_are_proposed_and_of_a_private_one_not(here, client):
    public = factories.report(address="7 rue Basse")
    private = factories.report(category="personne", address="8 rue Haute")
    page = client.get(f"/around?near={public.reference}").text
    assert "43.611000" in page and "7 rue Basse" in page
    assert "8 rue Haute" not in client.get(f"/around?near={private.reference}").text
    assert client.get("/around?near=%00&sector=%F0%9F%90%80").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        STREET,
        {"area": "sector", "sector": "s1", "email": "voisine@example.org"},
        {"area": "circle", "lat": "43.611", "lon": "3.877", "radius": "200", "email": "voisine@example.org"},
        STREET | {"categories": ["depot", "trou"]},
    ],
)
def test_it_is_asked_and_the_answer_is_the_same_for_every_address(here, client, sent):
    first = client.post("/around", data=sent)
    assert first.status_code == 303 and rows() == questions() == 1
    areas.AREAS.confirm(db.session.scalars(select(AreaSubscription)).one())
    db.session.commit()
    again = client.post("/around", data=sent)
    assert (again.status_code, again.location) == (first.status_code, first.location)
    assert rows() == questions() == 1
    assert "Encore une étape" in client.get(first.location).text


@pytest.mark.parametrize(
    "more, field",
    [
        ({"area": ""}, "area"),
        ({"area": "sector"}, "sector"),
        ({"street": ""}, "street"),
        ({"street": "rue"}, "street"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"channel": "sms", "phone": "0612345678"}, "channel"),
        ({"channel": "push"}, "channel"),
        ({"categories": ["personne"]}, "categories"),
        ({"categories": ["nothing"]}, "categories"),
        ({"area": "circle", "radius": "500"}, "address"),
        ({"area": "circle", "radius": "9", "lat": "43.611", "lon": "3.877"}, "radius"),
        ({"area": "circle", "radius": "500", "lat": "48.8", "lon": "2.3"}, "address"),
        ({"street": "rue \x00des"}, "street"),
        ({"street": "x" * 400}, "street"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_rest_is_kept(here, client, more, field):
    answer = client.post("/around", data=STREET | more)
    assert answer.status_code == 422 and f'href="#{field}"' in answer.text and rows() == 0
    if "email" not in more:
        assert "voisine@example.org" in answer.text


def test_a_number_is_asked_by_sms_where_there_is_a_gateway(app, here, client, monkeypatch):
    monkeypatch.setitem(app.config, "SMS_URL", "json://localhost/sms")
    assert "Téléphone portable" in client.get("/around").text
    fixed = client.post("/around", data=STREET | {"channel": "sms", "phone": "04 67 00 00 00"})
    assert fixed.status_code == 422 and 'href="#phone"' in fixed.text
    assert client.post("/around", data=STREET | {"channel": "sms", "phone": "06 12 34 56 78"}).status_code == 303
    message = db.session.scalars(select(Message).where(Message.kind == "area.confirm")).one()
    assert message.channel == "sms" and message.contact.email is None and message.contact.phone == "+33612345678"


def test_the_links_ask_and_the_buttons_do(here, client):
    client.post("/around", data=STREET)
    row = db.session.scalars(select(AreaSubscription)).one()
    yes, no = (
        f"/c/{subscription_links.confirm_word('area', row.id, row.version)}",
        f"/s/{subscription_links.stop_word('area', row.id)}",
    )
    assert "rue des Tilleuls" in client.get(yes).text
    db.session.refresh(row)
    assert row.confirmed_at is None
    assert client.post(yes, follow_redirects=True).status_code == 200
    db.session.refresh(row)
    assert row.confirmed_at is not None
    change = f"/around/change/{areas.change_word(row)}"
    for _time in range(2):
        assert client.get(change).status_code == 200 and client.get(no).status_code == 200
    db.session.refresh(row)
    assert row.stopped_at is None
    assert client.post(no, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.post(no).status_code == 200, "saying it twice is saying it once"
    db.session.refresh(row)
    assert row.stopped_at is not None
    assert client.get(change).status_code == 409 and client.post(change).status_code == 409
    assert client.post(yes).status_code == 409, "an old yes does not bring it back"


def test_changing_gives_a_new_link_and_says_what_is_wrong(here, client):
    row = follows()
    change = f"/around/change/{areas.change_word(row)}"
    page = client.get(change)
    assert page.headers["Cache-Control"] == "private, no-store" and page.headers["Referrer-Policy"] == "no-referrer"
    wrong = client.post(change, data={"radius": "1", "channel": "mail", "language": "fr"})
    assert wrong.status_code == 422 and 'href="#radius"' in wrong.text
    kept = client.post(change, data={"radius": "1000", "channel": "mail", "language": "en", "categories": ["depot"]})
    assert kept.status_code == 303 and kept.location.split("?")[0] != change
    with_choice = client.get(kept.location).text
    assert re.search(r'value="depot"[^>]* checked', with_choice)
    assert client.get(change).status_code == 409


@pytest.mark.parametrize("address", ["/around/change/x", "/around/change/aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "/c/x", "/s/x"])
def test_forged_links_are_refused(here, client, address):
    assert client.get(address).status_code == 409 and client.post(address).status_code == 409


def test_one_area_opens_no_other(here, client):
    first, second = follows(), follows("autre@example.org")
    assert areas.of_change(areas.change_word(first)).id == first.id != second.id
    assert client.get(f"/around/change/{subscription_links.stop_word('area', first.id)}").status_code == 409


def test_the_areas_stand_on_ones_own_page(here):
    row = follows(kind="sector", sector="s1")
    (one,) = areas.AREAS.of([row.contact_id])
    assert one.thing.words == "Quartier 1" and one.thing.path.startswith("/around/change/")


def test_the_form_costs_few_statements(here, client, statements):
    client.get("/around")
    statements.clear()
    client.get("/around")
    assert len(statements) <= 3
