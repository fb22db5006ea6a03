"""core shows states that others own: it names none, and two owners cannot mean different things by one."""

import re
from pathlib import Path

import pytest

from core import states
from interventions import status as work_status
from reporter import status as report_status

CORE = Path(states.__file__).parent


def test_every_state_of_both_sides_is_registered(app):
    assert {*report_status.STATUSES, *report_status.TO_READ, *work_status.STATUSES} <= set(states.STATES)
    with app.app_context():
        assert states.state_icon("planned") == "calendar" and states.state_word("planned") == "Planifié"


def test_core_names_no_state_of_a_report_or_order():
    own = {*report_status.STATUSES, *work_status.STATUSES} - {"done", "received", "draft", "ready", "waiting"}
    said = re.compile("""["'](?:""" + "|".join(sorted(own)) + """)["']""")
    assert {str(path): found for path in [CORE / "states.py", *CORE.glob("photos/*.py")]
            if (found := said.findall(path.read_text("utf-8")))} == {}


def test_a_state_means_one_thing(app, monkeypatch):
    monkeypatch.setattr(states, "STATES", {"open": ("eye", "Open")})
    states.register({"open": ("eye", "Open"), "shut": ("x", "Shut")})
    assert states.STATES["shut"] == ("x", "Shut")
    with pytest.raises(ValueError, match="open"):
        states.register({"open": ("ban", "Open")})
