"""/admin/requests: what silence means, category by category."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from core.i18n import gettext as _
from core.i18n import locale_code, ngettext
from core.text import localized
from core.web.access import requires
from core.web.form_fields import answer_form
from reporter.categories import formal_requests

formal = Blueprint("formal", __name__, url_prefix="/admin/requests", template_folder="../templates")


@formal.get("")
@requires("jurisdiction.manage")
def index() -> ResponseReturnValue:
    """All categories, as they are now."""
    return _page()


def _page(status: int = 200, errors: dict[str, str] | None = None, refusal: str = "") -> ResponseReturnValue:
    found = formal_requests.categories()
    typed = request.form if errors else {}
    choices = [
        ("", _("No")),
        ("acceptance", _("Yes: silence means acceptance")),
        ("rejection", _("Yes: silence means refusal")),
    ]
    labels = {f"silence-{one.code}": localized(one.names, locale_code()) for one in found}
    return render_template(
        "admin/formal_requests.html",
        area="requests",
        nav_current="admin",
        found=found,
        typed=typed,
        choices=choices,
        labels=labels,
        errors=errors or {},
        refusal=refusal,
        months=formal_requests.MONTHS,
        localized=localized,
    ), status


@formal.post("")
@requires("jurisdiction.manage")
def change() -> ResponseReturnValue:
    """Keep what was changed."""

    def do() -> str:
        wanted, seen = formal_requests.read_form(request.form, [one.code for one in formal_requests.categories()])
        changed = formal_requests.set_implied_decisions(wanted, seen)
        if not changed:
            return _("Nothing was changed.")
        names = ", ".join(localized(one.names, locale_code()) for one in changed)
        return ngettext(
            "Kept for %(num)d category: %(names)s.",
            "Kept for %(num)d categories: %(names)s.",
            len(changed),
            names=names,
        )

    return answer_form(do, to="/admin/requests", again=_page)
