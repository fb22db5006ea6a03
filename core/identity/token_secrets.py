"""API tokens as secrets: made, digested, revoked; and the scopes that one may have."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from core.database import db, utcnow
from core.identity.models import ApiToken, Membership
from core.identity.security_log import log_security_event

PREFIX = "alt_"
#: What a token may be allowed to do; a role's own limits always apply besides.
SCOPES = (
    "reports:read",
    "reports:write",
    "work:read",
    "work:write",
    "messages:read",
    "messages:write",
    "webhooks:read",
    "webhooks:write",
)


def new_token(
    membership: Membership, *, label: str = "", days: int | None = 365, scopes: Iterable[str] = SCOPES
) -> str:
    """Make a token for a membership and return it: it is shown once and kept only as a digest.

    It works `days` days (None: for ever) and does what `scopes` allow.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    db.session.add(
        ApiToken(
            membership_id=membership.id,
            label=label,
            digest=digest(token),
            scopes=list(scopes),
            expires_at=utcnow() + timedelta(days=days) if days else None,
        )
    )
    db.session.flush()
    return token


def revoke(token: str) -> bool:
    """Revoke a token; False where there is none like it."""
    found = db.session.scalar(select(ApiToken).where(ApiToken.digest == digest(token)))
    if found is None or found.revoked_at is not None:
        return False
    found.revoked_at = utcnow()
    db.session.flush()
    log_security_event("token_ended", user_id=found.membership.user_id, token_id=found.id)
    return True


def digest(token: str) -> str:
    """The SHA-256 of a token, in hexadecimal. Tokens are 256 bits of chance: no salt or slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
