"""Whom the news of an area concerns: selects of (contact_id, channel, locale), each contact once a channel.

Core text that names the jurisdiction itself; each is one statement, by indexes, whatever the size of the tables.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, BindParameter, Text, TextualSelect, bindparam, func, select, text

from core.channel_names import PERSONAL
from core.database import execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.notifications.outbox.verbs import Recipients, queue_for_many
from reporter.notices.models import Notice
from reporter.reports.models import Report, ReportEvent
from reporter.statuses import OPEN
from reporter.subscriptions import street_names

#: Of a report's events, those that the followers of an area hear of.
TOLD = ("received", "resolved")
#: A line reaches as far as that to both sides, in metres: a street has houses.
BESIDE_A_LINE = 50

#: Two contacts may have one number (a family's, one given beside an address): it is told once.
_WHO = "CASE WHEN found.channel = 'sms' THEN c.phone ELSE found.contact_id::text END"
#: A contact is written to where it can be.
_REACHABLE = """(found.channel = 'push'
   OR found.channel = 'mail' AND c.email IS NOT NULL AND c.email_failed_at IS NULL
   OR found.channel = 'sms' AND c.phone IS NOT NULL AND c.phone_failed_at IS NULL)"""
_ACTIVE = "a.jurisdiction_id = :jurisdiction AND a.confirmed_at IS NOT NULL AND a.stopped_at IS NULL"
_COLUMNS = {"contact_id": BigInteger, "channel": Text, "locale": Text}

_OF_REPORT = text(f"""
SELECT DISTINCT ON ({_WHO}, found.channel) found.contact_id, found.channel, found.locale
FROM (
    SELECT a.contact_id, a.channel, a.locale, a.categories FROM area_subscription a
    WHERE {_ACTIVE} AND a.circle && (SELECT location FROM report WHERE id = :report)
      AND ST_Intersects(a.circle, (SELECT location FROM report WHERE id = :report))
    UNION ALL
    SELECT a.contact_id, a.channel, a.locale, a.categories FROM area_subscription a
    WHERE {_ACTIVE} AND a.sector_id = ANY(ARRAY(SELECT sector_id FROM report_sector WHERE report_id = :report))
    UNION ALL
    SELECT a.contact_id, a.channel, a.locale, a.categories FROM area_subscription a
    WHERE {_ACTIVE} AND a.street = ANY(:streets)
) AS found JOIN contact c ON c.id = found.contact_id
WHERE (cardinality(found.categories) = 0 OR :category = ANY(found.categories)) AND {_REACHABLE}
ORDER BY {_WHO}, found.channel, found.contact_id
""").bindparams(
    bindparam("jurisdiction", type_=BigInteger),
    bindparam("report", type_=BigInteger),
    bindparam("category", type_=BigInteger),
    bindparam("streets", type_=ARRAY(Text)),
)

#: Everybody whom a notice concerns. Two sectors that only share an edge do not meet.
_OF_NOTICE = f"""
WITH reach AS MATERIALIZED (
    SELECT CASE WHEN ST_Dimension(shape) = 1 THEN ST_Buffer(shape::geography, {BESIDE_A_LINE})::geometry
                ELSE shape END AS shape
    FROM notice WHERE id = :notice AND jurisdiction_id = :jurisdiction
), found AS (
    SELECT a.contact_id, a.channel, a.locale FROM area_subscription a
    WHERE {_ACTIVE} AND a.circle && (SELECT shape FROM reach)
      AND ST_Intersects(a.circle, (SELECT shape FROM reach))
    UNION ALL
    SELECT a.contact_id, a.channel, a.locale FROM area_subscription a JOIN sector s ON s.id = a.sector_id
    WHERE {_ACTIVE} AND s.boundary && (SELECT shape FROM reach)
      AND ST_Relate(s.boundary, (SELECT shape FROM reach), 'T********')
    UNION ALL
    SELECT a.contact_id, a.channel, a.locale FROM area_subscription a
    WHERE {_ACTIVE} AND a.street = ANY(:streets)
    UNION ALL
    SELECT f.contact_id, f.channel, f.locale
    FROM report r JOIN report_subscription f ON f.report_id = r.id
    WHERE r.jurisdiction_id = :jurisdiction AND r.location && (SELECT shape FROM reach)
      AND ST_Intersects(r.location, (SELECT shape FROM reach)) AND r.status = ANY(:open)
      AND f.confirmed_at IS NOT NULL AND f.stopped_at IS NULL
    {{more}}
)
SELECT DISTINCT ON ({_WHO}, found.channel) found.contact_id, found.channel, found.locale
FROM found JOIN contact c ON c.id = found.contact_id
WHERE c.erased_at IS NULL AND {_REACHABLE}
ORDER BY {_WHO}, found.channel, found.contact_id
"""
#: Those who were told of it before, of whichever version.
_BEFORE = """UNION ALL
    SELECT m.contact_id, m.channel, m.locale FROM message m
    WHERE m.source = ANY(:sources) AND m.jurisdiction_id = :jurisdiction AND m.contact_id IS NOT NULL"""
_TOLD_BEFORE = f"""
SELECT DISTINCT ON ({_WHO}, found.channel) found.contact_id, found.channel, found.locale
FROM (SELECT NULL::bigint AS contact_id, NULL AS channel, NULL AS locale WHERE false {_BEFORE}) AS found
JOIN contact c ON c.id = found.contact_id
WHERE c.erased_at IS NULL AND {_REACHABLE}
ORDER BY {_WHO}, found.channel, found.contact_id
"""


def notify_areas(report: Report, event: ReportEvent) -> None:
    """Owe the news of `event` to who follows the area that `report` lies in. One statement, none where it is
    private. Who was owed it already, as an author or a follower, is not told twice: the source is the same."""
    if event.kind not in TOLD or report.private:
        return
    queue_for_many(
        kind=f"around.{event.kind}",
        source=f"report_event:{event.id}",
        recipients=_report_recipients(),
        values=_values(report),
        facts={"event": event.id, "report": report.id},
    )


def subscribers_around(report: Report) -> TextualSelect:
    """Who follows an area that `report` lies in, and its category."""
    return _OF_REPORT.bindparams(**_values(report)).columns(**_COLUMNS)


@lru_cache
def _report_recipients() -> Recipients:
    return Recipients.of(_OF_REPORT.columns(**_COLUMNS))


def _values(report: Report) -> dict[str, Any]:
    return {
        "jurisdiction": report.jurisdiction_id,
        "report": report.id,
        "category": report.category_id,
        "streets": street_names.street_names_in(report.address),
    }


def notice_recipients(notice: Notice, *, before: bool = False) -> TextualSelect:
    """Whom a notice concerns: those who follow an area that it meets, or an open report in it; with `before`,
    those who were told of it too."""
    statement = text(_OF_NOTICE.format(more=_BEFORE if before else ""))
    given = {
        "jurisdiction": current_jurisdiction_id(),
        "notice": notice.id,
        "open": list(OPEN),
        "streets": _streets(notice),
    }
    types: list[BindParameter[Any]] = [
        bindparam("jurisdiction", type_=BigInteger),
        bindparam("notice", type_=BigInteger),
        bindparam("open", type_=ARRAY(Text)),
        bindparam("streets", type_=ARRAY(Text)),
    ]
    if before:
        given["sources"] = sources(notice)
        types.append(bindparam("sources", type_=ARRAY(Text)))
    return statement.bindparams(*types).bindparams(**given).columns(**_COLUMNS)


def earlier_recipients(notice: Notice) -> TextualSelect:
    """Those to whom a message about that notice was owed."""
    return (
        text(_TOLD_BEFORE)
        .bindparams(bindparam("sources", type_=ARRAY(Text)), bindparam("jurisdiction", type_=BigInteger))
        .bindparams(sources=sources(notice), jurisdiction=current_jurisdiction_id())
        .columns(**_COLUMNS)
    )


def sources(notice: Notice) -> list[str]:
    """Under which sources messages about that notice may stand: its publication, and each version told again."""
    first = [f"notice:{notice.id}"]
    return first + [f"notice:{notice.id}:{version}" for version in range(2, notice.version + 1)]


def _streets(notice: Notice) -> list[str]:
    return street_names.street_names_in(notice.place)


def count_by_channel(recipients: TextualSelect) -> dict[str, int]:
    """How many would be told, by channel (those of nobody left out). One statement."""
    people = recipients.subquery("people")
    rows = execute_unscoped(select(people.c.channel, func.count()).group_by(people.c.channel)).all()
    found = dict(map(tuple, rows))
    return {channel: found[channel] for channel in PERSONAL if channel in found}
