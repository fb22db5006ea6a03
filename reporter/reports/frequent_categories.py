"""Which categories to offer first: those of the jurisdiction's newest reports, counted now and then."""

from __future__ import annotations

import time

from sqlalchemy import func, select

from core.database import db
from core.database.scope import current_jurisdiction_id
from reporter.categories.models import Category
from reporter.categories.queries import OfferedCategory
from reporter.reports.models import Report

NEWEST = 400
SECONDS = 600.0
_kept: dict[int, tuple[float, list[str]]] = {}


def most_frequent(offered: list[OfferedCategory], most: int = 4) -> list[OfferedCategory]:
    """`most` of the offered categories, the most frequent of late first. One statement every ten minutes."""
    jurisdiction_id, now = current_jurisdiction_id(), time.monotonic()
    kept = _kept.get(jurisdiction_id)
    if kept is None or now - kept[0] > SECONDS:
        kept = (now, _frequent(jurisdiction_id))
        _kept[jurisdiction_id] = kept
    by_code = {one.code: one for one in offered}
    found = [by_code[code] for code in kept[1] if code in by_code]
    found += [one for one in offered if one not in found]
    return found[:most]


def _frequent(jurisdiction_id: int) -> list[str]:
    r, c = Report.__table__.c, Category.__table__.c
    newest = (
        select(r.category_id)
        .where(r.jurisdiction_id == jurisdiction_id, ~r.private)
        .order_by(r.received_at.desc(), r.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    rows = db.session.execute(
        select(c.code)
        .join_from(newest, Category.__table__, c.id == newest.c.category_id)
        .where(c.active)
        .group_by(c.id, c.code)
        .order_by(func.count().desc(), c.id)
        .limit(12)
    )
    return list(rows.scalars())
