"""`flask demo`: the demonstration town."""

from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext
from tqdm import tqdm

from demo import geometry
from demo.jurisdiction import PASSWORD
from demo.load import AlreadyThere, load


class Centre(click.ParamType):
    """Latitude and longitude in degrees: 43.611,3.877."""

    name = "LAT,LON"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        """Return (latitude, longitude), or refuse with a sentence."""
        if isinstance(value, tuple):
            return value
        try:
            lat, lon = (float(part) for part in value.split(","))
            geometry.build((lat, lon))
        except ValueError as error:
            self.fail(f"{value!r} is no centre for a town, such as 43.611,3.877: {error}.", param, ctx)
        return lat, lon


@click.command("demo")
@click.option(
    "--centre",
    type=Centre(),
    default=geometry.CENTRE,
    show_default="43.611,3.877",
    help="Where the town lies: latitude, comma, longitude.",
)
@with_appcontext
def demo(centre: tuple[float, float]) -> None:
    """Make the demonstration town, with six months of reports, work and photos."""
    try:
        made = load(centre, progress=lambda steps: tqdm(steps, unit=" steps", mininterval=0.5))
    except AlreadyThere:
        raise click.ClickException("The demonstration town is there already; nothing was changed.") from None
    lat, lon = made.centre
    click.echo(
        f"{made.jurisdiction.name_in('en')} around {lat:g}, {lon:g}: {made.reports} reports, "
        f"{made.work_orders} work orders, {made.photos} photos."
    )
    if made.password != PASSWORD:
        click.echo(f"A real jurisdiction is served here too. Password of each demonstration account: {made.password}")


def init_app(app: Flask) -> None:
    """Register the command."""
    app.cli.add_command(demo)
