"""SMS that come in through the gateway: an answer while a report waits, STOP, or the beginning of a report."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from core.database import affected_rows, db, utcnow
from core.database.scope import across_jurisdictions, serving
from core.errors import FieldError, FieldErrors, NotFound, Refused
from core.i18n import gettext as _
from core.identity import contacts, jurisdictions
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from core.notifications.outbox.models import DROPPED, GATHERED, OWED, Message
from core.text import clean_text
from reporter.inbound import drafts
from reporter.inbound.mail.intake import find_or_create_message, mark_handled, reply
from reporter.inbound.models import ANSWER, AUTOMATIC, UNKNOWN, InboundMessage
from reporter.reports.models import Report
from reporter.statuses import WAITING
from reporter.subscriptions.models import AreaSubscription, ReportSubscription

SMS = "sms"
LONGEST = 2000
#: By which name each gateway calls what it brings; the first that is there counts.
SENDER = ("From", "from", "sender", "senderid", "msisdn", "originator", "source")
TEXT = ("Body", "text", "message", "body", "content", "Text")
NUMBER = ("MessageSid", "SmsSid", "messageId", "message_id", "MessageId", "id", "smsId")
SENT = ("creationDatetime", "receivedAt", "timestamp", "date", "time")
_STOP = {"stop", "arret", "stop sms", "stopsms", "arreter", "unsubscribe", "desinscription"}


@dataclass(frozen=True)
class InboundSms:
    """One SMS: the number it says to come from, its words, and what makes it the same as another."""

    sender: str
    text: str
    key: str


def parse_sms(given: Mapping[str, Any]) -> InboundSms:
    """An SMS as gateways bring it (form fields or JSON, see docs/channels.md). Raises FieldError naming from."""
    number = contacts.parse_phone(_dialled(_first(given, SENDER)), field="from")
    if not number:
        raise FieldError("from", _("This field is required."))
    text = clean_text(_first(given, TEXT)[:LONGEST], field="text", most=LONGEST)
    own = _first(given, NUMBER)
    # Without a number of its own: the same words from the same number at the same time, else in the same hour.
    told = own or f"{number}\n{text}\n{_first(given, SENT) or utcnow().strftime('%Y-%m-%d %H')}"
    return InboundSms(number, text, hashlib.sha256(f"{bool(own)}\n{told}".encode("utf-8", "replace")).hexdigest())


def _first(given: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = given.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value.strip():
            return value[:LONGEST].replace("\0", "")
    return ""


def _dialled(number: str) -> str:
    """Gateways leave the + of an international number out."""
    bare = number.strip()
    return f"+{bare}" if re.fullmatch(r"[1-9]\d{9,14}", bare) else bare


def take_sms(short: InboundSms) -> InboundMessage:
    """Take in one SMS, once; flushes. It may be spoofed: it begins a report or answers one, nothing else."""
    waiting = _waiting(short.sender)
    jurisdiction = jurisdictions.by_id(waiting[0].jurisdiction_id) if waiting else None
    if waiting is not None and jurisdiction is not None:
        with serving(jurisdiction):
            return _take(short, *waiting)
    return _take(short)


def _take(
    short: InboundSms, report: Report | None = None, subscription: ReportSubscription | None = None
) -> InboundMessage:
    inbound, fresh = find_or_create_message(SMS, short.key)
    if not fresh:
        return inbound
    sender = ContactDetails(phone=short.sender, news=SMS)
    inbound.contact_id = subscription.contact_id if subscription else contacts.find_or_create_contact(sender)
    if _is_stop(short.text):
        stop_number(short.sender)
        mark_handled(inbound, AUTOMATIC, "stopped")
    elif not short.text:
        mark_handled(inbound, AUTOMATIC, "empty")
    elif drafts.over_daily_limit(inbound.contact_id):
        _leave(inbound, short, "too_many")
    elif subscription is not None:
        assert report is not None  # the one followed
        _answer(inbound, short, report, subscription)
    elif (draft := drafts.open_draft_of(inbound.contact_id, SMS)) is not None:
        report = drafts.add_to_draft(draft, text=short.text, photos=[], by=Actor(SMS))
        mark_handled(inbound, ANSWER)
        inbound.report_id = report.id if report is not None else None
    else:
        # Whoever writes from a number has it.
        c = Contact.__table__.c
        db.session.execute(
            update(Contact.__table__)
            .where(c.id == inbound.contact_id, c.jurisdiction_id == inbound.jurisdiction_id)
            .values(phone_confirmed_at=func.coalesce(c.phone_confirmed_at, func.now()))
        )
        drafts.begin_report(inbound, subject="", text=short.text, photos=[], remarks=[], sender=sender)
    db.session.flush()
    return inbound


def _answer(inbound: InboundMessage, short: InboundSms, report: Report, subscription: ReportSubscription) -> None:
    inbound.report_id = report.id
    try:
        with db.session.begin_nested():
            mark_handled(inbound, reply(report, subscription, short.text, [], channel=SMS))
    except (FieldError, FieldErrors, Refused, NotFound):
        _leave(inbound, short, "refused")


def _leave(inbound: InboundMessage, short: InboundSms, remark: str) -> None:
    inbound.interpreted_as, inbound.handled, inbound.remark = UNKNOWN, False, remark
    drafts.store_content(inbound, subject="", text=short.text, photos=[])


def _is_stop(text: str) -> bool:
    bare = unicodedata.normalize("NFD", text.lower())
    return " ".join(re.findall(r"[a-z]+", "".join(s for s in bare if not unicodedata.combining(s)))) in _STOP


def _waiting(number: str) -> tuple[Report, ReportSubscription] | None:
    """The newest report, of whatever jurisdiction, that waits for the answer of its author at this number."""
    with across_jurisdictions():
        row = db.session.execute(
            select(Report, ReportSubscription)
            .join(ReportSubscription, ReportSubscription.report_id == Report.id)
            .join(Contact, Contact.id == ReportSubscription.contact_id)
            .where(Contact.phone == number, ReportSubscription.author, Report.status == WAITING)
            .order_by(Report.updated_at.desc())
            .limit(1)
        ).first()
    return (row[0], row[1]) if row else None


def stop_number(number: str) -> int:
    """No more SMS to that number, of any jurisdiction: nothing follows by it, nothing is owed to it. How many
    stopped."""
    # Core tables, of every jurisdiction: a number has one owner.
    people = select(Contact.__table__.c.id).where(
        Contact.__table__.c.phone == number,
        Contact.__table__.c.jurisdiction_id.in_(
            [jurisdiction.id for jurisdiction in jurisdictions.all_jurisdictions()]
        ),
    )
    stopped = 0
    for model in (ReportSubscription, AreaSubscription):
        f = model.__table__
        ended = db.session.execute(
            update(f)
            .where(f.c.contact_id.in_(people), f.c.channel == SMS, f.c.stopped_at.is_(None))
            .values(stopped_at=func.now(), version=f.c.version + 1)
        )
        stopped += affected_rows(ended)
    m = Message.__table__
    db.session.execute(
        update(m)
        .where(m.c.contact_id.in_(people), m.c.channel == SMS, m.c.status.in_((OWED, GATHERED)))
        .values(status=DROPPED, error="stopped by SMS")
    )
    return stopped
