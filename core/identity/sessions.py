"""Signed-in sessions, each a row at the server: what ends there opens nothing any more, whoever kept a copy.

The session cookie and the remembered cookie carry the same key; only its SHA-256 is kept. Who asks is found in the
one statement that loads the user.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select

from core.database import db, utcnow
from core.identity.models import User, UserSession

#: How long a device that asked to be remembered stays signed in, and one that did not but is never closed.
REMEMBERED, SHORT = timedelta(days=30), timedelta(days=7)


def start_session(user: User, *, remembered: bool = False) -> str:
    """Begin a session of `user`; returns the key that its cookies carry. Flushes."""
    db.session.execute(delete(UserSession).where(UserSession.expires_at < utcnow()))
    key = secrets.token_urlsafe(32)
    lasts = REMEMBERED if remembered else SHORT
    db.session.add(UserSession(user_id=user.id, digest=digest(key), expires_at=utcnow() + lasts))
    db.session.flush()
    return key


def user_of(key: str) -> User | None:
    """Who signed in with the session of that key, while it lasts and they may sign in. One statement."""
    return (
        db.session.scalars(
            select(User)
            .join(UserSession, UserSession.user_id == User.id)
            .where(UserSession.digest == digest(key), UserSession.expires_at > utcnow(), User.active)
        )
        .unique()
        .one_or_none()
    )


def end_sessions(*keys: str) -> None:
    """End the sessions of those keys, where there are any. May be done twice."""
    digests = [digest(key) for key in keys if key]
    if digests:
        db.session.execute(delete(UserSession).where(UserSession.digest.in_(digests)))


def end_all_sessions(user_id: int, *, but: str = "") -> None:
    """End every session of a user, save the one of the key `but`."""
    db.session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.digest != digest(but)))


def digest(key: object) -> str:
    """The SHA-256 of a key, in hexadecimal. Keys are 256 bits of chance: no salt is needed."""
    return hashlib.sha256(str(key).encode("utf-8", "replace")).hexdigest()
