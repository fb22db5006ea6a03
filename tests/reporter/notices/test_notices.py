"""Notices: whom they concern, how many, told once, changed, withdrawn; what everybody sees of them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.database import db, utcnow
from core.errors import ChangedMeanwhile, FieldError, FieldErrors, NotFound, Refused
from core.geo import Place
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from core.notifications.outbox import renderers
from core.notifications.outbox.models import DROPPED, SENT, Message
from interventions.triage import verbs as triage_verbs
from reporter import shapes
from reporter.notices import verbs as notice_verbs
from reporter.reports.intake import lock_report
from reporter.subscriptions import areas, subscribe
from reporter.subscriptions import links as subscription_links
from tests import factories
from tests.factories import CENTRE
from tests.reporter.subscriptions.conftest import ask, follows, messages, told
from tests.reporter.subscriptions.test_areas import outgoing, text_of

#: A street east of the middle of jurisdiction, some 160 m long, and a block south-west of it.
STREET = {"type": "LineString", "coordinates": [[CENTRE.lon, CENTRE.lat], [CENTRE.lon + 0.002, CENTRE.lat]]}
WEST, SOUTH = CENTRE.lon - 0.01, CENTRE.lat - 0.01
BLOCK = {
    "type": "Polygon",
    "coordinates": [
        [[WEST, SOUTH], [WEST + 0.004, SOUTH], [WEST + 0.004, SOUTH + 0.004], [WEST, SOUTH + 0.004], [WEST, SOUTH]]
    ],
}
OFF = Place(CENTRE.lon + 0.02, CENTRE.lat + 0.02)


def draft(shape=None, **more) -> notice_verbs.NoticeDraft:
    given = {
        "kind": "works",
        "titles": {"fr": "Rue des Tilleuls barrée", "en": "Rue des Tilleuls closed"},
        "texts": {"fr": "Pose d’une canalisation.", "en": "A pipe is laid."},
        "place": "rue des Tilleuls, entre la place et le pont",
        "starts_at": utcnow() + timedelta(days=1),
        "ends_at": utcnow() + timedelta(days=3),
    }
    return notice_verbs.checked_draft(shape=shapes.shape_from_geojson(json.dumps(shape or STREET)), **given | more)


def made(shape=None, **more):
    notice = notice_verbs.create_notice(draft(shape, **more), by=Actor("desk", factories.user("supervisor").id))
    db.session.commit()
    return notice


def published(shape=None, **more):
    notice = made(shape, **more)
    notice_verbs.publish(notice, counted=sum(notice_verbs.count_recipients(notice).values()))
    db.session.commit()
    return notice


def let_go(kind: str, status: str = SENT) -> None:
    """What is owed of that kind has left."""
    db.session.execute(update(Message).where(Message.kind == kind).values(status=status, sent_at=utcnow()))
    db.session.commit()


def test_a_draft_is_seen_and_heard_by_nobody(here, client):
    follows()
    notice = made()
    assert not messages("notice.published") and not notice_verbs.is_current(notice)
    assert client.get(f"/notices/{notice.id}").status_code == 404
    assert "Tilleuls barrée" not in client.get("/").text and "Tilleuls barrée" not in client.get("/notices").text
    assert client.get("/notices.geojson").json["features"] == []


@pytest.mark.parametrize(
    "shape, area, heard",
    [
        (STREET, {"kind": "circle", "lat": str(CENTRE.lat), "lon": str(CENTRE.lon - 0.001), "radius": "200"}, True),
        (STREET, {"kind": "circle", "lat": str(OFF.lat), "lon": str(OFF.lon), "radius": "200"}, False),
        (STREET, {"kind": "street", "street": "Rue des Tilleuls"}, True),
        (STREET, {"kind": "street", "street": "Rue des Lilas"}, False),
        (BLOCK, {"kind": "sector", "sector": "s1"}, True),
        (BLOCK, {"kind": "sector", "sector": "s2"}, False),
        (STREET, {"kind": "sector", "sector": "s2"}, True),
    ],
)
def test_whom_an_area_makes_hear(here, shape, area, heard):
    follows(**area)
    notice = made(shape)
    assert bool(notice_verbs.count_recipients(notice)) is heard
    notice_verbs.publish(notice, counted=int(heard))
    assert told("notice.published") == ({"voisine@example.org"} if heard else set())
    assert notice.told == int(heard)


def test_a_notice_of_a_whole_sector_stops_at_its_edge(here):
    follows("un@example.org", kind="sector", sector="s1")
    follows("deux@example.org", kind="sector", sector="s2")
    notice = notice_verbs.create_notice(
        notice_verbs.checked_draft(
            kind="cut",
            titles={"fr": "Eau coupée"},
            texts={"fr": "De 9 h à 12 h."},
            place="Quartier 1",
            shape=shapes.checked_shape(shapes.sector_shape("s1")),
            starts_at=utcnow(),
            ends_at=utcnow() + timedelta(hours=5),
        ),
        by=Actor("desk"),
    )
    notice_verbs.publish(notice, counted=1)
    assert told("notice.published") == {"un@example.org"}


def test_authors_and_followers_of_open_reports_there_are_told_and_each_once(here):
    report = factories.report(email="auteur@example.org")
    factories.report(email="auteur@example.org")
    factories.report(email="loin@example.org", place=OFF)
    subscribe(report, ContactDetails(email="attend@example.org"), by=Actor("web"))
    closed = factories.report(email="fini@example.org")
    triage_verbs.reject(
        lock_report(closed.reference), reason="Rien à faire", by=Actor("desk", factories.user("supervisor").id)
    )
    follows("auteur@example.org")
    notice = made()
    assert notice_verbs.count_recipients(notice) == {"mail": 1}
    notice_verbs.publish(notice, counted=1)
    assert [one.contact.email for one in messages("notice.published")] == ["auteur@example.org"]


def test_an_address_that_fails_and_one_that_never_answered_are_not_counted(here):
    row = follows()
    db.session.get(Contact, row.contact_id).email_failed_at = utcnow()
    ask("muette@example.org")
    db.session.commit()
    assert notice_verbs.count_recipients(made()) == {}


def test_the_audience_must_be_about_what_was_counted(here):
    for number in range(15):
        follows(f"v{number}@example.org")
    notice = made()
    with pytest.raises(Refused) as error:
        notice_verbs.publish(notice, counted=2)
    assert error.value.code == "audience_changed" and "15" in error.value.sentence
    assert notice.published_at is None and not messages("notice.published")
    assert notice_verbs.publish(notice, counted=12) == 15


def test_it_is_published_once(here):
    follows()
    notice = published()
    with pytest.raises(Refused):
        notice_verbs.publish(notice, counted=1)
    assert len(messages("notice.published")) == 1


def test_what_is_read(here):
    follows()
    follows("jane@example.org", locale="en")
    published()
    french, english = (text_of(one) for one in messages("notice.published"))
    assert "Travaux\u00a0: Rue des Tilleuls barrée" in french and "Pose d’une canalisation." in french
    assert "Rue des Tilleuls closed" in english and "A pipe is laid." in english
    assert "/s/" in french and "entre la place et le pont" in french and "/around/change/" in french


def test_of_a_report_there_the_mail_stops_that_following(here):
    factories.report(email="auteur@example.org")
    published()
    text = text_of(messages("notice.published")[0])
    assert "/s/" in text and "signalement" in text and "/around/change/" not in text


def test_a_change_is_told_when_somebody_says_so_and_once(here):
    follows()
    notice = published()
    with pytest.raises(Refused):
        notice_verbs.announce_change(notice, counted=1, changes={"fr": "Rien"})
    notice_verbs.change(notice, draft(ends_at=utcnow() + timedelta(days=9)))
    assert not messages("notice.changed") and notice_verbs.may_announce_change(notice)
    with pytest.raises(FieldErrors) as error:
        notice_verbs.announce_change(notice, counted=1, changes={"fr": " "})
    assert "changes_fr" in error.value.fields
    assert notice_verbs.announce_change(notice, counted=1, changes={"fr": "Deux jours de plus."}) == 1
    db.session.commit()
    assert "Deux jours de plus." in text_of(messages("notice.changed")[0])
    assert not notice_verbs.may_announce_change(notice)
    with pytest.raises(Refused):
        notice_verbs.announce_change(notice, counted=1, changes={"fr": "Encore"})


def test_a_change_of_place_is_told_to_those_it_concerned_before(here):
    follows("avant@example.org", kind="street", street="rue des Tilleuls")
    follows("apres@example.org", kind="street", street="rue des Lilas")
    notice = published()
    notice_verbs.change(notice, draft(place="rue des Lilas"))
    assert notice_verbs.count_recipients(notice) == {"mail": 2}
    notice_verbs.announce_change(notice, counted=2, changes={"fr": "Ce sera rue des Lilas."})
    assert told("notice.changed") == {"avant@example.org", "apres@example.org"}


def test_who_was_told_hears_that_it_is_withdrawn_and_why(here):
    follows()
    notice = published()
    let_go("notice.published")
    follows("nouvelle@example.org")
    assert notice_verbs.withdraw(notice, reasons={"fr": "Chantier reporté."}) == 1
    db.session.commit()
    (message,) = messages("notice.withdrawn")
    assert message.contact.email == "voisine@example.org" and "Chantier reporté." in text_of(message)
    with pytest.raises(Refused):
        notice_verbs.withdraw(notice, reasons={"fr": "Deux fois."})
    with pytest.raises(Refused):
        notice_verbs.change(notice, draft())


@pytest.mark.parametrize("status", [DROPPED, "dead", "gathered"])
def test_who_never_got_it_does_not_hear_that_it_is_withdrawn(here, status):
    follows()
    notice = published()
    notice_verbs.withdraw(notice, reasons={"fr": "Chantier reporté."})
    assert outgoing(messages("notice.published")[0]) is None, "what has not left holds no longer"
    let_go("notice.published", status)
    assert outgoing(messages("notice.withdrawn")[0]) is None


def test_of_one_that_is_over_nobody_is_told(here):
    follows()
    notice = published()
    let_go("notice.published")
    notice.starts_at, notice.ends_at = utcnow() - timedelta(days=2), utcnow() - timedelta(days=1)
    db.session.flush()
    assert notice_verbs.withdraw(notice, reasons={"fr": "Erreur."}) == 0 and not messages("notice.withdrawn")


def test_who_left_in_the_meantime_hears_nothing_more(here):
    row = follows()
    notice = published()
    areas.AREAS.stop(row)
    assert outgoing(messages("notice.published")[0]) is None
    let_go("notice.published")
    notice_verbs.withdraw(notice, reasons={"fr": "Reporté."})
    assert all(outgoing(one) is None for one in messages("notice.withdrawn"))


def test_the_second_of_two_people_is_told(here):
    notice = made()
    notice_verbs.change(notice_verbs.lock(notice.id, version=1), draft())
    with pytest.raises(ChangedMeanwhile):
        notice_verbs.lock(notice.id, version=1)
    with pytest.raises(NotFound):
        notice_verbs.lock(notice.id + 999)


def test_a_draft_can_be_removed_and_a_published_one_cannot(here):
    notice, other = made(), published()
    notice_verbs.remove(notice)
    with pytest.raises(NotFound):
        notice_verbs.find(notice.id)
    with pytest.raises(Refused):
        notice_verbs.remove(other)


@pytest.mark.parametrize(
    "more, field",
    [
        ({"kind": "party"}, "kind"),
        ({"titles": {"en": "Only English"}}, "title_fr"),
        ({"texts": {}}, "text_fr"),
        ({"titles": {"fr": "x" * 121}}, "title_fr"),
        ({"place": ""}, "place"),
        ({"starts_at": utcnow() + timedelta(days=4)}, "to_day"),
        ({"ends_at": utcnow() + timedelta(days=900)}, "to_day"),
    ],
)
def test_what_a_notice_cannot_say_is_named(here, more, field):
    with pytest.raises(FieldErrors) as error:
        draft(**more)
    assert field in error.value.fields


def test_one_that_is_over_is_not_made_nor_published(here):
    past = draft(starts_at=utcnow() - timedelta(days=3), ends_at=utcnow() - timedelta(days=1))
    with pytest.raises(FieldError):
        notice_verbs.create_notice(past, by=Actor("desk"))
    notice = made()
    notice.starts_at, notice.ends_at = utcnow() - timedelta(days=2), utcnow() - timedelta(days=1)
    db.session.flush()
    with pytest.raises(Refused):
        notice_verbs.publish(notice, counted=0)


def test_everybody_sees_a_published_one_until_it_is_over_or_withdrawn(here, client):
    notice = published()
    page = client.get(f"/notices/{notice.id}")
    assert page.status_code == 200 and "Rue des Tilleuls barrée" in page.text and not page.headers.get("Set-Cookie")
    assert "Rue des Tilleuls barrée" in client.get("/").text
    english = client.get("/notices", headers={"Accept-Language": "en"}).text
    assert "Rue des Tilleuls closed" in english
    answer = client.get("/notices.geojson")
    (feature,) = answer.json["features"]
    assert feature["geometry"]["type"] == "LineString" and feature["properties"]["kind"] == "works"
    assert feature["properties"]["begun"] is False and len(feature["properties"]["point"]) == 2
    again = client.get("/notices.geojson", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    notice.starts_at, notice.ends_at = utcnow() - timedelta(days=2), utcnow() - timedelta(seconds=5)
    db.session.commit()
    assert client.get(f"/notices/{notice.id}").status_code == 404
    assert client.get("/notices.geojson").json["features"] == []


def test_the_maps_shapes_cost_one_statement_and_the_first_page_one_more(here, client, statements):
    published()
    client.get("/notices.geojson")
    statements.clear()
    client.get("/notices.geojson")
    assert len(statements) == 1
    statements.clear()
    client.get("/")
    assert len(statements) <= 8 and sum("notice" in one for one in statements) == 1


def test_another_town_neither_sees_nor_hears(acting, jurisdiction, client):
    with acting(jurisdiction):
        follows(kind="street", street="rue des Tilleuls")
        published()
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(other):
        follows("ailleurs@example.org", kind="street", street="rue des Tilleuls")
        notice = published()
        assert told("notice.published") == {"ailleurs@example.org"}
        assert notice.told == 1
    assert client.get(f"/notices/{notice.id}").status_code == 404
    assert client.get(f"/notices/{notice.id}", headers={"Host": "ailleurs.localhost"}).status_code == 200
    assert len(client.get("/notices.geojson").json["features"]) == 1


def test_an_alert_waits_neither_for_the_morning_nor_for_its_turn(here):
    follows()
    notice = published(kind="alert")
    assert told("notice.alert") == {"voisine@example.org"} and "notice.alert" in renderers.urgent_kinds()
    assert "Alerte" in text_of(messages("notice.alert")[0])
    let_go("notice.alert")
    assert notice_verbs.withdraw(notice, reasons={"fr": "C’est fini."}) == 1
    assert "C’est fini." in text_of(messages("notice.withdrawn")[0])


def test_the_mail_names_the_area_that_the_notice_meets(here):
    follows(kind="street", street="rue des Lilas")
    row = follows(kind="sector", sector="s1")
    published(BLOCK, place="Quartier des Halles")
    text = text_of(messages("notice.published")[0])
    assert "Quartier 1" in text and "Lilas" not in text
    assert f"/s/{subscription_links.stop_word('area', row.id)}" in text
