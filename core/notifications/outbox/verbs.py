"""Owing: what is to be told is inserted in the transaction of what it tells of, and sent after its commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, TextualSelect, select, update
from sqlalchemy.dialects.postgresql import insert

from core.channel_names import MAIL
from core.database import affected_rows, db, dumps, utcnow
from core.database.scope import current_jurisdiction_id
from core.errors import NotFound, Refused
from core.i18n import as_locale
from core.i18n import gettext as _
from core.notifications import channels
from core.notifications.outbox import policy, sender
from core.notifications.outbox.models import DEAD, OWED, Message

#: How many dead messages one click owes again.
RETRIED_AT_ONCE = 1000


def queue_message(
    kind: str,
    *,
    source: str,
    contact_id: int | None = None,
    user_id: int | None = None,
    recipient: str | None = None,
    locale: str | None = None,
    facts: dict[str, Any] | None = None,
    channel: str = MAIL,
) -> bool:
    """Owe one message; False when it was owed already (same source, recipient and channel). One statement.

    It goes to a contact, to a user, or to a `recipient` of the caller's ("body:4") whose address its renderer
    gives. A contact's message belongs to the contact's jurisdiction, the others to the one being served.
    Raises ValueError unless exactly one of the three is given.
    """
    if [contact_id, user_id, recipient].count(None) != 2:
        raise ValueError("A message goes to one contact, one user or one recipient")
    spoken = as_locale(locale)
    if contact_id is not None:
        values = {"to": contact_id, "over": channel, "speaks": spoken}
        return queue_for_many(kind, source=source, recipients=_ONE, values=values, facts=facts) == 1
    added = db.session.execute(
        insert(Message.__table__)
        .values(
            jurisdiction_id=current_jurisdiction_id(),
            kind=kind,
            source=source,
            channel=channel,
            user_id=user_id,
            recipient=recipient or f"user:{user_id}",
            locale=spoken,
            facts=facts or {},
        )
        .on_conflict_do_nothing()
        .returning(Message.__table__.c.id)
    ).scalar()
    if added is not None:
        sender.send_after_commit(channel)
    return added is not None


@dataclass(frozen=True)
class Recipients:
    """A select of (contact_id, channel, locale), each contact once a channel, in the words of the database: made
    once, since to build such a statement takes longer than to run it."""

    words: str
    fixed: dict[str, Any]

    @classmethod
    def of(cls, recipients: Select | TextualSelect) -> Recipients:
        """The people that a Core select finds; what it binds by name is given each time (see `owe_many`)."""
        compiled = recipients.compile(dialect=db.engine.dialect, compile_kwargs={"render_postcompile": True})
        return cls(str(compiled), dict(compiled.params))


def queue_for_many(
    kind: str,
    *,
    source: str,
    recipients: Select | TextualSelect | Recipients,
    values: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
) -> int:
    """Owe the same message to many contacts, in one statement; returns how many were not owed it already.

    `recipients` finds (contact_id, channel, locale), each contact once a channel, under `values`. Each message
    belongs to its contact's jurisdiction, whoever is being served: a métropole tells the residents of its
    communes. Where the kind is digested (core.notifications.outbox.policy), the mails of those who want one a day
    wait for the day's
    digest.
    """
    people = recipients if isinstance(recipients, Recipients) else Recipients.of(recipients)
    given = (
        people.fixed
        | (values or {})
        | {
            "told_kind": kind,
            "told_source": source,
            "told_facts": dumps(facts or {}),
            "told_gather": policy.policy_of(kind).digested,
        }
    )
    made = db.session.connection().exec_driver_sql(_OWE_MANY.replace("{people}", people.words), given).all()
    sender.send_after_commit(*sorted({channel for channel, status, _count in made if status == OWED}))
    return sum(count for _channel, _status, count in made)


_ONE = Recipients(
    "SELECT CAST(%(to)s AS bigint) AS contact_id, CAST(%(over)s AS text) AS channel, "
    "CAST(%(speaks)s AS text) AS locale",
    {},
)
_OWE_MANY = """
WITH people AS ({people}), made AS (
    INSERT INTO message (jurisdiction_id, kind, source, channel, recipient, contact_id, locale, facts, status)
    SELECT c.jurisdiction_id, CAST(%(told_kind)s AS text), CAST(%(told_source)s AS text), people.channel,
           'contact:' || c.id, c.id, people.locale, CAST(%(told_facts)s AS jsonb),
           CASE WHEN CAST(%(told_gather)s AS boolean) AND c.digest AND people.channel = 'mail'
                THEN 'gathered' ELSE 'owed' END
    FROM people JOIN contact c ON c.id = people.contact_id ORDER BY c.id
    ON CONFLICT DO NOTHING RETURNING channel, status
)
SELECT channel, status, count(*) FROM made GROUP BY channel, status
"""


def retry_message(message_id: int) -> Message:
    """Owe a dead message again, from now on and with all its tries. Raises NotFound, Refused if not dead."""
    message = db.session.scalar(select(Message).where(Message.id == message_id).with_for_update())
    if message is None:
        raise NotFound(_("This message does not exist or no longer exists."))
    if message.status != DEAD:
        raise Refused(_("This message has not been abandoned."), code="illegal_move")
    message.status, message.tries, message.due_at = OWED, 0, utcnow()
    db.session.flush()
    sender.send_after_commit(message.channel)
    return message


def retry_all_dead() -> int:
    """Owe dead messages of this jurisdiction again, the oldest RETRIED_AT_ONCE; returns how many. One statement.

    Nobody waits for a statement that grows with a year's failures: who reads that some are left asks again.
    """
    message = Message.__table__
    chosen = (
        select(message.c.id)
        .where(message.c.jurisdiction_id == current_jurisdiction_id(), message.c.status == DEAD)
        .order_by(message.c.id)
        .limit(RETRIED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    done = db.session.execute(
        update(message)
        .where(message.c.id.in_(chosen))
        .values(status=OWED, tries=0, due_at=utcnow())
        .execution_options(preserve_rowcount=True)
    )
    sender.send_after_commit(*channels.known_channels())
    return affected_rows(done)
