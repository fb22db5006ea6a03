"""What follows from a mail that came back: nothing is sent there any more, and the desk sees it."""

from __future__ import annotations

from sqlalchemy import func, select, update

from core.database import db
from core.identity.models import Contact
from core.notifications.outbox.models import DEAD, GATHERED, OWED, SENT, Message
from reporter.inbound.mail.bounce_parser import DeliveryFailure
from reporter.reports.models import Report


def stop_after_bounce(message: Message, failure: DeliveryFailure) -> None:
    """The message is given up, to be seen on the desk; where the address does not exist, so is what is still owed
    to it by mail."""
    m = Message.__table__.c
    error = f"came back: {failure.code or 'undelivered'}"
    here = (m.jurisdiction_id == message.jurisdiction_id, m.channel == message.channel)
    db.session.execute(
        update(Message.__table__).where(m.id == message.id, *here, m.status == SENT).values(status=DEAD, error=error)
    )
    if not failure.nowhere:
        return
    db.session.execute(
        update(Message.__table__)
        .where(m.recipient == message.recipient, *here, m.status.in_((OWED, GATHERED)))
        .values(status=DEAD, error=f"the address does not exist: {failure.code or 'unknown'}")
    )
    if message.contact_id is not None:
        c = Contact.__table__.c
        db.session.execute(
            update(Contact.__table__)
            .where(c.jurisdiction_id == message.jurisdiction_id, c.id == message.contact_id)
            .values(email_failed_at=func.coalesce(c.email_failed_at, func.now()))
        )


def report_of(message: Message) -> int | None:
    """The report that a message told of, where it is one of this jurisdiction's."""
    number = message.facts.get("report")
    if not isinstance(number, int):
        return None
    return db.session.scalar(select(Report.id).where(Report.id == number))
