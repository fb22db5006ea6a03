"""Who may ask for what: declared on every route, checked before every view, tried as every role by a test.

`@audience(ANYONE)`, `@audience(SUPERVISOR, AGENT)`… stands nearest to the view function (or the method of a
MethodView). The administrator may do all that any role of the same jurisdiction may. A route without a
declaration stops the start (DESIGN §5.6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request

ANYONE = "anyone"
RECEPTION = "reception"
SUPERVISOR = "supervisor"
AGENT = "agent"
ADMINISTRATOR = "administrator"
ROLES = (RECEPTION, SUPERVISOR, AGENT, ADMINISTRATOR)
DESK = (RECEPTION, SUPERVISOR)
STAFF = (RECEPTION, SUPERVISOR, AGENT)

View = TypeVar("View", bound=Callable[..., Any])
_ENDPOINTS: dict[str, frozenset[str]] = {}


class Undeclared(RuntimeError):
    """A route has no audience: the application does not start."""


def audience(*who: str) -> Callable[[View], View]:
    """Declare who may use a view: ANYONE, or roles."""
    unknown = set(who) - {ANYONE, *ROLES}
    if unknown or not who:
        raise Undeclared(f"Unknown audience: {', '.join(unknown) or 'none'}")
    allowed = frozenset(who) if ANYONE in who else frozenset(who) | {ADMINISTRATOR}

    def put(view: View) -> View:
        view.audience = allowed
        return view

    return put


def declare(endpoint: str, *who: str) -> None:
    """Declare the audience of an endpoint that we did not write (the framework's, an extension's)."""
    _ENDPOINTS[endpoint] = frozenset(who) if ANYONE in who else frozenset(who) | {ADMINISTRATOR}


def audience_of(app: Flask, endpoint: str, method: str) -> frozenset[str] | None:
    """The declared audience of an endpoint for a method, or None where there is none."""
    view = app.view_functions[endpoint]
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        name = method.lower()
        handler = getattr(view_class, name, None) or (
            getattr(view_class, "get", None) if name == "head" else None
        )
        found = getattr(handler, "audience", None) or getattr(view_class, "audience", None)
        if found:
            return found
    return getattr(view, "audience", None) or _ENDPOINTS.get(endpoint)


def check_all(app: Flask) -> None:
    """Raise Undeclared naming every route and method without an audience."""
    bare = [
        f"{method} {rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"})
        if audience_of(app, rule.endpoint, method) is None
    ]
    if bare:
        raise Undeclared("No audience declared: " + ", ".join(bare))


def init_app(app: Flask, refuse: Callable[[frozenset[str]], Any]) -> None:
    """Check every request against the declaration; `refuse(allowed)` answers (or returns None to let pass)."""
    known: dict[tuple[str, str], frozenset[str] | None] = {}

    @app.before_request
    def _check():
        endpoint = request.endpoint
        if endpoint is None or request.method == "OPTIONS":
            return None
        key = (endpoint, request.method)
        if key not in known:
            known[key] = audience_of(app, *key)
        allowed = known[key]
        if allowed is None:
            raise Undeclared(f"{request.method} {request.path}")
        if ANYONE in allowed:
            return None
        return refuse(allowed)
