"""Lists of work orders: filters, keyset pages, bounded counts. Core statements that name the jurisdiction.

What has an index in the order of the list (state, team, category) is walked as short branches; what has none
(words, kind, sector…) is looked for among the newest LOOKED_AT of each branch, and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    ScalarSelect,
    Select,
    Text,
    and_,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from core.database import execute_unscoped
from core.database.compiled import execute_compiled, parameter
from core.database.pagination import Page, decode_cursor, encode_cursor
from core.database.scope import current_jurisdiction_id
from core.errors import FieldError
from core.i18n import gettext as _
from core.identity.models import Sector, User
from core.photos.models import Photo
from interventions.teams.models import Team, TeamMember
from interventions.work_orders.models import WorkOrder, WorkOrderReport
from reporter.categories.models import Category
from reporter.reports.listing import MOST, category_ids
from reporter.reports.models import Report

W = WorkOrder.__table__
COUNTED = 1000
#: How many of the newest are looked at for what no index is ordered by.
LOOKED_AT = 10_000
MOMENT = DateTime(timezone=True)
SORTS = {
    "-created_at": (W.c.created_at, True),
    "created_at": (W.c.created_at, False),
    "-updated_at": (W.c.updated_at, True),
    "updated_at": (W.c.updated_at, False),
}


@dataclass(frozen=True)
class WorkFilters:
    """What a list of work orders is narrowed to. Codes are the jurisdiction's; `bbox` is west, south, east, north."""

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


def work_order_page(filters: WorkFilters, *, limit: int = 50, cursor: str | None = None) -> Page:
    """One page of work orders, newest first unless sorted otherwise. One to three statements.

    Raises FieldError naming sort, cursor, limit.
    """
    if filters.sort not in SORTS:
        raise FieldError("sort", _("Choose one of: %(choices)s.", choices=", ".join(SORTS)))
    if not 1 <= limit <= MOST:
        raise FieldError("limit", _("This must be between 1 and %(most)s.", most=MOST))
    asked = _PageRequest(
        filters, limit + 1, decode_cursor(cursor) if cursor else None, category_ids(filters.categories, filters.group)
    )
    rows = execute_compiled(("work page", *asked.shape), lambda: _rows(_found(asked), filters), asked.values)
    more, rows = len(rows) > limit, rows[:limit]
    key = filters.sort.removeprefix("-")
    return Page(
        rows,
        encode_cursor(getattr(rows[-1], key), rows[-1].id) if more else None,
        not more and bool(_conditions(asked)[1]) and _many(),
    )


def _many() -> bool:
    """Whether there are so many work orders that looking at the newest only may have missed some."""
    beyond = select(W.c.id).where(W.c.jurisdiction_id == current_jurisdiction_id()).offset(LOOKED_AT).limit(1)
    return execute_unscoped(select(beyond.exists())).scalar_one()


def count_work_orders(filters: WorkFilters, most: int = COUNTED) -> int:
    """How many work orders the filters hold, at most `most` + 1. One statement, two with a category."""
    asked = _PageRequest(filters, most + 1, None, category_ids(filters.categories, filters.group))
    return execute_compiled(
        ("work count", *asked.shape), lambda: select(func.count()).select_from(_found(asked)), asked.values
    )[0][0]


@dataclass(frozen=True)
class _PageRequest:
    """A page that is asked for; its values are parameters of a statement made once for each shape."""

    filters: WorkFilters
    limit: int
    after: tuple[datetime, int] | None
    category_ids: tuple[int, ...] | None

    @property
    def shape(self) -> tuple[Any, ...]:
        """What the text of the statement depends on."""
        f, ids = self.filters, self.category_ids
        return (
            f.sort,
            len(f.statuses),
            len(f.teams),
            bool(f.kinds),
            ids is not None and len(ids),
            f.sector and ":" in f.sector,
            f.bbox is None,
            f.since is None,
            f.until is None,
            f.updated_since is None,
            f.day_from is None,
            f.day_until is None,
            len(_words(f)),
            f.late,
            f.to_verify,
            f.without_team,
            f.theirs is None,
            self.after is None,
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
            "day_from": f.day_from,
            "day_until": f.day_until,
            "kinds": list(f.kinds),
            "theirs": f.theirs,
            "layer": layer,
            "code": code if colon else layer,
            "moment": self.after[0] if self.after else None,
            "number": self.after[1] if self.after else None,
        }
        found |= dict(zip(("west", "south", "east", "north"), f.bbox or (None,) * 4, strict=True))
        for name, several in (
            ("status", f.statuses),
            ("team", f.teams),
            ("category", self.category_ids or ()),
            ("word", _words(f)),
        ):
            found |= {f"{name}{index}": one for index, one in enumerate(several)}
        return found


