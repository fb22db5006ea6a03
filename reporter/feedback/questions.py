"""The answer to a question of the desk, by the page or by mail; and what becomes of a question nobody answers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from flask import Flask
from sqlalchemy import select

from core.database import db, execute_unscoped, utcnow
from core.database.scope import serving
from core.errors import FieldError
from core.i18n import gettext as _
from core.identity import jurisdictions
from core.identity.actor import Actor
from core.jobs import register_sweep
from core.photos.models import Photo
from core.photos.verbs import claim
from core.text import clean_text
from reporter.reports import transitions
from reporter.reports.models import Report
from reporter.statuses import WAITING

log = logging.getLogger(__name__)
MOST = 4000
PHOTOS = 4


def words_and_photos(text: object, photos: Sequence[object]) -> tuple[str, list[Photo]]:
    """What somebody says in an answer: words, photos (tokens of core.photos), one of them at least.

    Claims the photos. Raises FieldError naming text or photos.
    """
    words = clean_text(text, field="text", most=MOST)
    claimed = claim(photos, field="photos", most=PHOTOS) if photos else []
    if not words and not claimed:
        raise FieldError("text", _("Say it in a few words, or add a photo."))
    return words, claimed


def facts_of(claimed: list[Photo], **more: Any) -> dict[str, Any]:
    """What the history keeps beside the words: which photos came with them."""
    return ({"photos": [str(photo.token) for photo in claimed]} if claimed else {}) | more


def answer(
    report: Report, *, text: object, photos: Sequence[object] = (), by: Actor, contact_id: int | None = None
) -> None:
    """What the author of a locked report answers to the desk, with or without a question; nothing is refused
    for coming late.

    A waiting report is what it was before, or what its work says; any other keeps its state. The desk reads it
    either way. `contact_id`: who answers, where it is not known to be the author. Raises FieldError naming
    text, photos.
    """
    words, claimed = words_and_photos(text, photos)
    author = contact_id is None or contact_id == report.contact_id
    transitions.record_answer(
        report, by=by, words=words, facts=facts_of(claimed, by="author" if author else "follower")
    )
    transitions.add_photos(report, claimed, role="seen", by=by)
    db.session.flush()


def end_unanswered(most: int = 500) -> int:
    """Put reports back on the desk whose question nobody answered in time; returns how many. May run twice.

    One short transaction for each: one that fails is left to the next time, and keeps no other waiting.
    """
    r = Report.__table__.c
    late = list(
        execute_unscoped(
            select(r.id, r.jurisdiction_id)
            .where(r.status == WAITING, r.waiting_until < utcnow())
            .order_by(r.waiting_until)
            .limit(most)
        )
    )
    db.session.rollback()
    done = 0
    for report_id, jurisdiction_id in late:
        try:
            with serving(jurisdictions.get(jurisdiction_id)):
                done += _lapse(report_id)
        except Exception:  # noqa: BLE001 - the others are not to wait for this one
            db.session.rollback()
            log.exception("A question that nobody answered was not taken back")
    return done


def _lapse(report_id: int) -> bool:
    report = db.session.scalar(
        select(Report)
        .where(Report.id == report_id, Report.status == WAITING, Report.waiting_until < utcnow())
        .with_for_update(of=Report, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if report is not None:
        transitions.end_waiting(report, by=Actor("system"))
    db.session.commit()
    return report is not None


def init_app(app: Flask) -> None:
    """Register the sweep of questions that nobody answered in time."""
    register_sweep(end_unanswered, seconds=600)
