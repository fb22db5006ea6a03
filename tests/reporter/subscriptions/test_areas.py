"""Following an area: who is asked, who is told, and of what."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import func, select

from core.database import db, utcnow
from core.errors import FieldError, Refused
from core.geo import Place
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from core.notifications.outbox import renderers
from interventions.planning import verbs as planning_verbs
from interventions.triage import verbs as triage_verbs
from interventions.work_orders import execution
from reporter.reports.intake import lock_report
from reporter.subscriptions import areas, subscribe
from reporter.subscriptions.models import AreaSubscription
from tests import factories
from tests.factories import CENTRE
from tests.reporter.subscriptions.conftest import ask, follows, messages, told

FAR = Place(CENTRE.lon + 0.02, CENTRE.lat + 0.02)


def outgoing(message):
    """A message as it leaves; None when it is dropped."""
    made = renderers.prepare(message)
    return made and made.outgoing


def text_of(message) -> str:
    """The words of a message as it leaves."""
    return message_from_bytes(outgoing(message).data, policy=default).get_body(("plain",)).get_content()


def test_nothing_but_the_question_before_the_answer(here):
    row = ask()
    factories.report()
    assert told("area.confirm") == {"voisine@example.org"} and not messages("around.received")
    areas.AREAS.confirm(row)
    factories.report()
    assert told("around.received") == {"voisine@example.org"}


def test_an_address_that_has_answered_is_asked_for_every_area_all_the_same(here):
    follows()
    ask(kind="sector", sector="s1")
    assert len(messages("area.confirm")) == 2


@pytest.mark.parametrize(
    "area, place, address, heard",
    [
        ({"kind": "circle", "radius": "500"}, Place(CENTRE.lon + 0.005, CENTRE.lat), "", True),
        ({"kind": "circle", "radius": "200"}, Place(CENTRE.lon + 0.005, CENTRE.lat), "", False),
        ({"kind": "sector", "sector": "s4"}, FAR, "", True),
        ({"kind": "sector", "sector": "s1"}, FAR, "", False),
        ({"kind": "street", "street": "Rue des Tilleuls"}, FAR, "12 rue des tilleuls", True),
        ({"kind": "street", "street": "Rue des Tilleuls"}, FAR, "12 rue des Lilas", False),
    ],
)
def test_a_circle_a_sector_a_street(here, area, place, address, heard):
    if area["kind"] == "circle":
        area = area | {"lat": str(CENTRE.lat), "lon": str(CENTRE.lon)}
    follows(**area)
    factories.report(place=place, address=address)
    assert bool(messages("around.received")) is heard


def test_only_the_categories_that_were_chosen(here):
    follows(categories=["depot"])
    factories.report(category="nid-de-poule")
    assert not messages("around.received")
    factories.report(category="depot")
    assert len(messages("around.received")) == 1


def test_a_private_report_is_never_told_around(here):
    follows()
    factories.report(category="personne")
    assert not messages("around.received")


def test_what_became_private_since_is_not_sent(here):
    follows()
    made = factories.report()
    triage_verbs.correct_category(
        lock_report(made.reference), category="personne", by=Actor("desk", factories.user("supervisor").id)
    )
    assert lock_report(made.reference).private
    assert outgoing(messages("around.received")[0]) is None


def test_its_author_and_its_followers_are_not_told_twice(here):
    follows("auteur@example.org")
    follows("voisin@example.org")
    made = factories.report(email="auteur@example.org")
    assert told("report.received") == {"auteur@example.org"} and told("around.received") == {"voisin@example.org"}
    by = Actor("web")
    subscribe(made, ContactDetails(email="voisin@example.org"), by=by)
    resolve(made)
    assert told("report.resolved") == {"auteur@example.org", "voisin@example.org"}
    assert not messages("around.resolved")


def resolve(report) -> None:
    """The work for a report is done."""
    by = Actor("desk", factories.user("supervisor").id)
    order = factories.work_order(report)
    planning_verbs.schedule(order, start=utcnow(), team="voirie", by=by)
    execution.start(order, by=by)
    execution.finish(order, comment="Rebouché", photos=[], minutes=20, by=by)
    db.session.commit()


def test_the_end_is_told_too_and_reads_well(here):
    follows()
    made = factories.report(address="12 rue des Tilleuls, 06 12 34 56 78")
    resolve(made)
    for kind, says in (("around.received", "Signalé"), ("around.resolved", "Réparé")):
        (message,) = messages(kind)
        text = text_of(message)
        assert f"{says} près de chez vous" in text and "500\u00a0m autour de 12 rue des Tilleuls" in text
        assert made.reference in text and "06 12" not in text and "/s/" in text and "/around/change/" in text


def test_two_areas_of_one_person_are_one_message(here):
    follows()
    follows(kind="sector", sector="s1")
    follows(kind="sector", sector="s4")
    factories.report(place=Place(CENTRE.lon - 0.001, CENTRE.lat - 0.001))
    assert len(messages("around.received")) == 1


def test_who_had_enough_hears_no_more_and_the_link_of_another_area_still_holds(here):
    first, second = follows(), follows(kind="sector", sector="s1")
    areas.AREAS.stop(first)
    factories.report(place=Place(CENTRE.lon - 0.001, CENTRE.lat - 0.001))
    (message,) = messages("around.received")
    assert "Quartier 1" in text_of(message)
    areas.AREAS.stop(second)
    assert outgoing(message) is None


def test_who_wants_one_mail_a_day_waits_for_it(here):
    row = follows()
    db.session.get(Contact, row.contact_id).digest = True
    db.session.commit()
    factories.report()
    assert [one.status for one in messages("around.received")] == ["gathered"]


def test_another_town_hears_nothing(acting, jurisdiction):
    with acting(jurisdiction):
        follows(kind="street", street="rue des Tilleuls")
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(other):
        factories.report()
        assert not messages("around.received")


def test_taking_a_report_in_costs_one_statement_more(here, statements):
    factories.report()
    statements.clear()
    factories.report(category="personne")
    private = len(statements)
    statements.clear()
    follows()
    statements.clear()
    factories.report()
    asked = [one for one in statements if "area_subscription" in one]
    assert len(asked) == 1 and len(statements) <= private + 1 + 1, "and one for the map"


def test_asking_twice_asks_once(here):
    ask()
    ask()
    assert db.session.scalar(select(func.count()).select_from(AreaSubscription)) == 1
    assert len(messages("area.confirm")) == 1


def test_an_address_is_not_flooded_with_questions(here):
    for number in range(12):
        ask(kind="street", street=f"rue Numéro {number}")
    assert len(messages("area.confirm")) <= 5


def test_a_stranger_changes_nothing_of_what_is_followed(here):
    row = follows(categories=["depot"])
    ask()
    db.session.refresh(row)
    assert row.categories and row.version == 2


@pytest.mark.parametrize(
    "given, field",
    [
        ({"kind": ""}, "area"),
        ({"kind": "planet"}, "area"),
        ({"kind": "circle", "radius": "500"}, "address"),
        ({"kind": "circle", "radius": "500", "address": "nulle part"}, "address"),
        ({"kind": "circle", "radius": "99", "lat": "43.611", "lon": "3.877"}, "radius"),
        ({"kind": "circle", "radius": "2001", "lat": "43.611", "lon": "3.877"}, "radius"),
        ({"kind": "circle", "radius": "²", "lat": "43.611", "lon": "3.877"}, "radius"),
        ({"kind": "circle", "radius": "500", "lat": "48.85", "lon": "2.35"}, "address"),
        ({"kind": "circle", "radius": "500", "lat": "x", "lon": "2.35"}, "location"),
        ({"kind": "sector"}, "sector"),
        ({"kind": "sector", "sector": "nowhere"}, "sector"),
        ({"kind": "street", "street": "rue"}, "street"),
    ],
)
def test_what_is_no_area_is_refused_by_name(here, given, field):
    with pytest.raises(FieldError) as error:
        areas.area_from_form(**given)
    assert error.value.field == field


def test_changing_an_area_works_once_by_one_link(here):
    row = follows()
    word = areas.change_word(row)
    areas.change(areas.of_change(word), categories=["depot"], radius="1000", channel="mail", locale="en")
    with pytest.raises(Refused):
        areas.of_change(word)
    again = areas.of_change(areas.change_word(row))
    assert (again.radius_m, again.locale, len(again.categories)) == (1000, "en", 1)
    factories.report(category="depot", place=Place(CENTRE.lon + 0.009, CENTRE.lat))
    assert "Reported near you" in text_of(messages("around.received")[0])


@pytest.mark.parametrize(
    "given",
    [
        {"radius": "5"},
        {"channel": "sms"},
        {"channel": "pigeon"},
        {"categories": ["personne"]},
        {"categories": ["nothing"]},
    ],
)
def test_a_change_that_cannot_be_is_refused(here, given):
    row = follows()
    with pytest.raises(FieldError):
        areas.change(row, **({"categories": [], "radius": "500", "channel": "mail", "locale": "fr"} | given))
