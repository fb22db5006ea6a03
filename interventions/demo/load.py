"""Loads the demonstration town: six months of it, in one transaction, so that there is all of it or nothing.

Core statements here name the jurisdiction themselves.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from core.database import db, utcnow
from core.identity import towns
from core.identity.models import Jurisdiction
from core.identity.towns import Town
from core.outbox.models import OWED, SENT, Message
from core.scope import acting_for
from interventions.demo import geometry
from interventions.demo.answers import answer_back
from interventions.demo.around import follow_and_announce
from interventions.demo.founding import SLUG, found
from interventions.demo.gallery import Gallery, drawings
from interventions.demo.lives import Plan, Step
from interventions.demo.plan import make_plan
from interventions.demo.playing import Player
from interventions.models import WorkOrder, WorkOrderEvent
from reporter import tiles
from reporter.models import Report, ReportEvent

#: Older news counts as read: it was sent when it happened. The mails of the last days can be opened.
READ = timedelta(days=3)
#: Who publishes the notices.
SUPERVISOR = "superviseur@demo.example"

Progress = Callable[[list[Step]], Iterable[Step]]


class AlreadyThere(RuntimeError):
    """The demonstration town stands already; nothing was changed."""


@dataclass(frozen=True)
class Loaded:
    """What has been made."""

    town: Town
    reports: int
    work_orders: int
    photos: int
    centre: tuple[float, float]
    #: Of each account.
    password: str


def load(centre: tuple[float, float] = geometry.CENTRE, *, now: datetime | None = None,
         progress: Progress = iter) -> Loaded:
    """Make the demonstration town around a centre (latitude, longitude in degrees), and commit.

    `progress` wraps the steps that are played. Raises AlreadyThere, and ValueError for an unusable centre.
    """
    if db.session.scalar(select(Jurisdiction.id).where(Jurisdiction.slug == SLUG)) is not None:
        raise AlreadyThere(SLUG)
    layout, plan = geometry.build(centre), make_plan(now or utcnow())
    with Gallery(drawings(plan)) as gallery:
        town, people, password = found(layout)
        with acting_for(town):
            player = Player(plan, layout, people, gallery)
            for step in progress(list(plan.steps)):
                player.play(step)
            answer_back(plan.now, people[SUPERVISOR])
            _date(town, plan.now - READ)
            follow_and_announce(town, layout, people[SUPERVISOR])
            db.session.commit()
            tiles.fold()
    towns.forget()
    return Loaded(town, len(plan.reports), len(plan.orders), _photos(plan), layout.centre, password)


def _photos(plan: Plan) -> int:
    return sum(len(life.photos) for life in plan.reports) + sum(
        len(step.data.get("photos", ())) for step in plan.steps)


def _date(town: Town, read: datetime) -> None:
    """Let what was just recorded look its age: reports changed when they did, news before `read` was sent."""
    report, event, message = Report.__table__, ReportEvent.__table__, Message.__table__
    db.session.flush()
    last = (select(event.c.report_id, func.max(event.c.occurred_at).label("at"))
            .where(event.c.jurisdiction_id == town.id).group_by(event.c.report_id).subquery())
    db.session.execute(update(report).where(report.c.jurisdiction_id == town.id,
                                            report.c.id == last.c.report_id)
                       .values(updated_at=last.c.at))
    work, line = WorkOrder.__table__, WorkOrderEvent.__table__
    latest = (select(line.c.work_order_id, func.max(line.c.occurred_at).label("at"))
              .where(line.c.jurisdiction_id == town.id).group_by(line.c.work_order_id).subquery())
    db.session.execute(update(work).where(work.c.jurisdiction_id == town.id,
                                          work.c.id == latest.c.work_order_id)
                       .values(updated_at=latest.c.at))
    told = update(message).where(message.c.jurisdiction_id == town.id, message.c.status == OWED)
    db.session.execute(
        told.where(message.c.source == func.concat("report_event:", event.c.id),
                   event.c.jurisdiction_id == town.id, event.c.occurred_at < read)
        .values(status=SENT, tries=1, created_at=event.c.occurred_at, sent_at=event.c.occurred_at))
    db.session.execute(told.where(message.c.kind == "report.confirm").values(
        status=SENT, tries=1, sent_at=func.now()))
    db.session.expire_all()
