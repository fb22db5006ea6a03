"""Reports by mail and by SMS: sent on at once where nothing is missing, else kept until their author completes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from core.actor import Actor
from core.contacts import Details
from core.database import ask, db, utcnow
from core.errors import FieldError, FieldErrors, Missing
from core.geo import Place
from core.i18n import gettext as _
from core.identity.models import Contact, Words
from core.outbox.models import MAIL, SMS
from core.outbox.verbs import owe
from core.photos.models import Photo
from core.photos.verbs import place as place_of
from core.photos.verbs import wait_for_claim
from core.words import keep
from reporter import intake
from reporter.answers import verbs as answers
from reporter.arrivals import guessing, words
from reporter.arrivals.models import REPORT, UNKNOWN, Arrival
from reporter.models import Report

#: What one address sends in a day at most; beyond, only the desk looks at it.
MOST_A_DAY = 20
#: The remark on what its author added to without completing it.
SAID_MORE = "said_more"
_ANSWERS = re.compile(r"^(?:(?:re|rép|tr|fw|fwd)\s*:\s*)+", re.IGNORECASE)


def too_many(contact_id: int) -> bool:
    """Whether this contact has sent more today than a person does, what is being taken in included."""
    db.session.flush()
    a = Arrival.__table__.c
    since = utcnow() - timedelta(days=1)
    return ask(select(func.count()).where(a.contact_id == contact_id, a.arrived_at > since)).scalar_one() > MOST_A_DAY


def begin(arrival: Arrival, *, subject: str, text: str, photos: Sequence[Photo], remarks: Sequence[str],
          sender: Details) -> None:
    """Make a report of what came; where something is missing, ask its author for it by a link."""
    arrival.remark = " ".join(remarks)
    report = _complete(arrival, _said(subject, text), subject, text, photos, sender)
    if report is not None:
        done(arrival, report)
        return
    arrival.taken_for, arrival.dealt_with = REPORT, False
    keep_what_came(arrival, subject=subject, text=text, photos=photos)
    answer_back(arrival, "arrival.complete")


def add(draft: Arrival, *, text: str, photos: Sequence[Photo], by: Actor) -> Report | None:
    """Add what its author says once they were asked for more: to the report, where it is made by now; else to what
    came, which the desk completes with them. Nobody is asked twice. Returns the report. Raises FieldErrors."""
    made = report_of(draft)
    if made is not None:
        answers.answer(intake.lock(made.reference), text=shortened(text), photos=[photo.token for photo in photos],
                       by=by, contact_id=draft.contact_id)
        return made
    every = [*photos_of(draft), *photos][: intake.PHOTOS]
    said = "\n\n".join(filter(None, (words_of(draft), text)))
    report = _complete(draft, said, "", said, every, _person(draft))
    if report is not None:
        done(draft, report)
        return report
    draft.taken_for, draft.dealt_with, draft.remark = UNKNOWN, False, f"{SAID_MORE} {draft.remark}".strip()
    keep_what_came(draft, subject="", text=said, photos=every)
    return None


def _person(draft: Arrival) -> Details:
    """Who wrote, by the address or the number that they wrote from."""
    person = db.session.get_one(Contact, draft.contact_id)
    given = db.session.get_one(Contact, draft.given_contact_id or draft.contact_id)
    if draft.door == SMS:
        return Details(phone=person.phone or "", locale=person.locale, news=SMS)
    return Details(name=given.name or "", email=person.email or "", locale=person.locale)


def _said(subject: str, text: str) -> str:
    """Subject and text as one description."""
    title = _ANSWERS.sub("", subject).strip()
    if not title or text.lower().startswith(title.lower()):
        return text
    return f"{title}\n\n{text}".strip()


def _complete(arrival: Arrival, description: str, subject: str, text: str, photos: Sequence[Photo],
              sender: Details) -> Report | None:
    """The report, where the photos say the place and the words the category; None where something is missing."""
    place = taken_in_town(photos)
    category = guessing.category_of(subject, text) if place is not None else None
    if place is None or category is None or len(description) > intake.DESCRIPTION:
        return None
    try:
        with db.session.begin_nested():
            return intake.submit(
                by=Actor(arrival.door), category=category.code, place=place, description=description,
                contact=sender, photos=[photo.token for photo in photos])
    except (FieldError, FieldErrors):
        return None


def shortened(text: str, most: int = intake.DESCRIPTION) -> str:
    """`text`, cut where it is longer than a form allows."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def taken_in_town(photos: Sequence[Photo]) -> Place | None:
    """Where the first of the photos that were taken in the town was taken."""
    places = (place_of(photo) for photo in photos)
    return next((place for place in places if place and intake.ground(place, None).inside), None)


