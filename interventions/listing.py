"""Lists of work orders: filters, keyset pages, bounded counts. Core statements that name the jurisdiction themselves.

What has an index in the order of the list (state, team, category) is walked as short branches; what has none
(words, kind, sector…) is looked for among the newest LOOKED_AT of each branch, and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, literal_column, or_, select, union_all
from sqlalchemy.orm import aliased

from core.database import db
from core.errors import FieldError
from core.i18n import gettext as _
from core.identity.models import Sector, User
from core.photos.models import Photo
from core.scope import current_id
from interventions.models import Team, TeamMember, WorkOrder, WorkOrderReport
from interventions.status import IN_PROGRESS, ON_HOLD, SCHEDULED
from reporter.listing import MOST
from reporter.pages import Page, cursor_of, read_cursor
from reporter.models import Category, CategoryGroup, Report

W = WorkOrder.__table__
COUNTED = 1000
#: How many of the newest are looked at for what no index is ordered by.
LOOKED_AT = 10_000
#: Work that has a day.
DATED = (SCHEDULED, IN_PROGRESS, ON_HOLD)
SORTS = {
    "-created_at": (W.c.created_at, True), "created_at": (W.c.created_at, False),
    "-updated_at": (W.c.updated_at, True), "updated_at": (W.c.updated_at, False),
}


@dataclass(frozen=True)
class WorkFilters:
    """What a list of work orders is narrowed to. Codes are the town's; `bbox` is (west, south, east, north)."""

    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    group: str | None = None
    #: Sector code, or layer:code.
    sector: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    since: datetime | None = None
    until: datetime | None = None
    updated_since: datetime | None = None
    #: Its planned time begins in [day_from, day_until).
    day_from: datetime | None = None
    day_until: datetime | None = None
    words: str = ""
    #: Planned for a time that has passed, and not begun.
    late: bool = False
    #: Finished, in a category that asks for a check.
    to_verify: bool = False
    #: Given to nobody yet.
    without_team: bool = False
    #: A user's own: given to them, or to a team of theirs and to nobody else.
    theirs: int | None = None
    sort: str = "-created_at"


def page(filters: WorkFilters, *, limit: int = 50, cursor: str | None = None) -> Page:
    """One page of work orders, newest first unless sorted otherwise. One to three statements.

    Raises FieldError naming sort, cursor, limit.
    """
    if filters.sort not in SORTS:
        raise FieldError("sort", _("Choose one of: %(choices)s.", choices=", ".join(SORTS)))
    if not 1 <= limit <= MOST:
        raise FieldError("limit", _("This must be between 1 and %(most)s.", most=MOST))
    after = read_cursor(cursor) if cursor else None
    found, partial = _found(filters, after, limit + 1)
    rows = list(db.session.execute(_rows(found, filters)))
    more, rows = len(rows) > limit, rows[:limit]
    key = filters.sort.removeprefix("-")
    return Page(rows, cursor_of(getattr(rows[-1], key), rows[-1].id) if more else None,
                partial and not more and _many())


def _many() -> bool:
    """Whether there are so many work orders that looking at the newest only may have missed some."""
    beyond = select(W.c.id).where(W.c.jurisdiction_id == current_id()).offset(LOOKED_AT).limit(1)
    return db.session.execute(select(beyond.exists())).scalar_one()


def count(filters: WorkFilters, most: int = COUNTED) -> int:
    """How many work orders the filters hold, at most `most` + 1. One statement, two with a category."""
    found, _partial = _found(filters, None, most + 1)
    return db.session.execute(select(func.count()).select_from(found)).scalar_one()


def _found(filters: WorkFilters, after: tuple[datetime, int] | None, limit: int) -> tuple[Any, bool]:
    """(id and the sorted column of the page's rows, whether only the newest were looked at)."""
    column, descending = SORTS[filters.sort]
    leading, rest = _conditions(filters)
    here = [W.c.jurisdiction_id == current_id()]
    if after:
        there, mark = func.row(column, W.c.id), func.row(literal(after[0]), literal(after[1]))
        here.append(there < mark if descending else there > mark)
    order = (column.desc(), W.c.id.desc()) if descending else (column.asc(), W.c.id.asc())
    branches: list[Select] = []
    for one in leading:
        walked = select(W.c.id, column.label("key")).where(*here, *one).order_by(*order)
        if rest:
            newest = walked.limit(LOOKED_AT).subquery()
            walked = (select(newest.c.id, newest.c.key).join(W, W.c.id == newest.c.id).where(*rest)
                      .order_by(newest.c.key.desc() if descending else newest.c.key.asc(),
                                newest.c.id.desc() if descending else newest.c.id.asc()))
        branches.append(walked.limit(limit))
    if len(branches) == 1:
        return branches[0].subquery("found"), bool(rest)
    every = union_all(*[select(branch.subquery()) for branch in branches]).subquery()
    together = select(every).order_by(every.c.key.desc() if descending else every.c.key.asc(),
                                      every.c.id.desc() if descending else every.c.id.asc())
    return together.limit(limit).subquery("found"), bool(rest)


