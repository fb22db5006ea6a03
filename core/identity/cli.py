"""Commands about jurisdictions, people and tokens: `flask jurisdiction`, `flask user`, `flask token`."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import func, select

from core.database import db
from core.database.scope import serving
from core.errors import FieldError, FieldErrors, NotFound
from core.identity import boundaries, jurisdiction_settings, jurisdictions, passwords, sessions, tokens
from core.identity import permissions as identity_permissions
from core.identity.jurisdictions import JurisdictionCopy
from core.identity.models import Jurisdiction, Membership, User
from core.identity.passwords import hashed
from core.identity.permissions import ROLES
from core.identity.security_log import log_security_event
from core.identity.token_secrets import SCOPES, revoke

jurisdiction = AppGroup("jurisdiction", help="Towns that run their own desk here.")
user = AppGroup("user", help="People who sign in, and their role.")


def jurisdiction_named(slug: str | None) -> JurisdictionCopy:
    """The jurisdiction that a command acts for; with one jurisdiction there is nothing to say. Raises
    click.UsageError."""
    jurisdictions.drop_cache()
    known = jurisdictions.all_jurisdictions()
    if slug:
        found = jurisdictions.by_slug(slug)
        if found is None:
            raise click.UsageError(f"No jurisdiction {slug}. Known: {', '.join(t.slug for t in known) or 'none'}.")
        return found
    if len(known) != 1:
        names = ", ".join(t.slug for t in known)
        raise click.UsageError(
            f"Say which jurisdiction with --jurisdiction: {names}."
            if known
            else "No jurisdiction yet: flask jurisdiction create."
        )
    return known[0]


for_jurisdiction = click.option("--jurisdiction", "slug", help="Its slug; not needed where there is only one.")


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
def create(slug: str, **given: Any) -> None:
    """Make a jurisdiction, from a boundary or from a file of sectors."""
    try:
        jurisdiction, sectors = boundaries.create_jurisdiction(slug, **given)
    except boundaries.UnusableBoundary as error:
        raise click.ClickException(str(error)) from None
    db.session.commit()
    jurisdictions.drop_cache()
    if any(one.demo for one in jurisdictions.all_jurisdictions()):
        click.echo(
            "The demonstration's accounts have a password that everybody may read: close each with"
            " `flask user close` before residents use this installation.",
            err=True,
        )
    click.echo(f"{jurisdiction.slug}: made, with {sectors} sectors. It answers at {jurisdiction.host or 'any host'}.")


@jurisdiction.command("list")
def list_them() -> None:
    """List the jurisdictions."""
    for jurisdiction in db.session.scalars(select(Jurisdiction).order_by(Jurisdiction.id)):
        click.echo(f"{jurisdiction.slug}\t{jurisdiction.names.get('fr', '')}\t{jurisdiction.host or '-'}")


@jurisdiction.command("reach")
@click.option("--address", default=None, help="Where the town hall is written to.")
@click.option("--phone", default=None, help="Its telephone, as residents read it: 04 67 00 00 00.")
@click.option("--email", default=None, help="Its e-mail address, as residents read it.")
@click.option("--sender", default=None, help="The address its mails come from; empty: MAIL_FROM's.")
@for_jurisdiction
def set_contact(slug: str | None, sender: str | None, **given: str | None) -> None:
    """Say where a town hall is reached, as messages name it; what is not given stays."""
    jurisdiction = jurisdiction_named(slug)
    with serving(jurisdiction):
        row = jurisdiction_settings.jurisdiction_row(lock=True)
        try:
            jurisdiction_settings.set_public_contact(
                row, {name: str(row.desk.get(name) or "") if value is None else value for name, value in given.items()}
            )
            if sender is not None:
                jurisdiction_settings.set_sender(row, sender)
        except (FieldError, FieldErrors) as error:
            raise click.ClickException("; ".join(f"{name}: {words}" for name, words in error.fields.items())) from None
        db.session.commit()
        said = ", ".join(str(value) for value in row.desk.values() if value)
    click.echo(f"{jurisdiction.slug}: {said or 'nothing'}{f'; mails come from {row.sender}' if row.sender else ''}.")


@click.command("import-sectors")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", required=True, help="What they are: quartier, proprete, voirie…")
@click.option("--sector-name", default=None, help="The property that holds a sector's name.")
@click.option("--sector-code", default=None, help="The property that holds a sector's code.")
@for_jurisdiction
def import_sectors(file: Path, layer: str, sector_name: str | None, sector_code: str | None, slug: str | None) -> None:
    """Add a layer of sectors to a jurisdiction, from GeoJSON in WGS 84."""
    jurisdiction = jurisdiction_named(slug)
    try:
        made = boundaries.add_layer(
            jurisdiction.id, boundaries.read_features(file), layer=layer, name_of=sector_name, code_of=sector_code
        )
    except boundaries.UnusableBoundary as error:
        raise click.ClickException(str(error)) from None
    db.session.commit()
    click.echo(f"{made} sectors of {layer} in {jurisdiction.slug}. Reports received from now on lie in them.")


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", default="")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@for_jurisdiction
def create_user(email: str, role: str, name: str, password: str, slug: str | None) -> None:
    """Make somebody who signs in, or give a known one a role in a jurisdiction."""
    jurisdiction = jurisdiction_named(slug)
    try:
        made = make_user(jurisdiction, email=email, role=role, name=name, password=password)
    except FieldError as error:
        raise click.ClickException(error.sentence) from None
    db.session.commit()
    click.echo(f"{made.email}: {role} in {jurisdiction.slug}.")


def make_user(
    jurisdiction: JurisdictionCopy, *, email: str, role: str, name: str, password: str, published: bool = False
) -> User:
    """A user with a role in `jurisdiction`; somebody known keeps their password. Flushes.

    `published`: the password is one that everybody may read, as a demonstration's. Raises FieldError (password)
    where it is too easy to guess, and ValueError for a published one beside a jurisdiction that is none.
    """
    email = email.strip().lower()
    if published and not all(one.demo for one in jurisdictions.all_jurisdictions()):
        raise ValueError("A published password beside a real jurisdiction")
    found = db.session.scalar(select(User).where(User.email == email))
    if found is None:
        if not published:
            _check_password(jurisdiction, password, email=email, name=name)
        found = User(email=email, name=name, password=hashed(password), active=True, fs_uniquifier=uuid4().hex)
        db.session.add(found)
        db.session.flush()
        log_security_event("user_created", user_id=found.id)
    membership = db.session.scalar(
        select(Membership).where(Membership.user_id == found.id, Membership.jurisdiction_id == jurisdiction.id)
    )
    if membership is None:
        db.session.add(Membership(user_id=found.id, jurisdiction_id=jurisdiction.id, role=role))
        log_security_event("role_changed", user_id=found.id, role=role, at=jurisdiction.slug)
    elif membership.role != role:
        membership.role = role
        log_security_event("role_changed", user_id=found.id, role=role, at=jurisdiction.slug)
    db.session.flush()
    return found


def _check_password(jurisdiction: JurisdictionCopy, password: str, *, email: str, name: str) -> None:
    with serving(jurisdiction):
        fault = passwords.fault_of(password, email=email, name=name)
    if fault:
        raise FieldError("password", fault)


@user.command("list")
@for_jurisdiction
def list_users(slug: str | None) -> None:
    """List who has a role in a jurisdiction: id, address, role, name, whether they may sign in; by tabs."""
    jurisdiction = jurisdiction_named(slug)
    query = select(User, Membership.role).join(Membership).where(Membership.jurisdiction_id == jurisdiction.id)
    for one, role in db.session.execute(query.order_by(User.id)).unique():
        click.echo("\t".join([str(one.id), one.email, role, one.name or "-", "active" if one.active else "closed"]))


@user.command("close")
@click.argument("email")
def close_user(email: str) -> None:
    """Close an account: it no longer signs in, and its tokens no longer work."""
    found = _user_of(email)
    found.active = False
    log_security_event("user_closed", user_id=found.id)
    sessions.end_all_sessions(found.id)
    tokens.revoke_all_of(found.id)
    db.session.commit()
    click.echo(f"{found.email}: closed.")


@user.command("password")
@click.argument("email")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.option("--end-tokens", is_flag=True, help="End their API tokens too.")
@for_jurisdiction
def set_password(email: str, password: str, end_tokens: bool, slug: str | None) -> None:
    """Give somebody another password; they are signed out everywhere."""
    jurisdiction = jurisdiction_named(slug)
    found = _user_of(email)
    if found.membership_in(jurisdiction.id) is None:
        raise click.ClickException(f"Nobody of the address {email} has a role in {jurisdiction.slug}.")
    try:
        _check_password(jurisdiction, password, email=found.email, name=found.name)
    except FieldError as error:
        raise click.ClickException(error.sentence) from None
    found.password, found.fs_uniquifier = hashed(password), uuid4().hex
    log_security_event("password_changed", user_id=found.id)
    sessions.end_all_sessions(found.id)
    ended = tokens.revoke_all_of(found.id) if end_tokens else 0
    db.session.commit()
    click.echo(f"{found.email}: another password{f', {ended} tokens ended' if end_tokens else ''}.")


def _user_of(email: str) -> User:
    found = db.session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))
    if found is None:
        raise click.ClickException(f"Nobody has the address {email}.")
    return found


@click.command("token")
@click.argument("email", required=False)
@click.option("--label", default="", help="What it is for.")
@click.option(
    "--days",
    type=click.IntRange(1, tokens.MOST_DAYS),
    default=tokens.USUAL_DAYS,
    show_default=True,
    help="How long it works.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="What it may do, repeated; all that the role may where not said.",
)
@click.option("--list", "listing", is_flag=True, help="List the tokens (of EMAIL, or of everybody) instead.")
@click.option("--revoke", "old", default=None, metavar="TOKEN|ID", help="Revoke this token instead of making one.")
@for_jurisdiction
@with_appcontext
def token(
    email: str | None, label: str, days: int, scopes: tuple[str, ...], listing: bool, old: str | None, slug: str | None
) -> None:
    """Print a new API token for that user's role, and nothing else."""
    if listing:
        _list_tokens(email, jurisdiction_named(slug))
    elif old:
        _revoke(old, slug)
    elif not email:
        raise click.UsageError("Say whose token: flask token EMAIL.")
    else:
        membership = _membership(email, slug)
        try:
            _row, made = tokens.create_token(membership, label=label, days=days, scopes=scopes)
        except FieldError as error:
            raise click.ClickException(error.sentence) from None
        db.session.commit()
        click.echo(made)


