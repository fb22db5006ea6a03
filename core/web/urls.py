"""Addresses as people outside a request write them: in a mail, on paper, in an answer of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from flask import current_app

from core.database.scope import current_jurisdiction

if TYPE_CHECKING:
    from core.identity.jurisdictions import JurisdictionCopy


def base_url(jurisdiction: JurisdictionCopy | None = None) -> str:
    """Where a jurisdiction (a Jurisdiction; the one being served without) answers: "https://signaler.example.fr", no
    slash.

    Its own host, with the scheme and port of PUBLIC_URL; PUBLIC_URL itself where it has none.
    """
    jurisdiction = jurisdiction or current_jurisdiction()
    public = current_app.config["PUBLIC_URL"]
    if not jurisdiction.host:
        return public
    parts = urlsplit(public)
    host = f"{jurisdiction.host}:{parts.port}" if parts.port and ":" not in jurisdiction.host else jurisdiction.host
    return urlunsplit((parts.scheme, host, "", "", ""))


def absolute_url(path: str, jurisdiction: JurisdictionCopy | None = None) -> str:
    """`path` ("/r/VC-7K3-9QT") as an address that can be followed from anywhere.

    Of an address with a host only path and query are kept: a host that came by a request is not trusted.
    """
    parts = urlsplit(path)
    return base_url(jurisdiction) + urlunsplit(("", "", parts.path or "/", parts.query, parts.fragment))
