"""Every verb that locks several rows takes its locks in the order of docs/decisions/0031."""

from __future__ import annotations

import re

import pytest

from core.database import db, utcnow
from core.identity.actor import Actor
from interventions.planning import verbs as planning_verbs
from reporter.reports.intake import lock_report
from tests import factories
from tests.api.asking import ORDERS

ORDER = ("work_order", "report", "photo", "contact", "report_subscription", "message")
_LOCKS = re.compile(r"FOR UPDATE(?: OF (\w+))?", re.IGNORECASE)
_FROM = re.compile(r"FROM (\w+)", re.IGNORECASE)


def locked(statements: list[str]) -> list[str]:
    """The tables whose rows the statements lock, in the order in which they were first locked."""
    found = [
        _LOCKS.search(one)[1] or _FROM.search(one)[1]
        for one in statements
        if _LOCKS.search(one) and "SKIP LOCKED" not in one.upper()
    ]
    return list(dict.fromkeys(found))


@pytest.fixture
def number(acting, jurisdiction) -> str:
    """A work order in progress that answers two reports."""
    with acting(jurisdiction):
        by = Actor("desk", factories.user("supervisor").id)
        reports = [factories.report() for _ in range(2)]
        order = factories.work_order(*(lock_report(one.reference) for one in reports))
        planning_verbs.schedule(order, start=utcnow(), team="voirie", by=by)
        db.session.commit()
        return order.number


@pytest.mark.parametrize(
    "verbs",
    [
        ["announce"],
        ["start", "hold", "resume", "finish", "return"],
        ["start", "refuse"],
        ["start", "finish", "verify"],
        ["cancel"],
        ["schedule"],
    ],
    ids=lambda verbs: verbs[-1],
)
def test_work_is_locked_before_the_reports_it_answers(client, bearer, number, statements, verbs):
    desk = bearer("supervisor")
    for verb in verbs:
        statements.clear()
        fields = {"reason": "La pluie", "start": utcnow().isoformat()}
        needed = {
            "hold": ["reason"],
            "refuse": ["reason"],
            "return": ["reason"],
            "cancel": ["reason"],
            "schedule": ["start"],
        }.get(verb, [])
        answer = client.post(f"{ORDERS}/{number}/{verb}", json={name: fields[name] for name in needed}, headers=desk)
        assert answer.status_code == 200, answer.text
        tables = locked(statements)
        assert tables[:2] == ["work_order", "report"], (verb, tables)
        known = [ORDER.index(table) for table in tables]
        assert known == sorted(known), (verb, tables)


def test_no_verb_on_a_report_locks_a_work_order(client, bearer, number, statements, acting, jurisdiction):
    desk = bearer("supervisor")
    with acting(jurisdiction):
        first, second = (factories.report().reference for _ in range(2))
    statements.clear()
    for verb, fields in (("acknowledge", {}), ("reject", {"reason": "x"}), ("reopen", {}), ("merge", {"into": second})):
        assert client.post(f"/api/v1/reports/{first}/{verb}", json=fields, headers=desk).status_code == 200, verb
    assert locked(statements) and "work_order" not in locked(statements)
