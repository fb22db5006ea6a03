"""Lists of reports: filters, keyset pages, bounded counts. Core statements that name the jurisdiction.

Every named filter has an index in the order of the list, and several values of one filter are walked as
several short branches, so that a page costs the same at ten thousand and at a million reports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    FromClause,
    Select,
    TextClause,
    and_,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)

from core import references
from core.database import execute_unscoped
from core.database.compiled import execute_compiled, parameter
from core.database.pagination import Page, decode_cursor, encode_cursor
from core.database.scope import current_jurisdiction_id
from core.errors import FieldError
from core.i18n import gettext as _
from core.identity.models import Sector
from reporter.categories.models import Category, CategoryGroup
from reporter.reports.list_rows import rows_statement
from reporter.reports.models import Report, ReportSector
from reporter.statuses import OPEN

R = Report.__table__
MOST = 200
COUNTED = 1000
#: A word found this often among the newest is answered from them alone.
NEWEST_LOOKED_AT = 3000
MATCHES = 10_000
#: As many categories are walked each in its own order; more are met on the way down the newest.
BRANCHES = 6
SORTS = {
    "-received_at": (R.c.received_at, True),
    "received_at": (R.c.received_at, False),
    "-updated_at": (R.c.updated_at, True),
    "updated_at": (R.c.updated_at, False),
}


@dataclass(frozen=True)
class ReportFilters:
    """What a list is narrowed to. Codes are the jurisdiction's; `bbox` is (west, south, east, north) in degrees."""

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


def report_page(filters: ReportFilters, *, limit: int = 50, cursor: str | None = None, photos: bool = True) -> Page:
    """One page of reports under `filters`, newest first unless sorted otherwise. One to four statements.

    Raises FieldError naming sort, cursor, limit.
    """
    if filters.sort not in SORTS:
        raise FieldError("sort", _("Choose one of: %(choices)s.", choices=", ".join(SORTS)))
    if not 1 <= limit <= MOST:
        raise FieldError("limit", _("This must be between 1 and %(most)s.", most=MOST))
    asked = _PageRequest.read(filters, limit + 1, cursor)
    if asked.filters.words:
        ids, partial = _searched(asked)
        rows = _of_ids(ids, filters, photos)
    else:
        rows = asked.run("page", lambda: _rows(_merged(_branches(asked), asked), filters, photos), photos)
        partial = False
    return _page(rows, filters, limit, partial)


