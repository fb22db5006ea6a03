"""The author's side of a report's page: a signed link, exchanged for a cookie of this browser alone.

One cookie holds the keys of the newest reports sent or opened here; each key opens one report.
"""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from core.web import cookies
from reporter import subscriptions

COOKIE = "mine"
MOST = 20
SECONDS = 365 * 86400
_BETWEEN = "~"


def _keys() -> list[str]:
    return [key for key in request.cookies.get(COOKIE, "").split(_BETWEEN)[:MOST] if key]


def is_author(reference: str, report_id: int) -> bool:
    """Whether this reader opened that report by its author's link, or sent it from this browser."""
    return any(subscriptions.opens_report(key, report_id) for key in _keys())


def remember_report(answer: Response, key: str) -> Response:
    """Put a report's key in the reader's cookie, the newest first."""
    kept = [key, *(other for other in _keys() if other != key)][:MOST]
    return cookies.put_cookie(answer, COOKIE, _BETWEEN.join(kept), seconds=SECONDS)
