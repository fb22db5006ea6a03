"""The town acting, and who follows what in it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.actor import Actor
from core.contacts import Details
from core.database import db
from core.outbox.models import Message
from reporter.around import areas
from reporter.around.models import AreaFollower
from tests.factories import CENTRE


@pytest.fixture
def here(acting, town):
    """The town acting."""
    with acting(town):
        yield town


def ask(email: str = "voisine@example.org", *, categories=(), locale: str = "fr", **area) -> AreaFollower:
    """An area that somebody asked for: by default 500 m around the middle of town."""
    given = area or {"kind": areas.CIRCLE, "lat": str(CENTRE.lat), "lon": str(CENTRE.lon), "radius": "500",
                     "address": "12 rue des Tilleuls"}
    areas.follow(areas.chosen(given.pop("kind"), **given), Details(email=email, locale=locale), channel="mail",
                 categories=categories, by=Actor("web"))
    return db.session.scalars(select(AreaFollower).order_by(AreaFollower.id.desc()).limit(1)).one()


def follows(email: str = "voisine@example.org", **more) -> AreaFollower:
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
