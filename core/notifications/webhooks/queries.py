"""The delivery log of one subscription. Core, naming the jurisdiction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, text

from core.channel_names import WEBHOOK
from core.database import db, execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.errors import NotFound
from core.i18n import gettext as _
from core.notifications.outbox.models import DEAD, DROPPED, Message
from core.notifications.webhooks.models import Webhook, WebhookAttempt

PAGE = 50
#: How far back it is looked for what did not arrive.
RECENT = 1000


@dataclass(frozen=True)
class DeliveryLogEntry:
    """One delivery, and its last try where there was one."""

    id: int
    kind: str
    facts: dict[str, Any]
    #: owed, sent, dead, dropped
    status: str
    tries: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    error: str | None
    tried_at: datetime | None
    #: The HTTP status of the last try; None where nothing was answered.
    answered: int | None
    milliseconds: int | None
    answer: str | None

    @property
    def again(self) -> bool:
        """Whether it may be sent once more: it is not on its way."""
        return self.status != "owed"


_LOG = """
SELECT m.id, m.kind, m.facts, m.status, m.tries, m.created_at, m.due_at, m.sent_at, m.error,
       t.at, t.status, t.milliseconds, t.answer
FROM message m LEFT JOIN LATERAL (
    SELECT * FROM webhook_try WHERE message_id = m.id ORDER BY id DESC LIMIT 1) AS t ON true
WHERE m.recipient = :recipient AND m.channel = 'webhook' AND m.jurisdiction_id = :jurisdiction AND {which}
ORDER BY m.id DESC LIMIT :most
"""
_NEWEST = text(_LOG.format(which="m.id < :before"))
_ONE = text(_LOG.format(which="m.id = :number"))
_LAST = 2**63 - 1


def delivery_page(webhook: Webhook, *, before: int | None = None, most: int = PAGE) -> list[DeliveryLogEntry]:
    """Deliveries, the newest first, from before the id `before`. One statement."""
    rows = execute_unscoped(
        _NEWEST,
        {
            "recipient": f"webhook:{webhook.id}",
            "jurisdiction": current_jurisdiction_id(),
            "most": most,
            "before": min(before or _LAST, _LAST),
        },
    )
    return [DeliveryLogEntry(*row) for row in rows]


def one_delivery(webhook: Webhook, number: int) -> DeliveryLogEntry:
    """One delivery. One statement. Raises NotFound."""
    row = (
        execute_unscoped(
            _ONE,
            {
                "recipient": f"webhook:{webhook.id}",
                "jurisdiction": current_jurisdiction_id(),
                "most": 1,
                "number": number,
            },
        ).one_or_none()
        if 0 < number <= _LAST
        else None
    )
    if row is None:
        raise NotFound(_("This delivery does not exist."))
    return DeliveryLogEntry(*row)


def tries(message_id: int) -> list[WebhookAttempt]:
    """Every try of a delivery that was read before, the newest first."""
    return list(
        db.session.scalars(
            select(WebhookAttempt)
            .where(WebhookAttempt.message_id == message_id)
            .order_by(WebhookAttempt.id.desc())
            .limit(PAGE)
        )
    )


def message_of(entry: DeliveryLogEntry) -> Message:
    """The message of a delivery, from which its body is made."""
    return db.session.scalars(select(Message).where(Message.id == entry.id, Message.channel == WEBHOOK)).one()


def undelivered_ids(webhook: Webhook) -> Select:
    """The ids of deliveries that did not arrive, among the last RECENT: however long the log is."""
    m = Message.__table__.c
    recent = (
        select(m.id, m.status)
        .where(
            m.jurisdiction_id == current_jurisdiction_id(),
            m.recipient == f"webhook:{webhook.id}",
            m.channel == WEBHOOK,
        )
        .order_by(m.id.desc())
        .limit(RECENT)
        .subquery()
    )
    return select(recent.c.id).where(recent.c.status.in_((DEAD, DROPPED)))


def count_undelivered(webhook: Webhook) -> int:
    """How many of the last RECENT deliveries did not arrive. One statement."""
    return len(execute_unscoped(undelivered_ids(webhook)).all())
