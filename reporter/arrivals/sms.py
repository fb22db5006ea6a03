"""SMS that come in through the gateway: an answer while a report waits, STOP, or the beginning of a report."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from core import contacts
from core.actor import Actor
from core.contacts import Details
from core.database import affected_rows, db, utcnow
from core.errors import FieldError, FieldErrors, Missing, Refused
from core.i18n import gettext as _
from core.identity import towns
from core.identity.models import Contact
from core.outbox.models import DROPPED, GATHERED, OWED, Message
from core.scope import acting_for, everywhere
from core.text import clean
from reporter.around.models import AreaFollower
from reporter.arrivals import reports
from reporter.arrivals.models import ANSWER, AUTOMATIC, UNKNOWN, Arrival
from reporter.arrivals.taking import arrived, close, reply
from reporter.models import Follower, Report
from reporter.status import WAITING

SMS = "sms"
LONGEST = 2000
#: By which name each gateway calls what it brings; the first that is there counts.
SENDER = ("From", "from", "sender", "senderid", "msisdn", "originator", "source")
TEXT = ("Body", "text", "message", "body", "content", "Text")
NUMBER = ("MessageSid", "SmsSid", "messageId", "message_id", "MessageId", "id", "smsId")
SENT = ("creationDatetime", "receivedAt", "timestamp", "date", "time")
_STOP = {"stop", "arret", "stop sms", "stopsms", "arreter", "unsubscribe", "desinscription"}


@dataclass(frozen=True)
class Short:
    """One SMS: the number it says to come from, its words, and what makes it the same as another."""

    sender: str
    text: str
    key: str


def read(given: Mapping[str, Any]) -> Short:
    """An SMS as gateways bring it (form fields or JSON, see docs/channels.md). Raises FieldError naming from."""
    number = contacts.telephone(_dialled(_first(given, SENDER)), field="from")
    if not number:
        raise FieldError("from", _("This field is required."))
    text = clean(_first(given, TEXT)[:LONGEST], field="text", most=LONGEST)
    own = _first(given, NUMBER)
    # Without a number of its own: the same words from the same number at the same time, else in the same hour.
    told = own or f"{number}\n{text}\n{_first(given, SENT) or utcnow().strftime('%Y-%m-%d %H')}"
    return Short(number, text, hashlib.sha256(f"{bool(own)}\n{told}".encode("utf-8", "replace")).hexdigest())


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


def take(short: Short) -> Arrival:
    """Take in one SMS, once; flushes. It may be spoofed: it begins a report or answers one, nothing else."""
    waiting = _waiting(short.sender)
    town = towns.by_id(waiting[0].jurisdiction_id) if waiting else None
    if waiting is not None and town is not None:
        with acting_for(town):
            return _take(short, *waiting)
    return _take(short)


def _take(short: Short, report: Report | None = None, follower: Follower | None = None) -> Arrival:
    arrival, fresh = arrived(SMS, short.key)
    if not fresh:
        return arrival
    sender = Details(phone=short.sender, news=SMS)
    arrival.contact_id = follower.contact_id if follower else contacts.keep(sender)
    if _is_stop(short.text):
        stop(short.sender)
        close(arrival, AUTOMATIC, "stopped")
    elif not short.text:
        close(arrival, AUTOMATIC, "empty")
    elif reports.too_many(arrival.contact_id):
        _leave(arrival, short, "too_many")
    elif follower is not None:
        assert report is not None  # the one followed
        _answer(arrival, short, report, follower)
    elif (draft := reports.draft_of(arrival.contact_id, SMS)) is not None:
        report = reports.add(draft, text=short.text, photos=[], by=Actor(SMS))
        close(arrival, ANSWER)
        arrival.report_id = report.id if report is not None else None
    else:
        # Whoever writes from a number has it.
        c = Contact.__table__.c
        db.session.execute(
            update(Contact.__table__).where(c.id == arrival.contact_id, c.jurisdiction_id == arrival.jurisdiction_id)
            .values(phone_confirmed_at=func.coalesce(c.phone_confirmed_at, func.now())))
        reports.begin(arrival, subject="", text=short.text, photos=[], remarks=[], sender=sender)
    db.session.flush()
    return arrival


def _answer(arrival: Arrival, short: Short, report: Report, follower: Follower) -> None:
    arrival.report_id = report.id
    try:
        with db.session.begin_nested():
            close(arrival, reply(report, follower, short.text, [], door=SMS))
    except (FieldError, FieldErrors, Refused, Missing):
        _leave(arrival, short, "refused")


def _leave(arrival: Arrival, short: Short, remark: str) -> None:
    arrival.taken_for, arrival.dealt_with, arrival.remark = UNKNOWN, False, remark
    reports.keep_what_came(arrival, subject="", text=short.text, photos=[])


def _is_stop(text: str) -> bool:
    bare = unicodedata.normalize("NFD", text.lower())
    return " ".join(re.findall(r"[a-z]+", "".join(s for s in bare if not unicodedata.combining(s)))) in _STOP


def _waiting(number: str) -> tuple[Report, Follower] | None:
    """The newest report, of whatever town, that waits for the answer of its author at this number."""
    with everywhere():
        row = db.session.execute(
            select(Report, Follower)
            .join(Follower, Follower.report_id == Report.id)
            .join(Contact, Contact.id == Follower.contact_id)
            .where(Contact.phone == number, Follower.author, Report.status == WAITING)
            .order_by(Report.updated_at.desc()).limit(1)
        ).first()
    return (row[0], row[1]) if row else None


def stop(number: str) -> int:
    """No more SMS to that number, of any town: nothing follows by it, nothing is owed to it. How many stopped."""
    # Core tables, of every town: a number has one owner.
    people = select(Contact.__table__.c.id).where(
        Contact.__table__.c.phone == number,
        Contact.__table__.c.jurisdiction_id.in_([town.id for town in towns.all_towns()]))
    stopped = 0
    for model in (Follower, AreaFollower):
        f = model.__table__
        ended = db.session.execute(
            update(f).where(f.c.contact_id.in_(people), f.c.channel == SMS, f.c.stopped_at.is_(None))
            .values(stopped_at=func.now(), version=f.c.version + 1))
        stopped += affected_rows(ended)
    m = Message.__table__
    db.session.execute(
        update(m).where(m.c.contact_id.in_(people), m.c.channel == SMS, m.c.status.in_((OWED, GATHERED)))
        .values(status=DROPPED, error="stopped by SMS"))
    return stopped
