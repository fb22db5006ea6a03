"""What a list is narrowed to, as its address says it: the same for the list, its map and its next page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from core import references
from core.database import utcnow
from core.database.scope import current_jurisdiction_id
from core.i18n import gettext as _
from core.text import clean_text
from core.web.states import state_word
from interventions.desk.choices import Choices, Pairs, kinds
from interventions.desk.menu import evening, midnight
from interventions.triage.models import Triage
from interventions.work_orders.listing import WorkFilters
from interventions.work_orders.statuses import ACTIVE
from interventions.work_orders.statuses import STATUSES as WORK_STATUSES
from reporter.reports.listing import R, ReportFilters
from reporter.statuses import ANSWERED, CONTESTED, OPEN, RECEIVED, STATUSES, UNANSWERED

WORDS = 200
#: Reports not seen yet among which those without a team are looked for.
UNROUTED_AMONG = 5000
AGES = {"1": (None, 1), "7": (None, 7), "30": (None, 30), "8-30": (7, 30), "31": (30, None), "91": (90, None)}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The fields of a list's form. What is not understood is left out; an empty field narrows nothing."""

    state: str = ""
    category: str = ""
    sector: str = ""
    age: str = ""
    q: str = ""
    team: str = ""
    kind: str = ""

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> ListQuery:
        """The query of a request. Raises FieldError for words that are too long."""
        given = {name: clean_text(args.get(name), field=name, most=WORDS, lines=False) for name in cls.__slots__}
        return cls(**given)

    def string(self, **more: str | None) -> str:
        """The query as part of an address, without its empty fields; `more` is added to it."""
        fields = {name: getattr(self, name) for name in self.__slots__} | more
        return urlencode({name: value for name, value in fields.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for besides the state."""
        return any(getattr(self, name) for name in self.__slots__ if name != "state")

    def __bool__(self) -> bool:
        return self.narrowed or bool(self.state)


def _categories(query: ListQuery) -> dict[str, Any]:
    if query.category.startswith("group:"):
        return {"group": query.category.removeprefix("group:")}
    return {"categories": (query.category,)} if query.category else {}


def _since(age: str) -> dict[str, Any]:
    if age == "evening":
        return {"since": evening()}
    least, most = AGES.get(age, (None, None))
    now = utcnow()
    return {
        "until": now - timedelta(days=least) if least else None,
        "since": now - timedelta(days=most) if most else None,
    }


def report_filters(query: ListQuery) -> ReportFilters:
    """The query as the reporter's list understands it."""
    filters = ReportFilters(
        sector=query.sector or None, words=query.q, staff=True, **_categories(query), **_since(query.age)
    )
    if references.parse_reference(query.q):
        # Whoever types a reference wants that one, whatever its state.
        return ReportFilters(words=query.q, staff=True)
    state = query.state
    if state == "danger":
        return replace(filters, dangerous=True)
    if state == "late":
        return replace(filters, late=True)
    if state == "unrouted":
        return replace(filters, also=_unrouted())
    if state == "contested":
        return replace(filters, also=(R.c.unread_answer == CONTESTED,))
    if state == "answered":
        return replace(filters, also=(R.c.unread_answer.in_((ANSWERED, UNANSWERED)),))
    if state == "all":
        return filters
    return replace(filters, statuses=(state,) if state in STATUSES else OPEN)


def _unrouted() -> tuple[Any, ...]:
    """Reports not seen yet that no team was named for, among the newest of those not seen yet."""
    newest = (
        select(R.c.id)
        .where(R.c.jurisdiction_id == current_jurisdiction_id(), R.c.status == RECEIVED)
        .order_by(R.c.received_at.desc(), R.c.id.desc())
        .limit(UNROUTED_AMONG)
        .subquery()
    )
    t = Triage.__table__.c
    routed = select(t.report_id).where(t.report_id == R.c.id, t.team_id.is_not(None)).correlate(R)
    return (R.c.status == RECEIVED, R.c.id.in_(select(newest.c.id)), ~routed.exists())


def work_filters(query: ListQuery) -> WorkFilters:
    """The query as the list of work orders understands it."""
    filters = WorkFilters(
        sector=query.sector or None,
        words=query.q,
        kinds=(query.kind,) if query.kind else (),
        **_categories(query),
        **_since(query.age),
    )
    if query.team == "none":
        filters = replace(filters, without_team=True)
    elif query.team:
        filters = replace(filters, teams=(query.team,))
    state = query.state
    if state == "all":
        return filters
    if state == "late":
        return replace(filters, statuses=("scheduled",), late=True)
    if state == "to_verify":
        return replace(filters, statuses=("done",), to_verify=True)
    if state == "today":
        return replace(filters, statuses=("scheduled", "in_progress", "on_hold"), day_until=midnight(1))
    if state == "tomorrow":
        return replace(filters, statuses=("scheduled",), day_from=midnight(1), day_until=midnight(2))
    return replace(filters, statuses=(state,) if state in WORK_STATUSES else ACTIVE)


def report_states() -> Pairs:
    """What the list of reports can be narrowed to, in words."""
    return [
        ("", _("Open reports")),
        ("danger", _("Dangerous")),
        ("late", _("Overdue")),
        ("unrouted", _("Without a team")),
        ("contested", _("Repair contested")),
        ("answered", _("Answered or timed out")),
        *[(status, state_word(status)) for status in STATUSES],
        ("all", _("All reports")),
    ]


def work_states() -> Pairs:
    """What the list of work orders can be narrowed to, in words."""
    return [
        ("", _("Not finished")),
        ("today", _("Today")),
        ("tomorrow", _("Tomorrow")),
        ("late", _("Overdue")),
        ("to_verify", _("To be checked")),
        *[(status, state_word(status)) for status in WORK_STATUSES if status != "draft"],
        ("all", _("All work orders")),
    ]


def ages() -> Pairs:
    """The ages that a list can be narrowed to, in words."""
    return [
        ("", _("Any age")),
        ("evening", _("Since yesterday evening")),
        ("1", _("Less than a day")),
        ("7", _("Less than a week")),
        ("30", _("Less than a month")),
        ("8-30", _("A week to a month")),
        ("31", _("More than a month")),
        ("91", _("More than three months")),
    ]


def filters_in_words(query: ListQuery, known: Choices) -> str:
    """What the list is narrowed to besides its state, in words."""
    parts = []
    if query.kind:
        parts.append(dict(kinds()).get(query.kind, query.kind))
    if query.category:
        parts.append(known.category_name(query.category))
    if query.sector:
        parts.append(known.sector_name(query.sector))
    if query.team:
        parts.append(_("no team") if query.team == "none" else known.team_name(query.team))
    if query.age:
        parts.append(dict(ages()).get(query.age, query.age).lower())
    if query.q:
        parts.append(_("“%(words)s”", words=query.q))
    return ", ".join(parts)
