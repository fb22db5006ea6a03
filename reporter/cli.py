"""Commands of the resident's side."""

from __future__ import annotations

import click
from flask import Flask

from core.database import db
from core.identity.cli import for_town, town_named
from reporter import tiles


@click.command("count-map")
@for_town
def count_map(slug: str | None) -> None:
    """Count a town's map again from its reports: after a restored backup, or to check."""
    town = town_named(slug)
    click.echo(f"{tiles.recount(town.id)} reports counted.")
    db.session.commit()


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(count_map)
