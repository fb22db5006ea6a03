"""The day's digest: one mail with all that was gathered for a person since the one before."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select, text

from core.channel_names import MAIL
from core.database import db, execute_unscoped, utcnow
from core.database.scope import serving
from core.i18n import gettext as _
from core.i18n import lazy_gettext, ngettext
from core.identity import jurisdictions
from core.identity.jurisdictions import JurisdictionCopy
from core.jobs import describe_error, register_sweep
from core.notifications.outbox import policy, renderers, sender
from core.notifications.outbox.models import DIGEST, GATHERED, Message
from core.notifications.outbox.renderers import Mail, NotYet, mail_from_templates, register_renderer
from core.times import day_words

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
    WHERE g.status = 'gathered' AND g.digest_id IS NULL AND g.jurisdiction_id = :jurisdiction AND g.created_at < :until
      AND NOT EXISTS (SELECT 1 FROM message AS d WHERE d.source = :source AND d.channel = 'mail'
                      AND d.recipient = 'contact:' || g.contact_id)
    GROUP BY g.contact_id ORDER BY g.contact_id LIMIT :most
), made AS (
    INSERT INTO message (jurisdiction_id, kind, source, channel, recipient, contact_id, locale)
    SELECT :jurisdiction, 'digest', :source, 'mail', 'contact:' || contact_id, contact_id, locale FROM people
    ON CONFLICT DO NOTHING RETURNING id, contact_id
), taken AS (
    UPDATE message SET digest_id = made.id FROM made
    WHERE message.contact_id = made.contact_id AND message.status = 'gathered' AND message.digest_id IS NULL
      AND message.jurisdiction_id = :jurisdiction AND message.created_at < :until
)
SELECT count(*) FROM made
""")
#: Who wants each at once from now on gets what had been gathered until then at once.
RELEASE = text("""
UPDATE message SET status = 'owed', due_at = statement_timestamp()
WHERE id IN (
    SELECT g.id FROM message AS g JOIN contact AS c ON c.id = g.contact_id
    WHERE g.status = 'gathered' AND g.digest_id IS NULL AND g.jurisdiction_id = :jurisdiction AND NOT c.digest
    ORDER BY g.id LIMIT :most FOR UPDATE OF g SKIP LOCKED)
RETURNING id
""")
_stop: Callable[[int], str] | None = None


def register_stop_link(link: Callable[[int], str]) -> None:
    """Let digests carry the link that stops all that a contact (by its id) gets by mail.

    Raises ValueError where another link was registered.
    """
    global _stop
    if _stop not in (None, link):
        raise ValueError("Two links that stop a digest")
    _stop = link


def make_due_digests() -> None:
    """Make the digests of every jurisdiction whose hour has come."""
    for jurisdiction in jurisdictions.all_jurisdictions():
        with serving(jurisdiction):
            make_digests(jurisdiction, utcnow())


def make_digests(jurisdiction: JurisdictionCopy, now: datetime) -> int:
    """Make the digests due in that jurisdiction at that moment; how many. Short transactions, each of its own."""
    until = last_hour(jurisdiction, now)
    source = f"digest:{until.astimezone(ZoneInfo(jurisdiction.time_zone)).date().isoformat()}"
    made = 0
    while True:
        loosened = len(execute_unscoped(RELEASE, {"jurisdiction": jurisdiction.id, "most": AT_ONCE}).all())
        count = execute_unscoped(
            MAKE, {"jurisdiction": jurisdiction.id, "source": source, "until": until, "most": AT_ONCE}
        ).scalar_one()
        if loosened or count:
            sender.send_after_commit(MAIL)
        db.session.commit()
        made += count
        if count < AT_ONCE and loosened < AT_ONCE:
            return made


def last_hour(jurisdiction: JurisdictionCopy, now: datetime) -> datetime:
    """When the jurisdiction's digests last were due: today's hour, or yesterday's where today's is still to come.
    UTC."""
    zone, at = ZoneInfo(jurisdiction.time_zone), jurisdiction.preferences.digest_at
    today = now.astimezone(zone).date()
    moments = (datetime.combine(one, at, zone).astimezone(UTC) for one in (today, today - timedelta(days=1)))
    return max(moment for moment in moments if moment <= now)


@dataclass(frozen=True)
class DigestItem:
    """One piece of news in a digest."""

    subject: str
    brief: str
    page: str | None


def digest_mail(message: Message) -> Mail | None:
    """All that was gathered; None when none of it has anything to say any more."""
    since = message.created_at
    numbers = list(
        db.session.scalars(
            select(Message.id).where(Message.digest_id == message.id, Message.status == GATHERED).order_by(Message.id)
        )
    )
    items: list[DigestItem] = []
    takes: list[int] = []
    drops: list[int] = []
    for part in db.session.scalars(select(Message).where(Message.id.in_(numbers[:LISTED])).order_by(Message.id)).all():
        number = part.id
        try:
            said = renderers.rendered_mail(part)
        except NotYet:
            raise
        except Exception as error:  # noqa: BLE001 - it leaves alone, and is tried again by itself
            log.error("Message %d cannot be told in a digest: %s", number, describe_error(error))
            db.session.rollback()
            continue
        if said is None:
            drops.append(number)
            continue
        takes.append(number)
        items.append(DigestItem(said.subject, "" if said.brief == said.subject else said.brief, said.page))
    if not items:
        if len(drops) == len(numbers):
            return None
        raise LookupError("nothing of a digest can be told")
    # Beyond what one mail lists, each leaves by itself.
    subject = items[0].subject if len(items) == 1 else _("Your updates for %(day)s", day=day_words(since))
    return mail_from_templates(
        "digest",
        subject,
        items=items,
        takes=tuple(takes),
        drops=tuple(drops),
        opening=ngettext("%(num)d new update.", "%(num)d new updates.", len(items)),
        unsubscribe=_stop(message.contact_id) if _stop and message.contact_id is not None else None,
    )


def init_app(app: Flask) -> None:
    """Register the digest, how it is delivered, and when it is looked for."""
    policy.register(policy.DEFAULT, DIGEST)
    register_renderer(digest_mail, DIGEST, words=lazy_gettext("Today’s updates"))
    register_sweep(make_due_digests, seconds=60)