def _found(asked: _PageRequest) -> Any:
    """Id and sorted column (`key`) of the page's rows."""
    column, descending = SORTS[asked.filters.sort]
    leading, rest = _conditions(asked)
    jurisdiction_id = [W.c.jurisdiction_id == parameter("jurisdiction")]
    if asked.after:
        there, mark = func.row(column, W.c.id), func.row(parameter("moment"), parameter("number"))
        jurisdiction_id.append(there < mark if descending else there > mark)
    branches = [_branch([*jurisdiction_id, *one], rest, column, descending) for one in leading]
    if len(branches) == 1:
        return branches[0].subquery("found")
    every = union_all(*[select(branch.subquery()) for branch in branches]).subquery()
    return (
        select(every)
        .order_by(*_in_order(every.c.key, every.c.id, descending))
        .limit(parameter("limit"))
        .subquery("found")
    )


def _branch(walked_by: list[Any], rest: list[Any], column: Any, descending: bool) -> Select:
    """One walk down an index; what no index is ordered by is looked for among the newest of it."""
    walked = select(W.c.id, column.label("key")).where(*walked_by).order_by(*_in_order(column, W.c.id, descending))
    if rest:
        newest = walked.limit(LOOKED_AT).subquery()
        walked = (
            select(newest.c.id, newest.c.key)
            .join(W, W.c.id == newest.c.id)
            .where(*rest)
            .order_by(*_in_order(newest.c.key, newest.c.id, descending))
        )
    return walked.limit(parameter("limit"))


def _in_order(key: Any, number: Any, descending: bool) -> tuple[Any, Any]:
    return (key.desc(), number.desc()) if descending else (key.asc(), number.asc())


def _conditions(asked: _PageRequest) -> tuple[list[list[ColumnElement[bool]]], list[ColumnElement[bool]]]:
    """(conditions of each walk: one per value that an index is ordered by, and the times of that index; all
    other conditions)."""
    filters, ids = asked.filters, asked.category_ids
    column = SORTS[filters.sort][0]
    timely = _times(filters)
    walked = [condition for one, condition in timely if one is column]
    rest = [condition for one, condition in timely if one is not column] + _plain(filters)
    leading: list[list[ColumnElement[bool]]] = [[]]
    for choices in (
        [W.c.status == parameter(f"status{index}") for index in range(len(filters.statuses))],
        [W.c.team_id == _team_id(f"team{index}") for index in range(len(filters.teams))],
        []
        if ids is None
        else [W.c.category_id == parameter(f"category{one}") for one in range(len(ids))] or [literal_column("false")],
    ):
        if not choices:
            continue
        if leading == [[]]:
            leading = [[one] for one in choices]
        else:
            rest.append(or_(*choices))
    return [[*one, *walked] for one in leading], rest


def _times(filters: WorkFilters) -> list[tuple[Any, ColumnElement[bool]]]:
    found = []
    if filters.since is not None:
        found.append((W.c.created_at, W.c.created_at >= parameter("since")))
    if filters.until is not None:
        found.append((W.c.created_at, W.c.created_at <= parameter("until")))
    if filters.updated_since is not None:
        found.append((W.c.updated_at, W.c.updated_at >= parameter("updated_since")))
    return found


