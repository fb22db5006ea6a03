"""What came in and waits for the desk: read, added to a report, set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from core.actor import Actor
from core.database import ask, db
from core.errors import Refused
from core.i18n import gettext as _
from core.scope import current_id
from reporter.answers import verbs as answers
from reporter.arrivals import reports
from reporter.arrivals.models import Arrival
from reporter.models import Report

#: From when on the desk looks at what its author was asked to complete, in hours.
PATIENCE = 48


@dataclass(frozen=True)
class Waiting:
    """One arrival, with what is kept of it."""

    id: int
    door: str
    taken_for: str
    remark: str
    arrived_at: datetime
    name: str | None
    email: str | None
    phone: str | None
    words: str | None
    reference: str | None
    #: [{token, status}]
    photos: list[dict[str, str]]


_OPEN = text("""
SELECT a.id, a.door, a.taken_for, a.remark, a.arrived_at,
    CASE WHEN g.id IS NULL THEN k.name ELSE g.name END AS name, k.email, k.phone,
    CASE WHEN w.masked_at IS NULL THEN w.text END AS words, r.reference,
    COALESCE((SELECT json_agg(json_build_object('token', p.token, 'status', p.status) ORDER BY p.id)
              FROM photo p WHERE p.id = ANY(a.photo_ids) AND p.jurisdiction_id = a.jurisdiction_id),
             '[]'::json) AS photos
FROM arrival a LEFT JOIN contact k ON k.id = a.contact_id LEFT JOIN words w ON w.id = a.words_id
    LEFT JOIN contact g ON g.id = a.given_contact_id LEFT JOIN report r ON r.id = a.report_id
WHERE a.jurisdiction_id = :here AND NOT a.dealt_with AND a.id > :after
ORDER BY a.id LIMIT :most
""")


def open_ones(*, after: int = 0, most: int = 50) -> list[Waiting]:
    """What nobody has dealt with, the oldest first, after the one of that id. One statement."""
    return [Waiting(*row) for row in ask(_OPEN, {"here": current_id(), "after": after, "most": most})]


def attach(arrival_id: int, report: Report, *, by: Actor) -> None:
    """Add what came to a locked report, as an answer that the services read. Raises Missing, Refused, FieldError."""
    arrival = lock(arrival_id)
    said = reports.words_of(arrival)
    photos = reports.photos_of(arrival)
    if said or photos:
        answers.answer(report, text=reports.shortened(said), photos=[photo.token for photo in photos],
                       by=Actor(arrival.door, by.user_id, arrival.arrived_at), contact_id=arrival.contact_id)
    reports.done(arrival, report)


def set_aside(arrival_id: int) -> None:
    """Nothing is made of it. Raises Missing, Refused."""
    lock(arrival_id).dealt_with = True
    db.session.flush()


def lock(arrival_id: int) -> Arrival:
    """An arrival that waits for the desk, its row locked: after its report's, where that is locked too.

    Raises Missing, and Refused (changed) where somebody else has dealt with it in the meantime.
    """
    arrival = reports.lock(arrival_id)
    if arrival.dealt_with:
        raise Refused(_("Someone else has dealt with this message in the meantime."), code="changed")
    return arrival
