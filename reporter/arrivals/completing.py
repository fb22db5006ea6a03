"""Completing what came by mail or SMS: what the form shows of it, and the report that is made of it."""

from __future__ import annotations

from typing import Any

from core.database import db
from core.errors import Missing
from core.i18n import gettext as _
from core.identity.models import Contact
from core.outbox.models import SMS
from reporter.arrivals import guessing, reports, words
from reporter.arrivals.models import REPORT, Arrival
from reporter.arrivals.reports import done, report_of
from reporter.following import addresses
from reporter.intake import DESCRIPTION
from reporter.models import Report

__all__ = ["answered", "done", "kept", "report_of", "typed"]


def kept(word: str, *, locked: bool = False) -> Arrival:
    """The arrival that a link completes. Raises Refused (bad_link), Missing."""
    number = words.arrival_of(word)
    found = reports.lock(number) if locked else db.session.get(Arrival, number)
    asked = found is not None and (found.taken_for == REPORT or reports.SAID_MORE in found.remark)
    if found is None or not (asked or found.report_id):
        raise Missing(_("This message does not exist or no longer exists."))
    return found


def answered(arrival: Arrival, report: Report) -> None:
    """Whoever sends the form of the link that was written to an address reads what is sent there: the address is
    theirs, where it is the one that they left."""
    if arrival.contact_id is not None and arrival.contact_id == report.contact_id:
        addresses.note_answer(addresses.hold(arrival.contact_id), arrival.door)


def typed(arrival: Arrival, *, staff: bool = False) -> dict[str, Any]:
    """What came, by the names of the form's fields: for who wrote, nothing of them but the address it came from."""
    said = reports.words_of(arrival)
    photos = reports.photos_of(arrival)
    category = guessing.category_of("", said)
    place = reports.taken_in_town(photos)
    person = db.session.get(Contact, arrival.contact_id) if arrival.contact_id else None
    given = db.session.get(Contact, arrival.given_contact_id) if arrival.given_contact_id else person
    known = ("email", "phone") if staff else ("phone",) if arrival.door == SMS else ("email",)
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
