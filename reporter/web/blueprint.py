"""The blueprint that the resident's views share, and the menu of their pages."""

from __future__ import annotations

from flask import Blueprint

from core.i18n import gettext as _

reporter = Blueprint("reporter", __name__, template_folder="../templates")


@reporter.app_context_processor
def _menu() -> dict[str, object]:
    return {
        "public_menu": [
            {"key": "home", "href": "/", "icon": "map", "label": _("The map and the list")},
            {"key": "around", "href": "/around", "icon": "bell", "label": _("Near me")},
            {"key": "new", "href": "/report/new", "icon": "camera", "label": _("Report a problem")},
            {"key": "mine", "href": "/mine", "icon": "user", "label": _("My reports")},
            {"key": "find", "href": "/#find", "icon": "search", "label": _("Find my report")},
        ]
    }
