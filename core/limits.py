"""Limits that only a machine reaches: on failed sign-ins, on requests for a new password, on what strangers add.

Counted in Redis, so that every process knows of it; in this process's memory while Redis is away: no request
fails for want of a counter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_login import current_user

#: Failures in a minute: of one account from one place, and of all accounts from one place (a town hall).
ONE_ACCOUNT, ONE_PLACE = "20 per minute", "200 per minute"
#: What strangers may add to what is public, from one place in an hour: a whole town hall has one place, and the
#: phones of one operator share a few.
ADDED = "300 per hour"
#: Forms of new reports from one place without an account: a school class has one place, and sends many at once.
REPORTED = "120 per minute;600 per hour"
#: Seconds that a request waits for a counter at most.
PATIENCE = 1.0

View = Callable[..., Any]


def place() -> str:
    """Where the request comes from, as a digest: no address of a person stands in a counter's name."""
    return _digest(request.remote_addr or "-")


def account() -> str:
    """Whom the request names (or who is signed in), and where it comes from, as a digest."""
    who = request.form.get("email") or (str(current_user.get_id()) if current_user.is_authenticated else "-")
    return _digest(who.strip().lower()[:254], request.remote_addr or "-")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _counts(answer: Response) -> bool:
    """Whether an answer counts: not a form that was accepted (it leads elsewhere), nor what was not tried."""
    return answer.status_code not in (302, 303, 429)


def _asking() -> bool:
    return request.method != "POST"


def init_app(app: Flask) -> None:
    """Prepare the counters of `app`."""
    limiter = Limiter(
        place, storage_uri=app.config["REDIS_URL"].replace("unix://", "redis+unix://", 1),
        storage_options={"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE},
        strategy="fixed-window", key_prefix="alentour", in_memory_fallback_enabled=True, swallow_errors=True,
    )
    limiter.init_app(app)
    # Only views that ask for it are limited: the look at every other request is spared.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    app.extensions["alentour.limiter"] = limiter


def against_guessing(app: Flask, view: View) -> View:
    """`view`, closed for a minute (429) to who has failed too often. What succeeds is not counted."""
    limiter: Limiter = app.extensions["alentour.limiter"]
    options = {"methods": ["POST"], "deduct_when": _counts, "exempt_when": _asking}

    limited = limiter.shared_limit(lambda: ONE_PLACE, scope="guessing", key_func=place, **options)(view)
    return limiter.shared_limit(lambda: ONE_ACCOUNT, scope="guessing", key_func=account, **options)(limited)


def against_flooding(app: Flask, endpoint: str, *, most: Callable[[], str] = lambda: ADDED,
                     scope: str = "adding", unless: Callable[[], bool] | None = None) -> None:
    """Close a view that anybody may send to (429) to a place that sends more than any people would.

    `most` says the limit in Flask-Limiter's words; views of one `scope` are counted together; a request of which
    `unless` says true (a colleague who is signed in) is not counted.
    """
    limiter: Limiter = app.extensions["alentour.limiter"]

    def spared() -> bool:
        return _asking() or (unless is not None and unless())

    limited = limiter.shared_limit(most, scope=scope, key_func=place, methods=["POST"], exempt_when=spared)
    app.view_functions[endpoint] = limited(app.view_functions[endpoint])
