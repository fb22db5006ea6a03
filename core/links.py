"""Addresses as people outside a request write them: in a mail, on paper, in an answer of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from flask import current_app

from core.scope import current

if TYPE_CHECKING:
    from core.identity.towns import Town


def base_url(town: Town | None = None) -> str:
    """Where a town (a Town; the one being served without) answers: "https://signaler.example.fr", no slash.

    Its own host, with the scheme and port of PUBLIC_URL; PUBLIC_URL itself where it has none.
    """
    town = town or current()
    public = current_app.config["PUBLIC_URL"]
    if not town.host:
        return public
    parts = urlsplit(public)
    host = f"{town.host}:{parts.port}" if parts.port and ":" not in town.host else town.host
    return urlunsplit((parts.scheme, host, "", "", ""))


def absolute(path: str, town: Town | None = None) -> str:
    """`path` ("/r/VC-7K3-9QT") as an address that can be followed from anywhere.

    Of an address with a host only path and query are kept: a host that came by a request is not trusted.
    """
    parts = urlsplit(path)
    return base_url(town) + urlunsplit(("", "", parts.path or "/", parts.query, parts.fragment))
