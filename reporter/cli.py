"""Commands of the resident's side."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from tqdm import tqdm

from core.database import db
from core.database.scope import serving
from core.identity.cli import for_jurisdiction, jurisdiction_named
from reporter.map import tile_counts
from reporter.reports import importing


@click.command("count-map")
@for_jurisdiction
def count_map(slug: str | None) -> None:
    """Count a jurisdiction's map again from its reports: after a restored backup, or to check."""
    jurisdiction = jurisdiction_named(slug)
    click.echo(f"{tile_counts.recount_tiles(jurisdiction.id)} reports counted.")
    db.session.commit()


@click.command("import-reports")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="TOML: which column is what (docs/imports/ has examples).",
)
@click.option(
    "--refused",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where refused rows go; by default FILE.refused.csv in the present folder.",
)
@for_jurisdiction
def import_reports(file: Path, mapping: Path, refused: Path | None, slug: str | None) -> None:
    """Bring in the reports of a CSV file: routed to nobody, told to nobody. Start it again to go on."""
    refused = refused or Path(f"{file.name.removesuffix('.gz')}.refused.csv")
    with serving(jurisdiction_named(slug)):
        try:
            rules = importing.Mapping.read(mapping)
            outcome = importing.ImportProgress()
            with tqdm(total=importing.total_rows(file), unit="rows") as bar:
                for outcome in importing.import_rows(file, rules, refused):
                    bar.update(outcome.taken + outcome.known + outcome.refused - bar.n)
        except importing.UnusableMapping as error:
            raise click.ClickException(str(error)) from None
        tile_counts.fold_deltas()
    click.echo(f"{outcome.taken} reports taken in, {outcome.known} known already, {outcome.refused} refused.")
    for reason, number in sorted(outcome.reasons.items(), key=lambda one: -one[1]):
        click.echo(f"  {number}: {reason}")
    if outcome.refused:
        click.echo(f"The refused rows are in {refused}, each with its reason.")
    else:
        refused.unlink(missing_ok=True)


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(count_map)
    app.cli.add_command(import_reports)
