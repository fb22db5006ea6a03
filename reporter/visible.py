"""Which photos the public may see: those of public reports."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import or_, select

from core.database import db
from core.identity.principal import current_principal
from core.photos import visible
from core.photos.models import Photo
from core.scope import current_id
from reporter.models import Report, ReportPhoto


def of_a_report(photo: Photo) -> bool | None:
    """Whether the photo may be shown because of a report it belongs to; None where it belongs to none."""
    r = Report.__table__.c
    found = db.session.execute(
        select(r.private).join_from(ReportPhoto.__table__, Report.__table__, r.id == ReportPhoto.report_id)
        .where(ReportPhoto.__table__.c.photo_id == photo.id,
               or_(r.jurisdiction_id == current_id(), r.in_charge_id == current_id()))
    ).scalars().all()
    if not found:
        return None
    return not all(found) or current_principal() is not None or author_sees(photo)


def author_sees(photo: Photo) -> bool:
    """Whether this reader opened the page of a private report that holds the photo, by its signed link."""
    from reporter.views.author import opened

    references = db.session.execute(
        select(Report.reference, Report.id).join(ReportPhoto, ReportPhoto.report_id == Report.id)
        .where(ReportPhoto.photo_id == photo.id)).all()
    return any(opened(row.reference, row.id) for row in references)


def init_app(app: Flask) -> None:
    """Register the rule."""
    if of_a_report not in visible.rules:
        visible.rules.append(of_a_report)
