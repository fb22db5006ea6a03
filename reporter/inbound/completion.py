"""Completing what came by mail or SMS: what the form shows of it, and the report that is made of it."""

from __future__ import annotations

from typing import Any

from core.channel_names import SMS
from core.database import db
from core.errors import NotFound
from core.i18n import gettext as _
from core.identity.models import Contact
from reporter.inbound import category_guess, drafts, links
from reporter.inbound.drafts import mark_completed, report_of
from reporter.inbound.models import REPORT, InboundMessage
from reporter.reports.intake import DESCRIPTION
from reporter.reports.models import Report
from reporter.subscriptions import confirmation

__all__ = ["answered", "mark_completed", "message_to_complete", "report_of", "form_fields"]


def message_to_complete(word: str, *, locked: bool = False) -> InboundMessage:
    """The arrival that a link completes. Raises Refused (bad_link), NotFound."""
    number = links.message_of_link(word)
    found = drafts.lock_message(number) if locked else db.session.get(InboundMessage, number)
    asked = found is not None and (found.interpreted_as == REPORT or drafts.SAID_MORE in found.remark)
    if found is None or not (asked or found.report_id):
        raise NotFound(_("This message does not exist or no longer exists."))
    return found


def answered(inbound: InboundMessage, report: Report) -> None:
    """Whoever sends the form of the link that was written to an address reads what is sent there: the address is
    theirs, where it is the one that they left."""
    if inbound.contact_id is not None and inbound.contact_id == report.contact_id:
        confirmation.mark_confirmed(confirmation.lock_contact(inbound.contact_id), inbound.channel)


def form_fields(inbound: InboundMessage, *, staff: bool = False) -> dict[str, Any]:
    """What came, by the names of the form's fields: for who wrote, nothing of them but the address it came from."""
    said = drafts.words_of(inbound)
    photos = drafts.photos_of(inbound)
    category = category_guess.guess_category("", said)
    place = drafts.place_from_photos(photos)
    person = db.session.get(Contact, inbound.contact_id) if inbound.contact_id else None
    given = db.session.get(Contact, inbound.given_contact_id) if inbound.given_contact_id else person
    known = ("email", "phone") if staff else ("phone",) if inbound.channel == SMS else ("email",)
    return {
        "category": category.code if category else "",
        "lat": f"{place.lat:.6f}" if place else "",
        "lon": f"{place.lon:.6f}" if place else "",
        "how": "photo" if place else "",
        "description": said[:DESCRIPTION],
        "photos": [str(photo.token) for photo in photos],
        **({"name": getattr(given, "name", None) or ""} if staff else {}),
        **{name: getattr(person, name, None) or "" for name in known},
    }
