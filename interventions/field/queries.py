"""What the field shows: a round, and one job. Core statements that name the jurisdiction themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, bindparam, case, func, or_, select, union_all
from sqlalchemy.orm import aliased

from core.database import db, utcnow
from core.database.scope import current_jurisdiction_id
from core.errors import NotFound
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.models import User
from core.models import FreeText
from core.photos.models import READY as READY_PHOTO
from core.photos.models import Photo
from core.text import localized
from core.times import local_time
from interventions.teams.models import Team, TeamMember
from interventions.work_orders.models import WorkOrder, WorkOrderEvent, WorkOrderPhoto, WorkOrderReport
from interventions.work_orders.statuses import DONE, IN_PROGRESS, ON_HOLD, READY, SCHEDULED, VERIFIED
from reporter.categories.models import Category
from reporter.reports.list_rows import photos_json
from reporter.reports.models import DANGER, Report

W, R = WorkOrder.__table__, Report.__table__
#: A round longer than this is shown in part, and says so.
MOST, MOST_LATER = 100, 20
UNFINISHED = (SCHEDULED, IN_PROGRESS, ON_HOLD)


@dataclass(frozen=True)
class FieldJob:
    """One work order as a round shows it."""

    number: str
    kind: str
    status: str
    title: str
    address: str
    priority: int
    version: int
    starts_at: datetime | None
    ends_at: datetime | None
    finished_at: datetime | None
    #: Degrees, WGS 84; None where the work has no place.
    lat: float | None
    lon: float | None
    category_names: dict[str, str] | None
    icon: str | None
    photo_needed: bool
    #: The token of what the resident saw, where it can be shown.
    photo: str | None
    words: str | None

    @property
    def danger(self) -> bool:
        """Whether somebody may be hurt."""
        return self.priority == DANGER

    @property
    def minutes(self) -> int | None:
        """How long it is planned to take, where that says something (half a day and more does not)."""
        if self.starts_at is None or self.ends_at is None:
            return None
        planned = int((self.ends_at - self.starts_at).total_seconds() // 60)
        return planned if 0 < planned <= 240 else None

    @property
    def overdue(self) -> bool:
        """Whether it was planned for a day that is over, and not begun."""
        return self.status == SCHEDULED and self.starts_at is not None and self.starts_at < midnight()


@dataclass(frozen=True)
class Round:
    """A day's jobs: what is to be done, in order; what was done today; what comes after."""

    todo: list[FieldJob]
    done: list[FieldJob]
    later: list[FieldJob]
    #: Whether there is more to be done than is shown.
    partial: bool

    @property
    def total(self) -> int:
        """Today's jobs, done and to be done."""
        return len(self.todo) + len(self.done)


def midnight(days: int = 0) -> datetime:
    """The beginning of today, or of a day after, in the jurisdiction's time."""
    return local_time(utcnow()).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)


def round_of(user_id: int) -> Round:
    """The round of a user today: theirs, or their teams' and given to nobody else. Four statements."""
    theirs = _theirs(user_id)
    tomorrow = midnight(1)
    turn = case({IN_PROGRESS: 0, SCHEDULED: 1, ON_HOLD: 2}, value=W.c.status)
    # What was begun before its day is today's, too.
    today = and_(_unfinished(), or_(W.c.starts_at < tomorrow, W.c.status != SCHEDULED))
    todo = _jobs(theirs, today, order=(turn, W.c.position, W.c.starts_at, W.c.id), limit=MOST + 1)
    ended = and_(W.c.status.in_((DONE, VERIFIED)), W.c.finished_at >= midnight(), W.c.finished_at < tomorrow)
    done = _jobs(theirs, ended, order=(W.c.finished_at, W.c.id), limit=MOST)
    ahead = and_(_unfinished(), W.c.status == SCHEDULED, W.c.starts_at >= tomorrow)
    later = _jobs(
        theirs,
        ahead,
        W.c.status == READY,
        order=(W.c.starts_at.asc().nulls_last(), W.c.position, W.c.id),
        limit=MOST_LATER,
    )
    return Round(todo[:MOST], done, later, len(todo) > MOST)


