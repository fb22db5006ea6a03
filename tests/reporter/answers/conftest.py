"""Reports in the states in which residents answer, and browsers that do."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.actor import Actor
from core.database import db
from reporter import following, intake
from reporter.models import Follower, Report, ReportEvent
from tests import factories


@pytest.fixture
def make(acting, town):
    """`make(status, **more)` – (reference, id) of a report brought into that state."""
    def one(status: str = "received", **more) -> tuple[str, int]:
        from interventions import street, triage

        with acting(town):
            made = factories.report(**more)
            by = Actor("desk", factories.user("supervisor").id)
            report = intake.lock(made.reference)
            if status == "resolved":
                order = factories.work_order(report)
                street.start(order, by=by)
                street.finish(order, by=by)
            elif status == "waiting":
                triage.ask(report, text="De quel côté de la rue ?", by=by)
            db.session.commit()
            return made.reference, made.id
    return one


@pytest.fixture
def author(app, acting, town):
    """`author(reference, id)` – the browser of whoever sent a report."""
    def browser(reference: str, report_id: int):
        with acting(town):
            key = following.author_key(report_id)
        found = app.test_client()
        answer = found.get(f"/r/{reference}?key={key}")
        assert answer.status_code == 303
        return found
    return browser


@pytest.fixture
def asked(acting, town):
    """`asked(id)` – the paths (yes, no) that the author's message of the last `resolved` holds."""
    def paths(report_id: int) -> tuple[str, str]:
        from urllib.parse import urlsplit

        from reporter.answers import links

        with acting(town):
            event = db.session.scalar(select(ReportEvent.id).where(
                ReportEvent.report_id == report_id, ReportEvent.kind == "resolved").order_by(ReportEvent.id.desc()))
            follower = db.session.scalar(select(Follower.id).where(Follower.report_id == report_id))
            return tuple(f"{parts.path}?{parts.query}" for parts in map(urlsplit, links.repaired(follower, event)))
    return paths


@pytest.fixture
def state(acting, town):
    """`state(reference, column)` – what the database holds."""
    def ask(reference: str, column=Report.status):
        with acting(town):
            return db.session.scalar(select(column).where(Report.reference == reference))
    return ask
