"""One's own page: asked for by an address, opened by a link that works once, left open for some days.

Who opens it by an address has what this address sent and follows; by a number, what this number did. What
somebody else typed beside an address is never shown to the number's owner, nor the other way round.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from core import signed_numbers
from core.channel_names import MAIL, PUSH, SMS
from core.database import db
from core.errors import FieldError, Refused
from core.i18n import gettext as _
from core.identity import contacts
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from core.notifications.push.models import PushSubscription
from reporter.categories.models import Category
from reporter.reports.models import Report
from reporter.subscriptions import confirmation
from reporter.subscriptions.kinds import SubscriptionRow, all_kinds
from reporter.subscriptions.models import ReportSubscription
from reporter.subscriptions.reports import Subject, subject_of

#: How long a link may be used (seconds), and how long the page stays open in the browser (days).
LINK_SECONDS = 24 * 3600
OPEN_DAYS = 7
#: The most that one page shows of a kind, and contacts that one number may have.
MOST_SHOWN, MOST_CONTACTS = 100, 50
#: Channels, as they stand in a signed word.
_CHANNELS = (MAIL, SMS)


@dataclass(frozen=True)
class Person:
    """Who has the page open: by which channel they proved it, and the contacts that are theirs by it."""

    contact: Contact
    channel: str
    ids: tuple[int, ...]


def parse_address(value: str) -> ContactDetails:
    """An address, or a number where there is no @ in it. Raises FieldError naming "who"."""
    text = value.strip()
    if not text:
        raise FieldError("who", _("This field is required."))
    if "@" in text or SMS not in contacts.available_channels():
        return ContactDetails(email=contacts.parse_email(text, field="who"))
    return ContactDetails(phone=contacts.parse_mobile(text, field="who"))


def ask_for_link(found: ContactDetails, locale: str) -> None:
    """Send the link to an address or number that is known here; who asks is told the same in any case."""
    channel = MAIL if found.email else SMS
    known = db.session.scalar(_known(found).order_by(Contact.id).limit(1))
    if known is None:
        return
    contact = confirmation.lock_contact(known.id)
    confirmation.ask_confirmation(
        "mine.link", contact, channel, source=f"mine:{contact.id}:{time.time_ns()}", locale=locale, facts={}
    )


def _known(found: ContactDetails) -> Select[Contact]:
    """The contacts of an address, or of a number: not those by whom it stands beside another's address."""
    if found.email:
        return select(Contact).where(func.lower(Contact.email) == found.email.lower(), Contact.email.is_not(None))
    alone = or_(Contact.phone_confirmed_at.is_not(None), Contact.email.is_(None))
    return select(Contact).where(Contact.phone == found.phone, Contact.beside_id.is_(None), alone)


def link_word(contact: Contact, channel: str, since: datetime) -> str:
    """The word of the link to a contact's page: good for a day from `since`, and until one of them is used."""
    numbers = (contact.id, contact.link_version, _CHANNELS.index(channel), int(since.timestamp()))
    return signed_numbers.sign_numbers("mine", *numbers, days=2)


def contact_of_link(word: str, *, hold: bool = False) -> tuple[Contact, str]:
    """The contact and channel of a link. Raises Refused when it is forged, used, or a day old."""
    number, version, channel, since = signed_numbers.read_numbers("mine", word, count=4)
    found = _contact(number, hold=hold)
    fresh = 0 <= time.time() - since + 60 < LINK_SECONDS
    if found is None or found.link_version != version or not fresh or channel >= len(_CHANNELS):
        raise Refused(
            _("This link has already been used, or is more than a day old. Ask for a new one here."), code="bad_link"
        )
    return found, _CHANNELS[channel]


def _contact(number: int, *, hold: bool) -> Contact | None:
    wanted = select(Contact).where(Contact.id == number)
    if hold:
        wanted = wanted.with_for_update(of=Contact, key_share=True).execution_options(populate_existing=True)
    return db.session.scalar(wanted)


def open_with_link(word: str) -> str:
    """Use a link: its address has answered. Returns the word that keeps the page open. Raises Refused."""
    contact, channel = contact_of_link(word, hold=True)
    contact.link_version += 1
    confirmation.mark_confirmed(contact, channel)
    return open_word(contact, channel)


def open_word(contact: Contact, channel: str) -> str:
    """What a browser keeps to have a page open, until the page is closed in any of them."""
    return signed_numbers.sign_numbers(
        "mine open", contact.id, _CHANNELS.index(channel), contact.page_version, days=OPEN_DAYS
    )


