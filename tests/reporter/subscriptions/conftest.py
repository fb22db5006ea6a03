"""The jurisdiction acting, and who follows what in it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.database import db
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.notifications.outbox.models import Message
from reporter.subscriptions import areas
from reporter.subscriptions.models import AreaSubscription
from tests.factories import CENTRE


@pytest.fixture
def here(acting, jurisdiction):
    """The jurisdiction acting."""
    with acting(jurisdiction):
        yield jurisdiction


def ask(email: str = "voisine@example.org", *, categories=(), locale: str = "fr", **area) -> AreaSubscription:
    """An area that somebody asked for: by default 500 m around the middle of jurisdiction."""
    given = area or {
        "kind": areas.CIRCLE,
        "lat": str(CENTRE.lat),
        "lon": str(CENTRE.lon),
        "radius": "500",
        "address": "12 rue des Tilleuls",
    }
    areas.subscribe_to_area(
        areas.area_from_form(given.pop("kind"), **given),
        ContactDetails(email=email, locale=locale),
        channel="mail",
        categories=categories,
        by=Actor("web"),
    )
    return db.session.scalars(select(AreaSubscription).order_by(AreaSubscription.id.desc()).limit(1)).one()


def follows(email: str = "voisine@example.org", **more) -> AreaSubscription:
    """An area that somebody follows."""
    row = ask(email, **more)
    areas.AREAS.confirm(row)
    db.session.commit()
    return row


def messages(*kinds: str) -> list[Message]:
    """What is owed of these kinds, oldest first."""
    return list(db.session.scalars(select(Message).where(Message.kind.in_(kinds)).order_by(Message.id)))


def told(kind: str) -> set[str]:
    """Which addresses are told, in messages of that kind."""
    return {one.contact.email for one in messages(kind)}
