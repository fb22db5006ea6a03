"""Who asks: a user signed in by the session, or the bearer of an API token; and what they may do here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from core.database import db, utcnow
from core.database.scope import current_jurisdiction_id
from core.errors import Forbidden
from core.i18n import gettext as _
from core.identity import permissions
from core.identity.actor import Actor
from core.identity.models import ApiToken, Membership, User
from core.identity.security_log import log_security_event
from core.identity.token_secrets import digest
from core.web.http import MACHINE_PATHS, SENTENCES, problem, wants_json


@dataclass(frozen=True)
class Principal:
    """Somebody with a role in the jurisdiction being served."""

    user_id: int
    name: str
    email: str
    role: str
    jurisdiction_id: int
    #: None for a signed-in person: all that the role may do.
    scopes: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """Whether the role has that permission (what a token may do besides is said by its scopes)."""
        return permissions.has(self.role, permission)

    def acting(self, channel: str, at: datetime | None = None) -> Actor:
        """This principal as the actor of a verb, by that channel; `at` is when it happened, else now."""
        return Actor(channel, self.user_id, at, self.role)

    @property
    def actor(self) -> str:
        """The name of this principal for idempotency keys."""
        return f"user:{self.user_id}"


def bearer() -> str | None:
    """The bearer token of this request, if it carries one."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def current_principal() -> Principal | None:
    """Who asks, in the jurisdiction being served; None for the public (and for a user with no right here)."""
    if "principal" not in g:
        token = bearer()
        g.principal = _by_token(token) if token else _by_session()
        if g.principal is not None:
            g.private_answer = True
    return g.principal


def require() -> Principal:
    """Who asks, where the route's audience is staff."""
    found = current_principal()
    if found is None:
        raise Forbidden(_("You do not have access to this page."))
    return found


def _by_token(token: str) -> Principal | None:
    row = db.session.execute(
        select(ApiToken.scopes, User.id, User.name, User.email, Membership.role, Membership.jurisdiction_id)
        .join(Membership, Membership.id == ApiToken.membership_id)
        .join(User, User.id == Membership.user_id)
        .where(
            ApiToken.digest == digest(token),
            ApiToken.revoked_at.is_(None),
            User.active,
            (ApiToken.expires_at.is_(None)) | (ApiToken.expires_at > utcnow()),
        )
    ).one_or_none()
    if row is None or row.jurisdiction_id != current_jurisdiction_id():
        return None
    return Principal(row.id, row.name, row.email, row.role, row.jurisdiction_id, frozenset(row.scopes))


def _by_session() -> Principal | None:
    # Contracts for machines know no cookie: they ask for no token against forged forms either.
    if not request.cookies or request.path.startswith(MACHINE_PATHS) or not current_user.is_authenticated:
        return None
    g.private_answer = True
    membership = current_user.membership_in(current_jurisdiction_id())
    if membership is None:
        return None
    return Principal(
        current_user.id, current_user.name, current_user.email, membership.role, membership.jurisdiction_id
    )


def needs_scope(scope: str) -> None:
    """Refuse a token that was not given `scope`. Raises Forbidden."""
    found = current_principal()
    if found is not None and found.scopes is not None and scope not in found.scopes:
        log_security_event("refused", user_id=found.user_id, role=found.role, lacks=scope)
        raise Forbidden(_("This token does not allow that: it lacks %(scope)s.", scope=scope))


def refuse(permission: str) -> ResponseReturnValue | None:
    """Answer a request whose sender has not the declared permission; None lets it pass."""
    found = current_principal()
    if found is not None:
        if found.may(permission):
            return None
        log_security_event("refused", user_id=found.user_id, role=found.role)
        raise Forbidden(SENTENCES[403]())
    if wants_json():
        machine = request.path.startswith(MACHINE_PATHS)
        sentence = _("A valid token is required: Authorization: Bearer …") if machine else SENTENCES[401]()
        answer = problem(401, sentence, code="unauthenticated")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    if not current_user.is_authenticated:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("security.login", next=wanted))
    log_security_event("refused", user_id=current_user.id)
    raise Forbidden(_("You do not have access to this jurisdiction."))
