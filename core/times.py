"""Times as people say them, in the town's zone and the reader's language."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_timedelta

from core.database import utcnow
from core.i18n import gettext as _
from core.i18n import locale_code
from core.scope import current


def local(moment: datetime) -> datetime:
    """The moment in the town's own time zone."""
    return moment.astimezone(ZoneInfo(current().time_zone))


def day(moment: datetime) -> str:
    """"jeudi 5 mars"; with the year where it is not this one. To stand inside a sentence."""
    there = local(moment)
    same = there.year == local(utcnow()).year
    pattern = {"fr": "EEEE d MMMM", "en": "EEEE d MMMM"}[locale_code()] + ("" if same else " y")
    words = format_date(there.date(), pattern)
    return words.replace(" 1 ", " 1er ", 1) if locale_code() == "fr" else words


def hour(moment: datetime) -> str:
    """"17 h 42" in French, "17:42" in English."""
    there = local(moment)
    if locale_code() == "fr":
        return f"{there.hour}\u00a0h\u00a0{there.minute:02d}" if there.minute else f"{there.hour}\u00a0h"
    return f"{there.hour}:{there.minute:02d}"


def when(moment: datetime) -> str:
    """"Jeudi 5 mars, 17 h 42": day and hour, to stand alone."""
    words = f"{day(moment)}, {hour(moment)}"
    return words[:1].upper() + words[1:]


def ago(moment: datetime) -> str:
    """"il y a 3 jours"."""
    seconds = (utcnow() - moment).total_seconds()
    if -60 < seconds < 60:
        return _("just now")
    return format_timedelta(-(utcnow() - moment), add_direction=True, granularity="minute", threshold=1.2)


def age(moment: datetime) -> str:
    """"14 h", "6 j": how long ago, for a narrow column."""
    minutes = max(0, int((utcnow() - moment).total_seconds() // 60))
    if minutes < 60:
        return _("%(n)s min", n=minutes)
    if minutes < 60 * 36:
        return _("%(n)s h", n=minutes // 60)
    return _("%(n)s d", n=minutes // 1440)


FILTERS = {"when": when, "ago": ago, "day": day, "hour": hour, "age": age, "local": local}
