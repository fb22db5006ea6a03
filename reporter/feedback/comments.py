"""What neighbours add: "me too", words and photos, read by the desk first where the jurisdiction says so."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import any_, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from core.database import db, execute_unscoped
from core.database.scope import across_jurisdictions, current_jurisdiction_id
from core.errors import NotFound, Refused
from core.free_text import store_free_text
from core.i18n import gettext as _
from core.identity.actor import Actor
from core.photos.models import Photo
from core.photos.verbs import discard
from core.web.principal import current_principal
from reporter.feedback.links import jurisdiction_of
from reporter.feedback.models import PENDING, REFUSED, SHOWN, Comment, MeToo
from reporter.feedback.questions import words_and_photos
from reporter.reports import intake as report_intake
from reporter.reports import transitions
from reporter.reports.history import append, touch
from reporter.reports.models import Report
from reporter.statuses import MERGED, OPEN


def lock_public_report(reference: str) -> Report:
    """The public report to which a neighbour adds something, its row locked: the other one, where it was merged.

    One row alone is locked, so that nobody who merges two waits for this. Raises NotFound.
    """
    into = Report.__table__.alias("into_report")
    r = Report.__table__
    jurisdiction_id = current_jurisdiction_id()
    main = execute_unscoped(
        select(func.coalesce(into.c.reference, r.c.reference))
        .select_from(r)
        .outerjoin(into, into.c.id == r.c.merged_into_id)
        .where(
            r.c.reference == reference,
            or_(r.c.jurisdiction_id == jurisdiction_id, r.c.in_charge_id == jurisdiction_id),
            ~r.c.private,
        )
    ).scalar()
    found = report_intake.lock_report(main or reference)
    if found.private:
        raise NotFound(_("There is no report with that reference."))
    return found


def browser_digest(secret: str) -> str:
    """How a browser is counted: by a digest of what its cookie holds."""
    return "browser:" + hashlib.sha256(secret.encode()).hexdigest()[:32]


def me_too(report: Report, who: str) -> bool:
    """Somebody saw the same; False where that was known, or where there is nothing to be seen any more.

    The report needs no lock: nothing of it changes. One statement.
    """
    if report.private or report.status not in OPEN:
        return False
    table = MeToo.__table__
    return (
        execute_unscoped(
            insert(table)
            .values(jurisdiction_id=report.jurisdiction_id, report_id=report.id, who=who)
            .on_conflict_do_nothing()
            .returning(table.c.id)
        ).scalar()
        is not None
    )


def has_said_me_too(report_id: int, who: str) -> bool:
    """Whether that person or browser said "me too" of a report. One statement."""
    m = MeToo.__table__.c
    return execute_unscoped(select(m.id).where(m.report_id == report_id, m.who == who)).first() is not None


def add_comment(
    report: Report, *, text: object, photos: Sequence[object] = (), by: Actor, contact_id: int | None = None
) -> Comment:
    """What somebody adds to a locked, public report. Shown at once, or once the desk has read it.

    `photos` are tokens of core.photos. Raises FieldError naming text, photos; Refused for a merged report (it is
    added to the other one, see `lock`), NotFound for a private one.
    """
    if report.private:
        raise NotFound(_("There is no report with that reference."))
    if report.status == MERGED:
        raise Refused(_("This report has been merged with another: add it there."), code="illegal_move")
    words, claimed = words_and_photos(text, photos)
    made = Comment(
        jurisdiction_id=report.jurisdiction_id,
        report_id=report.id,
        contact_id=contact_id,
        free_text_id=store_free_text(words, jurisdiction_id=report.jurisdiction_id),
        photo_ids=[photo.id for photo in claimed],
        status=PENDING,
        created_at=by.when,
    )
    db.session.add(made)
    db.session.flush()
    if not jurisdiction_of(report).preferences.moderated:
        _show(report, made, by)
    return made


def publish_comment(comment_id: int, *, by: Actor) -> Report | None:
    """Let the public read a comment and see its photos; None where it was decided before. Raises NotFound."""
    return _decide(comment_id, by, _show)


def refuse_comment(comment_id: int, *, by: Actor) -> Report | None:
    """Never show a comment; None where it was decided before. Raises NotFound."""
    return _decide(comment_id, by, _refuse)


def _decide(comment_id: int, by: Actor, do: Any) -> Report | None:
    with across_jurisdictions():
        report = db.session.scalar(
            select(Report)
            .join(Comment, Comment.report_id == Report.id)
            .where(Comment.id == comment_id, Report.visible_to(current_jurisdiction_id()))
            .with_for_update(of=Report)
            .execution_options(populate_existing=True)
        )
        if report is None:
            raise NotFound(_("This comment does not exist."))
        found = db.session.get_one(Comment, comment_id, populate_existing=True)
    if found.status != PENDING:
        return None
    do(report, found, by)
    return report


def _show(report: Report, found: Comment, by: Actor) -> None:
    found.status, found.decided_at, found.decided_by = SHOWN, by.when, by.user_id
    with across_jurisdictions():
        known = {one.id: one for one in db.session.scalars(select(Photo).where(Photo.id.in_(found.photo_ids)))}
    photos = [known[one] for one in found.photo_ids if one in known]
    # Said by a neighbour, when they said it: who let it be shown is on the comment.
    said_by = Actor("web", at=found.created_at)
    append(
        report,
        "commented",
        by=said_by,
        free_text_id=found.free_text_id,
        facts={
            "comment": found.id,
            "photos": [str(photo.token) for photo in photos],
            "by": "author" if found.contact_id and found.contact_id == report.contact_id else "neighbour",
        },
    )
    transitions.add_photos(report, photos, role="seen", by=said_by)
    touch(report)
    db.session.flush()


def _refuse(report: Report, found: Comment, by: Actor) -> None:
    found.status, found.decided_at, found.decided_by = REFUSED, by.when, by.user_id
    # Nobody is ever shown its photos: they are no longer anybody's, and their files go.
    discard(found.photo_ids, jurisdiction_id=found.jurisdiction_id)
    found.photo_ids = []
    db.session.flush()


@dataclass(frozen=True)
class PendingComment:
    """A comment that waits for the desk."""

    id: int
    reference: str
    status: str
    category_names: dict[str, str]
    address: str
    words: str | None
    #: [{token, status}]
    photos: list[dict[str, str]]
    created_at: datetime


_PENDING = text("""
SELECT c.id, r.reference, r.status, k.names, r.address,
    CASE WHEN w.masked_at IS NULL THEN w.text END AS words,
    COALESCE((SELECT json_agg(json_build_object('token', p.token, 'status', p.status) ORDER BY p.id)
              FROM photo p WHERE p.id = ANY(c.photo_ids)), '[]'::json) AS photos, c.created_at
