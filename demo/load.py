"""Loads the demonstration town: six months of it, in one transaction, so that there is all of it or nothing.

Core statements here name the jurisdiction themselves.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from core.database import db, utcnow
from core.database.scope import serving
from core.identity import jurisdictions
from core.identity.jurisdictions import JurisdictionCopy
from core.identity.models import Jurisdiction
from core.notifications.outbox.models import OWED, SENT, Message
from demo import geometry
from demo.areas_and_notices import follow_and_announce
from demo.jurisdiction import SLUG, create_demo_jurisdiction
from demo.pictures.gallery import Gallery, drawings
from demo.plan import make_plan
from demo.player import PlanPlayer
from demo.resident_answers import answer_back
from demo.stories import Plan, Step
from interventions.work_orders.models import WorkOrder, WorkOrderEvent
from reporter.map import tile_counts
from reporter.reports.models import Report, ReportEvent

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

    jurisdiction: JurisdictionCopy
    reports: int
    work_orders: int
    photos: int
    centre: tuple[float, float]
    #: Of each account.
    password: str


def load(
    centre: tuple[float, float] = geometry.CENTRE, *, now: datetime | None = None, progress: Progress = iter
) -> Loaded:
    """Make the demonstration town around a centre (latitude, longitude in degrees), and commit.

    `progress` wraps the steps that are played. Raises AlreadyThere, and ValueError for an unusable centre.
    """
    if db.session.scalar(select(Jurisdiction.id).where(Jurisdiction.slug == SLUG)) is not None:
        raise AlreadyThere(SLUG)
    layout, plan = geometry.build(centre), make_plan(now or utcnow())
    with Gallery(drawings(plan)) as gallery:
        jurisdiction, people, password = create_demo_jurisdiction(layout)
        with serving(jurisdiction):
            player = PlanPlayer(plan, layout, people, gallery)
            for step in progress(list(plan.steps)):
                player.play(step)
            answer_back(plan.now, people[SUPERVISOR])
            _date(jurisdiction, plan.now - READ)
            follow_and_announce(jurisdiction, layout, people[SUPERVISOR])
            db.session.commit()
            tile_counts.fold_deltas()
    jurisdictions.drop_cache()
    return Loaded(jurisdiction, len(plan.reports), len(plan.orders), _photos(plan), layout.centre, password)


def _photos(plan: Plan) -> int:
    return sum(len(life.photos) for life in plan.reports) + sum(len(step.data.get("photos", ())) for step in plan.steps)


def _date(jurisdiction: JurisdictionCopy, read: datetime) -> None:
    """Let what was just recorded look its age: reports changed when they did, news before `read` was sent."""
    report, event, message = Report.__table__, ReportEvent.__table__, Message.__table__
    db.session.flush()
    last = (
        select(event.c.report_id, func.max(event.c.occurred_at).label("at"))
        .where(event.c.jurisdiction_id == jurisdiction.id)
        .group_by(event.c.report_id)
        .subquery()
    )
    db.session.execute(
        update(report)
        .where(report.c.jurisdiction_id == jurisdiction.id, report.c.id == last.c.report_id)
        .values(updated_at=last.c.at)
    )
    work, line = WorkOrder.__table__, WorkOrderEvent.__table__
    latest = (
        select(line.c.work_order_id, func.max(line.c.occurred_at).label("at"))
        .where(line.c.jurisdiction_id == jurisdiction.id)
        .group_by(line.c.work_order_id)
        .subquery()
    )
    db.session.execute(
        update(work)
        .where(work.c.jurisdiction_id == jurisdiction.id, work.c.id == latest.c.work_order_id)
        .values(updated_at=latest.c.at)
    )
    told = update(message).where(message.c.jurisdiction_id == jurisdiction.id, message.c.status == OWED)
    db.session.execute(
        told.where(
            message.c.source == func.concat("report_event:", event.c.id),
            event.c.jurisdiction_id == jurisdiction.id,
            event.c.occurred_at < read,
        ).values(status=SENT, tries=1, created_at=event.c.occurred_at, sent_at=event.c.occurred_at)
    )
    db.session.execute(told.where(message.c.kind == "report.confirm").values(status=SENT, tries=1, sent_at=func.now()))
    db.session.expire_all()
