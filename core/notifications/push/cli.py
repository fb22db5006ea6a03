"""`flask vapid`: a key of the jurisdiction's own for the push services."""

from __future__ import annotations

import base64

import click
from flask import Flask


@click.command("vapid")
def vapid() -> None:
    """Print a new VAPID_PRIVATE_KEY. Browsers that subscribed with another one are told nothing any more."""
    from py_vapid import Vapid02

    made = Vapid02()
    made.generate_keys()
    raw = made.private_key.private_numbers().private_value.to_bytes(32, "big")
    click.echo(f"VAPID_PRIVATE_KEY={base64.urlsafe_b64encode(raw).decode().rstrip('=')}")


def init_app(app: Flask) -> None:
    """Put the command on `app`."""
    app.cli.add_command(vapid)
