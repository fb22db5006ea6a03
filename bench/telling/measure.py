"""`script/bench telling`: how fast it tells with nothing wrong; then the fault run and what everybody got."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measures import Figure
from bench.telling import speed
from bench.telling.run import Outcome, fault_run
from bench.telling.world import world

#: How many reports live their lives unless --reports says otherwise.
REPORTS, MOST = 2_000, 5_000
#: The jurisdiction that speed is measured in has that many reports already.
BACKGROUND = 20_000


def telling(reports: int | None, say: Callable[[str], None]) -> Iterator[Figure]:
    """The figures, one by one. Each part has a jurisdiction of its own; at most MOST reports live in it."""
    say(f"Telling with nothing wrong, in a town of {BACKGROUND:,} reports")
    with _folder() as folder, world(folder, reports=BACKGROUND) as quiet:
        yield from speed.figures(quiet)
    number = min(reports or REPORTS, MOST)
    say(f"Telling while everything dies in turn: the whole lives of {number:,} reports")
    with _folder() as folder, world(folder) as mistreated:
        outcome = fault_run(mistreated, number, lasting=3, between=3, say=say)
    for words in (*outcome.counts.examples, *outcome.wrong[:10]):
        say(words)
    for died in outcome.died:
        say(f"{died} ended by itself")
    yield from counted(outcome)


def counted(outcome: Outcome) -> Iterator[Figure]:
    """The counts of a run as figures."""
    counts = outcome.counts
    for name, value, unit in (
        ("owed", counts.owed, "messages"),
        ("lost", counts.lost + counts.forgotten, "messages"),
        ("twice", counts.twice, "messages"),
        ("explained_by_kill", counts.explained_by_kill, "messages"),
        ("explained_by_server", counts.explained_by_server, "messages"),
        ("out_of_order", counts.out_of_order, "messages"),
        ("unasked", counts.unasked, "messages"),
        ("reports_lost", counts.reports_lost, "reports"),
        ("reports_twice", counts.reports_twice, "reports"),
        ("faults", len(outcome.faults), "faults"),
        ("said_again", outcome.repeated, "requests"),
        ("died", len(outcome.died), "processes"),
        ("wrong_answers", len(outcome.wrong), "answers"),
        ("fault_run", outcome.seconds, "seconds"),
    ):
        yield Figure(name, value, None, None, None, unit)


@contextmanager
def _folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="alentour-telling-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
