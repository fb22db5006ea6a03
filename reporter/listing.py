"""Lists of reports: filters, keyset pages, bounded counts. Core statements that name the jurisdiction themselves.

Every named filter has an index in the order of the list, and several values of one filter are walked as several
short branches, so that a page costs the same at ten thousand and at a million reports.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Select,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from core import references
from core.database import ask, utcnow
from core.errors import FieldError
from core.i18n import gettext as _
from core.identity.models import Sector
from core.photos.models import Photo
from core.scope import current_id
from reporter.models import Category, CategoryGroup, Report, ReportPhoto, ReportSector
from reporter.status import OPEN

R = Report.__table__
MOST = 200
COUNTED = 1000
#: A word found this often among the newest is answered from them alone.
NEWEST_LOOKED_AT = 3000
MATCHES = 10_000
#: As many categories are walked each in its own order; more are met on the way down the newest.
BRANCHES = 6
SORTS = {
    "-received_at": (R.c.received_at, True), "received_at": (R.c.received_at, False),
    "-updated_at": (R.c.updated_at, True), "updated_at": (R.c.updated_at, False),
}


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to. Codes are the town's; `bbox` is (west, south, east, north) in degrees."""

    statuses: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    group: str | None = None
    #: Sector code, or layer:code.
    sector: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    since: datetime | None = None
    until: datetime | None = None
    updated_since: datetime | None = None
    words: str = ""
    late: bool = False
    dangerous: bool = False
    sort: str = "-received_at"
    #: The services see private reports and those in their charge; the public neither.
    staff: bool = False
    #: Further conditions on `R`, from the packages above (what they know of a report is not known here).
    also: tuple[Any, ...] = ()

    def aged(self, days_min: int | None, days_max: int | None) -> Filters:
        """Narrowed to reports of an age, in days."""
        now = utcnow()
        return replace(self, until=now - timedelta(days=days_min) if days_min else self.until,
                       since=now - timedelta(days=days_max) if days_max else self.since)


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    items: list[Any]
    next: str | None
    #: A search for a frequent word looked at the newest matches only.
    partial: bool = False


def cursor_of(moment: datetime, number: int) -> str:
    """A cursor: where the next page begins."""
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{number}".encode()).decode().rstrip("=")


def read_cursor(value: str, *, name: str = "cursor") -> tuple[datetime, int]:
    """The moment and id of a cursor. Raises FieldError."""
    try:
        moment, _bar, number = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode().partition("|")
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None or not 0 <= int(number) < 2**63:
            raise ValueError(value)
        return parsed, int(number)
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise FieldError(name, _("This cursor is not one of ours: take it from `next`.")) from None


def page(filters: Filters, *, limit: int = 50, cursor: str | None = None) -> Page:
    """One page of reports under `filters`, newest first unless sorted otherwise. One or two statements.

    Raises FieldError naming sort, cursor, limit.
    """
    if filters.sort not in SORTS:
        raise FieldError("sort", _("Choose one of: %(choices)s.", choices=", ".join(SORTS)))
    if not 1 <= limit <= MOST:
        raise FieldError("limit", _("This must be between 1 and %(most)s.", most=MOST))
    after = read_cursor(cursor) if cursor else None
    reference = references.understood(filters.words) if filters.words else None
    if reference:
        filters = replace(filters, words="")
    if filters.words:
        found, partial = _searched(filters, after, limit + 1)
    else:
        found, partial = _merged(_branches(filters, after, limit + 1, reference), filters, limit + 1), False
    rows = _rows(found, filters)
    return _page(rows, filters, limit, partial)


def _page(rows: list[Any], filters: Filters, limit: int, partial: bool) -> Page:
    more = len(rows) > limit
    rows = rows[:limit]
    key = filters.sort.removeprefix("-")
    last = cursor_of(getattr(rows[-1], key), rows[-1].id) if more else None
    return Page(rows, last, partial)


def _visible(filters: Filters) -> list[Any]:
    """The walls, one condition a branch: what lies here, and what is in our charge elsewhere."""
    here = current_id()
    if not filters.staff:
        return [and_(R.c.jurisdiction_id == here, ~R.c.private)]
    return [R.c.jurisdiction_id == here,
            and_(R.c.in_charge_id == here, R.c.in_charge_id != R.c.jurisdiction_id)]


def _conditions(filters: Filters) -> list[Any]:
    found: list[Any] = [*filters.also]
    if filters.since:
        found.append(R.c.received_at >= filters.since)
    if filters.until:
        found.append(R.c.received_at <= filters.until)
    if filters.updated_since:
        found.append(R.c.updated_at >= filters.updated_since)
    if filters.bbox:
        found.append(R.c.location.op("&&")(func.ST_MakeEnvelope(*filters.bbox, 4326)))
    if filters.late:
        found += [_open_text(), R.c.due_at < func.now()]
    if filters.dangerous:
        found += [text("report.priority = 2"), _open_text()]
    return found