def _membership(email: str, slug: str | None) -> Membership:
    query = select(Membership).join(User).where(func.lower(User.email) == email.lower(), User.active)
    memberships = db.session.scalars(query.order_by(Membership.id)).unique().all()
    if slug:
        memberships = [m for m in memberships if m.jurisdiction_id == jurisdiction_named(slug).id]
    if not memberships:
        raise click.ClickException(f"Nobody of the address {email} has a role here.")
    if len(memberships) > 1:
        raise click.UsageError("This user works in several jurisdictions: say which with --jurisdiction.")
    return memberships[0]


def _list_tokens(email: str | None, jurisdiction: JurisdictionCopy) -> None:
    """One line a token: id, holder, label, scopes, made, until, state; by tabs."""
    with serving(jurisdiction):
        for one in tokens.list_tokens(user_id=_user_of(email).id if email else None):
            until = one.expires_at.date().isoformat() if one.expires_at else "-"
            click.echo(
                "\t".join(
                    [
                        str(one.id),
                        one.membership.user.email,
                        one.label or "-",
                        ",".join(one.scopes),
                        one.created_at.date().isoformat(),
                        until,
                        tokens.state(one),
                    ]
                )
            )


def _revoke(old: str, slug: str | None) -> None:
    if old.isascii() and old.isdecimal():
        with serving(jurisdiction_named(slug)):
            try:
                tokens.revoke_token(int(old))
            except NotFound:
                raise click.ClickException("No such token.") from None
        said = "Revoked."
    else:
        said = "Revoked." if revoke(old) else "No such token."
    db.session.commit()
    click.echo(said, err=True)


@click.command("permissions")
def permissions() -> None:
    """Print which role may do what, as it stands in docs/permissions.md."""
    click.echo(identity_permissions.as_markdown(), nl=False)


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(permissions)
    app.cli.add_command(jurisdiction)
    app.cli.add_command(user)
    app.cli.add_command(import_sectors)
    app.cli.add_command(token)
