"""The mails that tell of a report: one renderer for all that is told, one for the question to confirm an address."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import or_, select

from core import links
from core.database import db, utcnow
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.identity.models import Words
from core.outbox.kinds import Mail, NotYet, Picture, letter, renders
from core.outbox.models import Message
from core.photos.models import PROCESSING, REFUSED, Photo
from core.scope import everywhere
from core.storage import storage
from core.text import without_contacts
from core.times import day, when
from reporter import following, sentences
from reporter.models import Category, Follower, Report, ReportEvent, ReportPhoto
from reporter.status import TOLD

log = logging.getLogger(__name__)
LARGEST_PICTURE = 400_000
#: How long the news of a repair waits for its photo.
PATIENCE = timedelta(minutes=3)


@renders(*(f"report.{kind}" for kind in TOLD), words=lazy_gettext("News of a report"))
def told(message: Message) -> Mail | None:
    """The news of one event, to one follower: of the report itself, or of one that was merged into it."""
    event = db.session.get(ReportEvent, message.facts["event"])
    report = db.session.get(Report, event.report_id)
    follower, followed = _following(message, report)
    if follower is None:
        return None
    # What its author wrote into the address is theirs: others read it as the public does.
    own = follower.author and followed.id == report.id
    address = report.address if own else without_contacts(report.address)
    words = _words(event)
    subject, opening, details = _says(event, report, followed, words, address)
    pictures = _repair(report, event.recorded_at) if event.kind == "resolved" else ()
    path = f"/r/{followed.reference}"
    if follower.author:
        path += f"?key={following.author_key(followed.id)}"
    return letter(
        "report",
        subject,
        unsubscribe=links.absolute(f"/follow/stop/{following.stop_key(follower.id)}"),
        pictures=pictures,
        repaired=bool(pictures),
        place=address,
        opening=opening,
        details=details,
        page=links.absolute(path),
        reference=followed.reference,
        author=follower.author,
        date=when(event.occurred_at),
    )


def _following(message: Message, report: Report) -> tuple[Follower | None, Report]:
    """By which following this contact hears of the report: nearest first; (None, …) when it was stopped."""
    through = [Report.id == report.id, Report.merged_into_id == report.id]
    if report.merged_into_id is not None:
        # What was merged into it has gone along with it since.
        through.append(Report.merged_into_id == report.merged_into_id)
    row = db.session.execute(
        select(Follower, Report)
        .join(Report, Report.id == Follower.report_id)
        .where(
            Follower.contact_id == message.contact_id,
            Follower.stopped_at.is_(None),
            or_(*through),
        )
        .order_by(Report.id != report.id)
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else (None, report)


def _words(event: ReportEvent) -> str:
    if event.words_id is None:
        return ""
    said = db.session.get(Words, event.words_id)
    return "" if said is None or said.masked_at else said.text


def _says(
    event: ReportEvent, report: Report, followed: Report, words: str, address: str
) -> tuple[str, str, list[str]]:
    """Subject, opening sentence, and the paragraphs after it."""
    category = db.session.get(Category, report.category_id)
    thing = sentences.what(category.names, address)
    subject, opening = _SAYINGS[event.kind](thing, event.facts)
    details = []
    if event.kind in ("rejected", "merged", "day_changed", "reopened", "transferred") and words:
        details.append(_("The reason: %(words)s", words=words))
    elif words:
        details.append(words)
    if event.kind == "received" and report.due_at:
        details.append(_("Our aim is to have it done before %(day)s.", day=day(report.due_at)))
    if followed.id != report.id:
        details.append(
            _(
                "Your report %(reference)s was joined to this one: what becomes of it holds for yours too.",
                reference=followed.reference,
            )
        )
    if event.kind == "received" and report.description:
        details.append(_("What you wrote: « %(words)s »", words=report.description))
    return subject, opening, details


def _received(thing: str, facts: dict[str, Any]) -> tuple[str, str]:
    return (
        _("We have received your report: %(thing)s", thing=thing),
        _("Thank you: your report is with the services, who will look at it and tell you what follows."),
    )


def _planned(thing: str, facts: dict[str, Any]) -> tuple[str, str]:
    planned = day(datetime.fromisoformat(facts["start"]))
    return (
        _("A team will come on %(day)s: %(thing)s", day=planned, thing=thing),
        _("The work is planned: a team will come on %(day)s.", day=planned),
    )


def _day_changed(thing: str, facts: dict[str, Any]) -> tuple[str, str]:
    if not facts.get("start"):
        before = day(datetime.fromisoformat(facts["before"])) if facts.get("before") else ""
        return (
            _("The day announced no longer holds: %(thing)s", thing=thing),
            _(
                "The work announced for %(day)s will not take place that day. A new day will be told to you.",
                day=before,
            ),
        )
    planned = day(datetime.fromisoformat(facts["start"]))
    return (
        _("New day, %(day)s: %(thing)s", day=planned, thing=thing),
        _("The day of the work has changed: a team will come on %(day)s.", day=planned),
    )


def _resolved(thing: str, facts: dict[str, Any]) -> tuple[str, str]:
    return _("It is repaired: %(thing)s", thing=thing), _("The work is done. Thank you for having told us.")


def _rejected(thing: str, facts: dict[str, Any]) -> tuple[str, str]:
    return (
        _("No work will follow: %(thing)s", thing=thing),
        _("The services have looked at your report, and no work will follow."),
    )


def _merged(thing: str, facts: dict[str, Any]) -> tuple[str, str]:
    return (
        _("Already reported, we follow both together: %(thing)s", thing=thing),
        _(
            "Somebody had told us the same: your report is joined to %(reference)s. You will hear of it too.",
            reference=facts.get("into", ""),
        ),
    )


def _transferred(thing: str, facts: dict[str, Any]) -> tuple[str, str]:
    return (
        _("Passed on to those in charge: %(thing)s", thing=thing),
        _("This is not in the town's charge: your report was passed on to those who look after it."),
    )


def _reopened(thing: str, facts: dict[str, Any]) -> tuple[str, str]:
    opening = {
        "rejected": lambda: _("The services have looked at your report once more: it is open again."),
        "merged": lambda: _("Your report is not the same as the other after all: it is followed by itself again."),
    }.get(
        facts.get("from"),
        lambda: _("The work was not as it should be: your report is open again, and a team will come back to it."),
    )
    return _("Open again: %(thing)s", thing=thing), opening()


def _question(thing: str, facts: dict[str, Any]) -> tuple[str, str]:
    return (_("A question for you: %(thing)s", thing=thing), _("We need one more detail to go on."))


_SAYINGS = {
    "received": _received,
    "planned": _planned,
    "day_changed": _day_changed,
    "resolved": _resolved,
    "rejected": _rejected,
    "merged": _merged,
    "transferred": _transferred,
    "reopened": _reopened,
    "question": _question,
}


def _repair(report: Report, recorded_at: datetime) -> tuple[Picture, ...]:
    """The latest photo of the repair, in its small public size; without it where it cannot be had.

    Raises NotYet while a worker has still to prepare it, for PATIENCE seconds at the most.
    """
    # A neighbour's crew may have taken it.
    with everywhere():
        found = db.session.execute(
            select(Photo.status, Photo.sizes)
            .join(ReportPhoto, ReportPhoto.photo_id == Photo.id)
            .where(ReportPhoto.report_id == report.id, ReportPhoto.role == "repair", Photo.status != REFUSED)
            .order_by(ReportPhoto.added_at.desc(), ReportPhoto.position)
            .limit(1)
        ).first()
    if found is not None and found.status == PROCESSING and utcnow() - recorded_at < PATIENCE:
        raise NotYet(2)
    if found is None or "small" not in found.sizes:
        return ()
    small = found.sizes["small"]
    try:
        data = storage().get(small["key"])
    except Exception:  # noqa: BLE001 - the news matters more than its picture
        log.warning("The photo of a repair could not be read for its mail")
        return ()
    return (
        (Picture("repair", data, small.get("media_type", "image/webp")),)
        if len(data) <= LARGEST_PICTURE
        else ()
    )


@renders("report.confirm", words=lazy_gettext("An address to confirm"))
def confirm(message: Message) -> Mail | None:
    """Whether this address really wants the news of a report."""
    follower = db.session.get(Follower, message.facts["follower"])
    if follower is None or (follower.confirmed_at and not follower.stopped_at):
        return None
    report = db.session.get(Report, follower.report_id)
    category = db.session.get(Category, report.category_id)
    thing = sentences.what(category.names, without_contacts(report.address))
    return letter(
        "follow",
        _("Do you want news of this report? %(thing)s", thing=thing),
        thing=thing,
        page=links.absolute(f"/follow/confirm/{following.confirmation_key(follower.id)}"),
        reference=report.reference,
    )


def init_app(app: Flask) -> None:
    """Importing this module registers its renderers: being called is what makes the import wanted."""