def close(word: str) -> None:
    """Close the page that is open with that word, in every browser: nobody's copy of the word opens it again."""
    who = person_of_word(word)
    contact = _contact(who.contact.id, hold=True) if who is not None else None
    if contact is not None:
        contact.page_version += 1
        db.session.flush()


def person_of_word(word: str) -> Person | None:
    """Who has the page open with that word; None when it is too old or closed, or the contact is no more."""
    try:
        number, channel, version = signed_numbers.read_numbers("mine open", word, count=3)
    except Refused:
        return None
    contact = _contact(number, hold=False)
    if contact is None or contact.erased_at or contact.page_version != version or channel >= len(_CHANNELS):
        return None
    if channel == _CHANNELS.index(MAIL):
        return Person(contact, MAIL, (contact.id,)) if contact.email else None
    if not contact.phone:
        return None
    ids = [one.id for one in db.session.scalars(_known(ContactDetails(phone=contact.phone)).limit(MOST_CONTACTS))]
    return Person(contact, SMS, tuple(sorted({contact.id, *ids})))


def form_key(who: Person) -> str:
    """What every form of an open page carries: nobody else can have their browser send it."""
    return signed_numbers.sign_numbers("mine form", who.contact.id, days=OPEN_DAYS)


def is_own_form(who: Person, key: str) -> bool:
    """Whether a form came from this person's own page."""
    try:
        return signed_numbers.read_numbers("mine form", key)[0] == who.contact.id
    except Refused:
        return False


@dataclass(frozen=True)
class OwnReport:
    """A report of one's own, and by which followings one is told of it."""

    id: int
    thing: Subject
    received_at: datetime
    told: list[SubscriptionRow]


def own_reports(who: Person) -> list[OwnReport]:
    """The reports that this person sent, the newest first. Three statements."""
    sent = select(ReportSubscription.report_id).where(
        ReportSubscription.contact_id.in_(who.ids), ReportSubscription.author
    )
    rows = db.session.execute(
        select(Report, Category)
        .join(Category, Category.id == Report.category_id)
        .where(or_(Report.contact_id.in_(who.ids), Report.id.in_(sent)))
        .order_by(Report.received_at.desc(), Report.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    told: dict[int, list[SubscriptionRow]] = {}
    followings = db.session.scalars(
        select(ReportSubscription).where(
            ReportSubscription.contact_id.in_(who.ids),
            ReportSubscription.report_id.in_([report.id for report, _category in rows]),
            ReportSubscription.confirmed_at.is_not(None),
            ReportSubscription.stopped_at.is_(None),
        )
    )
    named = {report.id: subject_of(report, category, author=True) for report, category in rows}
    for row in followings:
        assert row.confirmed_at is not None  # as was asked
        shown = SubscriptionRow(row.id, row.channel, row.locale, named[row.report_id], row.confirmed_at)
        told.setdefault(row.report_id, []).append(shown)
    return [
        OwnReport(report.id, named[report.id], report.received_at, told.get(report.id, []))
        for report, _category in rows
    ]


def own_browsers(who: Person) -> list[PushSubscription]:
    """The browsers that are told, the newest first."""
    return list(
        db.session.scalars(
            select(PushSubscription)
            .where(PushSubscription.contact_id.in_(who.ids), PushSubscription.gone_at.is_(None))
            .order_by(PushSubscription.id.desc())
        )
    )


def reachable_channels(who: Person) -> tuple[str, ...]:
    """The channels by which this person can be told: those that answered, and their browsers."""
    by_push = bool(own_browsers(who))
    return tuple(
        channel
        for channel in contacts.available_channels()
        if (by_push if channel == PUSH else confirmation.is_confirmed(who.contact, channel))
    )


def stop_all(who: Person, channel: str | None = None) -> None:
    """No more news of anything to this person."""
    for kind in all_kinds():
        kind.stop_all(who.ids, channel)


def stop_mails(contact_id: int) -> None:
    """No more news of anything by mail to that contact: what the digest's own link asks for."""
    for kind in all_kinds():
        kind.stop_all((contact_id,), MAIL)


def set_locale(who: Person, locale: str) -> None:
    """Tell this person everything in that language from now on."""
    who.contact.locale = locale
    for kind in all_kinds():
        kind.speak(who.ids, locale)


def set_digest(who: Person, daily: bool) -> None:
    """One mail a day with all that is new, or each at once."""
    who.contact.digest = daily
    db.session.flush()
