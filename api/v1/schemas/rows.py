"""The shapes of the rows that the API reads of work orders and messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple


class WorkRow(NamedTuple):
    """A work order with what it refers to, in the order of the columns of `_query`."""

    id: int
    number: str
    kind: str
    status: str
    title: str
    instructions: str
    address: str
    priority: int
    starts_at: datetime | None
    ends_at: datetime | None
    announced_day: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    minutes: int | None
    created_at: datetime
    updated_at: datetime
    version: int
    team_id: int | None
    agent_id: int | None
    #: Degrees, SRID 4326.
    lon: float | None
    lat: float | None
    #: Codes of its category and of its team, the agent's e-mail address, references of the reports it answers.
    category: str | None
    team: str | None
    agent: str | None
    reports: list[str]
    #: {"token": …, "status": …, "role": …}, in the order in which they were added.
    photos: list[dict[str, Any]]


class MessageRow(NamedTuple):
    """A message, in the order of the columns of `_query`."""

    id: int
    kind: str
    channel: str
    status: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    tries: int
    error: str | None
    #: The reference of the report that it tells of.
    report: str | None
