"""script/bench [NAME ...] [--reports N] [--json]."""

from __future__ import annotations

import argparse
import logging
import sys
import time

from bench import house
from bench.measures import MEASURES, Bench, Figure, sign_in


def main() -> int:
    """Load the town, measure, print."""
    parser = argparse.ArgumentParser(
        prog="script/bench", description="Alentour's measures, as ratios to baselines."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURES))
    parser.add_argument("--reports", type=int, default=100_000, help="how many reports the town has")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    unknown = set(options.names) - set(MEASURES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(MEASURES)}")
    if not 1_000 <= options.reports <= 5_000_000:
        parser.error("--reports is between 1,000 and 5,000,000")
    logging.disable(logging.WARNING)
    with house.database() as url, house.folder() as where:
        measure(options, url, house.environment(url, where))
    return 0


def measure(options: argparse.Namespace, url: str, env: dict[str, str]) -> None:
    """Run the measures asked for on a town of their own."""
    say(f"Making a town of {options.reports:,} reports")
    begun = time.monotonic()
    house.flask("db", "upgrade", env=env)
    town_id, references = make_town(options.reports)
    say(f"Made in {time.monotonic() - begun:.0f} s")
    if not options.json:
        print(
            f"{'name':<14} {'per second':>11} {'baseline':>11} {'ratio':>7} {'p95 ms':>8} {'statements':>10}"
        )
    with house.served("bench.wsgi:app", env) as port, house.served("bench.empty:app", env) as empty:
        bench = Bench(port, empty, url, env, town_id, references, sign_in(port))
        for name in options.names or MEASURES:
            show(MEASURES[name](bench), options.json)


def make_town(reports: int) -> tuple[int, list[str]]:
    """The town's id and some references, spread over its two years."""
    from sqlalchemy import text

    from app import create_app
    from bench import town
    from core.database import db

    app = create_app()
    with app.app_context():
        made = town.make(reports)
        references = (
            db.session.execute(
                text(
                    "SELECT reference FROM report WHERE id % :every = 0 AND reference ~ '^BA-' ORDER BY id LIMIT 500"
                ),
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
    statements = "-" if figure.statements is None else str(figure.statements)
    print(
        f"{figure.name:<14} {figure.value:>11,.1f} {figure.baseline:>11,.1f} {figure.ratio:>7.3f} "
        f"{figure.p95_ms:>8.1f} {statements:>10}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
