"""How a delivery proves where it comes from: Standard Webhooks 1.0.0, symmetric (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
#: Bytes of chance in a secret.
LENGTH = 32


def new_secret() -> str:
    """A secret as its receiver keeps it: "whsec_" and 256 bits of chance in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(LENGTH)).decode()


def signature_headers(delivery: str, moment: int, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """The three headers of one try: which delivery, when it is tried (seconds since 1970), and the proof.

    Signed with each of `keys`: while a secret is being changed there are two.
    """
    signed = b".".join((delivery.encode(), str(moment).encode(), body))
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(f"v1,{_signature(key, signed)}" for key in keys),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
