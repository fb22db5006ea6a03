"""Photos taken at work are for the services; those that prove a repair are shown by the report they belong to."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from core.database import db
from core.photos import access as photo_access
from core.photos.models import Photo
from core.web.principal import current_principal
from interventions.work_orders.models import WorkOrder, WorkOrderPhoto


def is_of_work_order(photo: Photo) -> bool | None:
    """Whether the photo may be shown because of a work order it belongs to; None where it belongs to none."""
    found = db.session.scalar(
        select(WorkOrder.id)
        .join(WorkOrderPhoto, WorkOrderPhoto.work_order_id == WorkOrder.id)
        .where(WorkOrderPhoto.photo_id == photo.id)
        .limit(1)
    )
    return None if found is None else current_principal() is not None


def init_app(app: Flask) -> None:
    """Register the rule."""
    if is_of_work_order not in photo_access.rules:
        photo_access.rules.append(is_of_work_order)
