"""Who sees a report's photos: everybody those of a public one; its author and the services those of a private one."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Select, or_, select

from core.database import execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.photos import access as photo_access
from core.photos.models import Photo
from core.web.principal import current_principal
from reporter.feedback.comments import of_a_pending_comment
from reporter.reports.models import Report, ReportPhoto
from reporter.web import author_cookie


def _reports_of(photo: Photo) -> Select[int, str, bool]:
    r = Report.__table__.c
    return (
        select(r.id, r.reference, r.private)
        .join_from(ReportPhoto.__table__, Report.__table__, r.id == ReportPhoto.__table__.c.report_id)
        .where(
            ReportPhoto.__table__.c.photo_id == photo.id,
            or_(r.jurisdiction_id == current_jurisdiction_id(), r.in_charge_id == current_jurisdiction_id()),
        )
    )


def is_of_public_report(photo: Photo) -> bool:
    """Whether the photo belongs to a report that everybody may read here. One statement."""
    return execute_unscoped(_reports_of(photo).where(~Report.__table__.c.private).limit(1)).first() is not None


def is_of_own_report(photo: Photo) -> bool:
    """Whether this reader is of the services, or opened the report's page by its signed link. One statement."""
    reports = execute_unscoped(_reports_of(photo)).all()
    if not reports:
        return False
    return current_principal() is not None or any(author_cookie.is_author(one.reference, one.id) for one in reports)


def init_app(app: Flask) -> None:
    """Register the rules."""
    for rule, rules in (
        (is_of_public_report, photo_access.public_rules),
        (is_of_own_report, photo_access.rules),
        (of_a_pending_comment, photo_access.rules),
    ):
        if rule not in rules:
            rules.append(rule)
