"""Reports in the states in which residents answer, and browsers that do."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.database import db
from core.identity.actor import Actor
from reporter import subscriptions
from reporter.reports import intake as report_intake
from reporter.reports.models import Report, ReportEvent
from reporter.subscriptions.models import ReportSubscription
from tests import factories


@pytest.fixture
def make(acting, jurisdiction):
    """`make(status, **more)` – (reference, id) of a report brought into that state."""

    def one(status: str = "received", **more) -> tuple[str, int]:
        from interventions.triage import verbs as triage_verbs
        from interventions.work_orders import execution

        with acting(jurisdiction):
            made = factories.report(**more)
            by = Actor("desk", factories.user("supervisor").id)
            report = report_intake.lock_report(made.reference)
            if status == "resolved":
                order = factories.work_order(report)
                execution.start(order, by=by)
                execution.finish(order, by=by)
            elif status == "waiting":
                triage_verbs.ask(report, text="De quel côté de la rue ?", by=by)
            db.session.commit()
            return made.reference, made.id

    return one


@pytest.fixture
def author(app, acting, jurisdiction):
    """`author(reference, id)` – the browser of whoever sent a report."""

    def browser(reference: str, report_id: int):
        with acting(jurisdiction):
            key = subscriptions.author_key(report_id)
        found = app.test_client()
        answer = found.get(f"/r/{reference}?key={key}")
        assert answer.status_code == 303
        return found

    return browser


@pytest.fixture
def asked(acting, jurisdiction):
    """`asked(id)` – the paths (yes, no) that the author's message of the last `resolved` holds."""

    def paths(report_id: int) -> tuple[str, str]:
        from urllib.parse import urlsplit

        from reporter.feedback import links as feedback_links

        with acting(jurisdiction):
            event = db.session.scalar(
                select(ReportEvent.id)
                .where(ReportEvent.report_id == report_id, ReportEvent.kind == "resolved")
                .order_by(ReportEvent.id.desc())
            )
            subscription = db.session.scalar(
                select(ReportSubscription.id).where(ReportSubscription.report_id == report_id)
            )
            return tuple(
                f"{parts.path}?{parts.query}"
                for parts in map(urlsplit, feedback_links.repair_links(subscription, event))
            )

    return paths


@pytest.fixture
def state(acting, jurisdiction):
    """`state(reference, column)` – what the database holds."""

    def ask(reference: str, column=Report.status):
        with acting(jurisdiction):
            return db.session.scalar(select(column).where(Report.reference == reference))

    return ask
