"""Reports by mail and by SMS: sent on at once where nothing is missing, else kept until their author completes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from core.channel_names import MAIL, SMS
from core.database import db, execute_unscoped, utcnow
from core.errors import FieldError, FieldErrors, NotFound
from core.free_text import store_free_text
from core.geo import Place
from core.i18n import gettext as _
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from core.models import FreeText
from core.notifications.outbox.verbs import queue_message
from core.photos.models import Photo
from core.photos.verbs import extend_claim_period
from core.photos.verbs import place_of_photo as place_of
from reporter import place_lookup
from reporter.feedback import verbs as feedback_verbs
from reporter.inbound import category_guess, links
from reporter.inbound.models import REPORT, UNKNOWN, InboundMessage
from reporter.reports import intake as report_intake
from reporter.reports.models import Report

#: What one address sends in a day at most; beyond, only the desk looks at it.
MOST_A_DAY = 20
#: The remark on what its author added to without completing it.
SAID_MORE = "said_more"
_ANSWERS = re.compile(r"^(?:(?:re|rép|tr|fw|fwd)\s*:\s*)+", re.IGNORECASE)


def over_daily_limit(contact_id: int) -> bool:
    """Whether this contact has sent more today than a person does, what is being taken in included."""
    db.session.flush()
    a = InboundMessage.__table__.c
    since = utcnow() - timedelta(days=1)
    return (
        execute_unscoped(select(func.count()).where(a.contact_id == contact_id, a.arrived_at > since)).scalar_one()
        > MOST_A_DAY
    )


def begin_report(
    inbound: InboundMessage,
    *,
    subject: str,
    text: str,
    photos: Sequence[Photo],
    remarks: Sequence[str],
    sender: ContactDetails,
) -> None:
    """Make a report of what came; where something is missing, ask its author for it by a link."""
    inbound.remark = " ".join(remarks)
    report = _complete(inbound, _said(subject, text), subject, text, photos, sender)
    if report is not None:
        mark_completed(inbound, report)
        return
    inbound.interpreted_as, inbound.handled = REPORT, False
    store_content(inbound, subject=subject, text=text, photos=photos)
    reply_to_sender(inbound, "arrival.complete")


def add_to_draft(draft: InboundMessage, *, text: str, photos: Sequence[Photo], by: Actor) -> Report | None:
    """Add what its author says once they were asked for more: to the report, where it is made by now; else to what
    came, which the desk completes with them. Nobody is asked twice. Returns the report. Raises FieldErrors."""
    made = report_of(draft)
    if made is not None:
        feedback_verbs.answer(
            report_intake.lock_report(made.reference),
            text=shortened(text),
            photos=[photo.token for photo in photos],
            by=by,
            contact_id=draft.contact_id,
        )
        return made
    every = [*photos_of(draft), *photos][: report_intake.PHOTOS]
    said = "\n\n".join(filter(None, (words_of(draft), text)))
    report = _complete(draft, said, "", said, every, _person(draft))
    if report is not None:
        mark_completed(draft, report)
        return report
    draft.interpreted_as, draft.handled, draft.remark = UNKNOWN, False, f"{SAID_MORE} {draft.remark}".strip()
    store_content(draft, subject="", text=said, photos=every)
    return None


def _person(draft: InboundMessage) -> ContactDetails:
    """Who wrote, by the address or the number that they wrote from."""
    person = db.session.get_one(Contact, draft.contact_id)
    given = db.session.get_one(Contact, draft.given_contact_id or draft.contact_id)
    if draft.channel == SMS:
        return ContactDetails(phone=person.phone or "", locale=person.locale, news=SMS)
    return ContactDetails(name=given.name or "", email=person.email or "", locale=person.locale)


def _said(subject: str, text: str) -> str:
    """Subject and text as one description."""
    title = _ANSWERS.sub("", subject).strip()
    if not title or text.lower().startswith(title.lower()):
        return text
    return f"{title}\n\n{text}".strip()


def _complete(
    inbound: InboundMessage, description: str, subject: str, text: str, photos: Sequence[Photo], sender: ContactDetails
) -> Report | None:
    """The report, where the photos say the place and the words the category; None where something is missing."""
    place = place_from_photos(photos)
    category = category_guess.guess_category(subject, text) if place is not None else None
    if place is None or category is None or len(description) > report_intake.DESCRIPTION:
        return None
    try:
        with db.session.begin_nested():
            return report_intake.submit(
                by=Actor(inbound.channel),
                category=category.code,
                place=place,
                description=description,
                contact=sender,
                photos=[photo.token for photo in photos],
            )
    except (FieldError, FieldErrors):
        return None


def shortened(text: str, most: int = report_intake.DESCRIPTION) -> str:
    """`text`, cut where it is longer than a form allows."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def place_from_photos(photos: Sequence[Photo]) -> Place | None:
    """Where the first of the photos that were taken in the jurisdiction was taken."""
    places = (place_of(photo) for photo in photos)
    return next((place for place in places if place and place_lookup.look_up_place(place, None).inside), None)


