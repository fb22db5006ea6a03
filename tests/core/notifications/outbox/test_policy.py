"""The one table of how messages are delivered: every kind stands in it, the documentation shows it, all read it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.notifications.outbox import policy, renderers
from core.notifications.outbox.policy import ALERT, ASKED_FOR, DEFAULT, Policy
from reporter.statuses import TOLD

PAGE = Path(__file__).resolve().parents[4] / "docs" / "channels.md"


def test_every_kind_that_is_told_has_a_policy(app):
    told = {kind for kind in renderers._RENDERERS if not kind.startswith("test.")}
    assert told == {kind for kind in policy.known_policies() if not kind.startswith("test.")}


def test_the_documentation_shows_the_table(app):
    shown = re.findall(r"^\| `([a-z_.]+)` \|(.*)\|$", PAGE.read_text(), re.MULTILINE)
    rows = [(kind, *(cell.strip() for cell in cells.split("|"))) for kind, cells in shown]
    assert rows == [row for row in policy.table_rows() if not row[0].startswith("test.")]


def test_an_alert_is_held_by_nothing():
    assert ALERT.urgent and not (ALERT.quiet or ALERT.limited or ALERT.digested)


def test_an_alert_of_a_notice_is_one(app):
    assert policy.policy_of("notice.alert") == ALERT and "notice.alert" in policy.never_limited()


def test_what_anybody_may_ask_for_in_anybodys_name_is_limited(app):
    for kind in ("report.confirm", "area.confirm", "mine.link", "mine.address", "account.reset"):
        assert policy.policy_of(kind) == ASKED_FOR and kind not in policy.never_limited()


def test_a_question_and_the_acknowledgement_wait_for_no_digest(app):
    at_once = {kind for kind in TOLD if not policy.policy_of(f"report.{kind}").digested}
    assert at_once == {"received", "question"}


def test_an_unknown_kind_is_treated_with_care():
    assert policy.policy_of("nobody.knows") == DEFAULT == Policy(urgent=False, quiet=True, limited=True, digested=False)


def test_two_policies_for_a_kind_are_a_mistake(monkeypatch):
    monkeypatch.setattr(policy, "_POLICIES", {})
    policy.register(ALERT, "test.alert")
    policy.register(ALERT, "test.alert")
    with pytest.raises(ValueError):
        policy.register(DEFAULT, "test.alert")


def test_what_is_urgent_cannot_be_made_to_wait():
    with pytest.raises(ValueError):
        Policy(urgent=True)


def test_what_no_limit_holds_does_not_wait_behind_what_one_holds():
    with pytest.raises(ValueError):
        Policy(limited=False)
