"""What can happen to a report after it was received. Every verb takes a report whose row is locked.

The states that follow from work (`follow_work`, `announced`, `made_safe` …) are set by the verbs of the packages
above, through these; nobody else writes `Report.status`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from core.database import db, utcnow
from core.database import execute_unscoped as ask_database
from core.errors import FieldError, Refused
from core.geo import Place, place_from_column
from core.i18n import gettext as _
from core.identity import jurisdictions
from core.identity.actor import Actor
from core.photos.models import Photo
from core.text import clean_text
from reporter.categories.queries import category_by_code, hosting_jurisdiction
from reporter.map import tile_counts
from reporter.place_lookup import look_up_place, outside_error
from reporter.reports.history import append, touch
from reporter.reports.models import Report, ReportEvent, ReportPhoto, ReportSector
from reporter.statuses import (
    ACKNOWLEDGED,
    ANSWERED,
    CLOSED,
    CONTESTED,
    MERGED,
    MOVES,
    RECEIVED,
    REJECTED,
    RESOLVED,
    UNANSWERED,
    WAITING,
)

REASON = 1000


def is_legal(report: Report, verb: str) -> bool:
    """Whether `verb` is a legal move from the report's present state."""
    return report.status in MOVES[verb][0]


def _check(report: Report, verb: str) -> None:
    if not is_legal(report, verb):
        raise Refused(_("This cannot be done at this stage of the report."), code="illegal_move")


def checked_reason(value: object, *, field: str = "reason") -> str:
    """A reason for people: needed, at most 1,000 characters. Raises FieldError."""
    return clean_text(value, field=field, most=REASON, required=True)


def set_status(report: Report, status: str) -> None:
    """Change the state, its times and the map's counts; the event is the caller's."""
    if status == report.status:
        return
    if not report.private:
        place = place_from_column(report.location)
        tile_counts.append_changes(report.jurisdiction_id, [(place, report.status, -1), (place, status, 1)])
    report.status = status
    lies = ReportSector.__table__
    db.session.execute(update(lies).where(lies.c.report_id == report.id).values(status=status))


def _moved(report: Report, status: str, by: Actor) -> None:
    set_status(report, status)
    report.closed_at = by.when if status in CLOSED else None
    # It waits no longer; and whoever moves it has read what residents said of it.
    report.waiting_until = report.unread_answer = None
    touch(report)


def acknowledge(report: Report, *, by: Actor) -> None:
    """The services have seen it: it will be dealt with."""
    _check(report, "acknowledge")
    _moved(report, ACKNOWLEDGED, by)
    append(report, "acknowledged", by=by)


def reject(report: Report, *, reason: object, by: Actor) -> None:
    """No action will follow; the reason is told to the author and the followers."""
    words = checked_reason(reason)
    _check(report, "reject")
    _moved(report, REJECTED, by)
    append(report, "rejected", by=by, words=words)


def merge(report: Report, into: Report, *, by: Actor, reason: object = "") -> None:
    """Attach `report` to `into`, which says the same; its followers hear what becomes of the other.

    Both rows are locked. What was merged into `report` before goes along.
    """
    words = clean_text(reason, field="reason", most=REASON)
    if report.id == into.id:
        raise FieldError("into", _("A report cannot be merged into itself."))
    if into.status == MERGED:
        raise FieldError("into", _("That report has itself been merged: choose the one it was merged into."))
    _check(report, "merge")
    _moved(report, MERGED, by)
    report.merged_into_id = into.id
    db.session.flush()
    # Told before they go along: those who follow what was merged into `report` hear of this joining too.
    append(report, "merged", by=by, words=words, facts={"into": into.reference})
    db.session.execute(
        update(Report.__table__)
        .where(Report.__table__.c.merged_into_id == report.id)
        .values(merged_into_id=into.id, version=Report.__table__.c.version + 1, updated_at=utcnow())
    )
    touch(into)
    # A private report is not named on a public page.
    append(into, "joined", by=by, facts={} if report.private else {"reference": report.reference})


def reopen(report: Report, *, by: Actor, reason: object = "", status: str = ACKNOWLEDGED) -> None:
    """A closed report is open again; told to its followers."""
    words = clean_text(reason, field="reason", most=REASON)
    _check(report, "reopen")
    before = report.status
    report.merged_into_id = None
    _moved(report, status, by)
    append(report, "reopened", by=by, words=words, facts={"from": before})


def note(report: Report, *, text: object, by: Actor) -> None:
    """Write an internal line: only the services read it."""
    words = clean_text(text, field="text", most=4000, required=True)
    touch(report)
    append(report, "noted", by=by, words=words)


def correct_category(report: Report, *, category: object, by: Actor) -> None:
    """Put the report under another category of where it lies; answers to the old one's questions are kept.

    Where another body is responsible for that, who is in charge changes with it. What was promised is made anew: the
    new category's delay, counted from the reception.
    """
    found = category_by_code(category, of=report.jurisdiction_id)
    if found.id == report.category_id:
        return
    before = report.category.code
    _set_private(report, found.private)
    if found.body_id != report.body_id:
        report.body_id, report.in_charge_id = (
            found.body_id,
            hosting_jurisdiction(found.body_id) or report.jurisdiction_id,
        )
    report.category_id, report.priority = found.id, found.priority
    due_before, report.due_at = report.due_at, due_by(report.received_at, found.delay_hours)
    touch(report)
    db.session.flush()
    db.session.refresh(report, ["category"])
    append(
        report,
        "category_changed",
        by=by,
        facts={"from": before, "to": found.code, "due_from": _as_text(due_before), "due_to": _as_text(report.due_at)},
    )


