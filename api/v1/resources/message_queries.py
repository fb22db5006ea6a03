"""What the API shows of the outbox: no address and nobody's name. Core, naming the jurisdiction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Select, Text, case, cast, literal, select

from api.v1.schemas.rows import MessageRow
from core.database import execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.errors import FieldError, NotFound
from core.i18n import gettext as _
from core.notifications.outbox.models import Message
from reporter.reports.models import Report, ReportEvent

M, R, E = Message.__table__, Report.__table__, ReportEvent.__table__
_LAST = 2**63 - 1


def message_row(number: int) -> MessageRow:
    """The row of one message. One statement. Raises NotFound."""
    row = execute_unscoped(_query().where(M.c.id == number)).one_or_none() if number <= _LAST else None
    if row is None:
        raise NotFound(_("This message does not exist here."))
    return MessageRow._make(row)


def message_rows(
    *, statuses: tuple[str, ...], channels: tuple[str, ...], reference: str | None, limit: int, cursor: str | None
) -> tuple[list[MessageRow], str | None]:
    """Messages, the newest first, and the cursor of the page that follows. One statement.

    Raises FieldError naming cursor.
    """
    query = _query()
    if statuses:
        query = query.where(M.c.status.in_(statuses))
    if channels:
        query = query.where(M.c.channel.in_(channels))
    if reference is not None:
        # By what they tell of, which is indexed; not by their facts.
        events = (
            select(literal("report_event:", Text).concat(cast(E.c.id, Text)))
            .join_from(E, R, R.c.id == E.c.report_id)
            .where(R.c.reference == reference)
        )
        query = query.where(M.c.source.in_(events))
    if cursor:
        query = query.where(M.c.id < read_cursor(cursor))
    rows = [MessageRow._make(row) for row in execute_unscoped(query.order_by(M.c.id.desc()).limit(limit + 1))]
    return rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None


def read_cursor(cursor: str) -> int:
    """The id after which a page begins. Raises FieldError."""
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 20 and int(cursor) <= _LAST):
        raise FieldError("cursor", _("This cursor is not valid: use the one given in `next`."))
    return int(cursor)


def _query() -> Select[*tuple[Any, ...]]:
    columns = [
        getattr(M.c, name)
        for name in ("id", "kind", "channel", "status", "created_at", "due_at", "sent_at", "tries", "error")
    ]
    told = M.c.facts["report"].astext
    about = case((told.regexp_match("^[0-9]{1,18}$"), cast(told, BigInteger)))
    return (
        select(*columns, R.c.reference.label("report"))
        .outerjoin_from(M, R, R.c.id == about)
        .where(M.c.jurisdiction_id == current_jurisdiction_id())
    )
