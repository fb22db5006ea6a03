"""/healthz, /readyz: for those who watch the machine."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from core.database import db
from core.jobs import connection
from core.storage import storage
from core.web.access import ANYONE, requires

health = Blueprint("health", __name__)


@health.get("/healthz")
@requires(ANYONE)
def healthz() -> ResponseReturnValue:
    """Alive: this process answers."""
    return jsonify(status="alive")


@health.get("/readyz")
@requires(ANYONE)
def readyz() -> ResponseReturnValue:
    """Ready: database, queue and storage answer. 200, or 503 and which one does not."""
    checks = {
        "database": lambda: db.session.execute(text("SELECT 1")),
        "queue": lambda: connection().ping(),
        "storage": lambda: storage().ready(),
    }
    found = {}
    for name, check in checks.items():
        try:
            check()
            found[name] = "ok"
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is "not ready"
            current_app.logger.warning("Not ready: %s (%s)", name, type(error).__name__)
            found[name] = "away"
    ready = set(found.values()) == {"ok"}
    return jsonify(status="ready" if ready else "not ready", **found), 200 if ready else 503
