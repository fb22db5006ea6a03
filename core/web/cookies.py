"""Every cookie of ours is set here: read by no script, sent to no other site, and by https alone where we are.

Whether we are is PUBLIC_URL's to say, as for the session's own cookies: behind a proxy that is not trusted
(TRUSTED_PROXIES=0) a request does not know that it came by https.
"""

from __future__ import annotations

from typing import TypeVar

from flask import current_app, request
from werkzeug.wrappers import Response

#: Flask's own, or the plain one that `redirect` returns.
Answer = TypeVar("Answer", bound=Response)


def put_cookie(answer: Answer, name: str, value: str, *, seconds: int, path: str = "/") -> Answer:
    """Set a cookie on `answer` for that many seconds, for addresses below `path`."""
    answer.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="Lax", secure=_secure())
    return answer


def drop_cookie(answer: Answer, name: str, *, path: str = "/") -> Answer:
    """Have the browser forget a cookie that was put for that path."""
    answer.delete_cookie(name, path=path, httponly=True, samesite="Lax", secure=_secure())
    return answer


def _secure() -> bool:
    return current_app.config["SESSION_COOKIE_SECURE"] or request.is_secure
