"""A jurisdiction whose mails come from an address of its own, and a mailbox that is read."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.database import db
from core.identity import jurisdictions
from core.identity.models import Jurisdiction
from reporter.inbound.mail.mailbox import read_mailbox
from reporter.inbound.models import InboundMessage
from tests.imap_server import Mailbox
from tests.reporter.inbound.writing import TOWN


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
def here(acting, jurisdiction):
    """The jurisdiction acting, with an address of its own."""
    with acting():
        db.session.execute(
            sa.update(Jurisdiction.__table__).where(Jurisdiction.__table__.c.id == jurisdiction.id).values(sender=TOWN)
        )
        db.session.commit()
        jurisdictions.drop_cache()
    with acting(jurisdictions_by(acting, jurisdiction.id)):
        yield


def jurisdictions_by(acting, number: int):
    """The jurisdiction of that id, as it is now."""
    with acting():
        return jurisdictions.by_id(number)


@pytest.fixture
def taken(here, box):
    """`taken(mail, …)` – deliver mails, have the mailbox read, give what came in, the oldest first."""

    def take(*mails: bytes) -> list[InboundMessage]:
        last = db.session.scalar(sa.select(sa.func.max(InboundMessage.id))) or 0
        box.put(*mails)
        read_mailbox()
        return list(
            db.session.scalars(sa.select(InboundMessage).where(InboundMessage.id > last).order_by(InboundMessage.id))
        )

    return take
