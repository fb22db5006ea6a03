"""Signing in: Flask-Security-Too, whose datastore flushes like everyone else and whose mails use the outbox.

Only what a jurisdiction's staff need of it is on: sign-in, sign-out, the forgotten and the changed password, as
pages. It speaks no JSON and knows no token of its own: machines have those of `core.web.principal`.
"""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, make_response, render_template, request, session, url_for
from flask_login import current_user, decode_cookie, user_logged_in
from flask_login.utils import _user_context_processor
from flask_security import FSQLALiteUserDatastore, Security
from flask_security.signals import password_changed, password_reset
from flask_security.utils import set_request_attr
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RoutingException

from core.database import db
from core.database.scope import current_jurisdiction_id
from core.i18n import gettext as _
from core.identity import passwords, permissions, sessions, tokens
from core.identity.models import Membership, User
from core.identity.security_log import log_security_event
from core.sign_in import forms
from core.web import rate_limits
from core.web.access import ANYONE, declare, permission_of
from core.web.http import error_answer, wants_json

#: Endpoint → the permission that it asks for. What is not named here was not switched on.
AUDIENCES = {
    "security.login": ANYONE,
    "security.logout": ANYONE,
    "security.forgot_password": ANYONE,
    "security.reset_password": ANYONE,
    "security.change_password": "account.manage",
}
#: Where the session cookie keeps the key of its session.
KEY = "_user_id"


class Datastore(FSQLALiteUserDatastore):
    """The request's transaction is committed in one place: what the extension calls commit is a flush."""

    def commit(self) -> None:
        """Flush."""
        db.session.flush()


class TranslatedMessages:
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
    from core.notifications.mail.account_mails import OutboxMailUtil

    app.config.update(_settings(app))
    # Only here: `init_app` ignores it.
    security = Security(mail_util_cls=OutboxMailUtil, password_util_cls=passwords.PasswordRules)
    security.init_app(
        app,
        Datastore(db, User, Membership),
        login_form=forms.SignIn,
        forgot_password_form=forms.Forgotten,
        reset_password_form=forms.NewPassword,
        change_password_form=forms.ChangedPassword,
    )
    security.i18n_domain = TranslatedMessages()  # type: ignore[assignment]  # these two methods are all it is asked for
    security.want_json(lambda _request: False)
    # A user is known by the session alone: no token in an address, a header or a body signs in.
    security.login_manager.request_loader(lambda _request: None)
    security.login_manager.user_loader(_user_of)
    user_logged_in.connect(_signed_in, app)
    password_changed.connect(_password_changed, app)
    password_reset.connect(_password_reset, app)
    # Roles are read by core.web.principal, where a route asks for one; loading the user on every
    # request, the public's included, would be one statement more on each.
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.template_context_processors[None].remove(_user_context_processor)
    app.jinja_env.globals["current_user"] = current_user
    for endpoint, who in AUDIENCES.items():
        declare(endpoint, who)
    app.view_functions["security.login"] = _to_where_they_may(app, app.view_functions["security.login"])
    app.view_functions["security.logout"] = _ending(app.view_functions["security.logout"])
    for endpoint in AUDIENCES:
        if endpoint != "security.logout":
            view = app.view_functions[endpoint]
            app.view_functions[endpoint] = rate_limits.limit_failures(app, forms.refused_as_422(view))
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
        # Said by core.web.http, as on every page.
        "SECURITY_CACHE_CONTROL": None,
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_FRESHNESS": timedelta(minutes=-1),
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_PASSWORD_HASH": "argon2",
        # Without a second key from SECRET_KEY: a jurisdiction restored under another key keeps its passwords.
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SALT": "unused",
        # What its mails say is written by core.notifications.mail.account_mails.
        "SECURITY_EMAIL_PLAINTEXT": False,
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_PASSWORD_LENGTH_MIN": passwords.SHORTEST,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(hours=2),
        # The same answer whether the address is known here or not.
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        "SECURITY_POST_LOGIN_VIEW": "site.landing",
        "SECURITY_POST_CHANGE_VIEW": "site.landing",
        "SECURITY_POST_LOGOUT_VIEW": "/login",
        "REMEMBER_COOKIE_DURATION": sessions.REMEMBERED,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SECURE": secure,
    } | {f"SECURITY_MSG_{name}": message for name, message in forms.MESSAGES.items()}


