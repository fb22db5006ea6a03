"""The words in which the demonstration town's plan is written: people, photos, reports, work, steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Resident:
    """A resident who leaves an address (at demo.example), perhaps a first name."""

    email: str
    name: str
    locale: str


@dataclass(frozen=True)
class Shot:
    """A drawn photo: scene, variant and phase as in `draw`, and when it was taken."""

    scene: str
    variant: int
    phase: str
    taken_at: datetime


@dataclass(frozen=True)
class Step:
    """Something that happens: a verb, when, by whom (a colleague's e-mail; empty for a resident), to what.

    Verbs on reports: submit, follow, note, acknowledge, correct_category, correct_place, reject, merge. On
    work orders: make, approve, schedule, start, hold, resume, refuse, finish, verify, return, cancel.
    """

    at: datetime
    verb: str
    who: str
    report: int | None = None
    order: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def report_key(self) -> int:
        """The key of its report, for a verb on reports."""
        assert self.report is not None, self.verb
        return self.report

    @property
    def order_key(self) -> int:
        """The key of its work order, for a verb on work orders."""
        assert self.order is not None, self.verb
        return self.order


@dataclass
class ReportLife:
    """One report. `category` and `number` are what its author said; steps may correct them."""

    key: int
    category: str
    street: str
    number: int
    text: str
    author: Resident | None
    channel: str
    received_at: datetime
    photos: Sequence[Shot] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    story: str = ""
    status: str = ""
    """The state in which it is now."""

    @property
    def address(self) -> str:
        """As it is said: "12 rue des Tilleuls"."""
        return f"{self.number} {self.street}"


@dataclass
class OrderLife:
    """One work order. `reports` are keys; `team` and `agent` are to whom it is given when it is scheduled."""

    key: int
    kind: str
    category: str
    title: str
    instructions: str
    reports: Sequence[int]
    team: str | None
    agent: str | None
    status: str = ""
    """The state in which it is now."""
    address: str = ""
    """For work that answers no report."""


@dataclass(frozen=True)
class Plan:
    """Reports and work orders by key, and all their steps in the order in which they happen."""

    now: datetime
    reports: Sequence[ReportLife]
    orders: Sequence[OrderLife]
    steps: Sequence[Step]
