"""/admin/: what an administrator sets up from the screen, each with the page where it is done."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from core.audience import audience

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.get("/")
@audience("jurisdiction.manage")
def index() -> ResponseReturnValue:
    """Where to go."""
    return render_template("admin/start.html", here="admin", area="")
