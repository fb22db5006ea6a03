"""The desk's blueprint, and what each of its pages is shown in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from markupsafe import Markup

from core.text import localized
from interventions.desk import menu
from interventions.desk.rows import planned
from interventions.work_orders.sentences import kind_word

desk = Blueprint("desk", __name__, url_prefix="/desk", template_folder="../templates")
#: Ids of the parts of a page that change alone: what htmx says it is going to replace.
BESIDE, LIST, MORE = "beside", "list", "more"


@desk.app_context_processor
def _menu() -> dict[str, Any]:
    return {"desk_menu": menu.Menu()}


@desk.context_processor
def _words() -> dict[str, Any]:
    return {"localized": localized, "kind_word": kind_word, "planned": planned}


def part() -> str | None:
    """Which part of the page is asked for alone; None where all of it is (no script, a link, going back)."""
    headers = request.headers
    if "HX-Request" not in headers or "HX-History-Restore-Request" in headers:
        return None
    wanted = headers.get("HX-Target")
    return wanted if wanted in (BESIDE, LIST, MORE) else None


def show(template: str, status: int = 200, **context: Any) -> tuple[str, int]:
    """A page that stands alone, or beside the list where it is opened from there."""
    beside = part() == BESIDE
    layout = "desk/_beside.html" if beside else "desk.html"
    return render_template(template, layout=layout, beside=beside, **context), status


def beside_list(template: str, context: dict[str, Any] | None) -> Markup:
    """What is open beside the list when a whole page is asked for; nothing where nothing is."""
    return Markup(render_template(template, beside=True, **context)) if context else Markup("")
