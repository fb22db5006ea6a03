"""No two points of a map are closer than a finger needs (WCAG 2.5.8: 24 px), whatever lies where."""

import json
import shutil
import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT

APART = ROOT / "core" / "assets" / "js" / "lib" / "apart.js"
RUN = """
import { apart } from %s;
const { sets, closest } = JSON.parse(process.argv[1]);
const same = { project: ([x, y]) => ({ x, y }), unproject: ({ x, y }) => [x, y], closest };
console.log(JSON.stringify(sets.map((set) => apart(set.map(([x, y], n) => ({
  id: `VC-${n}`, geometry: { type: "Point", coordinates: [x, y] },
  properties: { status: n %% 7 ? "planned" : "danger" },
})), same))));
"""


def drawn(sets, *, closest):
    node = shutil.which("node") or str(Path(ROOT, ".venv", "bin", "node"))
    done = subprocess.run(
        [
            node,
            "--input-type=module",
            "-e",
            RUN % json.dumps(APART.as_uri()),
            "--",
            json.dumps({"sets": sets, "closest": closest}),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def nearest(features):
    places = [one["geometry"]["coordinates"] for one in features]
    return min(
        (((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 for n, a in enumerate(places) for b in places[:n]),
        default=1000,
    )


COORDINATE = st.floats(0, 300, allow_nan=False)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.lists(st.tuples(COORDINATE, COORDINATE), max_size=60), min_size=1, max_size=10))
def test_no_two_are_closer_than_a_finger_and_none_is_lost(sets):
    for set_, features in zip(sets, drawn(sets, closest=False), strict=True):
        assert nearest(features) >= 24
        known = [one for feature in features for one in feature["properties"].get("ids") or [feature.get("id")]]
        assert sorted(known) == sorted(f"VC-{n}" for n in range(len(set_)))
        assert sum(feature["properties"].get("count", 1) for feature in features) == len(set_)


def test_where_nothing_can_be_looked_at_closer_each_is_for_itself():
    (features,) = drawn([[(50, 50)] * 20], closest=True)
    assert len({one["id"] for one in features}) == 20 and nearest(features) >= 24


def test_a_count_says_whether_something_dangerous_is_in_it():
    (one, two) = drawn([[(0, 0), (1, 1), (90, 90)], [(0, 0)]], closest=False)
    assert one[0]["properties"] == {"count": 2, "ids": ["VC-0", "VC-1"], "status": "danger"} and one[1]["id"] == "VC-2"
    assert two[0]["id"] == "VC-0"
