"""/admin/requests: what silence means, category by category."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from core.admin.acting import attempt
from core.audience import audience
from core.i18n import gettext as _
from core.i18n import locale_code, ngettext
from core.text import localized
from reporter.formal import verbs

formal = Blueprint("formal", __name__, url_prefix="/admin/requests", template_folder="../templates")


@formal.get("")
@audience("jurisdiction.manage")
def index() -> ResponseReturnValue:
    """All categories, as they are now."""
    return _page()


def _page(status: int = 200, errors: dict[str, str] | None = None, refusal: str = "") -> ResponseReturnValue:
    found = verbs.categories()
    typed = request.form if errors else {}
    choices = [("", _("No")), ("acceptance", _("Yes: silence means acceptance")),
               ("rejection", _("Yes: silence means refusal"))]
    labels = {f"silence-{one.code}": localized(one.names, locale_code()) for one in found}
    return render_template(
        "admin/requests.html", area="requests", here="admin", found=found, typed=typed, choices=choices,
        labels=labels, errors=errors or {}, refusal=refusal, months=verbs.MONTHS, localized=localized), status


@formal.post("")
@audience("jurisdiction.manage")
def change() -> ResponseReturnValue:
    """Keep what was changed."""

    def do() -> str:
        wanted, seen = verbs.read(request.form, [one.code for one in verbs.categories()])
        changed = verbs.set_all(wanted, seen)
        if not changed:
            return _("Nothing was changed.")
        names = ", ".join(localized(one.names, locale_code()) for one in changed)
        return ngettext("Kept for %(num)d category: %(names)s.", "Kept for %(num)d categories: %(names)s.",
                        len(changed), names=names)

    return attempt(do, to="/admin/requests", again=_page)