def keep_what_came(arrival: Arrival, *, subject: str, text: str, photos: Sequence[Photo]) -> None:
    """Keep words and photos beside the arrival, for whoever is to say more."""
    arrival.words_id = keep(_said(subject, text), jurisdiction_id=arrival.jurisdiction_id)
    arrival.photo_ids = [photo.id for photo in photos]
    wait_for_claim(arrival.photo_ids, days=words.COMPLETE_DAYS)


def answer_back(arrival: Arrival, kind: str) -> None:
    """Owe one message to whoever wrote, by the channel they used; none to who writes too much."""
    if arrival.contact_id is None or too_many(arrival.contact_id):
        return
    owe(kind, source=f"arrival:{arrival.id}", contact_id=arrival.contact_id, facts={"arrival": arrival.id},
        locale=_language_of(arrival), channel=SMS if arrival.door == SMS else MAIL)


def _language_of(arrival: Arrival) -> str | None:
    return db.session.scalar(select(Contact.locale).where(Contact.id == arrival.contact_id))


def words_of(arrival: Arrival) -> str:
    """What came in, where it is still kept."""
    found = db.session.get(Words, arrival.words_id) if arrival.words_id else None
    return found.text if found is not None and found.masked_at is None else ""


def photos_of(arrival: Arrival) -> list[Photo]:
    """The photos that came with it, in their order, where they are still kept."""
    if not arrival.photo_ids:
        return []
    known = {one.id: one for one in db.session.scalars(select(Photo).where(Photo.id.in_(arrival.photo_ids)))}
    return [known[number] for number in arrival.photo_ids if number in known]


def find(arrival_id: int) -> Arrival | None:
    """The arrival of that number here, or None."""
    return db.session.scalar(select(Arrival).where(Arrival.id == arrival_id))


def draft_of(contact_id: int, door: str) -> Arrival | None:
    """What this contact was asked to complete by that door in the last days, the newest; None where nothing was."""
    return db.session.scalar(
        select(Arrival).where(
            Arrival.contact_id == contact_id, Arrival.door == door, Arrival.taken_for == REPORT,
            Arrival.dealt_with.is_(False), Arrival.arrived_at > utcnow() - timedelta(days=2))
        .order_by(Arrival.id.desc()).limit(1).with_for_update())


def lock(arrival_id: int) -> Arrival:
    """An arrival, its row locked until the transaction ends. Raises Missing."""
    found = db.session.scalar(
        select(Arrival).where(Arrival.id == arrival_id).with_for_update()
        .execution_options(populate_existing=True))
    if found is None:
        raise Missing(_("This message does not exist or no longer exists."))
    return found


def lock_with_report(arrival_id: int) -> Arrival:
    """An arrival and the report that was made of it, if any: the report first, as everywhere. Raises Missing."""
    while True:
        known = db.session.scalar(
            select(Report.reference).join(Arrival, Arrival.report_id == Report.id).where(Arrival.id == arrival_id))
        both = db.session.begin_nested()
        if known is not None:
            intake.lock(known)
        found = lock(arrival_id)
        if known is not None or found.report_id is None:
            both.commit()
            return found
        # A report was made of it meanwhile: what was locked is given back, and both are locked in their order.
        both.rollback()


def done(arrival: Arrival, report: Report) -> None:
    """The report of that arrival is made."""
    arrival.report_id, arrival.dealt_with = report.id, True
    arrival.taken_for = REPORT if arrival.taken_for == UNKNOWN else arrival.taken_for
    arrival.photo_ids = []
    db.session.flush()


def report_of(arrival: Arrival) -> Report | None:
    """The report that was made of it, if any."""
    return db.session.get(Report, arrival.report_id) if arrival.report_id else None
