"""Who sees a report's photos: everybody those of a public one; its author and the services those of a private one."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Select, or_, select

from core.database import ask
from core.identity.principal import current_principal
from core.photos import visible
from core.photos.models import Photo
from core.scope import current_id
from reporter.answers.neighbours import of_a_pending_comment
from reporter.models import Report, ReportPhoto
from reporter.views import author


def _reports_of(photo: Photo) -> Select[int, str, bool]:
    r = Report.__table__.c
    return (
        select(r.id, r.reference, r.private)
        .join_from(ReportPhoto.__table__, Report.__table__, r.id == ReportPhoto.__table__.c.report_id)
        .where(
            ReportPhoto.__table__.c.photo_id == photo.id,
            or_(r.jurisdiction_id == current_id(), r.in_charge_id == current_id()),
        )
    )


def of_a_public_report(photo: Photo) -> bool:
    """Whether the photo belongs to a report that everybody may read here. One statement."""
    return ask(_reports_of(photo).where(~Report.__table__.c.private).limit(1)).first() is not None


def of_ones_own_report(photo: Photo) -> bool:
    """Whether this reader is of the services, or opened the report's page by its signed link. One statement."""
    reports = ask(_reports_of(photo)).all()
    if not reports:
        return False
    return current_principal() is not None or any(author.opened(one.reference, one.id) for one in reports)


def init_app(app: Flask) -> None:
    """Register the rules."""
    for rule, rules in (
        (of_a_public_report, visible.public_rules),
        (of_ones_own_report, visible.rules),
        (of_a_pending_comment, visible.rules),
    ):
        if rule not in rules:
            rules.append(rule)
