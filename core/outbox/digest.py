"""The day's digest: one mail with all that was gathered for a person since the one before."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select, text

from core.database import ask, db, utcnow
from core.i18n import gettext as _
from core.i18n import lazy_gettext, ngettext
from core.identity import towns
from core.identity.towns import Town
from core.jobs import described, register_sweep
from core.outbox import kinds, policy, send
from core.outbox.kinds import Mail, NotYet, letter, register_renderer
from core.outbox.models import DIGEST, GATHERED, MAIL, Message
from core.scope import acting_for
from core.times import day

log = logging.getLogger(__name__)

#: How many people's digests are made in one transaction, and how much one of them lists.
AT_ONCE = 500
LISTED = 100

#: One digest a person and day, and what it takes along, in one statement: run twice, it finds nothing to do.
#: What is committed too late for the digest of its day stays gathered for the next one.
MAKE = text("""
WITH people AS (
    SELECT g.contact_id, (array_agg(g.locale ORDER BY g.id DESC))[1] AS locale
    FROM message AS g
    WHERE g.status = 'gathered' AND g.digest_id IS NULL AND g.jurisdiction_id = :here AND g.created_at < :until
      AND NOT EXISTS (SELECT 1 FROM message AS d WHERE d.source = :source AND d.channel = 'mail'
                      AND d.recipient = 'contact:' || g.contact_id)
    GROUP BY g.contact_id ORDER BY g.contact_id LIMIT :most
), made AS (
    INSERT INTO message (jurisdiction_id, kind, source, channel, recipient, contact_id, locale)
    SELECT :here, 'digest', :source, 'mail', 'contact:' || contact_id, contact_id, locale FROM people
    ON CONFLICT DO NOTHING RETURNING id, contact_id
), taken AS (
    UPDATE message SET digest_id = made.id FROM made
    WHERE message.contact_id = made.contact_id AND message.status = 'gathered' AND message.digest_id IS NULL
      AND message.jurisdiction_id = :here AND message.created_at < :until
)
SELECT count(*) FROM made
""")
#: Who wants each at once from now on gets what had been gathered until then at once.
LOOSEN = text("""
UPDATE message SET status = 'owed', due_at = statement_timestamp()
WHERE id IN (
    SELECT g.id FROM message AS g JOIN contact AS c ON c.id = g.contact_id
    WHERE g.status = 'gathered' AND g.digest_id IS NULL AND g.jurisdiction_id = :here AND NOT c.digest
    ORDER BY g.id LIMIT :most FOR UPDATE OF g SKIP LOCKED)
RETURNING id
""")
_stop: Callable[[int], str] | None = None


def stopped_by(link: Callable[[int], str]) -> None:
    """Let digests carry the link that stops all that a contact (by its id) gets by mail.

    Raises ValueError where another link was registered.
    """
    global _stop
    if _stop not in (None, link):
        raise ValueError("Two links that stop a digest")
    _stop = link


def look() -> None:
    """Make the digests of every town whose hour has come."""
    for town in towns.all_towns():
        with acting_for(town):
            make(town, utcnow())


def make(town: Town, now: datetime) -> int:
    """Make the digests due in that town at that moment; how many. Short transactions, each of its own."""
    until = last_hour(town, now)
    source = f"digest:{until.astimezone(ZoneInfo(town.time_zone)).date().isoformat()}"
    made = 0
    while True:
        loosened = len(ask(LOOSEN, {"here": town.id, "most": AT_ONCE}).all())
        count = ask(MAKE, {"here": town.id, "source": source, "until": until, "most": AT_ONCE}).scalar_one()
        if loosened or count:
            send.soon(MAIL)
        db.session.commit()
        made += count
        if count < AT_ONCE and loosened < AT_ONCE:
            return made


def last_hour(town: Town, now: datetime) -> datetime:
    """When the town's digests last were due: today's hour, or yesterday's where today's is still to come. UTC."""
    zone, at = ZoneInfo(town.time_zone), town.habits.digest_at
    today = now.astimezone(zone).date()
    moments = (datetime.combine(one, at, zone).astimezone(UTC) for one in (today, today - timedelta(days=1)))
    return max(moment for moment in moments if moment <= now)


@dataclass(frozen=True)
class Item:
    """One piece of news in a digest."""

    subject: str
    brief: str
    page: str | None


def digest(message: Message) -> Mail | None:
    """All that was gathered; None when none of it has anything to say any more."""
    since = message.created_at
    numbers = list(db.session.scalars(
        select(Message.id).where(Message.digest_id == message.id, Message.status == GATHERED).order_by(Message.id)))
    items: list[Item] = []
    takes: list[int] = []
    drops: list[int] = []
    for part in db.session.scalars(select(Message).where(Message.id.in_(numbers[:LISTED])).order_by(Message.id)).all():
        number = part.id
        try:
            said = kinds.said(part)
        except NotYet:
            raise
        except Exception as error:  # noqa: BLE001 - it leaves alone, and is tried again by itself
            log.error("Message %d cannot be told in a digest: %s", number, described(error))
            db.session.rollback()
            continue
        if said is None:
            drops.append(number)
            continue
        takes.append(number)
        items.append(Item(said.subject, "" if said.brief == said.subject else said.brief, said.page))
    if not items:
        if len(drops) == len(numbers):
            return None
        raise LookupError("nothing of a digest can be told")
    # Beyond what one mail lists, each leaves by itself.
    subject = items[0].subject if len(items) == 1 else _("Your updates for %(day)s", day=day(since))
    return letter(
        "digest", subject, items=items, takes=tuple(takes), drops=tuple(drops),
        opening=ngettext("%(num)d new update.", "%(num)d new updates.", len(items)),
        unsubscribe=_stop(message.contact_id) if _stop and message.contact_id is not None else None,
    )


def init_app(app: Flask) -> None:
    """Register the digest, how it is delivered, and when it is looked for."""
    policy.register(policy.DEFAULT, DIGEST)
    register_renderer(digest, DIGEST, words=lazy_gettext("Today’s updates"))
    register_sweep(look, seconds=60)
