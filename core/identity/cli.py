"""Commands about towns, people and tokens: `flask jurisdiction`, `flask user`, `flask token`."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import click
from flask import Flask
from flask.cli import AppGroup
from flask_security.utils import hash_password
from sqlalchemy import func, select

from core.database import db
from core.errors import FieldError, FieldErrors
from core.identity import boundaries, telling, towns
from core.identity import permissions as permission_table
from core.identity.habits import Habits
from core.identity.models import Jurisdiction, Membership, User
from core.identity.permissions import ROLES
from core.identity.principal import new_token, revoke
from core.identity.towns import Town
from core.scope import acting_for

jurisdiction = AppGroup("jurisdiction", help="Towns that run their own desk here.")
user = AppGroup("user", help="People who sign in, and their role.")


def town_named(slug: str | None) -> Town:
    """The town that a command acts for; with one town there is nothing to say. Raises click.UsageError."""
    towns.forget()
    known = towns.all_towns()
    if slug:
        found = towns.by_slug(slug)
        if found is None:
            raise click.UsageError(
                f"No jurisdiction {slug}. Known: {', '.join(t.slug for t in known) or 'none'}."
            )
        return found
    if len(known) != 1:
        names = ", ".join(t.slug for t in known)
        raise click.UsageError(
            f"Say which jurisdiction with --jurisdiction: {names}."
            if known
            else "No jurisdiction yet: flask jurisdiction create."
        )
    return known[0]


for_town = click.option("--jurisdiction", "slug", help="Its slug; not needed where there is only one.")


@jurisdiction.command("create")
@click.argument("slug")
@click.option("--name", required=True, help="As residents say it: Paris.")
@click.option("--name-en", default="", help="In English, where it differs.")
@click.option(
    "--boundary",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="GeoJSON of the boundary, in WGS 84.",
)
@click.option(
    "--sectors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="GeoJSON of sectors: kept as such; their union is the boundary where none is given.",
)
@click.option("--layer", default="quartier", show_default=True, help="The layer these sectors are of.")
@click.option("--sector-name", default=None, help="The property that holds a sector's name.")
@click.option("--sector-code", default=None, help="The property that holds a sector's code.")
@click.option("--host", default=None, help="The host name it answers at: paris.localhost.")
@click.option("--prefix", default=None, help="Two letters before each reference; by default from the name.")
@click.option("--time-zone", default="Europe/Paris", show_default=True)
@click.option("--accent", default="#0A5A6A", show_default=True, help="The town's colour.")
def create(slug: str, **given: object) -> None:
    """Make a town, from a boundary or from a file of sectors."""
    try:
        town, sectors = boundaries.create(slug, **given)
    except boundaries.Unusable as error:
        raise click.ClickException(str(error)) from None
    db.session.commit()
    towns.forget()
    click.echo(f"{town.slug}: made, with {sectors} sectors. It answers at {town.host or 'any host'}.")


@jurisdiction.command("list")
def list_them() -> None:
    """List the towns."""
    for town in db.session.scalars(select(Jurisdiction).order_by(Jurisdiction.id)):
        click.echo(f"{town.slug}\t{town.names.get('fr', '')}\t{town.host or '-'}")


@jurisdiction.command("reach")
@click.option("--address", default=None, help="Where the town hall is written to.")
@click.option("--phone", default=None, help="Its telephone, as residents read it: 04 67 00 00 00.")
@click.option("--email", default=None, help="Its e-mail address, as residents read it.")
@click.option("--sender", default=None, help="The address its mails come from; empty: MAIL_FROM's.")
@for_town
def reach(slug: str | None, sender: str | None, **given: str | None) -> None:
    """Say where a town hall is reached, as messages name it; what is not given stays."""
    town = town_named(slug)
    with acting_for(town):
        row = telling.here(lock=True)
        try:
            telling.set_hall(row, {name: str(row.desk.get(name) or "") if value is None else value
                                   for name, value in given.items()})
            if sender is not None:
                telling.set_habits(row, {**Habits.of(row.habits).kept(), "sender": sender})
        except (FieldError, FieldErrors) as error:
            raise click.ClickException("; ".join(f"{name}: {words}" for name, words in error.fields.items())) from None
        db.session.commit()
        said = ", ".join(str(value) for value in row.desk.values() if value)
    click.echo(f"{town.slug}: {said or 'nothing'}{f'; mails come from {row.sender}' if row.sender else ''}.")


@click.command("import-sectors")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", required=True, help="What they are: quartier, proprete, voirie…")
@click.option("--sector-name", default=None, help="The property that holds a sector's name.")
@click.option("--sector-code", default=None, help="The property that holds a sector's code.")
@for_town
def import_sectors(
    file: Path, layer: str, sector_name: str | None, sector_code: str | None, slug: str | None
) -> None:
    """Add a layer of sectors to a town, from GeoJSON in WGS 84."""
    town = town_named(slug)
    try:
        made = boundaries.add_layer(
            town.id, boundaries.read_features(file), layer=layer, name_of=sector_name, code_of=sector_code
        )
    except boundaries.Unusable as error:
        raise click.ClickException(str(error)) from None
    db.session.commit()
    click.echo(f"{made} sectors of {layer} in {town.slug}. Reports received from now on lie in them.")


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", default="")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@for_town
def create_user(email: str, role: str, name: str, password: str, slug: str | None) -> None:
    """Make somebody who signs in, or give a known one a role in a town."""
    town = town_named(slug)
    made = make_user(town, email=email, role=role, name=name, password=password)
    db.session.commit()
    click.echo(f"{made.email}: {role} in {town.slug}.")


def make_user(town: Town, *, email: str, role: str, name: str, password: str) -> User:
    """A user with a role in `town`; somebody known keeps their password. Flushes."""
    email = email.strip().lower()
    found = db.session.scalar(select(User).where(User.email == email))
    if found is None:
        found = User(
            email=email, name=name, password=hash_password(password), active=True, fs_uniquifier=uuid4().hex
        )
        db.session.add(found)
        db.session.flush()
    membership = db.session.scalar(
        select(Membership).where(Membership.user_id == found.id, Membership.jurisdiction_id == town.id)
    )
    if membership is None:
        db.session.add(Membership(user_id=found.id, jurisdiction_id=town.id, role=role))
    else:
        membership.role = role
    db.session.flush()
    return found


@user.command("close")
@click.argument("email")
def close_user(email: str) -> None:
    """Close an account: it no longer signs in, and its tokens no longer work."""
    found = db.session.scalar(select(User).where(func.lower(User.email) == email.lower()))
    if found is None:
        raise click.ClickException(f"Nobody has the address {email}.")
    found.active = False
    db.session.commit()
    click.echo(f"{found.email}: closed.")


@click.command("token")
@click.argument("email")
@click.option("--label", default="", help="What it is for.")
@click.option("--days", type=int, default=None, help="How long it works; for ever where not said.")
@click.option("--revoke", "old", default=None, help="Revoke this token instead of making one.")
@for_town
def token(email: str, label: str, days: int | None, old: str | None, slug: str | None) -> None:
    """Print a new API token for that user's role, and nothing else."""
    if old:
        click.echo("Revoked." if revoke(old) else "No such token.", err=True)
        db.session.commit()
        return
    query = select(Membership).join(User).where(func.lower(User.email) == email.lower(), User.active)
    memberships = db.session.scalars(query.order_by(Membership.id)).unique().all()
    if slug:
        memberships = [m for m in memberships if m.jurisdiction_id == town_named(slug).id]
    if not memberships:
        raise click.ClickException(f"Nobody of the address {email} has a role here.")
    if len(memberships) > 1:
        raise click.UsageError("This user works in several jurisdictions: say which with --jurisdiction.")
    made = new_token(memberships[0], label=label, days=days)
    db.session.commit()
    click.echo(made)


@click.command("permissions")
def permissions() -> None:
    """Print which role may do what, as it stands in docs/permissions.md."""
    click.echo(permission_table.as_markdown(), nl=False)


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(permissions)
    app.cli.add_command(jurisdiction)
    app.cli.add_command(user)
    app.cli.add_command(import_sectors)
    app.cli.add_command(token)
