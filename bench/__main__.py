"""script/bench [NAME ...] [--reports N] [--json]."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time

from bench import house
from bench.measures import MEASURES, Bench, Figure, sign_in
from bench.memory import memory
from bench.telling.measure import REPORTS, telling

#: Too long to be run unasked; each makes what it stands on itself.
LONG = {"telling": telling, "memory": memory}
TOWN = 100_000


def main() -> int:
    """Load the jurisdiction, measure, print."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Alentour's measures, as ratios to baselines.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*MEASURES, *LONG]))
    parser.add_argument(
        "--reports",
        type=int,
        help=f"how many reports the town has ({TOWN:,}), or how many live their lives in telling ({REPORTS:,})",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    unknown = set(options.names) - set(MEASURES) - set(LONG)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join([*MEASURES, *LONG])}")
    short = [name for name in options.names or MEASURES if name in MEASURES]
    if options.reports is not None and not (1_000 if short else 20) <= options.reports <= 5_000_000:
        parser.error("--reports is between 1,000 and 5,000,000, for telling alone from 20 on")
    logging.disable(logging.WARNING)
    # What was started is ended and what was made is dropped, also when we are asked to stop.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))
    if not options.json:
        print(f"{'name':<17} {'per second':>11} {'baseline':>11} {'ratio':>7} {'p95 ms':>8} {'statements':>10}")
    # Before the short ones, whose settings stay in the environment of this process.
    for name in [name for name in options.names if name in LONG]:
        for figure in LONG[name](options.reports, say):
            if not (options.json and figure.part):
                show(figure, options.json)
    if short:
        with house.database() as url, house.folder() as where:
            measure(short, options, url, house.environment(url, where))
    return 0


def measure(names: list[str], options: argparse.Namespace, url: str, env: dict[str, str]) -> None:
    """Run the short measures asked for on a jurisdiction of their own."""
    reports = options.reports or TOWN
    say(f"Making a town of {reports:,} reports")
    begun = time.monotonic()
    house.flask("db", "upgrade", env=env)
    jurisdiction_id, references = make_jurisdiction(reports)
    say(f"Made in {time.monotonic() - begun:.0f} s")
    with house.served("bench.wsgi:app", env) as port, house.served("bench.empty:app", env) as empty:
        bench = Bench(port, empty, url, env, jurisdiction_id, references, sign_in(port))
        for name in names:
            show(MEASURES[name](bench), options.json)


def make_jurisdiction(reports: int) -> tuple[int, list[str]]:
    """The jurisdiction's id and some references, spread over its two years."""
    from sqlalchemy import text

    from app import create_app
    from bench import jurisdiction
    from core.database import db

    app = create_app()
    with app.app_context():
        made = jurisdiction.make(reports)
        references = (
            db.session.execute(
                text("SELECT reference FROM report WHERE id % :every = 0 AND reference ~ '^BA-' ORDER BY id LIMIT 500"),
                {"every": max(1, reports // 500)},
            )
            .scalars()
            .all()
        )
        db.session.rollback()
        db.engine.dispose()
    return made.id, list(references)


def say(words: str) -> None:
    """Progress, beside the table."""
    print(f"# {words}", file=sys.stderr, flush=True)


def show(figure: Figure, as_json: bool) -> None:
    """One line."""
    if as_json:
        print(figure.json(), flush=True)
        return
    rest = (
        (figure.baseline, 11, ",.1f"),
        (figure.ratio, 7, ".3f"),
        (figure.p95_ms, 8, ".1f"),
        (figure.statements, 10, "d"),
    )
    cells = " ".join(("-" if value is None else format(value, how)).rjust(width) for value, width, how in rest)
    unit = "" if figure.unit == "per second" else f"  {figure.unit}"
    print(f"{figure.name:<17} {figure.value:>11,.1f} {cells}{unit}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
