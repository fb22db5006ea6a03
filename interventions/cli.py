"""Commands of the services' side."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from sqlalchemy import select

from core.database import db
from core.database.scope import serving
from core.errors import FieldError
from core.identity.cli import for_jurisdiction, jurisdiction_named
from interventions.admin import catalogue
from interventions.teams.models import TeamMember
from interventions.teams.queries import agent_of, team_of
from interventions.work_orders.statuses import MOVES as WORK_MOVES
from reporter.statuses import MOVES as REPORT_MOVES

#: Where a move leads that no state is named for; other moves lead to what the work orders say.
_WITHOUT = dict.fromkeys(("answer", "lapse"), "what its work orders say, else what it was")


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
            lines.append(
                f"| `{verb}` | {', '.join(f'`{s}`' for s in sources)} | "
                + (f"`{target}`" if target else _WITHOUT.get(verb, "what its work orders say"))
                + " |"
            )
        lines.append("")
    return "\n".join(lines)


@click.command("import-categories")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@for_jurisdiction
def import_categories(file: Path, slug: str | None) -> None:
    """Make or change a jurisdiction's groups, categories and teams from a TOML file."""
    with serving(jurisdiction_named(slug)):
        try:
            made, changed = catalogue.import_catalogue(catalogue.read_catalogue(file))
        except catalogue.UnusableCatalogue as error:
            raise click.ClickException(str(error)) from None
        db.session.commit()
    click.echo(f"{made} categories made, {changed} brought up to date.")


@click.command("join-team")
@click.argument("team")
@click.argument("email")
@for_jurisdiction
def join_team(team: str, email: str, slug: str | None) -> None:
    """Put somebody who works in a jurisdiction into one of its teams."""
    with serving(jurisdiction_named(slug)):
        try:
            crew, person = team_of(team), agent_of(email)
        except FieldError as error:
            raise click.ClickException(f"{error.field}: {error.sentence}") from None
        if crew is None or person is None:
            raise click.UsageError("Name a team and somebody's e-mail address.")
        known = db.session.scalar(
            select(TeamMember).where(TeamMember.team_id == crew.id, TeamMember.user_id == person.id)
        )
        if known is None:
            db.session.add(TeamMember(jurisdiction_id=crew.jurisdiction_id, team_id=crew.id, user_id=person.id))
        db.session.commit()
    click.echo(f"{person.email}: in {crew.code}.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(import_categories)
    app.cli.add_command(join_team)
    app.cli.add_command(moves)
