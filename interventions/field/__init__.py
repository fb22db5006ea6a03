"""The field: an agent's day on a phone. Views only: the rules are in `interventions.street`."""

from __future__ import annotations

from flask import Blueprint

from interventions.field import day, job, pictures, steps


def blueprints() -> tuple[Blueprint, ...]:
    """The blueprint on which each module of views has put its routes."""
    return tuple(dict.fromkeys((day.field, job.field, steps.field, pictures.field)))
