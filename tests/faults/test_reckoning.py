"""The counts of a fault run see what went wrong: each kind of wrong is counted under its name."""

from __future__ import annotations

import pytest

from bench.telling.post import Accepted
from bench.telling.reckoning import HELD, Counts, compare, repeated
from bench.telling.trouble import Fault

NEWS = [("BA-1", "received"), ("BA-1", "planned"), ("BA-1", "resolved")]


def accepted(at: float, *, number: int = 1, told: bool = True) -> Accepted:
    """A mail taken by the server at that moment."""
    return Accepted(at, f"<{number}.x@localhost>", "habitant@example.org", told, (), 1000)


@pytest.mark.parametrize(
    ("found", "lost", "unasked", "disordered"),
    [
        (NEWS, 0, 0, 0),
        (NEWS[:2], 1, 0, 0),
        ([], 3, 0, 0),
        ([*NEWS, NEWS[2]], 0, 1, 0),
        ([NEWS[1], NEWS[0], NEWS[2]], 0, 0, 2),
        ([NEWS[2], NEWS[0]], 1, 0, 2),
    ],
)
def test_what_somebody_got_is_held_against_what_they_were_owed(found, lost, unasked, disordered):
    counts = Counts()
    compare(counts, ("habitant@example.org", 1), NEWS, found)
    assert (counts.lost, counts.unasked, counts.out_of_order) == (lost, unasked, disordered)


@pytest.mark.parametrize(
    ("mails", "twice", "by_kill", "by_server"),
    [
        ([accepted(10), accepted(11, number=2)], 0, 0, 0),
        ([accepted(10), accepted(40)], 1, 0, 0),
        ([accepted(10, told=False), accepted(40)], 0, 0, 1),
        ([accepted(99.5), accepted(160)], 0, 1, 0),
        ([accepted(95), accepted(160)], 1, 0, 0),
        ([accepted(10, told=False), accepted(40), accepted(70)], 1, 0, 1),
    ],
)
def test_what_arrives_again_is_twice_unless_something_explains_it(mails, twice, by_kill, by_server):
    counts = Counts()
    repeated(counts, mails, [Fault("mail hanging", 9, 12), Fault("worker killed", 100, 102)])
    assert (counts.twice, counts.explained_by_kill, counts.explained_by_server) == (twice, by_kill, by_server)


def test_a_killed_worker_explains_no_more_than_it_held():
    first = [accepted(99.9, number=n) for n in range(HELD + 3)]
    counts = Counts()
    repeated(counts, [*first, *(accepted(170, number=n) for n in range(HELD + 3))], [Fault("worker killed", 100, 102)])
    assert (counts.twice, counts.explained_by_kill) == (3, HELD)
