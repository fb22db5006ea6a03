"""The security log: who signed in, who was refused, what became of passwords, tokens, accounts and roles.

A logger of its own ("alentour.security"), one JSON object a line on standard error, whatever LOG_LEVEL says. A person
is an id, where a request comes from a keyed digest: nothing in it is an address, a name or a secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import sys
from datetime import UTC, datetime

from flask import Flask, current_app, g, has_request_context, request

log = logging.getLogger("alentour.security")

#: Every kind of event there is; docs/security.md says what each means.
EVENTS = frozenset(
    {
        "signed_in",
        "sign_in_failed",
        "signed_out",
        "password_changed",
        "password_reset_asked",
        "password_reset",
        "token_made",
        "token_ended",
        "tokens_ended",
        "user_created",
        "user_closed",
        "role_changed",
        "refused",
    }
)


class _Lines(logging.Formatter):
    """One event as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Make the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"time": at, "log": "security", "event": record.getMessage(), **record.__dict__["security"]})


def init_app(app: Flask) -> None:
    """Have events written, once a process."""
    log.setLevel(logging.INFO)
    log.propagate = False
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Lines())
        log.addHandler(handler)


def log_security_event(event: str, *, user_id: int | None = None, **facts: str | int | list[str] | None) -> None:
    """Write one event down: of whom (an id), and facts that are codes, ids and counts, never what people typed.

    Raises ValueError for an event that is not one of EVENTS.
    """
    if event not in EVENTS:
        raise ValueError(event)
    said: dict[str, object] = {"user_id": user_id}
    jurisdiction = g.get("jurisdiction") if g else None
    if jurisdiction is not None:
        said["jurisdiction"] = jurisdiction.slug
    if has_request_context():
        said |= {"method": request.method, "route": str(request.url_rule or "-"), "origin": _origin()}
    else:
        said["route"] = "command"
    log.info(event, extra={"security": said | {name: value for name, value in facts.items() if value is not None}})


def _origin() -> str:
    """Where a request comes from, as twelve figures: the same for the same place, and nothing without SECRET_KEY."""
    key, place = current_app.config["SECRET_KEY"].encode(), (request.remote_addr or "-").encode()
    return hmac.new(key, b"security log\0" + place, hashlib.sha256).hexdigest()[:12]