def store_content(inbound: InboundMessage, *, subject: str, text: str, photos: Sequence[Photo]) -> None:
    """Keep words and photos beside the arrival, for whoever is to say more."""
    inbound.free_text_id = store_free_text(_said(subject, text), jurisdiction_id=inbound.jurisdiction_id)
    inbound.photo_ids = [photo.id for photo in photos]
    extend_claim_period(inbound.photo_ids, days=links.COMPLETE_DAYS)


def reply_to_sender(inbound: InboundMessage, kind: str) -> None:
    """Owe one message to whoever wrote, by the channel they used; none to who writes too much."""
    if inbound.contact_id is None or over_daily_limit(inbound.contact_id):
        return
    queue_message(
        kind,
        source=f"arrival:{inbound.id}",
        contact_id=inbound.contact_id,
        facts={"arrival": inbound.id},
        locale=_language_of(inbound),
        channel=SMS if inbound.channel == SMS else MAIL,
    )


def _language_of(inbound: InboundMessage) -> str | None:
    return db.session.scalar(select(Contact.locale).where(Contact.id == inbound.contact_id))


def words_of(inbound: InboundMessage) -> str:
    """What came in, where it is still kept."""
    found = db.session.get(FreeText, inbound.free_text_id) if inbound.free_text_id else None
    return found.text if found is not None and found.masked_at is None else ""


def photos_of(inbound: InboundMessage) -> list[Photo]:
    """The photos that came with it, in their order, where they are still kept."""
    if not inbound.photo_ids:
        return []
    known = {one.id: one for one in db.session.scalars(select(Photo).where(Photo.id.in_(inbound.photo_ids)))}
    return [known[number] for number in inbound.photo_ids if number in known]


def find_message(inbound_id: int) -> InboundMessage | None:
    """The arrival of that number here, or None."""
    return db.session.scalar(select(InboundMessage).where(InboundMessage.id == inbound_id))


def open_draft_of(contact_id: int, channel: str) -> InboundMessage | None:
    """What this contact was asked to complete by that channel in the last days, the newest; None where nothing was."""
    return db.session.scalar(
        select(InboundMessage)
        .where(
            InboundMessage.contact_id == contact_id,
            InboundMessage.channel == channel,
            InboundMessage.interpreted_as == REPORT,
            InboundMessage.handled.is_(False),
            InboundMessage.arrived_at > utcnow() - timedelta(days=2),
        )
        .order_by(InboundMessage.id.desc())
        .limit(1)
        .with_for_update()
    )


def lock_message(inbound_id: int) -> InboundMessage:
    """An arrival, its row locked until the transaction ends. Raises NotFound."""
    found = db.session.scalar(
        select(InboundMessage)
        .where(InboundMessage.id == inbound_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(_("This message does not exist or no longer exists."))
    return found


def lock_with_report(inbound_id: int) -> InboundMessage:
    """An arrival and the report that was made of it, if any: the report first, as everywhere. Raises NotFound."""
    while True:
        known = db.session.scalar(
            select(Report.reference)
            .join(InboundMessage, InboundMessage.report_id == Report.id)
            .where(InboundMessage.id == inbound_id)
        )
        both = db.session.begin_nested()
        if known is not None:
            report_intake.lock_report(known)
        found = lock_message(inbound_id)
        if known is not None or found.report_id is None:
            both.commit()
            return found
        # A report was made of it meanwhile: what was locked is given back, and both are locked in their order.
        both.rollback()


def mark_completed(inbound: InboundMessage, report: Report) -> None:
    """The report of that arrival is made."""
    inbound.report_id, inbound.handled = report.id, True
    inbound.interpreted_as = REPORT if inbound.interpreted_as == UNKNOWN else inbound.interpreted_as
    inbound.photo_ids = []
    db.session.flush()


def report_of(inbound: InboundMessage) -> Report | None:
    """The report that was made of it, if any."""
    return db.session.get(Report, inbound.report_id) if inbound.report_id else None
