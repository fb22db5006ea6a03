"""The blueprint of what is around: areas that are followed, notices, feeds."""

from __future__ import annotations

from flask import Blueprint

around = Blueprint("around", __name__, template_folder="../../templates")
