"""The field: an agent's day on a phone. Views only: the rules are in `interventions.work_orders.execution`."""

from __future__ import annotations

from flask import Blueprint

from interventions.field import job, job_actions, today
from interventions.field import photos as field_photos


def blueprints() -> tuple[Blueprint, ...]:
    """The blueprint on which each module of views has put its routes."""
    return tuple(dict.fromkeys((today.field, job.field, job_actions.field, field_photos.field)))
