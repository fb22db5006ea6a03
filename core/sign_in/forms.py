"""What people type to sign in or to choose a password, checked; every sentence of an answer is here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, make_response, request
from flask_security import UserMixin
from flask_security.forms import ChangePasswordForm, ForgotPasswordForm, LoginForm, ResetPasswordForm
from flask_security.utils import validate_redirect_url
from flask_wtf import FlaskForm
from wtforms import Field

from core.errors import FieldError
from core.i18n import gettext, lazy_gettext
from core.identity.contacts import parse_email
from core.identity.passwords import LONGEST
from core.identity.security_log import log_security_event
from core.sign_in.password_reset import may_reset

#: The extension's messages that a person can meet, in our words: name → (sentence, kind of flash).
MESSAGES = {
    "GENERIC_AUTHN_FAILED": (lazy_gettext("The e-mail address or password is incorrect."), "error"),
    "DISABLED_ACCOUNT": (lazy_gettext("The e-mail address or password is incorrect."), "error"),
    "USER_DOES_NOT_EXIST": (lazy_gettext("The e-mail address or password is incorrect."), "error"),
    "INVALID_EMAIL_ADDRESS": (lazy_gettext("Enter an e-mail address, for example name@example.org."), "error"),
    "EMAIL_NOT_PROVIDED": (lazy_gettext("Enter your e-mail address."), "error"),
    "PASSWORD_NOT_PROVIDED": (lazy_gettext("Enter your password."), "error"),
    "INVALID_PASSWORD": (lazy_gettext("This is not your current password."), "error"),
    "PASSWORD_INVALID_LENGTH": (lazy_gettext("Your password must have at least %(length)s characters."), "error"),
    "PASSWORD_IS_THE_SAME": (lazy_gettext("Choose a different password from your current one."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (lazy_gettext("The passwords do not match."), "error"),
    "API_ERROR": (lazy_gettext("This must be text."), "error"),
    "PASSWORD_RESET_REQUEST": (
        lazy_gettext(
            "If %(email)s has an account here, we have sent it a message with a link. The link is valid for two hours."
        ),
        "success",
    ),
    "PASSWORD_RESET_EXPIRED": (lazy_gettext("This link has expired. Ask for a new one here."), "warning"),
    "INVALID_RESET_PASSWORD_TOKEN": (
        lazy_gettext(
            "This link is no longer valid: it has already been used, or is incomplete. Ask for a new one here."
        ),
        "warning",
    ),
    "PASSWORD_RESET_NO_LOGIN": (lazy_gettext("Your new password has been saved. Use it to sign in."), "success"),
    "PASSWORD_CHANGE": (lazy_gettext("Your new password has been saved."), "success"),
    "UNAUTHENTICATED": (lazy_gettext("Please sign in first."), "warning"),
}

View = Callable[..., Any]


def refused_as_422(view: View) -> View:
    """`view`, answering 422 where its form was refused: the extension itself says 200."""

    @wraps(view)
    def inner(*args: object, **values: object) -> Response:
        g.private_answer = True
        answer = make_response(view(*args, **values))
        if g.get("form_refused") and answer.status_code == 200:
            answer.status_code = 422
        return answer

    return inner


class _Checked(FlaskForm):
    """Notes when a form that was sent is refused, and refuses passwords too long to be hashed."""

    passwords: tuple[str, ...] = ()

    def validate(self, **options: Any) -> bool:
        """Whether what was sent can be used; each field has its errors otherwise."""
        if "email" in self and self["email"].data:
            self["email"].data = self["email"].data.strip()
        good = self._short_enough() and super().validate(**options)
        g.form_refused = not good
        return good

    def _short_enough(self) -> bool:
        good = True
        for name in self.passwords:
            field = self[name]
            if field.data and (len(field.data) > LONGEST or "\0" in field.data):
                field.errors = [gettext("Your password must have at most %(most)s characters.", most=LONGEST)]
                field.data, good = "", False
        return good


class SignIn(_Checked, LoginForm):
    """An e-mail address and a password. What comes after is an address of this site, or the landing page."""

    passwords = ("password",)

    def validate(self, **options: Any) -> bool:
        """Whether it is somebody's address and password."""
        good = super().validate(**options)
        if not good:
            # Whom the address names, where it is somebody's; never what was typed.
            log_security_event("sign_in_failed", user_id=getattr(getattr(self, "user", None), "id", None))
        return good

    def validate_next(self, field: Field) -> None:
        """Forget an address that is not of this site: it is nobody's fault who signs in here."""
        if field.data and not validate_redirect_url(field.data):
            field.data = ""


class Forgotten(_Checked, ForgotPasswordForm):
    """An e-mail address; the answer is the same whether it is known or not, unless it cannot be one."""

    def validate(self, **options: Any) -> bool:
        """Whether there is somebody to write to here. Only what is no address at all is an error that shows."""
        good = super().validate(**options) and may_reset(self.user)
        g.form_refused = False
        try:
            if not parse_email(self.email.data):
                self.form_errors.append(str(MESSAGES["EMAIL_NOT_PROVIDED"][0]))
        except FieldError as error:
            self.form_errors.append(error.sentence)
        g.form_refused = bool(self.form_errors)
        if good and self.user is not None and not self.form_errors:
            log_security_event("password_reset_asked", user_id=self.user.id)
        return good and not self.form_errors


class NewPassword(_Checked, ResetPasswordForm):
    """A new password, typed twice, by the holder of a link that was sent."""

    passwords = ("password", "password_confirm")

    @property
    def user(self) -> UserMixin | None:
        """Whose link it is; nobody where the link is of another jurisdiction, as if it were forged."""
        return self._user

    @user.setter
    def user(self, found: UserMixin | None) -> None:
        self._user = found if found is not None and may_reset(found) else None


class ChangedPassword(_Checked, ChangePasswordForm):
    """The present password, and the new one typed twice."""

    passwords = ("password", "new_password", "new_password_confirm")


def errors_of(form: Any, *names: str) -> dict[str, str]:
    """Field → sentence of a refused form; what concerns the form as a whole is said of its first field.

    Nothing where the page was only asked for.
    """
    if request.method != "POST":
        return {}
    said = {name: str(form[name].errors[0]) for name in names if form[name].errors}
    whole = g.get("stale_form") or (str(form.form_errors[0]) if form.form_errors else "")
    return {names[0]: whole} | said if whole else said