def _open_text():
    # As literals, so that the planner recognises the partial indexes' condition.
    return text("report.status IN (" + ", ".join(f"'{status}'" for status in OPEN) + ")")


def _category_ids(filters: Filters) -> list[int] | None:
    """Ids of the categories asked for, None for all. One statement where any is named."""
    if not filters.categories and not filters.group:
        return None
    c, g = Category.__table__.c, CategoryGroup.__table__.c
    query = select(c.id).join_from(Category.__table__, CategoryGroup.__table__, g.id == c.group_id).where(
        c.jurisdiction_id == current_id())
    if filters.categories:
        query = query.where(c.code.in_(filters.categories))
    if filters.group:
        query = query.where(g.code == filters.group)
    return list(ask(query).scalars())


def _branches(filters: Filters, after: tuple[datetime, int] | None, limit: int | None,
              reference: str | None = None) -> list[Select]:
    """Short ordered queries of (id, received_at, updated_at) that together hold the page."""
    column, descending = SORTS[filters.sort]
    identity = R.c.id
    base = _conditions(filters)
    if reference:
        base.append(R.c.reference == reference)
    source = R
    if filters.sector:
        source, column, identity = _in_sector(filters, column)
        base.append(source.onclause_sector)
        source = source.joined
    if after:
        there = func.row(column, identity)
        mark = func.row(literal(after[0]), literal(after[1]))
        base.append(there < mark if descending else there > mark)
    order = (column.desc(), identity.desc()) if descending else (column.asc(), identity.asc())
    found = []
    for choice in _choices(filters):
        for wall in _visible(filters):
            query = select(R.c.id, R.c.received_at, R.c.updated_at).select_from(source).where(wall, *choice, *base)
            query = query.order_by(*order)
            found.append(query.limit(limit) if limit else query)
    return found


@dataclass(frozen=True)
class _SectorJoin:
    joined: Any
    onclause_sector: Any


def _in_sector(filters: Filters, column: Any):
    rs, s = ReportSector.__table__, Sector.__table__
    layer, colon, code = filters.sector.partition(":")
    named = [s.c.code == (code if colon else layer)] + ([s.c.layer == layer] if colon else [])
    sector = select(s.c.id).where(s.c.jurisdiction_id == current_id(), *named).order_by(s.c.id).limit(1)
    joined = rs.join(R, R.c.id == rs.c.report_id)
    ordered = rs.c.received_at if column is R.c.received_at else column
    return (_SectorJoin(joined, rs.c.sector_id == sector.scalar_subquery()), ordered,
            rs.c.report_id if column is R.c.received_at else R.c.id)


def _choices(filters: Filters) -> list[list[Any]]:
    """One list of conditions per value of the filter that has an ordered index."""
    ids = _category_ids(filters)
    by_status = [R.c.status.in_(filters.statuses)] if len(filters.statuses) > 1 else [
        R.c.status == status for status in filters.statuses]
    if ids is not None and len(ids) > BRANCHES:
        # A whole group: frequent enough to be met on the way down the newest.
        return [[R.c.category_id.in_(ids), *by_status]]
    if ids is not None:
        return [[R.c.category_id == one, *by_status] for one in ids] or [[text("false")]]
    if len(filters.statuses) > 1 and not filters.sector and not filters.bbox:
        return [[R.c.status == status] for status in filters.statuses]
    return [by_status]


def _merged(branches: list[Select], filters: Filters, limit: int) -> Any:
    column, descending = SORTS[filters.sort]
    if len(branches) == 1:
        return branches[0].subquery("found")
    every = union_all(*[select(b.subquery()) for b in branches]).subquery()
    ordered = every.c[column.name]
    return (select(every).order_by(ordered.desc() if descending else ordered.asc(),
                                   every.c.id.desc() if descending else every.c.id.asc())
            .limit(limit).subquery("found"))


def _searched(filters: Filters, after: tuple[datetime, int] | None, limit: int) -> tuple[Any, bool]:
    """Reports that hold the words. A word frequent among the newest is answered from them; a rare one from the
    text index, whose matches are then few; between the two, from its newest 10,000 matches."""
    query = func.websearch_to_tsquery(literal_column("'alentour'::regconfig"), filters.words)
    plain = replace(filters, words="")
    newest = _merged(_branches(plain, after, NEWEST_LOOKED_AT), plain, NEWEST_LOOKED_AT)
    quick = (
        select(newest.c.id, newest.c.received_at, newest.c.updated_at)
        .join(R, R.c.id == newest.c.id).where(R.c.search.op("@@")(query))
    )
    column, descending = SORTS[filters.sort]
    key = newest.c[column.name]
    quick = quick.order_by(key.desc() if descending else key.asc(),
                           newest.c.id.desc() if descending else newest.c.id.asc()).limit(limit)
    found = ask(quick).all()
    if len(found) >= limit:
        return _values(found), False
    matches = (
        select(R.c.id, R.c.received_at).where(or_(*_visible(filters)), R.c.search.op("@@")(query))
        .cte("matches").prefix_with("MATERIALIZED")
    )
    newest_matches = select(matches.c.id).order_by(matches.c.received_at.desc(), matches.c.id.desc()).limit(MATCHES)
    narrowed = select(R.c.id, R.c.received_at, R.c.updated_at).where(
        R.c.id.in_(newest_matches), *_flat_conditions(plain, after))
    key = R.c[column.name]
    narrowed = narrowed.order_by(key.desc() if descending else key.asc(),
                                 R.c.id.desc() if descending else R.c.id.asc()).limit(limit)
    rows = ask(
        select(narrowed.subquery(), select(func.count()).select_from(matches).scalar_subquery().label("matches"))
    ).all()
    return _values(rows), bool(rows) and rows[0].matches > MATCHES


