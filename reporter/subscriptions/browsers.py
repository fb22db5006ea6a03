"""Being told on a telephone or a computer: a browser's subscription, what it follows, and its end.

A browser is known by the address that its push service gave it: whoever knows this address is that browser.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core import outbound
from core.channel_names import PUSH
from core.database import db, execute_unscoped, utcnow
from core.database.scope import current_jurisdiction_id, serving
from core.errors import FieldError, NotFound
from core.i18n import gettext as _
from core.identity import contacts, jurisdictions
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from core.notifications.push.models import PushSubscription
from reporter.reports.models import Report
from reporter.subscriptions import reports
from reporter.subscriptions.kinds import all_kinds
from reporter.subscriptions.models import ReportSubscription
from reporter.subscriptions.my_page import Person

LONGEST = 1000
#: An uncompressed point of the curve P-256, and the shared secret (RFC 8291 §3).
_POINT, _SECRET = 65, 16


@dataclass(frozen=True)
class Browser:
    """A browser's address and keys, checked."""

    endpoint: str
    p256dh: str
    auth: str


def parse_browser(given: object) -> Browser:
    """What a browser's PushSubscription says of itself, as JSON. Raises FieldError naming the part."""
    keys = given.get("keys") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(keys, Mapping):
        raise FieldError("subscription", _("This is not a valid push subscription."))
    return Browser(
        checked_endpoint(given.get("endpoint")),
        _key(keys.get("p256dh"), _POINT, "keys.p256dh"),
        _key(keys.get("auth"), _SECRET, "keys.auth"),
    )


def checked_endpoint(value: object) -> str:
    """The address of a browser at its push service. Raises FieldError."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or len(value) > LONGEST:
        raise FieldError("endpoint", _("This is not the address of a push service."))
    try:
        # Where its name leads is looked at when there is something to send.
        outbound.check_written(value)
    except outbound.BlockedAddress as error:
        raise FieldError("endpoint", error.words) from None
    return value


def _key(value: object, size: int, field: str) -> str:
    try:
        text = str(value).rstrip("=")
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not isinstance(value, str) or len(raw) != size or (size == _POINT and raw[0] != 4):
        raise FieldError(field, _("This is not a valid browser key."))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def store_browser(found: Browser, locale: str) -> PushSubscription:
    """The subscription of that browser here: with its present keys, of the contact it has, or of a new one that
    has neither address nor number."""
    known = _of(found.endpoint)
    if known is None:
        contact_id = contacts.find_or_create_contact(ContactDetails(locale=locale))
        execute_unscoped(
            insert(PushSubscription.__table__)
            .values(
                jurisdiction_id=current_jurisdiction_id(),
                contact_id=contact_id,
                endpoint=found.endpoint,
                p256dh=found.p256dh,
                auth=found.auth,
            )
            .on_conflict_do_nothing()
        )
        known = _of(found.endpoint)
        assert known is not None  # inserted, here or by another at the same moment
    known.p256dh, known.auth, known.gone_at = found.p256dh, found.auth, None
    db.session.flush()
    return known


def _of(endpoint: str) -> PushSubscription | None:
    return db.session.scalar(select(PushSubscription).where(PushSubscription.endpoint == endpoint).with_for_update())


def subscribe_browser(report: Report, found: Browser, *, locale: str, author: bool = False) -> ReportSubscription:
    """Tell that browser of a report. Asking for it in the browser was the confirmation."""
    with serving(jurisdictions.get(report.jurisdiction_id)):
        row = reports.find_or_add(report, store_browser(found, locale).contact_id, channel=PUSH, locale=locale)
        row.confirmed_at, row.stopped_at = row.confirmed_at or utcnow(), None
        row.author, row.locale = row.author or author, locale
        db.session.flush()
        return row


def subscription_of_browser(report: Report, endpoint: str) -> ReportSubscription | None:
    """By which following that browser is told of a report; None when it is not."""
    with serving(jurisdictions.get(report.jurisdiction_id)):
        return db.session.scalar(
            select(ReportSubscription)
            .join(PushSubscription, PushSubscription.contact_id == ReportSubscription.contact_id)
            .where(
                PushSubscription.endpoint == endpoint,
                ReportSubscription.report_id == report.id,
                ReportSubscription.channel == PUSH,
                ReportSubscription.confirmed_at.is_not(None),
                ReportSubscription.stopped_at.is_(None),
            )
        )


def text_field(given: Mapping[str, object], name: str) -> str:
    """A text of a request's object. Raises FieldError naming it."""
    value = given.get(name)
    if not isinstance(value, str) or not value or len(value) > LONGEST or not value.isprintable():
        raise FieldError(name, _("This field is required."))
    return value


def renew_browser(former: str, found: Browser) -> None:
    """A push service gave a browser another address: what it follows stays. Raises NotFound."""
    known = _of(former)
    if known is None:
        raise NotFound(_("We do not know this device."))
    if found.endpoint != former and _of(found.endpoint) is None:
        known.endpoint = found.endpoint
    known.p256dh, known.auth, known.gone_at = found.p256dh, found.auth, None
    db.session.flush()


def attach_browser(who: Person, found: Browser, locale: str) -> None:
    """Make a browser one of this person's: what it followed for itself alone they follow on all of theirs."""
    known = store_browser(found, locale)
    before = db.session.get(Contact, known.contact_id)
    if before is None or before.id in who.ids:
        return
    known.contact_id = who.contact.id
    db.session.flush()
    # What somebody with a page of their own follows stays theirs: the browser alone changes hands.
    if not before.email and not before.phone:
        for kind in all_kinds():
            kind.transfer((before.id,), who.contact.id)


def remove_browser(who: Person, number: int) -> None:
    """Tell that browser of this person nothing more. Raises NotFound."""
    known = db.session.scalar(
        select(PushSubscription).where(PushSubscription.id == number, PushSubscription.contact_id.in_(who.ids))
    )
    if known is None:
        raise NotFound(_("We do not know this device."))
    db.session.delete(known)
    db.session.flush()
