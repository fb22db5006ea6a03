"""What the docs draw from the code is what the code says."""

from pathlib import Path

from interventions.cli import drawn

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_states_are_drawn_from_the_code():
    assert (DOCS / "states.md").read_text("utf-8") == drawn(), "flask moves > docs/states.md"