def _user_of(key: object) -> User | None:
    user = sessions.user_of(str(key))
    if user is not None:
        # The extension's own loader notes the same: its pages ask by what somebody is known.
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", session.get("fs_paa", 0))
    return user


def _keys() -> list[str]:
    """The keys of the sessions that this browser carries: its session cookie's and its remembered cookie's."""
    remembered = request.cookies.get("remember_token")
    return [str(key) for key in (session.get(KEY), decode_cookie(remembered) if remembered else None) if key]


def _signed_in(_app: Flask, user: User, **_more: Any) -> None:
    """Give the browser a session of its own."""
    # The extension has just put the user's own mark under KEY, which opens nothing.
    if request.endpoint == "security.login":
        log_security_event("signed_in", user_id=user.id, remembered=int(session.get("_remember") == "set"))
    session[KEY] = sessions.start_session(user, remembered=session.get("_remember") == "set")


def _password_changed(_app: Flask, user: User, **_more: Any) -> None:
    """Sign every other browser of theirs out, and end their tokens where they ask for it."""
    log_security_event("password_changed", user_id=user.id)
    sessions.end_all_sessions(user.id, but=session.get(KEY, ""))
    _end_tokens(user)


def _password_reset(_app: Flask, user: User, **_more: Any) -> None:
    """Sign every browser of theirs out: a link was followed, nobody signed in. Their tokens as they ask."""
    log_security_event("password_reset", user_id=user.id)
    sessions.end_all_sessions(user.id)
    _end_tokens(user)


def _end_tokens(user: User) -> None:
    if request.form.get("end_tokens") == "y":
        tokens.revoke_all_of(user.id)


def _to_where_they_may(app: Flask, view: forms.View) -> forms.View:
    """The view that signs in, leading where one's role works rather than to a page that one may not open."""

    @wraps(view)
    def inner(*args: object, **values: object) -> Response:
        answer = make_response(view(*args, **values))
        if request.method == "POST" and answer.status_code == 302 and not _may_open(app, answer.location):
            answer.location = url_for("site.landing")
        return answer

    return inner


def _may_open(app: Flask, address: str) -> bool:
    """Whether who has just signed in may open a page of ours; what is no page says so itself."""
    member = current_user.membership_in(current_jurisdiction_id()) if current_user.is_authenticated else None
    try:
        endpoint, _values = app.url_map.bind("").match(urlsplit(address).path, method="GET")
    except (HTTPException, RoutingException):
        return True
    permission = permission_of(app, endpoint, "GET")
    return (
        member is None or permission == ANYONE or (permission is not None and permissions.has(member.role, permission))
    )


def _ending(view: forms.View) -> forms.View:
    """The view that signs out, ending at the server what the browser's cookies carry."""

    @wraps(view)
    def inner(*args: object, **values: object) -> Response:
        who = current_user.id if current_user.is_authenticated else None
        keys = _keys()
        answer = view(*args, **values)
        if KEY not in session:
            if who is not None:
                log_security_event("signed_out", user_id=who)
            sessions.end_sessions(*keys)
        return answer

    return inner


def _stale(error: CSRFError) -> Response | tuple[str, int]:
    """A form older than its session (a phone closed the browser in between): said in words, e-mail kept."""
    if request.endpoint == "security.login" and not wants_json():
        g.stale_form = _("This page was open for too long. Please sign in again.")
        form = forms.SignIn(formdata=request.form)
        return render_template("security/login_user.html", login_user_form=form), 400
    sentence = _("This page was open for too long: go back, reload it and send it again.")
    return error_answer(400, sentence, code="stale_form")
