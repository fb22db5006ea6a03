"""Owing deliveries: one statement an event, in the transaction of what it tells of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from core.channel_names import WEBHOOK
from core.database import execute_unscoped
from core.notifications.outbox.models import OWED
from core.notifications.outbox.sender import send_after_commit

#: Whoever is being served: the subscriptions are those of the jurisdictions named.
_OWE = (
    text(f"""
INSERT INTO message (jurisdiction_id, kind, source, channel, recipient, locale, facts, status)
SELECT w.jurisdiction_id, :kind, :source, '{WEBHOOK}', 'webhook:' || w.id, 'fr', :facts, '{OWED}' FROM webhook w
WHERE w.jurisdiction_id = ANY(:towns) AND w.suspended_at IS NULL AND w.removed_at IS NULL
  AND (w.kinds = '{{}}' OR :kind = ANY(w.kinds))
ORDER BY w.id
ON CONFLICT DO NOTHING
""")
    .bindparams(
        bindparam("kind", type_=Text),
        bindparam("source", type_=Text),
        bindparam("facts", type_=JSONB),
        bindparam("towns", type_=ARRAY(BigInteger)),
    )
    .execution_options(preserve_rowcount=True)
)


def queue_deliveries(kind: str, *, source: str, jurisdictions: set[int], facts: dict[str, Any]) -> int:
    """Owe an event to every subscription of the jurisdictions `jurisdictions` that wants its kind; returns to how many.

    `source` names what happened ("report_event:12"): no subscription is owed it twice. One statement.
    """
    done = execute_unscoped(
        _OWE, {"kind": kind, "source": source, "towns": sorted(jurisdictions), "facts": facts}
    ).rowcount
    if done:
        send_after_commit(WEBHOOK)
    return done
