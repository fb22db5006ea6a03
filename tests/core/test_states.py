"""core shows states that others own: it names none, and two owners cannot mean different things by one."""

import re
from pathlib import Path

import pytest

from core.web import states
from interventions.work_orders import statuses as work_order_statuses
from reporter import statuses

CORE = Path(states.__file__).parent


def test_every_state_of_both_sides_is_registered(app):
    assert {*statuses.STATUSES, *statuses.UNREAD_ANSWERS, *work_order_statuses.STATUSES} <= set(states.STATES)
    with app.app_context():
        assert states.state_icon("planned") == "calendar" and states.state_word("planned") == "Planifié"


def test_core_names_no_state_of_a_report_or_order():
    own = {*statuses.STATUSES, *work_order_statuses.STATUSES} - {"done", "received", "draft", "ready", "waiting"}
    said = re.compile("""["'](?:""" + "|".join(sorted(own)) + """)["']""")
    assert {
        str(path): found
        for path in [CORE / "states.py", *CORE.glob("photos/*.py")]
        if (found := said.findall(path.read_text("utf-8")))
    } == {}


def test_a_state_means_one_thing(app, monkeypatch):
    monkeypatch.setattr(states, "STATES", {"open": ("eye", "Open")})
    states.register({"open": ("eye", "Open"), "shut": ("x", "Shut")})
    assert states.STATES["shut"] == ("x", "Shut")
    with pytest.raises(ValueError, match="open"):
        states.register({"open": ("ban", "Open")})