def _flat_conditions(filters: Filters, after: tuple[datetime, int] | None) -> list[Any]:
    found = _conditions(filters)
    ids = _category_ids(filters)
    if ids is not None:
        found.append(R.c.category_id.in_(ids))
    if filters.statuses:
        found.append(R.c.status.in_(filters.statuses))
    if filters.sector:
        join, _column, _identity = _in_sector(filters, R.c.received_at)
        rs = ReportSector.__table__
        found.append(R.c.id.in_(select(rs.c.report_id).where(join.onclause_sector)))
    if after:
        column, descending = SORTS[filters.sort]
        there, mark = func.row(column, R.c.id), func.row(literal(after[0]), literal(after[1]))
        found.append(there < mark if descending else there > mark)
    return found


def of_references(wanted: Sequence[str], *, staff: bool = False) -> list[Any]:
    """What a list shows of these reports, newest first, those that the reader may see. One statement."""
    filters = Filters(staff=staff)
    found = select(R.c.id, R.c.received_at, R.c.updated_at).where(
        R.c.reference.in_(wanted), or_(*_visible(filters))).subquery("found")
    return _rows(found, filters)


def _values(rows: list[Any]) -> Any:
    """Rows already found, as something to select from."""
    ids = [row.id for row in rows]
    one = func.unnest(literal(ids, type_=ARRAY(BigInteger))).table_valued("id").render_derived()
    return select(one.c.id, R.c.received_at, R.c.updated_at).join_from(one, R, R.c.id == one.c.id).subquery("found")


def _rows(found: Any, filters: Filters) -> list[Any]:
    """What a list shows of each report, in order. One statement."""
    column, descending = SORTS[filters.sort]
    c, cover = Category.__table__.c, aliased(Photo.__table__)
    key = found.c[column.name]
    query = (
        select(
            R.c.id, R.c.reference, R.c.status, R.c.priority, R.c.private, R.c.description, R.c.address,
            func.ST_X(R.c.location).label("lon"), func.ST_Y(R.c.location).label("lat"), R.c.received_at,
            R.c.updated_at, R.c.closed_at, R.c.due_at, R.c.version, R.c.door, R.c.jurisdiction_id,
            c.code.label("category"), c.names.label("category_names"), c.icon,
            cover.c.token.label("cover"), cover.c.status.label("cover_status"), photos_json(),
        )
        .join_from(found, R, R.c.id == found.c.id)
        .join(Category.__table__, c.id == R.c.category_id)
        .outerjoin(cover, cover.c.id == R.c.cover_id)
        .order_by(key.desc() if descending else key.asc(), R.c.id.desc() if descending else R.c.id.asc())
    )
    return list(ask(query))


def photos_json():
    """A report's photos as JSON, in one correlated subquery: [{token, status, role, reason, added_at}]."""
    rp, p = ReportPhoto.__table__.c, Photo.__table__.c
    return (
        select(func.coalesce(
            func.json_agg(aggregate_order_by(func.json_build_object(
                text("'token'"), p.token, text("'status'"), p.status, text("'role'"), rp.role,
                text("'reason'"), p.reason, text("'at'"), rp.added_at,
                text("'width'"), p.width, text("'height'"), p.height,
            ), rp.position)), text("'[]'::json")))
        .join_from(ReportPhoto.__table__, Photo.__table__, p.id == rp.photo_id)
        .where(rp.report_id == R.c.id).correlate(R).scalar_subquery().label("photos")
    )


def count(filters: Filters, most: int = COUNTED) -> int:
    """How many reports the filters hold, at most `most` + 1: beyond, a page says "more than". One statement."""
    if filters.words:
        return len(page(filters, limit=MOST).items)
    branches = [b.with_only_columns(literal_column("1").label("one")).order_by(None).limit(most + 1)
                for b in _branches(filters, None, None)]
    every = union_all(*[select(b.subquery()) for b in branches]).limit(most + 1).subquery() \
        if len(branches) > 1 else branches[0].subquery()
    return ask(select(func.count()).select_from(every)).scalar_one()

