"""The rows of the desk's lists, ready for the template: fifty a page, so nothing in them is made twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from flask import current_app
from markupsafe import Markup, escape

from core.database import utcnow
from core.i18n import gettext as _
from core.i18n import locale_code
from core.text import localized
from core.times import age_sentence, age_units, day_words, hour_words, local_time
from interventions.work_orders.sentences import kind_word
from interventions.work_orders.statuses import SCHEDULED
from reporter.statuses import OPEN

TITLE = 90


class Row(NamedTuple):
    """One row: of a report, or of a work order. What people wrote is escaped already (see _rows.html)."""

    #: What its address ends with: a reference, or a number.
    id: str
    version: int
    title: Markup
    where: Markup
    kind: Markup
    pills: Markup
    thumb: Markup
    #: "14 h", and since when in ISO 8601.
    age: str
    since: str


def first_words(text: str, most: int = TITLE) -> str:
    """The first line of what somebody wrote, cut where it is long."""
    line = text.split("\n", 1)[0].strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def report_rows(rows: Iterable[Any]) -> list[Row]:
    """Rows of reporter.reports.listing as the list shows them: what was written, else the category."""
    locale, now = locale_code(), utcnow()
    ages = _ages(locale)
    made = []
    for row in rows:
        kind = localized(row.category_names, locale)
        still_open = row.status in OPEN
        mark = row.unread_answer or (
            "danger"
            if still_open and row.priority == 2
            else "late"
            if still_open and row.due_at is not None and row.due_at < now
            else ""
        )
        made.append(
            Row(
                row.reference,
                row.version,
                escape(first_words(row.description) or kind),
                escape(row.address),
                escape(kind),
                pills(locale, row.status, mark),
                thumb(row.cover, row.cover_status, row.icon),
                _age(ages, now, row.received_at),
                row.received_at.isoformat(timespec="minutes"),
            )
        )
    return made


def work_rows(rows: Iterable[Any]) -> list[Row]:
    """Rows of interventions.work_orders.listing: what is to be done, where, by whom, when."""
    locale, now = locale_code(), utcnow()
    ages = _ages(locale)
    made = []
    for row in rows:
        who = localized(row.team_names, locale) if row.team_names else ""
        mark = (
            "late"
            if row.status == SCHEDULED and row.ends_at is not None and row.ends_at < now
            else "danger"
            if row.priority == 2 and row.finished_at is None
            else ""
        )
        day_ = planned(row.starts_at) if row.starts_at else ""
        where = " · ".join(part for part in (row.address, day_) if part)
        made.append(
            Row(
                row.number,
                row.version,
                escape(first_words(row.title)),
                escape(where or kind_word(row.kind)),
                escape(who or _("No team")),
                pills(locale, row.status, mark),
                thumb(row.cover, row.cover_status, "hammer"),
                _age(ages, now, row.created_at),
                row.created_at.isoformat(timespec="minutes"),
            )
        )
    return made


def planned(moment: datetime) -> str:
    """ "today, 8 h", "jeudi 5 mars, 8 h"."""
    days = (local_time(moment).date() - local_time(utcnow()).date()).days
    said = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}.get(days) or day_words(moment)
    return f"{said}, {hour_words(moment)}"


@lru_cache(256)
def pills(locale: str, status: str, mark: str = "") -> Markup:
    """The state as a pill; before it, what matters more: what residents answered, danger, late."""
    # The language is part of the key: the words are in it.
    macros: Any = current_app.jinja_env.get_template("macros.html").module
    pill = macros.status_pill
    return Markup("").join(pill(one) for one in (mark, status) if one)


def thumb(token: object, status: str | None, icon: str) -> Markup:
    """The cover photo, small; the category's icon where there is none that can be seen."""
    if token is None or status != "ready":
        return _icon_thumb(icon)
    return Markup(f'<img class="thumb" src="/photos/{token}/small" alt="" width="44" height="44" loading="lazy">')


@lru_cache(256)
def _icon_thumb(icon: str) -> Markup:
    draw: Any = current_app.jinja_env.globals["icon"]
    return Markup('<span class="thumb">{}</span>').format(draw(icon))


@lru_cache(8)
def _ages(locale: str) -> dict[str, str]:
    # The language is part of the key: the words are in it.
    return age_units()


def _age(units: dict[str, str], now: datetime, moment: datetime) -> str:
    """As core.times.age_words, without asking for the words at each row."""
    return age_sentence(units, now - moment)
