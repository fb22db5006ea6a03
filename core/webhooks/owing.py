"""Owing deliveries: one statement an event, in the transaction of what it tells of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from core.database import ask
from core.outbox.models import OWED, WEBHOOK
from core.outbox.send import soon

#: Whoever is being served: the subscriptions are those of the jurisdictions named.
_OWE = text(f"""
INSERT INTO message (jurisdiction_id, kind, source, channel, recipient, locale, facts, status)
SELECT w.jurisdiction_id, :kind, :source, '{WEBHOOK}', 'webhook:' || w.id, 'fr', :facts, '{OWED}' FROM webhook w
WHERE w.jurisdiction_id = ANY(:towns) AND w.suspended_at IS NULL AND w.removed_at IS NULL
  AND (w.kinds = '{{}}' OR :kind = ANY(w.kinds))
ORDER BY w.id
ON CONFLICT DO NOTHING
""").bindparams(
    bindparam("kind", type_=Text), bindparam("source", type_=Text), bindparam("facts", type_=JSONB),
    bindparam("towns", type_=ARRAY(BigInteger)),
).execution_options(preserve_rowcount=True)


def owe(kind: str, *, source: str, towns: set[int], facts: dict[str, Any]) -> int:
    """Owe an event to every subscription of the jurisdictions `towns` that wants its kind; returns to how many.

    `source` names what happened ("report_event:12"): no subscription is owed it twice. One statement.
    """
    done = ask(_OWE, {"kind": kind, "source": source, "towns": sorted(towns), "facts": facts}).rowcount
    if done:
        soon(WEBHOOK)
    return done
