"""What a report's page and the API show of one report, read in few statements. Core, naming the jurisdiction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Label, Row, Select, and_, bindparam, case, func, literal_column, or_, select

from core.database import execute_unscoped, fetch_row_unscoped
from core.database.scope import current_jurisdiction_id
from core.errors import NotFound
from core.i18n import gettext as _
from core.identity.models import User
from core.models import FreeText
from reporter.categories.models import Category
from reporter.reports.list_rows import photos_json
from reporter.reports.models import Contact, Report, ReportEvent
from reporter.subscriptions.models import ReportSubscription

R = Report.__table__


@dataclass(frozen=True)
class HistoryRow:
    """One line of a history, with its words where they are not masked."""

    id: int
    kind: str
    channel: str
    public: bool
    facts: dict[str, Any]
    occurred_at: datetime
    recorded_at: datetime
    words: str | None
    masked: bool
    #: The name of who did it: for the services only, never on a public page.
    who: str | None

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]]) -> HistoryRow:
        """The line of a row: the fields up to `recorded_at`, its words, whether they are masked, and who."""
        number, kind, channel, public, facts, occurred_at, recorded_at, words, masked, who = row
        return cls(
            number,
            kind,
            channel,
            public,
            facts,
            occurred_at,
            recorded_at,
            words=None if masked else words,
            masked=bool(masked),
            who=who,
        )


def report_detail(reference: str, *, staff: bool = False, see_private: bool = False) -> Any:
    """A row with everything of one report but its history. One statement. Raises NotFound.

    The public sees no private report; `see_private` is for its author. Contact details only with `staff`.
    """
    row = execute_unscoped(
        _detail(staff), {"reference": reference, "jurisdiction": current_jurisdiction_id()}
    ).one_or_none()
    if row is None or (row.private and not staff and not see_private):
        raise NotFound(_("There is no report with that reference."))
    return row


class ReportVersion(NamedTuple):
    """What tells whether anything that the public sees of a report has changed."""

    id: int
    version: int
    private: bool
    #: Of its photos, followers and category.
    signature: str


def report_version(reference: str) -> ReportVersion | None:
    """The present mark of a report; None where there is no such report. One short statement."""
    row = fetch_row_unscoped(_MARK, {"reference": reference, "jurisdiction": current_jurisdiction_id()})
    return None if row is None else ReportVersion(*row)


_MARK = """
SELECT r.id, r.version, r.private, concat_ws('|', c.code, md5(c.names::text), md5(c.questions::text),
    (SELECT string_agg(p.id::text || p.status, ',' ORDER BY rp.position, p.id)
     FROM report_photo rp JOIN photo p ON p.id = rp.photo_id WHERE rp.report_id = r.id),
    (SELECT count(DISTINCT f.contact_id) FROM report_subscription f
     WHERE f.report_id = r.id AND f.confirmed_at IS NOT NULL AND f.stopped_at IS NULL),
    (SELECT count(*) FROM me_too m WHERE m.report_id = r.id)) AS signature
