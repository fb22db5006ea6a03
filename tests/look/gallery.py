"""Every piece of the pages on a bare Flask application: to look at them, and for the browser to measure them.

`python -m tests.look.gallery` serves it on http://localhost:8031; templates are read anew each time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from flask import Flask, Response, flash, render_template, request
from markupsafe import Markup

from core import assets, colour, i18n
from core.photos.validation import reason_sentence as photo_refusal
from core.web import states
from interventions.work_orders import state_labels
from reporter.reports import state_labels as report_state_labels

CORE = Path(assets.__file__).parent.parent
NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'"
PAGES = (
    "resident",
    "form",
    "refused",
    "pieces",
    "desk",
    "desk-empty",
    "field",
    "job",
    "error-404",
    "error-500",
)


def _jurisdiction(accent: str) -> SimpleNamespace:
    return SimpleNamespace(
        name_in=lambda locale: "Villeclaire",
        languages=["fr", "en"],
        accent=accent,
        desk={"phone": "04 67 00 00 00"},
    )


def _photo(status: str = "ready") -> SimpleNamespace:
    return SimpleNamespace(token=f"drawn-{status}", status=status)


def _menus() -> dict[str, list[dict[str, object]]]:
    def item(key: str, icon: str, label: str, count: int = 0) -> dict[str, object]:
        return {"key": key, "href": f"/{key}", "icon": icon, "label": label, "count": count}

    return {
        "public_menu": [item("resident", "map", "La carte"), item("form", "camera", "Signaler")],
        "desk_menu": [
            item("desk", "sunrise", "Matin"),
            item("reports", "inbox", "Signalements", 37),
            item("work", "hammer", "Interventions", 64),
            item("messages", "mail-check", "Envois", 1),
        ],
        "field_menu": [item("field", "list-checks", "Tournée"), item("form", "camera", "Signaler")],
    }


def make_app() -> Flask:
    """The gallery, in the browser's language; `?theme=dark` and `?accent=8a1538` change how it is dressed."""
    app = Flask(
        __name__,
        root_path=str(CORE.parent),
        template_folder="tests/look/templates",
        static_folder="core/static",
        static_url_path="/static",
    )
    app.secret_key = "gallery"
    app.config["TEMPLATES_AUTO_RELOAD"] = True
    i18n.init_app(app)
    app.jinja_loader.searchpath.append(str(CORE / "templates"))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        when=lambda moment: f"jeudi 5 mars, {moment:%H} h {moment:%M}", ago=lambda moment: "il y a 3 j"
    )
    app.jinja_env.globals["photo_refusal"] = photo_refusal
    assets.init_app(app)
    states.init_app(app)
    for owner in (report_state_labels, state_labels):
        states.register(owner.STATES)

    @app.context_processor
    def context() -> dict[str, object]:
        return {
            "jurisdiction": _jurisdiction("#" + request.args.get("accent", "0a5a6a")),
            "locale": i18n.locale_code(),
            "theme": request.args.get("theme"),
            "photo_of": _photo,
            "noon": NOON,
            "principal": SimpleNamespace(name="Camille Roux"),
            "STATES": states.STATES,
            **_menus(),
        }

    @app.get("/town.css")
    def town_css() -> Response:
        accent = request.query_string.decode() or "0a5a6a"
        return Response(colour.stylesheet("#" + accent), content_type="text/css")

    @app.get("/photos/<token>/<size>")
    def drawing(token: str, size: str) -> Response:
        picture = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 80">'
            '<path fill="#8e8f92" d="M0 0h100v80H0z"/>'
            '<ellipse cx="52" cy="48" rx="26" ry="12" fill="#4a4745"/></svg>'
        )
        return Response(picture, content_type="image/svg+xml")

    @app.get("/<page>")
    def show(page: str) -> str:
        if page == "pieces":
            flash(Markup("C’est noté."))
            flash("La photo n’a pas pu être lue.", "warning")
            flash("L’envoi n’est pas parti.", "error")
        if page.startswith("error-"):
            status = int(page.removeprefix("error-"))
            sentence = {
                404: "Cette page n’existe pas, ou plus.",
                500: "Une erreur s’est produite de notre côté.",
            }[status]
            return render_template("error.html", status=status, sentence=sentence, fields={})
        if page.startswith("desk"):
            return render_template("gallery_desk.html", here="desk", full=page == "desk")
        if page in ("field", "job"):
            return render_template(f"gallery_{page}.html", here="field")
        return render_template(f"{page}.html", here=page)

    @app.after_request
    def guard(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    return app


if __name__ == "__main__":
    make_app().run(port=8031, debug=False)
