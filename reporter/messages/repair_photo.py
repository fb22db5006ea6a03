"""The photo of a repair, carried by the mail that tells of it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select

from core.database import db, utcnow
from core.database.scope import across_jurisdictions
from core.notifications.outbox.renderers import NotYet, Picture
from core.photos.models import PROCESSING, REFUSED, Photo
from core.storage import storage
from reporter.messages import batch
from reporter.reports.models import ReportPhoto

log = logging.getLogger(__name__)
LARGEST = 400_000
#: How long the news of a repair waits for its photo.
PATIENCE = timedelta(minutes=3)


def repair_photo(report_id: int, recorded_at: datetime) -> tuple[Picture, ...]:
    """The latest photo of the repair, in its small public size; without it where it cannot be had.

    Raises NotYet while a worker has still to prepare it, during PATIENCE after `recorded_at` at the most.
    """
    # A neighbour's crew may have taken it.
    with across_jurisdictions():
        found = db.session.execute(
            select(Photo.status, Photo.sizes)
            .join(ReportPhoto, ReportPhoto.photo_id == Photo.id)
            .where(ReportPhoto.report_id == report_id, ReportPhoto.role == "repair", Photo.status != REFUSED)
            .order_by(ReportPhoto.added_at.desc(), ReportPhoto.position)
            .limit(1)
        ).first()
    if found is not None and found.status == PROCESSING and utcnow() - recorded_at < PATIENCE:
        raise NotYet(2)
    if found is None or "small" not in found.sizes:
        return ()
    small = found.sizes["small"]
    try:
        with batch.outside_transaction():
            data = storage().get(small["key"])
    except Exception:  # noqa: BLE001 - the news matters more than its picture
        log.warning("The photo of a repair could not be read for its mail")
        return ()
    if len(data) > LARGEST:
        return ()
    return (Picture("repair", data, small.get("media_type", "image/webp")),)
