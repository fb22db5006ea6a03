"""A receiver, a subscription to it, and one try of what it is owed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.database import db
from core.notifications.outbox.models import Message
from core.notifications.webhooks import delivery
from core.notifications.webhooks import verbs as webhook_verbs
from core.notifications.webhooks.models import Webhook, WebhookAttempt
from core.outbound import NoRecipient, Refusal
from tests.core.notifications.webhooks.receiver import Receiver


@pytest.fixture
def allowed(app, monkeypatch):
    """This machine may be asked."""
    monkeypatch.setitem(app.config, "ALLOW_PRIVATE_TARGETS", "127.0.0.1")


@pytest.fixture
def receiver(app, database, allowed):
    """Another program, on this machine."""
    with Receiver() as other:
        yield other


@pytest.fixture
def webhook(acting, jurisdiction, receiver) -> Webhook:
    """A subscription of the jurisdiction to all events."""
    with acting(jurisdiction):
        made = webhook_verbs.create(url=receiver.url, label="SIG")
        db.session.commit()
        yield made


def owed(webhook: Webhook) -> list[Message]:
    """All that a subscription was owed, the earliest first."""
    db.session.expire_all()
    wanted = select(Message).where(Message.recipient == f"webhook:{webhook.id}").order_by(Message.id)
    return list(db.session.scalars(wanted))


def tried(message: Message) -> str | None:
    """Try one delivery once; what was refused, or None where it was accepted (or dropped: "dropped")."""
    ready = delivery.prepare_delivery(message)
    if ready is None:
        return "dropped"
    error = None
    try:
        delivery.post_delivery(ready)
    except (Refusal, NoRecipient) as refusal:
        error = refusal
    delivery.record_attempt(db.session, ready, error is None)
    db.session.commit()
    return f"{'for ever ' if isinstance(error, NoRecipient) else ''}{error}" if error else None


def tries(message: Message) -> list[WebhookAttempt]:
    """The tries of a delivery, the first one first."""
    return list(
        db.session.scalars(
            select(WebhookAttempt).where(WebhookAttempt.message_id == message.id).order_by(WebhookAttempt.id)
        )
    )


def again(webhook: Webhook) -> Webhook:
    """The subscription as it stands in the database now."""
    db.session.expire_all()
    return db.session.scalars(select(Webhook).where(Webhook.id == webhook.id)).one()
