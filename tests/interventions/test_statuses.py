"""The table of moves of a work order, written out a second time: a move is added or taken away in both places.

DESIGN §3 is where it comes from; that pages and API keep to it is tested where they are.
"""

import pytest

from interventions.work_orders import statuses as work_order_statuses

#: verb → (from, to).
MOVES = {
    "approve": ({"awaiting_approval"}, "ready"),
    "schedule": ({"ready", "scheduled"}, "scheduled"),
    "start": ({"ready", "scheduled"}, "in_progress"),
    "hold": ({"in_progress"}, "on_hold"),
    "resume": ({"on_hold"}, "in_progress"),
    "refuse": ({"scheduled", "in_progress", "on_hold"}, "ready"),
    "finish": ({"in_progress", "on_hold"}, "done"),
    "verify": ({"done"}, "verified"),
    "return": ({"done"}, "ready"),
    "cancel": ({"awaiting_approval", "ready", "scheduled", "in_progress", "on_hold"}, "cancelled"),
}
STATUSES = {
    "draft",
    "awaiting_approval",
    "ready",
    "scheduled",
    "in_progress",
    "on_hold",
    "done",
    "verified",
    "cancelled",
}


def test_the_moves_are_those_of_the_design():
    assert {verb: (set(origin), to) for verb, (origin, to) in work_order_statuses.MOVES.items()} == MOVES
    assert all(len(origin) == len(set(origin)) for origin, _to in work_order_statuses.MOVES.values())


def test_the_states_are_those_of_the_design():
    assert set(work_order_statuses.STATUSES) == STATUSES and len(work_order_statuses.STATUSES) == len(STATUSES)
    assert set(work_order_statuses.KINDS) == {"making_safe", "temporary", "final", "inspection", "preventive"}


def test_work_is_active_until_it_is_finished_or_cancelled():
    assert set(work_order_statuses.ACTIVE) == STATUSES - {"draft", "done", "verified", "cancelled"}


def test_every_state_but_the_form_s_is_reached_or_begun_with():
    """`draft` stands on the desk's form only; work begins as `awaiting_approval` or `ready`."""
    reached = {to for _origin, to in work_order_statuses.MOVES.values()} | {"awaiting_approval", "ready"}
    assert reached == STATUSES - {"draft"}


def test_the_street_s_verbs_are_moves_from_beginning_to_end():
    assert set(work_order_statuses.FIELD_VERBS) == {"start", "hold", "resume", "refuse", "finish"}


@pytest.mark.parametrize("verb", MOVES)
def test_every_move_has_its_event(verb):
    past = {
        "approve": "approved",
        "schedule": "scheduled",
        "start": "started",
        "hold": "held",
        "resume": "resumed",
        "refuse": "refused",
        "finish": "finished",
        "verify": "verified",
        "return": "returned",
        "cancel": "cancelled",
    }
    assert past[verb] in work_order_statuses.EVENTS


def test_the_events_of_a_work_order():
    assert set(work_order_statuses.EVENTS) == {
        "made",
        "approved",
        "assigned",
        "scheduled",
        "announced",
        "started",
        "held",
        "resumed",
        "refused",
        "finished",
        "verified",
        "returned",
        "cancelled",
        "noted",
        "changed",
        "report_added",
        "report_removed",
    }
