"""The field: an agent's day on a phone. Views only: the rules are in `interventions.street`."""

from __future__ import annotations

from interventions.field import day, job, pictures, steps  # noqa: F401 - each puts its routes on the blueprint
from interventions.field.blueprint import field

blueprints = (field,)
