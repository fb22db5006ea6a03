"""Signing in: Flask-Security-Too, whose datastore flushes like everyone else and whose mails use the outbox."""

from __future__ import annotations

from flask import Flask
from flask_security import FSQLALiteUserDatastore, Security

from core.audience import ANYONE, declare
from core.database import db
from core.identity.models import Membership, User


class Datastore(FSQLALiteUserDatastore):
    """The request's transaction is committed in one place: what the extension calls commit is a flush."""

    def commit(self) -> None:
        """Flush."""
        db.session.flush()


def init_app(app: Flask) -> None:
    """Put signing in, signing out and the forgotten password on `app`."""
    from core.outbox.security_mail import OutboxMailUtil

    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SALT=app.config["SECRET_KEY"][:32],
        SECURITY_PASSWORD_LENGTH_MIN=10,
        SECURITY_RECOVERABLE=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_RESET_PASSWORD_WITHIN="2 hours",
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_URL_PREFIX="/account",
        SECURITY_POST_LOGIN_VIEW="site.landing",
        SECURITY_POST_LOGOUT_VIEW="/",
        SECURITY_FLASH_MESSAGES=True,
        SECURITY_I18N_DOMAIN="flask_security",
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SECURE=app.config["SESSION_COOKIE_SECURE"],
    )
    security = Security()
    security.init_app(app, Datastore(db, User, Membership), mail_util_cls=OutboxMailUtil)
    for rule in list(app.url_map.iter_rules()):
        if rule.endpoint.startswith(("security.", "security")):
            declare(rule.endpoint, ANYONE)
