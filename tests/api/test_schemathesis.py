"""Every operation of the document, asked with what the document allows and with what it forbids.

schemathesis makes the requests and judges the answers with all its checks: no 5xx, no status, content type, header
or body that the document does not say, nothing valid refused, nothing invalid taken, no operation open that is
closed. The application is the real one, over HTTP, on the real database; whatever a request wrote is rolled back
after it, so that each is answered from the same state.

SCHEMATHESIS_EXAMPLES=100 makes a longer run (the usual one takes 3 for each operation, besides the boundaries).
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import Status, events, from_schema
from sqlalchemy import update
from werkzeug.serving import WSGIRequestHandler, make_server

from core.identity.token_secrets import SCOPES
from tests import factories

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "3"))
#: Those that the document names as its examples: they are there to be found.
REFERENCE, NUMBER = "VC-7K3-9QT", "2026-0042"
#: What a request may not be known to be wrong for before it is answered: the named thing is not there (or not any
#: more), the place lies outside, one field does not fit another, a mail program or the network knows better.
ONLY_THE_SERVER_KNOWS = {
    "category",
    "team",
    "agent",
    "reports",
    "into",
    "photos",
    "report",
    "cursor",
    "kinds",  # nothing of that name
    "location",
    "address",
    "url",  # not here, not found
    "end",
    "bbox",
    "occurred_at",  # not after the start, not west of the east, not of the last month
    "email",
    "phone",
    "contact.email",
    "contact.phone",
    "photo",  # not what it looks like
}
#: Refusals of sound data that the standard checks do not know: If-Match (RFC 9110) fits the present state or not.
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "412", "429"]
REJECTED = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422"]
_YEARS = {"min_value": datetime(1971, 1, 1), "max_value": datetime(2199, 12, 31)}


class Quiet(WSGIRequestHandler):
    """One connection for many requests, and no line for each."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def known(acting, jurisdiction) -> None:
    """The report and the work order of the document's examples."""
    from core.database import db
    from interventions.work_orders.models import WorkOrder
    from reporter.reports.models import Report

    with acting(jurisdiction):
        report = factories.report()
        order = factories.work_order(report)
        db.session.execute(update(Report).where(Report.id == report.id).values(reference=REFERENCE))
        db.session.execute(update(WorkOrder).where(WorkOrder.id == order.id).values(number=NUMBER))
        db.session.commit()


@pytest.fixture
def served(app, database, known) -> Iterator[str]:
    """The address of the document; every request finds the same state, and no limit that others used up."""
    from core.jobs import connection

    with app.app_context():
        only, redis = database.sessionmaker.kw["bind"], connection()

    def undone(environ, start):
        savepoint = only.begin_nested()
        redis.flushdb()
        try:
            return [b"".join(app.wsgi_app(environ, start))]
        finally:
            savepoint.rollback()

    server = make_server("127.0.0.1", 0, undone, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.port}/api/v1/openapi.json"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def _formats() -> Iterator[None]:
    """Moments as they are written today, and of the years that are believed."""
    moments = st.datetimes(**_YEARS, timezones=st.just(UTC)) | st.timedeltas(timedelta(days=-30), timedelta(0)).map(
        lambda since: datetime.now(UTC) + since
    )
    schemathesis.openapi.format("date-time", moments.map(lambda one: one.isoformat().replace("+00:00", "Z")))
    yield


