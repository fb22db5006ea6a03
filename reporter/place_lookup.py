"""What the jurisdiction knows of a place: whether it lies inside, in which sectors, and a category there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Double,
    Select,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import array_agg

from core.database import execute_unscoped
from core.database.scope import current_jurisdiction
from core.errors import FieldError
from core.geo import Place
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.jurisdictions import JurisdictionCopy
from core.identity.models import Body, Jurisdiction, Sector
from reporter.categories.models import Category


@dataclass(frozen=True)
class PlaceLookup:
    """What the jurisdiction knows of a place and a category: one statement's answer."""

    inside: bool
    sector_ids: list[int]
    category: Any | None


def look_up_place(place: Place | None, code: str | None, *, of: int | None = None) -> PlaceLookup:
    """Whether `place` lies in the jurisdiction (or the jurisdiction `of` that id), in which sectors, and the active
    category of `code`. One statement."""
    given = {"jurisdiction": of or current_jurisdiction().id, "code": code or ""}
    row = execute_unscoped(
        _ground(place is not None), given | ({"lon": place.lon, "lat": place.lat} if place else {})
    ).one()
    return PlaceLookup(bool(row.inside), list(row.sectors or ()), row if row.id is not None else None)


@lru_cache
def _ground(placed: bool) -> Select:
    """The statement, made once: building it costs more than its answer."""
    jurisdiction, category, body, sector = (model.__table__ for model in (Jurisdiction, Category, Body, Sector))
    jurisdiction_id = bindparam("jurisdiction", type_=BigInteger)
    point = func.ST_SetSRID(func.ST_MakePoint(bindparam("lon", type_=Double), bindparam("lat", type_=Double)), 4326)
    inside = func.ST_Covers(jurisdiction.c.boundary, point) if placed else literal(False)
    sectors = (
        (
            select(array_agg(sector.c.id))
            .where(sector.c.jurisdiction_id == jurisdiction_id, func.ST_Covers(sector.c.boundary, point))
            .scalar_subquery()
        )
        if placed
        else literal(None)
    )
    return (
        select(
            inside.label("inside"),
            sectors.label("sectors"),
            category.c.id,
            category.c.questions,
            category.c.private,
            category.c.priority,
            category.c.delay_hours,
            category.c.body_id,
            body.c.hosted_id,
        )
        .select_from(jurisdiction)
        .outerjoin(
            category,
            (category.c.jurisdiction_id == jurisdiction.c.id)
            & (category.c.code == bindparam("code"))
            & category.c.active,
        )
        .outerjoin(body, body.c.id == category.c.body_id)
        .where(jurisdiction.c.id == jurisdiction_id)
    )


def outside_error(field: str = "location", *, jurisdiction: JurisdictionCopy | None = None) -> FieldError:
    """What is said of a place that is not in the jurisdiction (the one being served, where none is named)."""
    return FieldError(
        field,
        _(
            "This place is outside %(town)s. Move the pin inside the boundary.",
            town=(jurisdiction or current_jurisdiction()).name_in(locale_code()),
        ),
        code="outside",
    )
