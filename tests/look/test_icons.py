"""Every icon that a template or a script names is in the sprite: an unknown one would be shown as a tag."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIST = ROOT / "core" / "assets" / "icons.txt"
NAMED = re.compile(r"""(?:\bicon\(|\bempty\(|"icon":\s*|picture=)["']([a-z0-9-]+)["']""")


def known() -> set[str]:
    return {line for line in LIST.read_text("utf-8").splitlines() if line and not line.startswith("#")}


def test_every_icon_that_is_named_is_in_the_sprite():
    asked = {}
    for package in ("core", "reporter", "interventions", "api"):
        for kind in ("*.html", "*.py", "*.js"):
            for file in (ROOT / package).rglob(kind):
                for name in NAMED.findall(file.read_text("utf-8")):
                    asked.setdefault(name, file.relative_to(ROOT))
    assert len(asked) > 40
    assert {name: str(place) for name, place in asked.items() if name not in known()} == {}


def test_the_states_and_no_icon_twice():
    from interventions.work_orders.state_labels import STATES as OF_WORK
    from reporter.reports.state_labels import STATES as OF_REPORTS

    assert {picture for picture, _words in (*OF_REPORTS.values(), *OF_WORK.values())} <= known()
    lines = [line for line in LIST.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert len(lines) == len(set(lines))
