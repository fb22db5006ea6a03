"""Languages: the reader's choice (cookie), then the browser's, then the town's. French first, English complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from babel import Locale
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, gettext, lazy_gettext, ngettext, pgettext

__all__ = ["LOCALES", "as_locale", "gettext", "init_app", "lazy_gettext", "locale_code", "ngettext", "pgettext",
           "speaking"]

LOCALES = ("fr", "en")
COOKIE = "lang"

babel = Babel()


def select_locale() -> str:
    """The language of this request; the first of LOCALES outside one."""
    if not has_request_context():
        return getattr(g, "spoken", LOCALES[0])
    chosen = request.cookies.get(COOKIE)
    if chosen in LOCALES:
        return chosen
    town = g.get("jurisdiction")
    offered = list(town.languages) if town is not None else list(LOCALES)
    offered = [code for code in offered if code in LOCALES] or list(LOCALES)
    if not request.accept_languages:
        return offered[0]
    return request.accept_languages.best_match(offered, default=offered[0])


def select_timezone() -> str:
    """The time zone of the town being served."""
    town = g.get("jurisdiction")
    return town.time_zone if town is not None else "Europe/Paris"


def as_locale(value: object, default: str = LOCALES[0]) -> str:
    """`value` when it is a language we speak ("fr-FR" is "fr"), else `default`."""
    code = str(value or "").replace("_", "-").split("-")[0].lower()
    return code if code in LOCALES else default


def locale_code() -> str:
    """The two-letter code of the language spoken now."""
    locale: Locale | None = get_locale()
    return locale.language if locale else LOCALES[0]


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak another language for a while (a mail to somebody else)."""
    with force_locale(code):
        yield


def init_app(app: Flask) -> None:
    """Set Flask-Babel up with one catalogue per package."""
    app.config["BABEL_DEFAULT_LOCALE"] = LOCALES[0]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(
        f"{app.root_path}/{part}/translations" for part in ("core", "reporter", "interventions", "api")
    )
    babel.init_app(app, locale_selector=select_locale, timezone_selector=select_timezone)
