"""Two at the same moment, on connections of their own: a link works once, a person is kept once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from core.database import db
from core.database.scope import serving
from core.identity import jurisdictions
from core.identity.contacts import ContactDetails, find_or_create_contact
from core.identity.models import Contact
from core.notifications.outbox.models import Message
from reporter.reports.intake import FEW_A_DAY
from reporter.subscriptions import address_change, my_page
from reporter.subscriptions import links as subscription_links
from reporter.subscriptions.models import ReportSubscription
from tests import factories
from tests.api.asking import POINT
from tests.api.conftest import apart
from tests.api.test_races import together
from tests.reporter.subscriptions.test_browsers import PRIVATE, browser

__all__ = ["apart"]
TURNS = 3


@pytest.fixture
def here(apart):
    """The jurisdiction apart, acting; whatever is written is committed for real."""
    jurisdictions.drop_cache()
    with apart.app_context(), serving(jurisdictions.by_slug("villeclaire")):
        yield jurisdictions.by_slug("villeclaire")
    jurisdictions.drop_cache()


def posts(apart, *paths: str, **more) -> list[int]:
    """The statuses of POSTs made at the same moment by browsers of their own."""
    asked = [lambda path=path: apart.test_client().post(path, **more).status_code for path in paths]
    return together(*asked)


def count(model, *where) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


@pytest.mark.parametrize("turn", range(TURNS))
def test_one_who_asks_four_times_at_once_is_asked_once(apart, here, turn):
    reference, address = factories.report(email=None).reference, f"race{turn}@example.org"
    data = {"email": address}
    assert posts(apart, *[f"/r/{reference}/follow"] * 4, data=data) == [303] * 4
    contact = db.session.scalars(select(Contact).where(Contact.email == address)).one()
    assert count(ReportSubscription, ReportSubscription.contact_id == contact.id) == 1
    assert count(Message, Message.contact_id == contact.id, Message.kind == "report.confirm") == 1


@pytest.mark.parametrize("turn", range(TURNS))
def test_of_many_reports_followed_at_once_three_are_asked(apart, here, turn):
    address = f"many{turn}@example.org"
    paths = [f"/r/{factories.report(email=None).reference}/follow" for _one in range(6)]
    assert posts(apart, *paths, data={"email": address}) == [303] * 6
    contact = db.session.scalars(select(Contact).where(Contact.email == address)).one()
    assert count(Message, Message.contact_id == contact.id, Message.kind == "report.confirm") == 3


@pytest.mark.parametrize("turn", range(TURNS))
def test_a_number_becomes_one_contact(apart, here, turn):
    number = f"+3361234{turn}000"

    def one() -> int:
        with apart.app_context(), serving(here):
            found = find_or_create_contact(ContactDetails(phone=number))
            db.session.commit()
            return found

    assert len(set(together(*[one] * 4))) == 1


@pytest.mark.parametrize("turn", range(TURNS))
def test_a_link_to_ones_page_opens_it_once(apart, here, turn):
    made = factories.report(email=f"page{turn}@example.org")
    contact = db.session.get(Contact, made.contact_id)
    word = my_page.link_word(contact, "mail", made.received_at)
    db.session.commit()
    assert sorted(posts(apart, *[f"/mine/{word}"] * 4)) == [303, 409, 409, 409]


@pytest.mark.parametrize("turn", range(TURNS))
def test_confirming_and_stopping_at_once_leaves_one_of_both(apart, here, turn):
    made = factories.report(email=f"both{turn}@example.org")
    one = db.session.scalars(select(ReportSubscription).where(ReportSubscription.report_id == made.id)).one()
    confirm, stop = (
        subscription_links.confirm_word("report", one.id, one.version),
        subscription_links.stop_word("report", one.id),
    )
    number = one.id
    db.session.commit()
    statuses = posts(apart, f"/c/{confirm}", f"/s/{stop}", f"/s/{stop}")
    assert statuses[1:] == [200, 200] and statuses[0] in (303, 409)
    assert (
        count(ReportSubscription, ReportSubscription.id == number, ReportSubscription.stopped_at.is_not(None)) == 1
    ), "enough is enough"


@pytest.mark.parametrize("turn", range(TURNS))
def test_two_pages_that_want_each_others_address_end_as_one_and_wait_for_nobody(apart, here, turn):
    people = []
    for name in ("a", "b"):
        made = factories.report(email=f"{name}{turn}.swap@example.org")
        people.append(db.session.get(Contact, made.contact_id))
    words = []
    for asker, asked in (people, people[::-1]):
        address_change.ask_address(my_page.Person(asker, "mail", (asker.id,)), ContactDetails(email=asked.email))
        message = db.session.scalars(
            select(Message).where(Message.kind == "mine.address").order_by(Message.id.desc()).limit(1)
        ).one()
        words.append(address_change.link_word_of(message))
    ids = [person.id for person in people]
    db.session.commit()
    assert sorted(posts(apart, *[f"/mine/address/{word}" for word in words])) == [303, 409]
    assert count(Contact, Contact.id.in_(ids), Contact.erased_at.is_(None)) == 1
    assert count(ReportSubscription, ReportSubscription.contact_id.in_(ids), ReportSubscription.author) == 2


@pytest.mark.parametrize("turn", range(TURNS))
def test_a_browser_that_asks_four_times_at_once_is_one(apart, here, turn, monkeypatch):
    monkeypatch.setitem(apart.config, "VAPID_PRIVATE_KEY", PRIVATE)
    monkeypatch.setitem(apart.config, "ALLOW_PRIVATE_TARGETS", "127.0.0.1")
    made = factories.report(email=None)
    sent = {"reference": made.reference, "subscription": browser(f"race{turn}")}
    number = made.id
    db.session.commit()
    assert posts(apart, *["/push/follow"] * 4, json=sent) == [201] * 4
    assert count(ReportSubscription, ReportSubscription.report_id == number) == 1


def test_of_many_reports_at_once_an_address_is_told_of_a_few(apart, here):
    sent = {"category": "nid-de-poule", "location": POINT, "contact": {"email": "victime.race@example.org"}}
    assert posts(apart, *["/api/v1/reports"] * (FEW_A_DAY + 3), json=sent) == [201] * (FEW_A_DAY + 3)
    contact = db.session.scalars(select(Contact).where(Contact.email == "victime.race@example.org")).one()
    assert count(Message, Message.contact_id == contact.id) == FEW_A_DAY
    assert count(ReportSubscription, ReportSubscription.contact_id == contact.id) == FEW_A_DAY + 3


def test_of_many_reports_at_once_a_number_is_asked_once(apart, here, monkeypatch):
    monkeypatch.setitem(apart.config, "SMS_URL", "json://127.0.0.1:9/")
    bodies = [
        {"category": "nid-de-poule", "location": POINT, "contact": {"name": name, "phone": "06 98 76 54 32"}}
        for name in ("Anne", "Bea", "Cleo", "Dora", "Eve")
    ]
    asked = [lambda body=body: apart.test_client().post("/api/v1/reports", json=body).status_code for body in bodies]
    assert together(*asked) == [201] * 5
    assert count(Contact, Contact.phone == "+33698765432", Contact.beside_id.is_(None)) == 1
    assert count(Message, Message.channel == "sms") == 1