def _unfinished() -> ColumnElement[bool]:
    """Written out in the statement: the indexes of the days are made for these states alone."""
    return W.c.status.in_(bindparam("unfinished", UNFINISHED, expanding=True, literal_execute=True))


def _theirs(user_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Given to the user; given to a team of theirs and to nobody else: each has its own index."""
    m = TeamMember.__table__.c
    teams = (
        db.session.execute(
            select(m.team_id).where(m.user_id == user_id, m.jurisdiction_id == current_jurisdiction_id())
        )
        .scalars()
        .all()
    )
    return W.c.agent_id == user_id, and_(W.c.agent_id.is_(None), W.c.team_id.in_(teams))


def _jobs(
    theirs: tuple[ColumnElement[bool], ...], *kinds: ColumnElement[bool], order: tuple, limit: int
) -> list[FieldJob]:
    """The first `limit` work orders of these `kinds` that are `theirs`, in order: a short branch for each."""
    c, wr = Category.__table__.c, WorkOrderReport.__table__.c
    cover = aliased(Photo.__table__)
    here = select(W.c.id).where(W.c.jurisdiction_id == current_jurisdiction_id()).order_by(*order).limit(limit)
    branches = [here.where(mine, kind) for mine in theirs for kind in kinds]
    wanted = union_all(*[select(branch.subquery().c.id) for branch in branches])
    answered = (
        select(R.c.id)
        .join(WorkOrderReport.__table__, wr.report_id == R.c.id)
        .where(wr.work_order_id == W.c.id, _seen_from_here())
    )

    def first(column: ColumnElement[Any], present: ColumnElement[bool]) -> ScalarSelect[Any]:
        return (
            answered.with_only_columns(column).where(present).order_by(R.c.id).limit(1).correlate(W).scalar_subquery()
        )

    jobs: Select[*tuple[Any, ...]] = (
        select(
            W.c.number,
            W.c.kind,
            W.c.status,
            W.c.title,
            W.c.address,
            W.c.priority,
            W.c.version,
            W.c.starts_at,
            W.c.ends_at,
            W.c.finished_at,
            func.ST_Y(W.c.location),
            func.ST_X(W.c.location),
            c.names,
            c.icon,
            func.coalesce(c.photo_to_finish, False),
            cover.c.token,
            first(R.c.description, R.c.description != ""),
        )
        .outerjoin_from(W, Category.__table__, c.id == W.c.category_id)
        .outerjoin(
            cover, and_(cover.c.id == first(R.c.cover_id, R.c.cover_id.is_not(None)), cover.c.status == READY_PHOTO)
        )
        .where(W.c.id.in_(wanted))
        .order_by(*order)
        .limit(limit)
    )
    return [FieldJob(*row) for row in db.session.execute(jobs)]


def _seen_from_here() -> ColumnElement[bool]:
    return or_(R.c.jurisdiction_id == current_jurisdiction_id(), R.c.in_charge_id == current_jurisdiction_id())


@dataclass(frozen=True)
class Detail:
    """One work order with all that an agent needs to do it."""

    order: Row
    reports: list[Row]
    #: [{"token", "status"}] of the photos taken at work.
    photos: list[dict[str, Any]]
    #: Newest first.
    history: list[Row]

    @property
    def danger(self) -> bool:
        """Whether somebody may be hurt."""
        return self.order.priority == DANGER

    @property
    def overdue(self) -> bool:
        """Whether it was planned for a day that is over, and not begun."""
        planned = self.order.starts_at
        return self.order.status == SCHEDULED and planned is not None and planned < midnight()

    @property
    def photo_missing(self) -> bool:
        """Whether the category asks for a photo to finish, and there is none yet."""
        return self.order.photo_needed and not self.photos

    @property
    def spent(self) -> int | None:
        """Minutes at work so far, pauses left out, to the nearest five; None beyond half a day."""
        total, since = timedelta(), None
        for event in reversed(self.history):
            if event.kind in ("started", "resumed"):
                since = since or event.occurred_at
            elif event.kind in ("held", "refused", "finished", "returned") and since:
                total, since = total + (event.occurred_at - since), None
        if since:
            total += utcnow() - since
        minutes = round(total.total_seconds() / 300) * 5
        return max(minutes, 5) if timedelta() < total < timedelta(hours=12) else None

    def since(self, version: int | None) -> list[Row]:
        """The lines written after somebody read `version`, newest first: each made it grow by one."""
        if version is None or version >= self.order.version:
            return []
        return self.history[: self.order.version - version]

    def answers(self, report: Row) -> list[tuple[str, str]]:
        """(question, answer) of a report, in the reader's language."""
        locale, given = locale_code(), report.answers
        return [
            (localized(question["label"], locale), _said(question, given[question["code"]]))
            for question in report.questions or ()
            if question["code"] in given
        ]


def _said(question: dict[str, Any], answer: Any) -> str:
    locale = locale_code()
    names = {choice["key"]: localized(choice["name"], locale) for choice in question.get("choices", ())}
    given = answer if isinstance(answer, list) else [answer]
    return ", ".join(names.get(str(one), str(one)) for one in given)


def job_detail(number: str) -> Detail:
    """The work order of that number, its reports, photos and history. Four statements. Raises NotFound."""
    c, t, u = Category.__table__.c, Team.__table__.c, User.__table__.c
    order = db.session.execute(
        select(
            W.c.id,
            W.c.number,
            W.c.kind,
            W.c.status,
            W.c.title,
            W.c.instructions,
            W.c.address,
            W.c.priority,
            W.c.version,
            W.c.starts_at,
            W.c.ends_at,
            W.c.started_at,
            W.c.finished_at,
            W.c.minutes,
            W.c.agent_id,
            W.c.team_id,
            func.ST_Y(W.c.location).label("lat"),
            func.ST_X(W.c.location).label("lon"),
            c.names.label("category_names"),
            c.icon,
            func.coalesce(c.photo_to_finish, False).label("photo_needed"),
            t.names.label("team_names"),
            u.name.label("agent_name"),
        )
        .outerjoin_from(W, Category.__table__, c.id == W.c.category_id)
        .outerjoin(Team.__table__, t.id == W.c.team_id)
        .outerjoin(User.__table__, u.id == W.c.agent_id)
        .where(W.c.number == number, W.c.jurisdiction_id == current_jurisdiction_id())
    ).one_or_none()
    if order is None:
        raise NotFound(_("There is no work order with that number."))
    return Detail(order, _reports(order.id), _photos(order.id), _history(order.id))


def _reports(order_id: int) -> list[Row]:
    c, wr = Category.__table__.c, WorkOrderReport.__table__.c
    return list(
        db.session.execute(
            select(
                R.c.reference,
                R.c.description,
                R.c.address,
                R.c.answers,
                R.c.received_at,
                c.questions,
                c.names.label("category_names"),
                photos_json(),
            )
            .join_from(R, Category.__table__, c.id == R.c.category_id)
            .join(WorkOrderReport.__table__, wr.report_id == R.c.id)
            .where(wr.work_order_id == order_id, _seen_from_here())
            .order_by(R.c.id)
            .limit(MOST)
        )
    )


def _photos(order_id: int) -> list[dict[str, Any]]:
    wp, p = WorkOrderPhoto.__table__.c, Photo.__table__.c
    rows = db.session.execute(
        select(p.token, p.status)
        .join_from(WorkOrderPhoto.__table__, Photo.__table__, p.id == wp.photo_id)
        .where(wp.work_order_id == order_id, p.jurisdiction_id == current_jurisdiction_id(), wp.role == "after")
        .order_by(wp.added_at, p.id)
    )
    return [dict(row._mapping) for row in rows]


def _history(order_id: int) -> list[Row]:
    e, w, u = WorkOrderEvent.__table__.c, FreeText.__table__.c, User.__table__.c
    return list(
        db.session.execute(
            select(
                e.id,
                e.kind,
                e.facts,
                e.occurred_at,
                u.name.label("who"),
                case((w.masked_at.is_(None), w.text)).label("words"),
            )
            .outerjoin_from(WorkOrderEvent.__table__, FreeText.__table__, w.id == e.free_text_id)
            .outerjoin(User.__table__, u.id == e.user_id)
            .where(e.work_order_id == order_id, e.jurisdiction_id == current_jurisdiction_id())
            .order_by(e.id.desc())
            .limit(200)
        )
    )
