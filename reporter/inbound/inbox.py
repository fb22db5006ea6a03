"""What came in and waits for the desk: read, added to a report, set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from core.database import db, execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.errors import Refused
from core.i18n import gettext as _
from core.identity.actor import Actor
from reporter.feedback import verbs as feedback_verbs
from reporter.inbound import drafts
from reporter.inbound.models import InboundMessage
from reporter.reports.models import Report

#: From when on the desk looks at what its author was asked to complete, in hours.
PATIENCE = 48


@dataclass(frozen=True)
class WaitingMessage:
    """One arrival, with what is kept of it."""

    id: int
    channel: str
    interpreted_as: str
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
SELECT a.id, a.channel, a.interpreted_as, a.remark, a.arrived_at,
    CASE WHEN g.id IS NULL THEN k.name ELSE g.name END AS name, k.email, k.phone,
    CASE WHEN w.masked_at IS NULL THEN w.text END AS words, r.reference,
    COALESCE((SELECT json_agg(json_build_object('token', p.token, 'status', p.status) ORDER BY p.id)
              FROM photo p WHERE p.id = ANY(a.photo_ids) AND p.jurisdiction_id = a.jurisdiction_id),
             '[]'::json) AS photos
FROM inbound_message a LEFT JOIN contact k ON k.id = a.contact_id LEFT JOIN free_text w ON w.id = a.free_text_id
    LEFT JOIN contact g ON g.id = a.given_contact_id LEFT JOIN report r ON r.id = a.report_id
WHERE a.jurisdiction_id = :jurisdiction AND NOT a.handled AND a.id > :after
ORDER BY a.id LIMIT :most
""")


def waiting_messages(*, after: int = 0, most: int = 50) -> list[WaitingMessage]:
    """What nobody has dealt with, the oldest first, after the one of that id. One statement."""
    return [
        WaitingMessage(*row)
        for row in execute_unscoped(_OPEN, {"jurisdiction": current_jurisdiction_id(), "after": after, "most": most})
    ]


def attach_to_report(inbound_id: int, report: Report, *, by: Actor) -> None:
    """Add what came to a locked report, as an answer that the services read. Raises NotFound, Refused, FieldError."""
    inbound = lock(inbound_id)
    said = drafts.words_of(inbound)
    photos = drafts.photos_of(inbound)
    if said or photos:
        feedback_verbs.answer(
            report,
            text=drafts.shortened(said),
            photos=[photo.token for photo in photos],
            by=Actor(inbound.channel, by.user_id, inbound.arrived_at),
            contact_id=inbound.contact_id,
        )
    drafts.mark_completed(inbound, report)


def set_aside(inbound_id: int) -> None:
    """Nothing is made of it. Raises NotFound, Refused."""
    lock(inbound_id).handled = True
    db.session.flush()


def lock(inbound_id: int) -> InboundMessage:
    """An arrival that waits for the desk, its row locked: after its report's, where that is locked too.

    Raises NotFound, and Refused (changed) where somebody else has dealt with it in the meantime.
    """
    inbound = drafts.lock_message(inbound_id)
    if inbound.handled:
        raise Refused(_("Someone else has dealt with this message in the meantime."), code="changed")
    return inbound