def due_by(received_at: datetime, delay_hours: int | None) -> datetime | None:
    """When a report is due that came in then; None where its category promises nothing."""
    return received_at + timedelta(hours=delay_hours) if delay_hours else None


def _as_text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _set_private(report: Report, private: bool) -> None:
    if report.private == private:
        return
    tile_counts.append_changes(
        report.jurisdiction_id, [(place_from_column(report.location), report.status, -1 if private else 1)]
    )
    report.private = private


def correct_place(report: Report, *, place: Place, address: object = None, by: Actor) -> None:
    """Put the report where it really is (inside the jurisdiction where it lies), and in the sectors there."""
    words = clean_text(address, field="address", most=250, lines=False) if address is not None else report.address
    known = look_up_place(place, None, of=report.jurisdiction_id)
    if not known.inside:
        raise outside_error(jurisdiction=jurisdictions.by_id(report.jurisdiction_id))
    before = place_from_column(report.location)
    if not report.private:
        tile_counts.append_changes(report.jurisdiction_id, [(before, report.status, -1), (place, report.status, 1)])
    report.location, report.address = place.wkt, words
    touch(report)
    table = ReportSector.__table__
    db.session.flush()
    db.session.execute(delete(table).where(table.c.report_id == report.id))
    if known.sector_ids:
        db.session.execute(
            insert(table).values(
                [
                    {
                        "jurisdiction_id": report.jurisdiction_id,
                        "report_id": report.id,
                        "sector_id": sector_id,
                        "received_at": report.received_at,
                        "status": report.status,
                    }
                    for sector_id in known.sector_ids
                ]
            )
        )
    db.session.refresh(report, ["location"])
    append(report, "place_changed", by=by, facts={"from": before.geojson, "to": place.geojson})


# What residents answer: called by reporter.feedback.


def ask(report: Report, *, text: object, until: datetime, by: Actor) -> None:
    """Put a question to whoever reported it; the report waits for the answer until then."""
    words = clean_text(text, field="text", most=REASON, required=True)
    _check(report, "ask")
    before = _before_waiting(report) if report.status == WAITING else report.status
    _moved(report, WAITING, by)
    report.waiting_until = until
    append(report, "question", by=by, words=words, facts={"from": before, "until": until.isoformat()})


def _before_waiting(report: Report) -> str:
    """The state that the question left; as the last one says. One statement."""
    e = ReportEvent.__table__.c
    facts = ask_database(
        select(e.facts).where(e.report_id == report.id, e.kind == "question").order_by(e.id.desc()).limit(1)
    ).scalar()
    found = (facts or {}).get("from")
    return found if found in MOVES["ask"][0] and found != WAITING else RECEIVED


def record_answer(report: Report, *, by: Actor, words: str = "", facts: dict[str, Any] | None = None) -> None:
    """Somebody answered: a waiting report is what it was before; of any other the answer is kept."""
    if is_legal(report, "answer"):
        _moved(report, _before_waiting(report), by)
    else:
        touch(report)
    append(report, "answered", by=by, words=words, facts=facts)
    report.unread_answer = ANSWERED


def end_waiting(report: Report, *, by: Actor) -> None:
    """Nobody answered in time: the report is back on the desk as it was."""
    _check(report, "lapse")
    _moved(report, _before_waiting(report), by)
    append(report, "unanswered", by=by)
    report.unread_answer = UNANSWERED


def contest(report: Report, *, by: Actor, words: str = "", facts: dict[str, Any] | None = None) -> None:
    """Somebody says that it is not repaired: a resolved report is open again, and its followers are told so.

    What was said is for the services alone. One that is open by now keeps its state.
    """
    if is_legal(report, "contest"):
        _moved(report, ACKNOWLEDGED, by)
        append(report, "reopened", by=by, facts={"from": RESOLVED, "contested": True})
    else:
        touch(report)
    append(report, "contested", by=by, words=words, facts=facts)
    report.unread_answer = CONTESTED


def mark_answer_read(report: Report) -> None:
    """The desk has read what was answered, and nothing more follows from it."""
    report.unread_answer = None
    touch(report)


# What follows from work: called by the verbs of the packages above.


def set_status_from_work(
    report: Report,
    *,
    status: str,
    kind: str | None,
    by: Actor,
    facts: dict[str, Any] | None = None,
    words: str = "",
) -> None:
    """The work says in which state the report is; `kind` is the event that brought it about, if one is due."""
    _check(report, "follow_work")
    if status != report.status:
        _moved(report, status, by)
    else:
        if kind is not None:
            report.unread_answer = None
        touch(report)
    if kind is not None:
        append(report, kind, by=by, facts=facts, words=words)


def add_photos(report: Report, photos: list[Photo], *, role: str, by: Actor) -> None:
    """Show photos on the report: "seen" (what is wrong) or "repair" (the proof)."""
    if not photos:
        return
    first = db.session.scalar(
        select(ReportPhoto.position)
        .where(ReportPhoto.report_id == report.id)
        .order_by(ReportPhoto.position.desc())
        .limit(1)
    )
    start = 0 if first is None else first + 1
    db.session.execute(
        insert(ReportPhoto.__table__).values(
            [
                {
                    "report_id": report.id,
                    "photo_id": photo.id,
                    "role": role,
                    "position": start + index,
                    "added_at": by.when,
                }
                for index, photo in enumerate(photos)
            ]
        )
    )
    if role == "seen" and report.cover_id is None:
        report.cover_id = photos[0].id
