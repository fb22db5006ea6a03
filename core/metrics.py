"""/metrics, for Prometheus: how many requests of each route, how long they took, how they ended.

Routes are counted by their rule (`/r/<reference>`), so that no reference and no person reaches a label.
Under gunicorn the workers add up through a folder that gunicorn.conf.py makes; elsewhere a process counts for
itself.
"""

from __future__ import annotations

from flask import Flask, request
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_flask_exporter import PrometheusMetrics

from core.audience import ANYONE, declare

#: Seconds: from an answer of the cache to a photo sent over a slow phone.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Measure every request of `app` and show the figures at /metrics."""
    # A registry of its own: two applications in one process (a test) do not add up.
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    app.before_request(_pass_over_unknown_methods)
    PrometheusMetrics(app, path="/metrics", group_by="url_rule", buckets=BUCKETS, registry=registry,
                      defaults_prefix="alentour")
    declare("prometheus_metrics", ANYONE)


def _pass_over_unknown_methods() -> None:
    """Any word can stand for a method in a request: only those that exist become a label."""
    if request.method not in METHODS:
        request.prom_do_not_track = True
