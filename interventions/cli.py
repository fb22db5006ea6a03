"""Commands of the services' side."""

from __future__ import annotations

import click
from flask import Flask

from interventions.status import MOVES as WORK_MOVES
from reporter.status import MOVES as REPORT_MOVES


@click.command("moves")
def moves() -> None:
    """Print the legal moves of reports and work orders as they stand in docs/states.md."""
    click.echo(drawn(), nl=False)


def drawn() -> str:
    """The tables of moves, as Markdown."""
    lines = ["# States and legal moves", "", "Drawn from the code by `flask moves > docs/states.md`.", ""]
    for title, table in (("A report", REPORT_MOVES), ("A work order", WORK_MOVES)):
        lines += [f"## {title}", "", "| verb | from | to |", "|---|---|---|"]
        for verb, (sources, target) in table.items():
            lines.append(f"| `{verb}` | {', '.join(f'`{s}`' for s in sources)} | "
                         + (f"`{target}`" if target else "what its work orders say") + " |")
        lines.append("")
    return "\n".join(lines)


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(moves)