def _plain(filters: WorkFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.day_from is not None:
        found.append(W.c.starts_at >= parameter("day_from", MOMENT))
    if filters.day_until is not None:
        found.append(W.c.starts_at < parameter("day_until", MOMENT))
    if filters.kinds:
        found.append(W.c.kind == func.any(parameter("kinds", ARRAY(Text))))
    if filters.late:
        found.append(W.c.ends_at < func.now())
    if filters.without_team:
        found.append(W.c.team_id.is_(None))
    if filters.theirs is not None:
        m, user = TeamMember.__table__.c, parameter("theirs", BigInteger)
        crews = select(m.team_id).where(m.user_id == user)
        found.append(or_(W.c.agent_id == user, and_(W.c.agent_id.is_(None), W.c.team_id.in_(crews))))
    if filters.to_verify:
        c = Category.__table__.c
        found.append(
            W.c.category_id.in_(select(c.id).where(c.jurisdiction_id == parameter("jurisdiction"), c.verified))
        )
    if filters.bbox:
        found.append(
            W.c.location.op("&&")(
                func.ST_MakeEnvelope(*(parameter(side) for side in ("west", "south", "east", "north")), 4326)
            )
        )
    if filters.sector:
        found.append(_in_sector(filters.sector))
    if filters.words:
        found.append(_holds(len(_words(filters))))
    return found


def _team_id(name: str) -> ScalarSelect[int]:
    t = Team.__table__.c
    return (
        select(t.id).where(t.jurisdiction_id == parameter("jurisdiction"), t.code == parameter(name)).scalar_subquery()
    )


def _in_sector(named: str) -> ColumnElement[bool]:
    s = Sector.__table__
    wanted = [s.c.code == parameter("code")] + ([s.c.layer == parameter("layer")] if ":" in named else [])
    boundary = (
        select(s.c.boundary)
        .where(s.c.jurisdiction_id == parameter("jurisdiction"), *wanted)
        .order_by(s.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return func.ST_Covers(boundary, W.c.location)


def _words(filters: WorkFilters) -> list[str]:
    return filters.words.lower().split()[:10]


def _holds(words: int) -> ColumnElement[bool]:
    """Every word, in what the work order says of itself, without minding case or accents; or its number."""
    said = func.unaccent(func.lower(W.c.number + " " + W.c.title + " " + W.c.address + " " + W.c.instructions))
    return and_(*[func.strpos(said, func.unaccent(parameter(f"word{index}"))) > 0 for index in range(words)])


def _rows(found: Any, filters: WorkFilters) -> Select:
    """What a list shows of each work order, in order."""
    c, t, u = Category.__table__.c, Team.__table__.c, User.__table__.c
    cover = aliased(Photo.__table__)
    descending = SORTS[filters.sort][1]
    wr, r = WorkOrderReport.__table__.c, Report.__table__.c
    answered = select(func.count()).where(wr.work_order_id == W.c.id).correlate(W).scalar_subquery()
    first = (
        select(r.cover_id)
        .join_from(WorkOrderReport.__table__, Report.__table__, r.id == wr.report_id)
        .where(wr.work_order_id == W.c.id, r.cover_id.is_not(None))
        .order_by(r.id)
        .limit(1)
        .correlate(W)
        .scalar_subquery()
    )
    return (
        select(
            W.c.id,
            W.c.number,
            W.c.kind,
            W.c.status,
            W.c.title,
            W.c.address,
            W.c.priority,
            W.c.starts_at,
            W.c.ends_at,
            W.c.announced_day,
            W.c.created_at,
            W.c.updated_at,
            W.c.finished_at,
            W.c.version,
            func.ST_X(W.c.location).label("lon"),
            func.ST_Y(W.c.location).label("lat"),
            c.code.label("category"),
            c.names.label("category_names"),
            c.icon,
            c.verified.label("asks_check"),
            t.code.label("team"),
            t.names.label("team_names"),
            u.name.label("agent_name"),
            u.email.label("agent"),
            answered.label("answered"),
            cover.c.token.label("cover"),
            cover.c.status.label("cover_status"),
        )
        .join_from(found, W, W.c.id == found.c.id)
        .outerjoin(Category.__table__, c.id == W.c.category_id)
        .outerjoin(Team.__table__, t.id == W.c.team_id)
        .outerjoin(User.__table__, u.id == W.c.agent_id)
        .outerjoin(cover, cover.c.id == first)
        .order_by(
            found.c.key.desc() if descending else found.c.key.asc(), W.c.id.desc() if descending else W.c.id.asc()
        )
    )
