"""The desk: what the services see and decide on a large screen. Views only: the rules are in the verbs."""

from __future__ import annotations

from flask import Blueprint

from interventions.desk import (
    arrivals,
    comments,
    making,
    morning,
    notices,
    order,
    orders,
    points,
    reception,
    report,
    reports,
    selection,
    telling,
)


def blueprints() -> tuple[Blueprint, ...]:
    """The blueprint on which each module of views has put its routes."""
    return tuple(dict.fromkeys((
        morning.desk, reports.desk, report.desk, selection.desk, reception.desk, arrivals.desk, comments.desk,
        orders.desk, order.desk, making.desk, telling.desk, notices.desk, points.desk)))
