"""Webhooks: to the programs of others, each at its own address."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from core.i18n import lazy_gettext
from core.notifications.channels import Channel, MailRenderer
from core.notifications.outbox.models import Message


def make(message: Message, _say: MailRenderer) -> Any | None:
    """The delivery: what it says is made for machines, not by the renderer for people."""
    from core.notifications.webhooks import delivery

    return delivery.prepare_delivery(message)


def noted(session: Session, outgoing: Any, accepted: bool) -> None:
    """One line more in the subscription's log."""
    from core.notifications.webhooks import delivery

    delivery.record_attempt(session, outgoing, accepted)


class WebhookTransport:
    """A session for each delivery: nothing is kept open towards machines that are not ours."""

    def send(self, outgoing: Any) -> None:
        """Post it. Raises core.outbound.Refusal."""
        from core.notifications.webhooks import delivery

        delivery.post_delivery(outgoing)

    def close(self) -> None:
        """Nothing is kept open."""


CHANNEL = Channel(
    name="webhook",
    words=lazy_gettext("Webhook"),
    configured=lambda config: True,
    make=make,
    open=WebhookTransport,
    noted=noted,
    limited=False,
    gateway=False,
    # Each waits ten seconds at the most: a dozen that hang leave room for the others.
    at_once=12,
    batch=24,
)