def _conditions(filters: WorkFilters) -> tuple[list[list[ColumnElement[bool]]], list[ColumnElement[bool]]]:
    """(one list of conditions per value of the filter that an index is ordered by, all other conditions)."""
    rest = _plain(filters)
    by_status = [[W.c.status == status] for status in filters.statuses]
    by_category = _by_category(filters)
    by_team = [[W.c.team_id == _team_id(code)] for code in filters.teams]
    leading: list[list[ColumnElement[bool]]] = [[]]
    for choices in (by_status, by_team, by_category):
        if choices is None or not choices:
            continue
        if leading == [[]]:
            leading = choices
        else:
            rest.append(or_(*[one[0] for one in choices]))
    return leading, rest


def _plain(filters: WorkFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    bounds = ((W.c.created_at, filters.since, filters.until), (W.c.updated_at, filters.updated_since, None))
    for column, low, high in bounds:
        if low is not None:
            found.append(column >= low)
        if high is not None:
            found.append(column <= high)
    if filters.day_from is not None:
        found.append(W.c.starts_at >= filters.day_from)
    if filters.day_until is not None:
        found.append(W.c.starts_at < filters.day_until)
    if filters.kinds:
        found.append(W.c.kind.in_(filters.kinds))
    if filters.late:
        found.append(W.c.ends_at < func.now())
    if filters.without_team:
        found.append(W.c.team_id.is_(None))
    if filters.theirs is not None:
        m = TeamMember.__table__.c
        crews = select(m.team_id).where(m.user_id == filters.theirs)
        found.append(or_(W.c.agent_id == filters.theirs, and_(W.c.agent_id.is_(None), W.c.team_id.in_(crews))))
    if filters.to_verify:
        c = Category.__table__.c
        found.append(W.c.category_id.in_(select(c.id).where(c.jurisdiction_id == current_id(), c.verified)))
    if filters.bbox:
        found.append(W.c.location.op("&&")(func.ST_MakeEnvelope(*filters.bbox, 4326)))
    if filters.sector:
        found.append(_in_sector(filters.sector))
    if filters.words:
        found.append(_holds(filters.words))
    return found


def _by_category(filters: WorkFilters) -> list[list[ColumnElement[bool]]] | None:
    """One condition per category asked for; None for all. One statement where any is named."""
    if not filters.categories and not filters.group:
        return None
    c, g = Category.__table__.c, CategoryGroup.__table__.c
    query = select(c.id).join_from(Category.__table__, CategoryGroup.__table__, g.id == c.group_id).where(
        c.jurisdiction_id == current_id())
    if filters.categories:
        query = query.where(c.code.in_(filters.categories))
    if filters.group:
        query = query.where(g.code == filters.group)
    return [[W.c.category_id == one] for one in db.session.execute(query).scalars()] or [
        [literal_column("false")]]


def _team_id(code: str):
    t = Team.__table__.c
    return select(t.id).where(t.jurisdiction_id == current_id(), t.code == code).scalar_subquery()


def _in_sector(named: str) -> ColumnElement[bool]:
    s = Sector.__table__
    layer, colon, code = named.partition(":")
    wanted = [s.c.code == (code if colon else layer)] + ([s.c.layer == layer] if colon else [])
    boundary = (select(s.c.boundary).where(s.c.jurisdiction_id == current_id(), *wanted).order_by(s.c.id).limit(1)
                .scalar_subquery())
    return func.ST_Covers(boundary, W.c.location)


def _holds(words: str) -> ColumnElement[bool]:
    """Every word, in what the work order says of itself, without minding case or accents; or its number."""
    said = func.unaccent(func.lower(
        W.c.number + " " + W.c.title + " " + W.c.address + " " + W.c.instructions))
    return and_(*[func.strpos(said, func.unaccent(word.lower())) > 0 for word in words.split()[:10]])


def _rows(found: Any, filters: WorkFilters) -> Select:
    """What a list shows of each work order, in order."""
    c, t, u = Category.__table__.c, Team.__table__.c, User.__table__.c
    cover = aliased(Photo.__table__)
    descending = SORTS[filters.sort][1]
    wr, r = WorkOrderReport.__table__.c, Report.__table__.c
    answered = select(func.count()).where(wr.work_order_id == W.c.id).correlate(W).scalar_subquery()
    first = (select(r.cover_id).join_from(WorkOrderReport.__table__, Report.__table__, r.id == wr.report_id)
             .where(wr.work_order_id == W.c.id, r.cover_id.is_not(None)).order_by(r.id).limit(1)
             .correlate(W).scalar_subquery())
    return (
        select(
            W.c.id, W.c.number, W.c.kind, W.c.status, W.c.title, W.c.address, W.c.priority, W.c.starts_at,
            W.c.ends_at, W.c.announced_day, W.c.created_at, W.c.updated_at, W.c.finished_at, W.c.version,
            func.ST_X(W.c.location).label("lon"), func.ST_Y(W.c.location).label("lat"),
            c.code.label("category"), c.names.label("category_names"), c.icon, c.verified.label("asks_check"),
            t.code.label("team"), t.names.label("team_names"), u.name.label("agent_name"),
            u.email.label("agent"), answered.label("answered"), cover.c.token.label("cover"),
            cover.c.status.label("cover_status"),
        )
        .join_from(found, W, W.c.id == found.c.id)
        .outerjoin(Category.__table__, c.id == W.c.category_id)
        .outerjoin(Team.__table__, t.id == W.c.team_id)
        .outerjoin(User.__table__, u.id == W.c.agent_id)
        .outerjoin(cover, cover.c.id == first)
        .order_by(found.c.key.desc() if descending else found.c.key.asc(),
                  W.c.id.desc() if descending else W.c.id.asc())
    )