FROM comment c JOIN report r ON r.id = c.report_id JOIN category k ON k.id = r.category_id
     LEFT JOIN free_text w ON w.id = c.free_text_id
WHERE c.status = 'pending' AND (r.jurisdiction_id = :jurisdiction OR r.in_charge_id = :jurisdiction) AND c.id > :after
ORDER BY c.id LIMIT :most
""")


def pending_comments(*, after: int = 0, most: int = 50) -> list[PendingComment]:
    """Comments that wait for this desk, the oldest first, after the one of that id. One statement."""
    return [
        PendingComment(*row)
        for row in execute_unscoped(_PENDING, {"jurisdiction": current_jurisdiction_id(), "after": after, "most": most})
    ]


def of_a_pending_comment(photo: Photo) -> bool:
    """Whether the services are shown the photo with a comment that waits for them. One statement, for them alone."""
    if current_principal() is None:
        return False
    c, r = Comment.__table__.c, Report.__table__.c
    return (
        execute_unscoped(
            select(c.id)
            .join_from(Comment.__table__, Report.__table__, r.id == c.report_id)
            .where(
                c.status == PENDING,
                literal(photo.id) == any_(c.photo_ids),
                (r.jurisdiction_id == current_jurisdiction_id()) | (r.in_charge_id == current_jurisdiction_id()),
            )
            .limit(1)
        ).first()
        is not None
    )
