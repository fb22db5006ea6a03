"""Two clients at the same moment, on connections of their own: everything here is committed for real."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from core.database import db
from core.database.scope import serving
from core.identity import jurisdictions
from interventions.work_orders.models import WorkOrder, WorkOrderEvent
from reporter.reports.models import Report, ReportEvent
from tests import factories
from tests.api.asking import POINT


def together(*calls: Callable):
    """Call all at the same moment, each in a thread of its own; their answers, in order."""
    answers, start = [None] * len(calls), threading.Barrier(len(calls))

    def run(index: int, call: Callable) -> None:
        start.wait()
        answers[index] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.fixture
def headers(apart) -> dict[str, str]:
    """A supervisor's token in the jurisdiction apart."""
    jurisdictions.drop_cache()
    with apart.app_context(), serving(jurisdictions.by_slug("villeclaire")):
        made = factories.token("supervisor")
    yield {"Authorization": f"Bearer {made}"}
    jurisdictions.drop_cache()


@pytest.mark.parametrize("turn", range(3))
def test_a_key_sent_twice_at_once_makes_one_report(apart, headers, turn):
    sent = {
        "json": {"category": "nid-de-poule", "location": POINT, "description": f"tour {turn}"},
        "headers": {"Idempotency-Key": f"race-{turn}"},
    }
    answers = together(*[lambda: apart.test_client().post("/api/v1/reports", **sent)] * 4)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.get_data() for answer in answers}) == 1
    with apart.app_context():
        assert db.session.scalar(select(func.count()).where(Report.__table__.c.description == f"tour {turn}")) == 1


def test_of_two_who_read_the_same_version_one_is_told(apart, headers):
    client = apart.test_client()
    report = client.post("/api/v1/reports", json={"category": "depot", "location": POINT}).get_json()
    made = client.post("/api/v1/work-orders", json={"reports": [report["reference"]]}, headers=headers)
    url = f"/api/v1/work-orders/{made.get_json()['number']}"
    read = headers | {"If-Match": made.headers["ETag"]}
    answers = together(
        lambda: apart.test_client().post(f"{url}/start", headers=read),
        lambda: apart.test_client().post(f"{url}/schedule", json={"start": "2026-12-01"}, headers=read),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    told = next(answer for answer in answers if answer.status_code == 412)
    assert told.headers["ETag"] == client.get(url, headers=headers).headers["ETag"]


def test_a_phone_that_sends_twice_starts_once(apart, headers):
    client = apart.test_client()
    number = client.post("/api/v1/work-orders", json={"title": "Tournée"}, headers=headers).get_json()["number"]
    answers = together(
        *[
            lambda: apart.test_client().post(
                f"/api/v1/work-orders/{number}/start", headers=headers | {"Idempotency-Key": "phone"}
            )
        ]
        * 3
    )
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.get_data() for answer in answers}) == 1
    with apart.app_context():
        e, o = WorkOrderEvent.__table__, WorkOrder.__table__
        assert (
            db.session.scalar(
                select(func.count())
                .select_from(e)
                .join(o, o.c.id == e.c.work_order_id)
                .where(o.c.number == number, e.c.kind == "started")
            )
            == 1
        )


@pytest.mark.parametrize("turn", range(3))
def test_two_merges_crosswise_do_not_wait_for_each_other(apart, headers, turn):
    client = apart.test_client()
    one, other = (
        client.post("/api/v1/reports", json={"category": "depot", "location": POINT}).get_json()["reference"]
        for _ in range(2)
    )
    answers = together(
        lambda: apart.test_client().post(f"/api/v1/reports/{one}/merge", json={"into": other}, headers=headers),
        lambda: apart.test_client().post(f"/api/v1/reports/{other}/merge", json={"into": one}, headers=headers),
    )
    # 409 would be a deadlock: the second waits, and is told that the other was merged in the meantime.
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    refused = next(answer for answer in answers if answer.status_code == 422).get_json()
    assert [error["field"] for error in refused["errors"]] == ["into"]
    with apart.app_context():
        e, r = ReportEvent.__table__, Report.__table__
        assert (
            db.session.scalar(
                select(func.count())
                .select_from(e)
                .join(r, r.c.id == e.c.report_id)
                .where(r.c.reference.in_([one, other]), e.c.kind == "merged")
            )
            == 1
        )
