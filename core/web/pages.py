"""What every page shares: the language, the jurisdiction's colours, its sectors, where people land after signing in."""

from __future__ import annotations

from mimetypes import guess_type
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    g,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import text

from core import assets, colour, times
from core.database import db
from core.database.scope import current_jurisdiction_id
from core.i18n import COOKIE, LOCALES, locale_code, ngettext
from core.identity import contacts
from core.photos.validation import reason_sentence as photo_refusal
from core.settings import Settings
from core.web import cookies, states, urls
from core.web.access import ANYONE, requires
from core.web.application import AlentourFlask
from core.web.principal import current_principal

site = Blueprint("site", __name__)
YEAR = 365 * 86400
#: Hashed names: what is built never changes under its address.
FOREVER = "public, max-age=31536000, immutable"


@site.get("/static/<path:name>")
@requires(ANYONE)
def static(name: str) -> ResponseReturnValue:
    """What the pages are made of: built assets, the icon."""
    packed = f"{name}.gz"
    if name.startswith("built/") and "gzip" in request.accept_encodings and (assets.BUILT.parent / packed).is_file():
        # The build leaves a packed twin beside each text: nothing is compressed twice.
        answer = send_from_directory("core/static", packed, mimetype=guess_type(name)[0])
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer = send_from_directory("core/static", name)
    answer.vary.add("Accept-Encoding")
    answer.headers["Cache-Control"] = FOREVER if name.startswith("built/") else "public, max-age=86400"
    return answer


@site.post("/language")
@requires(ANYONE)
def language() -> ResponseReturnValue:
    """The reader's choice, kept in a cookie; back to where they were."""
    chosen = request.form.get("code", "")
    answer = redirect(_local(request.form.get("next", "/")))
    if chosen in LOCALES:
        cookies.put_cookie(answer, COOKIE, chosen, seconds=YEAR)
    return answer


def _local(target: str) -> str:
    """A path of this site, never another's address."""
    parts = urlsplit(target)
    fine = (
        target.startswith("/")
        and target.isprintable()
        and not target.startswith(("//", "/\\"))
        and not parts.scheme
        and not parts.netloc
    )
    return target if fine else "/"


@site.get("/town.css")
@requires(ANYONE)
def accent_stylesheet() -> ResponseReturnValue:
    """The jurisdiction's own colour, checked for contrast in light and dark."""
    answer = Response(colour.stylesheet(g.jurisdiction.accent), content_type="text/css; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


_SECTORS = text("""
SELECT json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(
    'type', 'Feature', 'geometry', ST_AsGeoJSON(shape, 5)::json,
    'properties', json_build_object('kind', kind, 'code', code, 'name', name)) ORDER BY rank, code), '[]'))::text
FROM (
    SELECT 0 AS rank, 'boundary' AS kind, slug AS code, coalesce(names ->> :locale, names ->> 'fr') AS name,
           ST_SimplifyPreserveTopology(boundary, 0.0001) AS shape
    FROM jurisdiction WHERE id = :jurisdiction
    UNION ALL
    SELECT 1, 'sector', code, coalesce(names ->> :locale, names ->> 'fr'),
           ST_SimplifyPreserveTopology(boundary, 0.0001)
    FROM sector WHERE jurisdiction_id = :jurisdiction AND layer = (
        SELECT layer FROM sector WHERE jurisdiction_id = :jurisdiction ORDER BY id LIMIT 1)
) AS shapes
""")


@site.get("/sectors.json")
@requires(ANYONE)
def sectors() -> ResponseReturnValue:
    """The jurisdiction's boundary and first layer of sectors, as GeoJSON: what a map shows where no tiles come."""
    body = db.session.execute(
        _SECTORS, {"jurisdiction": current_jurisdiction_id(), "locale": locale_code()}
    ).scalar_one()
    answer = Response(body, content_type="application/geo+json")
    answer.headers["Cache-Control"] = "public, max-age=600"
    # The names are in the reader's language.
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.add_etag()
    return answer.make_conditional(request)


@site.get("/landing")
@requires(ANYONE)
def landing() -> ResponseReturnValue:
    """After signing in: where one's role works."""
    who = current_principal()
    if who is None:
        return redirect(url_for("security.login") if not current_user.is_authenticated else "/desk/")
    return redirect("/desk/" if who.may("desk.open") else "/field/")


@site.get("/accessibility")
@requires(ANYONE)
def accessibility() -> ResponseReturnValue:
    """What can be used by whom, and whom to tell when it cannot."""
    return render_template("accessibility.html")


@site.get("/legal")
@requires(ANYONE)
def legal() -> ResponseReturnValue:
    """Who publishes these pages, and what becomes of what people write."""
    return render_template("legal.html")


def _attribution(app: Flask) -> str:
    """Who made the map that is drawn; empty where tiles are another's and nobody said whose they are."""
    fields = Settings.model_fields
    ours = app.config["TILES_URL"] == fields["TILES_URL"].default
    said = app.config["TILES_ATTRIBUTION"]
    return said if ours or said != fields["TILES_ATTRIBUTION"].default else ""


def init_app(app: Flask) -> None:
    """Put the shared pages and what every template needs on `app`."""
    assert isinstance(app, AlentourFlask)
    app.register_blueprint(site)
    states.init_app(app)
    app.jinja_env.filters.update(times.FILTERS | {"telephone": contacts.format_phone})
    app.jinja_env.globals.update(
        ngettext=ngettext,
        photo_refusal=photo_refusal,
        absolute=urls.absolute_url,
        tiles_url=app.config["TILES_URL"],
        tiles_attribution=_attribution(app),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def _context() -> dict[str, Any]:
        return {"jurisdiction": g.get("jurisdiction"), "locale": locale_code(), "principal": g.get("principal")}
