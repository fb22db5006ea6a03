"""/admin/: what an administrator sets up from the screen, each with the page where it is done."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from core.web.access import requires

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.get("/")
@requires("jurisdiction.manage")
def index() -> ResponseReturnValue:
    """Where to go."""
    return render_template("admin/start.html", nav_current="admin", area="")
