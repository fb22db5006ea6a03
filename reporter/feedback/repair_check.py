"""Is it repaired? One answer a person after each `resolved`: yes, with a rating; or no, which opens it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.database import db, execute_unscoped, utcnow
from core.errors import FieldError, Refused
from core.i18n import gettext as _
from core.identity.actor import Actor
from reporter.feedback.deadline import contestable_until
from reporter.feedback.links import jurisdiction_of
from reporter.feedback.models import RepairAnswer
from reporter.feedback.questions import facts_of, words_and_photos
from reporter.reports import transitions
from reporter.reports.history import append, touch
from reporter.reports.models import Report, ReportEvent
from reporter.statuses import CLOSED, MERGED, RESOLVED

#: How the question stands for one person; ASKED is the only one in which an answer is taken.
ASKED, ANSWERED, LATE, REOPENED, JOINED, NEWER = "asked", "answered", "late", "reopened", "joined", "newer"


@dataclass(frozen=True)
class RepairQuestion:
    """How "Is it repaired?" stands for one person."""

    #: The `resolved` event asked about, and when it happened.
    event_id: int
    resolved_at: datetime
    #: Until when "not repaired" is heard.
    until: datetime
    state: str
    #: What they answered, where they did.
    repaired: bool | None = None


def repair_question(report: Report, contact_id: int | None, event: ReportEvent | None = None) -> RepairQuestion | None:
    """How the question about `event` (without: the newest) stands for that contact; None where none is asked.

    Without a contact it is the author, who left no address. Two statements.
    """
    e, v = ReportEvent.__table__.c, RepairAnswer.__table__.c
    newest = execute_unscoped(
        select(e.id, e.occurred_at, e.recorded_at)
        .where(e.report_id == report.id, e.kind == "resolved")
        .order_by(e.id.desc())
        .limit(1)
    ).one_or_none()
    if newest is None:
        return None
    about = event or newest
    whose = v.contact_id.is_(None) if contact_id is None else v.contact_id == contact_id
    given = execute_unscoped(select(v.repaired).where(v.event_id == about.id, whose)).scalar()
    until = contestable_until(about.occurred_at, about.recorded_at, jurisdiction_of(report))
    return RepairQuestion(about.id, about.occurred_at, until, _state(report, about.id, newest.id, given, until), given)


def _state(report: Report, about: int, newest: int, given: bool | None, until: datetime) -> str:
    if report.status == MERGED:
        return JOINED
    if about != newest:
        return NEWER if report.status == RESOLVED else REOPENED
    if given is not None:
        return ANSWERED
    if report.status != RESOLVED:
        return REOPENED
    return ASKED if utcnow() <= until else LATE


def confirm(
    report: Report, event: ReportEvent | None, *, contact_id: int | None, rating: object = None, by: Actor
) -> None:
    """Yes, it is repaired. The report's row is locked; a second answer of the same person changes nothing.

    Raises FieldError naming rating, Refused (too_late, illegal_move) when the question is no longer asked.
    """
    stars = _stars(rating)
    how = _still_asked(report, contact_id, event)
    if how is None:
        return
    author = contact_id is None or contact_id == report.contact_id
    first = author or not _confirmed(how.event_id)
    _keep(report, how, contact_id, repaired=True, rating=stars, by=by)
    if first:
        append(report, "confirmed", by=by, facts={"by": "author" if author else "follower"})
        touch(report)
    db.session.flush()


def contest(
    report: Report,
    event: ReportEvent | None,
    *,
    contact_id: int | None,
    text: object,
    photos: Sequence[object] = (),
    by: Actor,
) -> None:
    """No, it is not repaired: opens the report again and puts what was said before the supervisor.

    The report's row is locked. Two who say so at once are both heard; a second answer of the same person
    changes nothing. Raises FieldError naming text, photos; Refused (too_late, illegal_move).
    """
    how = _still_asked(report, contact_id, event, also=(REOPENED,))
    if how is None:
        return
    words, claimed = words_and_photos(text, photos)
    _keep(report, how, contact_id, repaired=False, rating=None, by=by)
    author = contact_id is None or contact_id == report.contact_id
    transitions.contest(report, by=by, words=words, facts=facts_of(claimed, by="author" if author else "follower"))
    transitions.add_photos(report, claimed, role="seen", by=by)
    db.session.flush()


def _still_asked(
    report: Report, contact_id: int | None, event: ReportEvent | None, *, also: tuple[str, ...] = ()
) -> RepairQuestion | None:
    """The question, when an answer is taken; None when this person answered before."""
    how = repair_question(report, contact_id, event)
    if how is None:
        raise Refused(_("This cannot be done at this stage of the report."), code="illegal_move")
    if how.state == ANSWERED:
        return None
    if how.state == LATE:
        raise Refused(_("It is too late to say so here. Report it again: it takes a minute."), code="too_late")
    # Somebody else said no a moment ago: what this one says is heard with it, while nothing was decided since.
    if how.state not in (ASKED, *also) or how.state in also and (report.status in CLOSED or _older(report, how)):
        raise Refused(_("This report has changed since: check its latest status."), code="illegal_move")
    return how


def _older(report: Report, how: RepairQuestion) -> bool:
    """Whether the event asked about is not the last time that the report was resolved."""
    e = ReportEvent.__table__.c
    newest = execute_unscoped(select(func.max(e.id)).where(e.report_id == report.id, e.kind == "resolved")).scalar()
    return newest != how.event_id or utcnow() > how.until


def _confirmed(event_id: int) -> bool:
    v = RepairAnswer.__table__.c
    return execute_unscoped(select(v.id).where(v.event_id == event_id, v.repaired).limit(1)).first() is not None


def _stars(rating: object) -> int | None:
    if rating in (None, ""):
        return None
    if str(rating) not in ("1", "2", "3", "4", "5"):
        raise FieldError("rating", _("Give a rating from 1 to 5."))
    return int(str(rating))


def _keep(
    report: Report, how: RepairQuestion, contact_id: int | None, *, repaired: bool, rating: int | None, by: Actor
) -> None:
    db.session.add(
        RepairAnswer(
            jurisdiction_id=report.jurisdiction_id,
            report_id=report.id,
            event_id=how.event_id,
            contact_id=contact_id,
            repaired=repaired,
            rating=rating,
            created_at=by.when,
        )
    )
    db.session.flush()