FROM report r JOIN category c ON c.id = r.category_id
WHERE r.reference = %(reference)s AND (r.jurisdiction_id = %(jurisdiction)s OR r.in_charge_id = %(jurisdiction)s)
"""


#: How many saw the same; in words, since the table is of a package that asks this one.
_NEIGHBOURS: Label[int] = literal_column("(SELECT count(*) FROM me_too m WHERE m.report_id = report.id)").label(
    "me_too"
)


@lru_cache
def _detail(staff: bool) -> Select:
    """The statement, made once: building it costs more than its answer."""
    jurisdiction_id = bindparam("jurisdiction", type_=BigInteger)
    c = Category.__table__.c
    f = ReportSubscription.__table__.c
    into = R.alias("into_report")
    columns = [
        R.c.id,
        R.c.reference,
        R.c.status,
        R.c.priority,
        R.c.private,
        R.c.description,
        R.c.address,
        R.c.answers,
        R.c.public_description,
        R.c.public_address,
        R.c.public_answers,
        func.ST_X(R.c.location).label("lon"),
        func.ST_Y(R.c.location).label("lat"),
        R.c.received_at,
        R.c.updated_at,
        R.c.closed_at,
        R.c.due_at,
        R.c.version,
        R.c.channel,
        R.c.jurisdiction_id,
        R.c.in_charge_id,
        R.c.external_id,
        R.c.contact_id.label("author_id"),
        R.c.waiting_until,
        R.c.unread_answer,
        c.code.label("category"),
        c.names.label("category_names"),
        c.icon,
        c.questions,
        c.delay_hours,
        into.c.reference.label("merged_into"),
        photos_json(),
        select(func.count(f.contact_id.distinct()))
        .where(f.report_id == R.c.id, f.confirmed_at.is_not(None), f.stopped_at.is_(None))
        .correlate(R)
        .scalar_subquery()
        .label("subscribers"),
        _NEIGHBOURS,
    ]
    query = (
        select(*columns)
        .join_from(R, Category.__table__, c.id == R.c.category_id)
        .outerjoin(into, into.c.id == R.c.merged_into_id)
        .where(
            R.c.reference == bindparam("reference"),
            or_(R.c.jurisdiction_id == jurisdiction_id, R.c.in_charge_id == jurisdiction_id),
        )
    )
    if staff:
        k, given = Contact.__table__.c, Contact.__table__.alias("given")
        query = (
            query.add_columns(
                k.id.label("contact_id"),
                # As it was given with this very report: what is known of the address may be somebody else's.
                case((given.c.id.is_(None), k.name), else_=given.c.name).label("contact_name"),
                k.email.label("contact_email"),
                case((given.c.id.is_(None), k.phone), else_=given.c.phone).label("contact_phone"),
                k.email_failed_at.label("contact_email_failed_at"),
                k.phone_failed_at.label("contact_phone_failed_at"),
                k.locale.label("contact_locale"),
            )
            .outerjoin(Contact.__table__, k.id == R.c.contact_id)
            .outerjoin(given, given.c.id == R.c.given_contact_id)
        )
    return query


def report_history(report_id: int, *, staff: bool = False, mine: bool = False) -> list[HistoryRow]:
    """A report's history, newest first; internal lines and names only with `staff`. One statement.

    What its author was asked and answered is for the services and, with `mine`, for the author alone. The public
    reads every other line without addresses and numbers of persons.
    """
    rows = execute_unscoped(_history(staff, mine), {"report": report_id, "jurisdiction": current_jurisdiction_id()})
    return [HistoryRow.of(row) for row in rows]


def _words_for(staff: bool, mine: bool) -> Any:
    """The words of a line as this reader may read them: the services and whoever wrote them, as they were typed."""
    e, w = ReportEvent.__table__.c, FreeText.__table__.c
    if staff:
        return w.text
    if mine:
        return case((e.kind.in_(("question", "answered")), w.text), else_=w.public_text)
    return case((e.kind != "question", w.public_text))


@lru_cache
def _history(staff: bool, mine: bool) -> Select:
    report, jurisdiction_id = bindparam("report", type_=BigInteger), bindparam("jurisdiction", type_=BigInteger)
    e, w, u = ReportEvent.__table__.c, FreeText.__table__.c, User.__table__.c
    query = (
        select(
            e.id,
            e.kind,
            e.channel,
            e.public,
            e.facts,
            e.occurred_at,
            e.recorded_at,
            _words_for(staff, mine),
            w.masked_at.is_not(None),
            u.name if staff else func.nullif("", ""),
        )
        .outerjoin_from(ReportEvent.__table__, FreeText.__table__, w.id == e.free_text_id)
        .where(
            e.report_id == report,
            or_(
                e.jurisdiction_id == jurisdiction_id,
                e.report_id.in_(select(R.c.id).where(R.c.id == report, R.c.in_charge_id == jurisdiction_id)),
            ),
        )
        .order_by(e.occurred_at.desc(), e.id.desc())
        .limit(200)
    )
    if staff:
        return query.outerjoin(User.__table__, u.id == e.user_id)
    if mine:
        return query.where(or_(e.public, and_(e.kind == "answered", e.facts["by"].as_string() == "author")))
    return query.where(e.public)
