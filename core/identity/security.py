"""Signing in: Flask-Security-Too, whose datastore flushes like everyone else and whose mails use the outbox.

Only what a town's staff need of it is on: sign-in, sign-out, the forgotten and the changed password, as
pages. It speaks no JSON and knows no token of its own: machines have those of `core.identity.principal`.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, g, render_template, request
from flask_login import current_user
from flask_login.utils import _user_context_processor
from flask_security import FSQLALiteUserDatastore, Security
from flask_wtf.csrf import CSRFError

from core import limits
from core.audience import ANYONE, STAFF, declare
from core.database import db
from core.http import error_answer, wants_json
from core.i18n import gettext as _
from core.identity import forms
from core.identity.models import Membership, User

#: Endpoint → who may use it. What is not named here was not switched on.
AUDIENCES = {
    "security.login": (ANYONE,),
    "security.logout": (ANYONE,),
    "security.forgot_password": (ANYONE,),
    "security.reset_password": (ANYONE,),
    "security.change_password": STAFF,
}
#: How long a device that asked to be remembered stays signed in.
REMEMBERED = timedelta(days=30)


class Datastore(FSQLALiteUserDatastore):
    """The request's transaction is committed in one place: what the extension calls commit is a flush."""

    def commit(self) -> None:
        """Flush."""
        db.session.flush()


class OwnWords:
    """Where the extension asks for a translation: its messages are ours (`forms.MESSAGES`), already said."""

    @staticmethod
    def gettext(words: object, **values: object) -> str:
        """`words` in the reader's language, with `values` put in."""
        said = str(words)
        return said % values if values else said

    @staticmethod
    def format_list(parts: list[str], **_options: object) -> str:
        """A list of words in one line."""
        return ", ".join(map(str, parts))


def init_app(app: Flask) -> None:
    """Put signing in, signing out and the forgotten password on `app`."""
    from core.outbox.security_mail import OutboxMailUtil

    app.config.update(_settings(app))
    # Only here: `init_app` ignores it.
    security = Security(mail_util_cls=OutboxMailUtil)
    security.init_app(
        app, Datastore(db, User, Membership), login_form=forms.SignIn,
        forgot_password_form=forms.Forgotten, reset_password_form=forms.NewPassword,
        change_password_form=forms.ChangedPassword,
    )
    security.i18n_domain = OwnWords()
    security.want_json(lambda _request: False)
    # A user is known by the session alone: no token in an address, a header or a body signs in.
    security.login_manager.request_loader(lambda _request: None)
    # Roles are read by core.identity.principal, where a route asks for one; loading the user on every
    # request, the public's included, would be one statement more on each.
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.template_context_processors[None].remove(_user_context_processor)
    app.jinja_env.globals["current_user"] = current_user
    for endpoint, who in AUDIENCES.items():
        declare(endpoint, *who)
    for endpoint in AUDIENCES:
        if endpoint != "security.logout":
            view = app.view_functions[endpoint]
            app.view_functions[endpoint] = limits.against_guessing(app, forms.refused_as_422(view))
    app.register_error_handler(CSRFError, _stale)
    app.jinja_env.globals["sign_in_errors"] = forms.errors_of


def _settings(app: Flask) -> dict[str, object]:
    secure = app.config["SESSION_COOKIE_SECURE"]
    return {
        "SECURITY_LOGIN_URL": "/login",
        "SECURITY_LOGOUT_URL": "/logout",
        "SECURITY_RESET_URL": "/password/forgotten",
        "SECURITY_CHANGE_URL": "/password/change",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_STATIC_FOLDER": None,
        # Said by core.http, as on every page.
        "SECURITY_CACHE_CONTROL": None,
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_FRESHNESS": timedelta(minutes=-1),
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_PASSWORD_HASH": "argon2",
        # Without a second key from SECRET_KEY: a town restored under another key keeps its passwords.
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SALT": "unused",
        # What its mails say is written by core.outbox.security_mail.
        "SECURITY_EMAIL_PLAINTEXT": False,
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_PASSWORD_LENGTH_MIN": forms.SHORTEST,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(hours=2),
        # The same answer whether the address is known here or not.
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        "SECURITY_POST_LOGIN_VIEW": "site.landing",
        "SECURITY_POST_CHANGE_VIEW": "site.landing",
        "SECURITY_POST_LOGOUT_VIEW": "/login",
        "REMEMBER_COOKIE_DURATION": REMEMBERED,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SECURE": secure,
    } | {f"SECURITY_MSG_{name}": message for name, message in forms.MESSAGES.items()}


def _stale(error: CSRFError) -> Response | tuple[str, int]:
    """A form older than its session (a phone closed the browser in between): said in words, e-mail kept."""
    if request.endpoint == "security.login" and not wants_json():
        g.stale_form = _("This page was open for too long. Please sign in again.")
        form = forms.SignIn(formdata=request.form)
        return render_template("security/login_user.html", login_user_form=form), 400
    sentence = _("This page was open for too long: go back, reload it and send it again.")
    return error_answer(400, sentence, code="stale_form")
