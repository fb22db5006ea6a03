"""Messages to send, and a mail server to send them to."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from core.database import db
from core.database.scope import current_jurisdiction
from core.identity.models import Contact
from core.notifications.outbox import renderers
from core.notifications.outbox.models import Message
from core.notifications.outbox.renderers import Mail
from core.notifications.outbox.verbs import queue_message
from tests.mail_server import MailServer


@pytest.fixture
def post(app, monkeypatch):
    """The mail server that the application sends to."""
    with MailServer() as server:
        monkeypatch.setitem(app.config, "MAIL_URL", server.url)
        monkeypatch.setitem(app.config, "MAIL_FROM", "Alentour <ne-pas-repondre@villeclaire.example>")
        yield server


@pytest.fixture(autouse=True)
def news(monkeypatch):
    """A kind of message of these tests: "test.news" says `facts["says"]`."""
    monkeypatch.setitem(
        renderers._RENDERERS,
        "test.news",
        lambda message: Mail(message.facts.get("says", "Du nouveau"), f"Bonjour,\n\n{message.facts.get('says')}\n"),
    )


def contact(email: str | None, **more) -> int:
    """The id of a new contact of the acting jurisdiction."""
    made = Contact(jurisdiction_id=current_jurisdiction().id, email=email, **more)
    db.session.add(made)
    db.session.flush()
    return made.id


def owed(
    email: str | None = "marie@example.org", *, source: str, says: str = "Du nouveau", to: int | None = None, **more
) -> int:
    """The id of a message owed and committed, to a new contact or to the contact `to`."""
    queue_message("test.news", source=source, contact_id=to or contact(email), facts={"says": says, **more})
    db.session.commit()
    return newest()


def newest() -> int:
    """The id of the message that was owed last."""
    return db.session.scalars(select(Message.id).order_by(Message.id.desc()).limit(1)).one()


def found(message_id: int) -> Message:
    """A message as it stands in the database now."""
    db.session.expire_all()
    return db.session.scalars(select(Message).where(Message.id == message_id)).one()


def due_now(*ids: int) -> None:
    """Let the pause of messages be over."""
    db.session.execute(text("UPDATE message SET due_at = now() WHERE id = ANY(:ids)"), {"ids": list(ids)})
    db.session.commit()


def seconds_left(message_id: int) -> float:
    """How long until a message is due again."""
    return float(
        db.session.scalar(
            text("SELECT extract(epoch FROM due_at - statement_timestamp()) FROM message WHERE id = :id"),
            {"id": message_id},
        )
    )
