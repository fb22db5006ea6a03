"""What is already known nearby: open reports of the same kind within 50 metres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from core.database import db
from core.database.scope import current_jurisdiction_id
from core.geo import SRID, Place, bounding_box
from reporter.categories.models import Category
from reporter.reports.models import Report
from reporter.statuses import OPEN
from reporter.subscriptions.models import ReportSubscription

METRES = 50


@dataclass(frozen=True)
class NearbyReport:
    """An open report near a place; its words as the public reads them."""

    reference: str
    status: str
    description: str
    address: str
    received_at: datetime
    metres: float
    subscribers: int
    category: str
    names: dict[str, str]
    icon: str


def find_nearby(
    place: Place,
    *,
    category: str | None = None,
    metres: float = METRES,
    most: int = 5,
    private: bool = False,
    apart_from: int | None = None,
) -> list[NearbyReport]:
    """Open reports within `metres` of `place`, nearest first; of one category where named. One statement.

    Private ones only for the services (`private=True`).
    """
    r, c, f = Report.__table__.c, Category.__table__.c, ReportSubscription.__table__.c
    west, south, east, north = bounding_box(place, metres)
    point = func.ST_SetSRID(func.ST_MakePoint(place.lon, place.lat), SRID)
    distance = func.ST_DistanceSphere(r.location, point)
    subscribers = (
        select(func.count(f.contact_id.distinct()))
        .where(f.report_id == r.id, f.confirmed_at.is_not(None), f.stopped_at.is_(None))
        .scalar_subquery()
    )
    jurisdiction_id = current_jurisdiction_id()
    query: Select[*tuple[Any, ...]] = (
        select(
            r.reference,
            r.status,
            r.public_description,
            r.public_address,
            r.received_at,
            distance.label("metres"),
            subscribers.label("subscribers"),
            c.code,
            c.names,
            c.icon,
        )
        .join_from(Report.__table__, Category.__table__, c.id == r.category_id)
        .where(
            or_(r.jurisdiction_id == jurisdiction_id, r.in_charge_id == jurisdiction_id),
            r.status.in_(OPEN),
            r.location.op("&&")(func.ST_MakeEnvelope(west, south, east, north, SRID)),
            distance <= metres,
        )
        .order_by(distance, r.id)
        .limit(most)
    )
    if category:
        query = query.where(c.code == category)
    if not private:
        query = query.where(~r.private)
    if apart_from is not None:
        query = query.where(r.id != apart_from)
    return [NearbyReport(*row) for row in db.session.execute(query)]