class Run:
    """One run over every operation: what was answered to each, and what is wrong with it."""

    def __init__(self, address: str, headers: dict[str, str], *, examples: int, phases: tuple[str, ...]) -> None:
        config = schemathesis.Config.from_dict(
            {
                "seed": 1,
                "continue-on-failure": True,
                "headers": {"Accept-Language": "en"} | headers,
                "generation": {"max-examples": examples, "deterministic": True, "no-shrink": True},
                "phases": {name: {"enabled": name in phases} for name in ("examples", "coverage", "stateful")}
                # What was refused in one category is no rule for the next: the document alone is judged.
                | {"fuzzing": {"enabled": "fuzzing" in phases, "error-feedback": {"enabled": False}}},
                "checks": {
                    "positive_data_acceptance": {"expected-statuses": ACCEPTED},
                    "negative_data_rejection": {"expected-statuses": REJECTED},
                },
            }
        )
        schema = schemathesis.openapi.from_url(address, config=config)
        self.document: dict[str, Any] = schema.raw_schema
        self.statuses: dict[str, set[int]] = defaultdict(set)
        self.wrong: dict[tuple[str, str, str], str] = {}
        with _formats():
            for event in from_schema(schema).execute():
                if isinstance(event, events.NonFatalError | events.FatalError):
                    self.wrong[type(event).__name__, str(getattr(event, "label", "")), ""] = str(
                        getattr(event, "info", None) or getattr(event, "exception", "")
                    )
                elif isinstance(event, events.ScenarioFinished):
                    self._take(event)

    def _take(self, event: events.ScenarioFinished) -> None:
        for asked in event.recorder.interactions.values():
            if asked.response is not None:
                self.statuses[event.label].add(asked.response.status_code)
        for case, checks in event.recorder.checks.items():
            answer = event.recorder.interactions[case].response
            for check in checks:
                if check.failure_info is None or check.name == "positive_data_acceptance" and _only_known_here(answer):
                    continue
                failure, sample = check.failure_info.failure, check.failure_info.code_sample
                self.wrong.setdefault(
                    (check.name, event.label, failure.title), f"{failure.message}\n{sample}\n{answer.content[:500]!r}"
                )
                assert check.status == Status.FAILURE

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Label ("GET /api/v1/reports") and operation of all."""
        for path, found in self.document["paths"].items():
            for method, operation in found.items():
                if method != "parameters":
                    yield f"{method.upper()} {path}", operation


def _only_known_here(answer) -> bool:
    """Whether all that a refusal names is what only the server can know."""
    named = {error["field"] for error in answer.json().get("errors", ())} if answer.status_code == 422 else set()
    return bool(named) and all(name in ONLY_THE_SERVER_KNOWS or name.startswith("answers.") for name in named)


def _sound(run: Run) -> None:
    """Every operation was asked, and nothing is wrong."""
    assert {label for label, _operation in run.operations()} <= set(run.statuses)
    assert not run.wrong, "\n\n".join(f"{key}: {text}" for key, text in run.wrong.items())


@pytest.mark.timeout(1800)
def test_everything_for_the_administrator(served, bearer):
    run = Run(served, bearer("administrator"), examples=EXAMPLES, phases=("examples", "coverage", "fuzzing"))
    _sound(run)
    # What is in order is not only refused: the state of the example allows what its verb does, or says why not.
    assert not [
        label
        for label, _operation in run.operations()
        if not run.statuses[label] & {200, 201, 304, 409}
        and "{webhook}" not in label
        and "{message}" not in label
        and "{token}" not in label
        and label != "POST /api/v1/webhooks"
    ]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ["anonymous", "reception", "supervisor", "agent"])
def test_each_role_gets_what_the_document_says(served, bearer, role):
    run = Run(
        served,
        bearer(role) if role != "anonymous" else {},
        examples=max(1, EXAMPLES // 3),
        phases=("examples", "fuzzing"),
    )
    _sound(run)
    for label, operation in run.operations():
        closed = {} not in operation["security"] and role not in operation["x-roles"]
        refusals = {401} if role == "anonymous" else {403}
        assert run.statuses[label] <= refusals | {401, 404, 405} if closed else run.statuses[label] - {401, 403}, label


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_opens_its_operations_alone(served, acting, jurisdiction, scope):
    from core.database import db
    from core.identity.models import ApiToken
    from core.identity.token_secrets import digest

    with acting(jurisdiction):
        token = factories.token("administrator")
        db.session.execute(update(ApiToken).where(ApiToken.digest == digest(token)).values(scopes=[scope]))
        db.session.commit()
    run = Run(served, {"Authorization": f"Bearer {token}"}, examples=max(1, EXAMPLES // 3), phases=("fuzzing",))
    _sound(run)
    for label, operation in run.operations():
        if {} not in operation["security"]:
            closed = operation["x-scope"] != scope
            assert run.statuses[label] <= {401, 403, 404, 405} if closed else run.statuses[label] - {401, 403}, label
