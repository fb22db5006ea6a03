"""The field's blueprint: its menu, and what happens to a form that is older than its session."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, request
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import CSRFError

from core.i18n import gettext as _
from core.text import localized
from interventions.field.navigation_link import navigation_url
from interventions.work_orders.sentences import COLOURS, ICONS, duration_words, event_title, kind_word

field = Blueprint("field", __name__, url_prefix="/field", template_folder="../templates")
#: The views that show a stale form again, with everything in it; all others refuse it.
FORGIVING = frozenset({"field.act"})


@field.record_once
def _look_after_forms(state: BlueprintSetupState) -> None:
    """The check of forms is ours (below): a phone that closed the browser must not lose what was typed."""
    state.app.extensions["csrf"].exempt(field)


@field.before_request
def _check_form() -> None:
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return
    try:
        current_app.extensions["csrf"].protect()
    except CSRFError:
        if request.endpoint not in FORGIVING:
            raise
        g.stale = True


@field.app_context_processor
def _menu() -> dict[str, Any]:
    return {
        "field_menu": [
            {"key": "day", "href": "/field/", "icon": "list-checks", "label": _("My round")},
            {"key": "report", "href": "/report/new", "icon": "camera", "label": _("Report a problem")},
        ]
    }


@field.context_processor
def _words() -> dict[str, Any]:
    return {
        "kind_word": kind_word,
        "event_words": event_title,
        "length": duration_words,
        "event_icons": ICONS,
        "event_colours": COLOURS,
        "way_to": navigation_url,
        "localized": localized,
    }
