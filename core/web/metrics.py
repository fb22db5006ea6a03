"""/metrics, for Prometheus: how many requests of each route, how long they took, how they ended.

Routes are counted by their rule (`/r/<reference>`), so that no reference and no person reaches a label.
Under gunicorn the workers add up through a folder that gunicorn/conf.py makes; elsewhere a process counts for
itself.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address, ip_network
from typing import Any

from flask import Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_flask_exporter import PrometheusMetrics

from core.web.access import ANYONE, declare
from core.web.rate_limits import forwarded

#: Seconds: from an answer of the cache to a photo sent over a slow phone.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
#: Whose addresses the house gives itself.
HOUSE = tuple(
    ip_network(one)
    for one in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
#: The exporter leaves a request alone that has this attribute.
_UNTRACKED = "prom_do_not_track"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Measure every request of `app` and show the figures at /metrics."""
    # A registry of its own: two applications in one process (a test) do not add up.
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    app.before_request(_pass_over_unknown_methods)
    PrometheusMetrics(
        app, path="/metrics", group_by="url_rule", buckets=BUCKETS, registry=registry, defaults_prefix="alentour"
    )
    app.view_functions["prometheus_metrics"] = _for_scrapers(app.view_functions["prometheus_metrics"])
    # The view itself looks whether it is a scraper: that is no role.
    declare("prometheus_metrics", ANYONE)


def _for_scrapers(view: Callable[..., Any]) -> Callable[..., Any]:
    """`view` for who shows METRICS_TOKEN; where there is none, for who asks from the house's own network."""

    @wraps(view)
    def inner(*args: object, **values: object) -> Any:
        token = current_app.config["METRICS_TOKEN"]
        if token:
            kind, _space, shown = request.headers.get("Authorization", "").partition(" ")
            if kind.lower() != "bearer" or not hmac.compare_digest(shown.strip().encode(), token.encode()):
                answer = Response("METRICS_TOKEN is needed as a bearer token.\n", 401, content_type="text/plain")
                answer.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
                return answer
        elif not _from_the_house():
            return Response(
                "Only from this machine's own network; see METRICS_TOKEN.\n", 403, content_type="text/plain"
            )
        return view(*args, **values)

    return inner


def _from_the_house() -> bool:
    """Whether a request comes from a private address, and by no proxy that could hide a public one."""
    if forwarded() and not current_app.config["TRUSTED_PROXIES"]:
        return False
    try:
        asker = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return False
    asker = getattr(asker, "ipv4_mapped", None) or asker
    return any(asker.version == network.version and asker in network for network in HOUSE)


def _pass_over_unknown_methods() -> None:
    """Any word can stand for a method in a request: only those that exist become a label."""
    if request.method not in METHODS:
        setattr(request, _UNTRACKED, True)