@dataclass(frozen=True)
class _PageRequest:
    """A page that is asked for: its filters, where it begins, how long it is, the ids of its categories.

    Every value that changes from one page to the next is a named parameter of the statement, so that a
    statement is built and compiled once for all pages of its shape.
    """

    filters: ReportFilters
    limit: int
    after: tuple[datetime, int] | None = None
    reference: str | None = None
    category_ids: tuple[int, ...] | None = None

    @classmethod
    def read(cls, filters: ReportFilters, limit: int, cursor: str | None = None) -> _PageRequest:
        """What is asked for. One statement where a category is named."""
        reference = references.parse_reference(filters.words) if filters.words else None
        if reference:
            filters = replace(filters, words="")
        return cls(
            filters,
            limit,
            decode_cursor(cursor) if cursor else None,
            reference,
            category_ids(filters.categories, filters.group),
        )

    @property
    def shape(self) -> tuple[Any, ...]:
        """What the text of the statement depends on."""
        f, ids = self.filters, self.category_ids
        return (
            f.sort,
            f.staff,
            f.late,
            f.dangerous,
            len(f.statuses),
            f.since is None,
            f.until is None,
            f.updated_since is None,
            f.bbox is None,
            f.sector and ":" in f.sector,
            bool(f.words),
            self.after is None,
            self.reference is None,
            None if ids is None else min(len(ids), BRANCHES + 1),
        )

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter that a statement may have, by its name."""
        f = self.filters
        layer, colon, code = (f.sector or "").partition(":")
        found: dict[str, Any] = {
            "jurisdiction": current_jurisdiction_id(),
            "limit": self.limit,
            "since": f.since,
            "until": f.until,
            "updated_since": f.updated_since,
            "layer": layer,
            "code": code if colon else layer,
            "words": f.words,
            "reference": self.reference,
            "statuses": list(f.statuses),
            "categories": list(self.category_ids or ()),
            "moment": self.after[0] if self.after else None,
            "number": self.after[1] if self.after else None,
        }
        found |= dict(zip(("west", "south", "east", "north"), f.bbox or (None,) * 4, strict=True))
        found |= {f"status{index}": status for index, status in enumerate(f.statuses)}
        walked = (self.category_ids or ())[:BRANCHES]
        return found | {f"category{index}": one for index, one in enumerate(walked)}

    def run(self, kind: str, build: Callable[[], Select], *more: Any) -> list[Any]:
        """The rows of the statement that `build` makes; made once for each shape."""
        if self.filters.also:
            return list(execute_unscoped(build(), self.values))
        return execute_compiled((kind, *more, *self.shape), build, self.values)


def _page(rows: list[Any], filters: ReportFilters, limit: int, partial: bool) -> Page:
    more = len(rows) > limit
    rows = rows[:limit]
    key = filters.sort.removeprefix("-")
    last = encode_cursor(getattr(rows[-1], key), rows[-1].id) if more else None
    return Page(rows, last, partial)


def _visible(filters: ReportFilters) -> list[Any]:
    """The walls, one condition a branch: what lies here, and what is in our charge elsewhere."""
    jurisdiction_id = parameter("jurisdiction")
    if not filters.staff:
        return [and_(R.c.jurisdiction_id == jurisdiction_id, ~R.c.private)]
    return [
        R.c.jurisdiction_id == jurisdiction_id,
        and_(R.c.in_charge_id == jurisdiction_id, R.c.in_charge_id != R.c.jurisdiction_id),
    ]


def _conditions(filters: ReportFilters) -> list[Any]:
    found: list[Any] = [*filters.also]
    if filters.since:
        found.append(R.c.received_at >= parameter("since"))
    if filters.until:
        found.append(R.c.received_at <= parameter("until"))
    if filters.updated_since:
        found.append(R.c.updated_at >= parameter("updated_since"))
    if filters.bbox:
        found.append(
            R.c.location.op("&&")(
                func.ST_MakeEnvelope(*(parameter(side) for side in ("west", "south", "east", "north")), 4326)
            )
        )
    if filters.late:
        found += [_open_text(), R.c.due_at < func.now()]
    if filters.dangerous:
        found += [text("report.priority = 2"), _open_text()]
    return found


def _open_text() -> TextClause:
    # As literals, so that the planner recognises the partial indexes' condition.
    return text("report.status IN (" + ", ".join(f"'{status}'" for status in OPEN) + ")")


def category_ids(categories: Sequence[str], group: str | None) -> tuple[int, ...] | None:
    """Ids of the categories of these codes and that group, None for all. One statement where any is named."""
    if not categories and not group:
        return None
    c, g = Category.__table__.c, CategoryGroup.__table__.c
    query = (
        select(c.id)
        .join_from(Category.__table__, CategoryGroup.__table__, g.id == c.group_id)
        .where(c.jurisdiction_id == current_jurisdiction_id())
    )
    if categories:
        query = query.where(c.code.in_(categories))
    if group:
        query = query.where(g.code == group)
    return tuple(execute_unscoped(query).scalars())


def _branches(asked: _PageRequest, limit: bool = True) -> list[Select]:
    """Short ordered queries of (id, received_at, updated_at) that together hold the page."""
    filters = asked.filters
    column, descending = SORTS[filters.sort]
    identity = R.c.id
    base = _conditions(filters)
    if asked.reference:
        base.append(R.c.reference == parameter("reference"))
    source: FromClause = R
    if filters.sector:
        sector, column, identity = _in_sector(filters, column)
        base.append(sector.onclause_sector)
        source = sector.joined
    if asked.after:
        base.append(_beyond(column, identity, descending))
    order = (column.desc(), identity.desc()) if descending else (column.asc(), identity.asc())
    walls = _visible(filters)
    if filters.sector or asked.category_ids is not None:
        # Our sectors and categories hold nothing that lies elsewhere.
        walls = walls[:1]
    found = []
    for choice in _choices(asked):
        for wall in walls:
            query = (
                select(R.c.id, R.c.received_at, R.c.updated_at)
                .select_from(source)
                .where(wall, *choice, *base)
                .order_by(*order)
            )
            found.append(query.limit(parameter("limit")) if limit else query)
    return found


def _beyond(column: Any, identity: Any, descending: bool) -> Any:
    there, mark = func.row(column, identity), func.row(parameter("moment"), parameter("number"))
    return there < mark if descending else there > mark


@dataclass(frozen=True)
class _SectorJoin:
    joined: Any
    onclause_sector: Any


def _in_sector(filters: ReportFilters, column: Any) -> tuple[_SectorJoin, Any, Any]:
    rs, s = ReportSector.__table__, Sector.__table__
    named = [s.c.code == parameter("code")] + (
        [s.c.layer == parameter("layer")] if ":" in (filters.sector or "") else []
    )
    sector = select(s.c.id).where(s.c.jurisdiction_id == parameter("jurisdiction"), *named).order_by(s.c.id).limit(1)
    joined = rs.join(R, R.c.id == rs.c.report_id)
    ordered = rs.c.received_at if column is R.c.received_at else column
    return (
        _SectorJoin(joined, rs.c.sector_id == sector.scalar_subquery()),
        ordered,
        rs.c.report_id if column is R.c.received_at else R.c.id,
    )


def _choices(asked: _PageRequest) -> list[list[Any]]:
    """One list of conditions per value of the filter that has an ordered index."""
    filters, ids = asked.filters, asked.category_ids
    column = ReportSector.__table__.c.status if filters.sector else R.c.status
    statuses = [[column == parameter(f"status{index}")] for index in range(len(filters.statuses))]
    any_status = [column == func.any(parameter("statuses"))] if statuses else []
    if ids is not None and (filters.sector or len(ids) > BRANCHES):
        # A whole group: frequent enough to be met on the way down the newest; in a sector, so is any.
        among = R.c.category_id == func.any(parameter("categories"))
        return [[among, *one] for one in statuses or [[]]] if filters.sector else [[among, *any_status]]
    if ids is not None:
        kinds = [R.c.category_id == parameter(f"category{index}") for index in range(len(ids))]
        return [[kind, *one] for kind in kinds for one in statuses or [[]]] or [[text("false")]]
    if filters.bbox:
        return [any_status]
    return statuses or [[]]


def _merged(branches: list[Select], asked: _PageRequest) -> Any:
    column, descending = SORTS[asked.filters.sort]
    if len(branches) == 1:
        return branches[0].subquery("found")
    every = union_all(*[select(b.subquery()) for b in branches]).subquery()
    ordered = every.c[column.name]
    return (
        select(every)
        .order_by(
            ordered.desc() if descending else ordered.asc(), every.c.id.desc() if descending else every.c.id.asc()
        )
        .limit(parameter("limit"))
        .subquery("found")
    )


def _searched(asked: _PageRequest) -> tuple[list[int], bool]:
    """Reports that hold the words. A word frequent among the newest is answered from them; a rare one from
    the text index, whose matches are then few; between the two, from its newest 10,000 matches."""
    looked_at = replace(asked, limit=NEWEST_LOOKED_AT)
    found = looked_at.run("quick", lambda: _quick(looked_at).limit(asked.limit), asked.limit)
    if len(found) >= asked.limit:
        return [row.id for row in found], False
    rows = asked.run("narrowed", lambda: _narrowed(asked))
    return [row.id for row in rows], bool(rows) and rows[0].matches > MATCHES


def _holds() -> Any:
    query = func.websearch_to_tsquery(literal_column("'alentour'::regconfig"), parameter("words"))
    return R.c.search.op("@@")(query)


def _quick(asked: _PageRequest) -> Select:
    column, descending = SORTS[asked.filters.sort]
    newest = _merged(_branches(asked), asked)
    key = newest.c[column.name]
    return (
        select(newest.c.id)
        .join(R, R.c.id == newest.c.id)
        .where(_holds())
        .order_by(key.desc() if descending else key.asc(), newest.c.id.desc() if descending else newest.c.id.asc())
    )


def _narrowed(asked: _PageRequest) -> Select:
    matches = (
        select(R.c.id, R.c.received_at)
        .where(or_(*_visible(asked.filters)), _holds())
        .cte("matches")
        .prefix_with("MATERIALIZED")
    )
    newest_matches = select(matches.c.id).order_by(matches.c.received_at.desc(), matches.c.id.desc()).limit(MATCHES)
    narrowed = select(R.c.id, R.c.received_at, R.c.updated_at).where(
        R.c.id.in_(newest_matches), *_flat_conditions(asked)
    )
    column, descending = SORTS[asked.filters.sort]
    key = R.c[column.name]
    narrowed = narrowed.order_by(
        key.desc() if descending else key.asc(), R.c.id.desc() if descending else R.c.id.asc()
    ).limit(parameter("limit"))
    how_many = select(func.count()).select_from(matches).scalar_subquery()
    return select(narrowed.subquery(), how_many.label("matches"))


def _flat_conditions(asked: _PageRequest) -> list[Any]:
    filters = asked.filters
    found = _conditions(filters)
    if asked.category_ids is not None:
        found.append(R.c.category_id == func.any(parameter("categories")))
    if filters.statuses:
        found.append(R.c.status == func.any(parameter("statuses")))
    if filters.sector:
        join, _column, _identity = _in_sector(filters, R.c.received_at)
        rs = ReportSector.__table__
        found.append(R.c.id.in_(select(rs.c.report_id).where(join.onclause_sector)))
    if asked.after:
        column, descending = SORTS[filters.sort]
        found.append(_beyond(column, R.c.id, descending))
    return found


def rows_of_references(wanted: Sequence[str], *, staff: bool = False) -> list[Any]:
    """What a list shows of these reports, newest first, those that the reader may see. One statement."""
    filters = ReportFilters(staff=staff)
    found = (
        select(R.c.id, R.c.received_at, R.c.updated_at)
        .where(R.c.reference.in_(wanted), or_(*_visible(filters)))
        .subquery("found")
    )
    return list(execute_unscoped(_rows(found, filters), {"jurisdiction": current_jurisdiction_id()}))


def _of_ids(ids: list[int], filters: ReportFilters, photos: bool) -> list[Any]:
    """What a list shows of these reports, in the order of the list. One statement."""

    def build() -> Select:
        one = func.unnest(parameter("ids")).table_valued("id").render_derived()
        found = select(one.c.id, R.c.received_at, R.c.updated_at).join_from(one, R, R.c.id == one.c.id)
        return _rows(found.subquery("found"), filters, photos)

    return execute_compiled(("ids", filters.sort, photos), build, {"ids": ids})


def _rows(found: Any, filters: ReportFilters, photos: bool = True) -> Select:
    return rows_statement(found, *SORTS[filters.sort], photos=photos)


def count_reports(filters: ReportFilters, most: int = COUNTED) -> int:
    """How many reports the filters hold, at most `most` + 1: beyond, a page says "more than". One statement,
    two with a category."""
    if filters.words:
        return len(report_page(filters, limit=MOST, photos=False).items)
    asked = _PageRequest.read(filters, most + 1)

    def build() -> Select:
        branches: list[Select[*tuple[Any, ...]]] = [
            b.with_only_columns(literal_column("1").label("one")).order_by(None).limit(parameter("limit"))
            for b in _branches(asked, limit=False)
        ]
        every = (
            union_all(*[select(b.subquery()) for b in branches]).limit(parameter("limit")).subquery()
            if len(branches) > 1
            else branches[0].subquery()
        )
        return select(func.count()).select_from(every)

    return asked.run("count", build)[0][0]
