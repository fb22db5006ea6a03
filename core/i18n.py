"""Languages: the reader's choice (cookie), then the browser's, then the jurisdiction's. French first, English
complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, has_app_context, has_request_context, request
from flask_babel import Babel, force_locale
from flask_babel.speaklater import LazyString

LOCALES = ("fr", "en")
COOKIE = "lang"

babel = Babel()


def select_locale() -> str:
    """The language of this request; the first of LOCALES outside one."""
    if not has_request_context():
        return LOCALES[0]
    chosen = request.cookies.get(COOKIE)
    if chosen in LOCALES:
        return chosen
    jurisdiction = g.get("jurisdiction")
    offered = list(jurisdiction.languages) if jurisdiction is not None else list(LOCALES)
    offered = [code for code in offered if code in LOCALES] or list(LOCALES)
    if not request.accept_languages:
        return offered[0]
    return request.accept_languages.best_match(offered, default=offered[0])


def select_timezone() -> str:
    """The time zone of the jurisdiction being served."""
    jurisdiction = g.get("jurisdiction")
    return jurisdiction.time_zone if jurisdiction is not None else "Europe/Paris"


def as_locale(value: object, default: str = LOCALES[0]) -> str:
    """`value` when it is a language we speak ("fr-FR" is "fr"), else `default`."""
    code = str(value or "").replace("_", "-").split("-")[0].lower()
    return code if code in LOCALES else default


def locale_code() -> str:
    """The two-letter code of the language spoken now."""
    forced = g.get("spoken") if has_app_context() else None
    if forced:
        return forced
    found = g.get("locale_chosen") if has_app_context() else None
    if found is None:
        found = select_locale()
        if has_request_context() and g.get("jurisdiction") is not None:
            g.locale_chosen = found
    return found


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak another language for a while (a mail to somebody else)."""
    before, kept = g.get("spoken"), g.pop("catalogue", None)
    g.spoken = as_locale(code)
    try:
        with force_locale(g.spoken):
            yield
    finally:
        g.spoken = before
        g.pop("catalogue", None)
        if kept is not None:
            g.catalogue = kept


def _catalogue() -> NullTranslations:
    # Flask-Babel finds the locale and its catalogue anew for every string; a page has a hundred of them.
    if not has_app_context():
        return NullTranslations()
    found = g.get("catalogue")
    if found is not None:
        return found
    known = current_app.extensions["alentour.catalogues"]
    code = locale_code()
    if code not in known:
        known[code] = _load(current_app.config["BABEL_TRANSLATION_DIRECTORIES"].split(";"), code)
    if g.get("spoken") or g.get("locale_chosen"):
        g.catalogue = known[code]
    return known[code]


def _load(folders: list[str], code: str) -> NullTranslations:
    whole = Translations()
    for folder in folders:
        part = Translations.load(folder, [code])
        if isinstance(part, Translations):
            whole.merge(part)
            # merge() leaves the rule behind by which "0 faite" is singular in French and "0 done" is not.
            whole.plural = part.plural
    return whole


def gettext(message: str, **values: object) -> str:
    """`message` in the language spoken now, with its %(name)s filled in."""
    words = _catalogue().ugettext(message)
    return words % values if values else words


def ngettext(one: str, several: str, num: int, **values: object) -> str:
    """`one` or `several` in the language spoken now, with %(num)s and the others filled in."""
    return _catalogue().ungettext(one, several, num) % {"num": num, **values}


def lazy_gettext(message: str, **values: object) -> LazyString:
    """`message`, translated when it is shown: for what is said once, when a module is read."""
    return LazyString(gettext, message, **values)


def init_app(app: Flask) -> None:
    """Set Flask-Babel up (it formats dates and numbers), with one catalogue per package for our own sentences."""
    app.config["BABEL_DEFAULT_LOCALE"] = LOCALES[0]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(
        f"{app.root_path}/{part}/translations" for part in ("core", "reporter", "interventions", "api")
    )
    app.extensions["alentour.catalogues"] = {}
    babel.init_app(app, locale_selector=select_locale, timezone_selector=select_timezone)
    # The method is put on the environment by Jinja's own extension.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # see above
        gettext, ngettext, newstyle=True
    )
