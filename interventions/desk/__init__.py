"""The desk: what the services see and decide on a large screen. Views only: the rules are in the verbs."""

from __future__ import annotations

from interventions.desk import (  # noqa: F401 - each puts its routes on the blueprint
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
from interventions.desk.blueprint import desk

blueprints = (desk,)
