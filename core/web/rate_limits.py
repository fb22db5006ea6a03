"""Limits that only a machine reaches: on failed sign-ins, on requests for a new password, on what strangers add.

Counted in Redis, so that every process knows of it; in this process's memory while Redis is away: no request
fails for want of a counter.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_login import current_user

#: Failures in a minute: of one account from one place, and of all accounts from one place (a town hall).
ONE_ACCOUNT, ONE_PLACE = "20 per minute", "200 per minute"
#: What strangers may add to what is public, from one place in an hour: a whole town hall has one place, and the
#: phones of one operator share a few.
POSTS_PER_ORIGIN = "300 per hour"
#: Forms of new reports from one place without an account: a school class has one place, and sends many at once.
REPORTED = "120 per minute;600 per hour"
#: Photos that strangers may send from one place in an hour, by requests: each costs a worker seconds.
PHOTOS = "600 per hour"
#: Seconds that a request waits for a counter at most.
REDIS_TIMEOUT = 1

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")

View = Callable[..., Any]
log = logging.getLogger(__name__)


def origin_digest() -> str:
    """Where the request comes from, as a digest: no address of a person stands in a counter's name."""
    return _digest(request.remote_addr or "-")


def forwarded() -> bool:
    """Whether the request says of itself that a proxy passed it on."""
    return "X-Forwarded-For" in request.headers or "Forwarded" in request.headers


def account_digest() -> str:
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
        origin_digest,
        storage_uri=app.config["REDIS_URL"].replace("unix://", "redis+unix://", 1),
        storage_options={"socket_connect_timeout": REDIS_TIMEOUT, "socket_timeout": REDIS_TIMEOUT},
        strategy="fixed-window",
        key_prefix="alentour",
        in_memory_fallback_enabled=True,
        swallow_errors=True,
    )
    # Only views that ask for it are limited: the look at every other request, which it adds here, is spared.
    before = list(app.before_request_funcs.get(None, ()))
    limiter.init_app(app)
    app.before_request_funcs[None] = before
    app.extensions["alentour.limiter"] = limiter
    if not app.config["TRUSTED_PROXIES"]:
        app.before_request(_one_place_for_all(app))


def _one_place_for_all(app: Flask) -> Callable[[], None]:
    """Say once a process that a proxy stands before us which TRUSTED_PROXIES does not count."""
    said = threading.Event()

    def look() -> None:
        if not said.is_set() and forwarded():
            said.set()
            log.warning(
                "A reverse proxy stands before this application, but TRUSTED_PROXIES is 0: everybody has the proxy's"
                " address, and one who fails too often closes the door for all. Set TRUSTED_PROXIES=1"
                " (see docs/install.md)."
            )

    return look


def limit_failures(app: Flask, view: View) -> View:
    """`view`, closed for a minute (429) to who has failed too often. What succeeds is not counted."""
    limiter: Limiter = app.extensions["alentour.limiter"]
    for most, counted_by in ((lambda: ONE_PLACE, origin_digest), (lambda: ONE_ACCOUNT, account_digest)):
        view = limiter.shared_limit(
            most, scope="guessing", key_func=counted_by, methods=["POST"], deduct_when=_counts, exempt_when=_asking
        )(view)
    return view


def limit_posts(
    app: Flask,
    endpoint: str,
    *,
    most: Callable[[], str] = lambda: POSTS_PER_ORIGIN,
    scope: str = "adding",
    unless: Callable[[], bool] | None = None,
) -> None:
    """Close a view that anybody may send to (429) to a place that sends more than any people would.

    `most` says the limit in Flask-Limiter's words; views of one `scope` are counted together; a request of which
    `unless` says true (a colleague who is signed in) is not counted.
    """
    limiter: Limiter = app.extensions["alentour.limiter"]

    def spared() -> bool:
        return _asking() or (unless is not None and unless())

    limited = limiter.shared_limit(most, scope=scope, key_func=origin_digest, methods=["POST"], exempt_when=spared)
    view: View = app.view_functions[endpoint]
    app.view_functions[endpoint] = limited(view)


def against_photos(app: Flask, endpoint: str) -> None:
    """Close a view that anybody may send photos to (429) to a place that sends more of them than any people would.

    Who is known here is not counted, nor is a form without a photo.
    """
    limiter: Limiter = app.extensions["alentour.limiter"]
    limited = limiter.shared_limit(
        lambda: PHOTOS, scope="photos", key_func=origin_digest, methods=["POST"], exempt_when=_no_photo_of_a_stranger
    )
    view: View = app.view_functions[endpoint]
    app.view_functions[endpoint] = limited(view)


def _no_photo_of_a_stranger() -> bool:
    if _asking():
        return True
    if request.mimetype in FORMS:
        return not any(file.filename for file in request.files.values()) or _known()
    return not (request.mimetype.startswith("image/") or request.mimetype == "application/octet-stream") or _known()


def _known() -> bool:
    # Not at the head of this module: who asks is found by what stands on it.
    from core.web.principal import current_principal

    return current_principal() is not None
