"""Who may ask for what: declared on every route, checked before every view, tried as every role by a test.

`@audience(ANYONE)` or `@audience("work_orders.approve")` stands nearest to the view function (or the method of a
MethodView). Which role has a permission is said in `core.identity.permissions`. A route without a declaration stops
the start (DESIGN §5.6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request
from flask.typing import ResponseReturnValue

from core.identity import permissions
from core.identity.permissions import ROLES

__all__ = [
    "ANYONE",
    "ROLES",
    "UndeclaredAccess",
    "requires",
    "access_of",
    "check_all",
    "declare",
    "init_app",
    "permission_of",
]

ANYONE = "anyone"

View = TypeVar("View", bound=Callable[..., Any])
_ENDPOINTS: dict[str, str] = {}
#: The attribute of a view function that holds what it declares.
_DECLARED = "permission"


class UndeclaredAccess(RuntimeError):
    """A route has no audience: the application does not start."""


def requires(permission: str) -> Callable[[View], View]:
    """Declare who may use a view: ANYONE, or who has a permission. Raises UndeclaredAccess for an unknown one."""
    _known(permission)

    def put(view: View) -> View:
        setattr(view, _DECLARED, permission)
        return view

    return put


def declare(endpoint: str, permission: str) -> None:
    """Declare the audience of an endpoint that we did not write (the framework's, an extension's)."""
    _known(permission)
    _ENDPOINTS[endpoint] = permission


def _known(permission: str) -> None:
    if permission != ANYONE and permission not in permissions.TABLE:
        raise UndeclaredAccess(f"Unknown permission: {permission} (see core/identity/permissions.py)")


def access_of(app: Flask, endpoint: str, method: str) -> frozenset[str] | None:
    """The roles that may use an endpoint by a method, {ANYONE}, or None where nothing is declared."""
    permission = permission_of(app, endpoint, method)
    if permission is None:
        return None
    return frozenset({ANYONE}) if permission == ANYONE else permissions.roles_with(permission)


def permission_of(app: Flask, endpoint: str, method: str) -> str | None:
    """The permission (or ANYONE) that an endpoint declares for a method, or None where there is none."""
    view = app.view_functions[endpoint]
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        name = method.lower()
        handler = getattr(view_class, name, None) or (getattr(view_class, "get", None) if name == "head" else None)
        found = getattr(handler, "permission", None) or getattr(view_class, "permission", None)
        if found:
            return found
    return getattr(view, _DECLARED, None) or _ENDPOINTS.get(endpoint)


def check_all(app: Flask) -> None:
    """Raise UndeclaredAccess naming every route and method without an audience."""
    bare = [
        f"{method} {rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
        if permission_of(app, rule.endpoint, method) is None
    ]
    if bare:
        raise UndeclaredAccess("No audience declared: " + ", ".join(bare))


def init_app(app: Flask, refuse: Callable[[str], ResponseReturnValue | None]) -> None:
    """Check every request against the declaration; `refuse(permission)` answers (or returns None to let pass)."""
    known: dict[tuple[str, str], str | None] = {}

    @app.before_request
    def _check() -> ResponseReturnValue | None:
        endpoint = request.endpoint
        if endpoint is None or request.method == "OPTIONS":
            return None
        key = (endpoint, request.method)
        if key not in known:
            known[key] = permission_of(app, *key)
        permission = known[key]
        if permission is None:
            raise UndeclaredAccess(f"{request.method} {request.path}")
        if permission == ANYONE:
            return None
        return refuse(permission)
