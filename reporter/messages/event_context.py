"""What is told, and to what kind of reader: all that a message's words depend on, apart from the database.

A message can be written of an event that was never appended (a preview) as well as of one that was.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from core.database import execute_unscoped
from core.identity import jurisdictions
from core.identity.jurisdictions import JurisdictionCopy
from core.identity.models import Body
from core.models import FreeText
from core.text import localized
from reporter.categories.models import Category
from reporter.reports.models import Report, ReportEvent


@dataclass(frozen=True)
class ReportFacts:
    """A report, as its news need it."""

    id: int
    jurisdiction_id: int
    in_charge_id: int
    reference: str
    category_id: int
    category_names: dict[str, str] = field(hash=False)
    address: str
    description: str
    #: The address without what its author wrote into it of addresses and numbers of persons.
    public_address: str
    received_at: datetime
    due_at: datetime | None
    waiting_until: datetime | None
    merged_into_id: int | None
    #: What the administration's silence means, and after how many months; None: no formal request.
    silence: str | None
    silence_months: int
    body_names: dict[str, str] | None = field(hash=False)
    body_address: str | None
    body_phone: str | None
    body_email: str | None


@dataclass(frozen=True)
class EventContext:
    """Something that happened to a report: a line of its history, or one that may still be written."""

    #: The event's id; 0 where it was not written.
    id: int
    kind: str
    facts: dict[str, Any] = field(hash=False)
    words: str
    occurred_at: datetime
    recorded_at: datetime
    matter: ReportFacts


@dataclass(frozen=True)
class Reader:
    """Who reads it: the author of this very report, of one joined to it, or somebody who asked for its news."""

    author: bool
    #: Whether it is their own report, by the reference they know.
    own: bool
    reference: str
    #: Whether the address is known to be theirs; nothing that somebody typed is written to one that is not.
    confirmed: bool = True


@dataclass(frozen=True)
class ResponsibleService:
    """Who looks after a report, and where they are reached."""

    name: str
    address: str
    phone: str
    email: str


_MATTER = (
    Report.id,
    Report.jurisdiction_id,
    Report.in_charge_id,
    Report.reference,
    Report.category_id,
    Category.names,
    Report.address,
    Report.description,
    Report.public_address,
    Report.received_at,
    Report.due_at,
    Report.waiting_until,
    Report.merged_into_id,
    Category.silence,
    Category.silence_months,
    Body.names,
    Body.address,
    Body.phone,
    Body.email,
)
_R, _E, _C, _B, _W = (one.__table__ for one in (Report, ReportEvent, Category, Body, FreeText))


def _columns(tables: dict[str, Any]) -> list[Any]:
    return [tables[one.class_.__tablename__].c[one.key] for one in _MATTER]


_NAMES = {"report": _R, "category": _C, "body": _B}
#: By their ids alone, whatever the jurisdiction: a sender works for every jurisdiction, and only for messages it has
#: claimed.
_OCCASIONS = (
    select(
        _E.c.id, _E.c.kind, _E.c.facts, _W.c.text, _W.c.masked_at, _E.c.occurred_at, _E.c.recorded_at, *_columns(_NAMES)
    )
    .join_from(_E, _R, _R.c.id == _E.c.report_id)
    .join(_C, _C.c.id == _R.c.category_id)
    .outerjoin(_B, _B.c.id == _R.c.body_id)
    .outerjoin(_W, _W.c.id == _E.c.free_text_id)
    .where(_E.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
)
_ONE = (
    select(*_columns(_NAMES))
    .join_from(_R, _C, _C.c.id == _R.c.category_id)
    .outerjoin(_B, _B.c.id == _R.c.body_id)
    .where(_R.c.id == bindparam("number"))
)


def untyped(of: EventContext) -> EventContext:
    """The same without a word that a resident typed: for an address that has not confirmed, which may be a stranger's.

    What the services say (a reason, a question) stays.
    """
    theirs = of.kind == "received" or bool(of.facts.get("contested"))
    matter = replace(of.matter, address="", description="", public_address="")
    return replace(of, words="" if theirs else of.words, matter=matter)


def event_contexts(ids: Collection[int]) -> dict[int, EventContext]:
    """The events of these ids, whatever the jurisdiction, by their ids. One statement."""
    found = {}
    for row in execute_unscoped(_OCCASIONS, {"ids": list(ids)}):
        said = "" if row[4] or not row[3] else row[3]
        found[row[0]] = EventContext(row[0], row[1], row[2], said, row[5], row[6], ReportFacts(*row[7:]))
    return found


def report_facts(report_id: int) -> ReportFacts:
    """The report of that id, whatever the jurisdiction. One statement."""
    return ReportFacts(*execute_unscoped(_ONE, {"number": report_id}).one())


def responsible_service(of: ReportFacts, jurisdiction: JurisdictionCopy, locale: str) -> ResponsibleService:
    """Who looks after it: the outside body, the jurisdiction whose desk it is, or the jurisdiction itself.

    What one of them has not said of itself is the town hall's.
    """
    desk = jurisdiction.desk
    if of.body_names and (of.body_address or of.body_phone):
        return ResponsibleService(
            localized(of.body_names, locale),
            of.body_address or desk.get("address", ""),
            of.body_phone or desk.get("phone", ""),
            of.body_email or "",
        )
    host = jurisdictions.by_id(of.in_charge_id) if of.in_charge_id != jurisdiction.id else jurisdiction
    host = host or jurisdiction
    return ResponsibleService(
        host.name_in(locale), *(host.desk.get(key) or desk.get(key) or "" for key in ("address", "phone", "email"))
    )
