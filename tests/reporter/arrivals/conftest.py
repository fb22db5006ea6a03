"""A town whose mails come from an address of its own, and a mailbox that is read."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.database import db
from core.identity import towns
from core.identity.models import Jurisdiction
from reporter.arrivals.fetch import fetch
from reporter.arrivals.models import Arrival
from tests.imap_server import Mailbox
from tests.reporter.arrivals.writing import TOWN


@pytest.fixture(scope="session")
def mailbox_server(tmp_path_factory):
    """One IMAP server for all tests of a run."""
    with Mailbox(tmp_path_factory.mktemp("imap")) as box:
        yield box


@pytest.fixture
def box(app, mailbox_server, monkeypatch):
    """An empty mailbox, read by the application."""
    mailbox_server.empty()
    monkeypatch.setitem(app.config, "IMAP_URL", mailbox_server.url)
    return mailbox_server


@pytest.fixture
def here(acting, town):
    """The town acting, with an address of its own."""
    with acting():
        db.session.execute(
            sa.update(Jurisdiction.__table__).where(Jurisdiction.__table__.c.id == town.id).values(sender=TOWN))
        db.session.commit()
        towns.forget()
    with acting(towns_by(acting, town.id)):
        yield


def towns_by(acting, number: int):
    """The town of that id, as it is now."""
    with acting():
        return towns.by_id(number)


@pytest.fixture
def taken(here, box):
    """`taken(mail, …)` – deliver mails, have the mailbox read, give the arrivals, the oldest first."""
    def take(*mails: bytes) -> list[Arrival]:
        last = db.session.scalar(sa.select(sa.func.max(Arrival.id))) or 0
        box.put(*mails)
        fetch()
        return list(db.session.scalars(sa.select(Arrival).where(Arrival.id > last).order_by(Arrival.id)))

    return take
