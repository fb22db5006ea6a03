"""The jurisdiction's own key at the push services (VAPID, RFC 8292): one for the installation."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import current_app
from py_vapid import Vapid02


@lru_cache
def _public(private: str) -> str:
    point = Vapid02.from_string(private).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def public_key() -> str | None:
    """What a browser is given when it subscribes, base64url; None where pushes are not set up."""
    private = current_app.config["VAPID_PRIVATE_KEY"]
    return _public(private) if private else None
