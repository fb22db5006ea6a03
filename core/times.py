"""Times as people say them, in the jurisdiction's zone and the reader's language."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_decimal, format_timedelta
from holidays import country_holidays

from core.database import utcnow
from core.database.scope import current_jurisdiction
from core.i18n import gettext as _
from core.i18n import locale_code

#: Minutes of a day.
DAY = 24 * 60
#: Fills itself year by year as dates are asked for.
_HOLIDAYS = country_holidays("FR")


def local_time(moment: datetime) -> datetime:
    """The moment in the jurisdiction's own time zone."""
    return moment.astimezone(ZoneInfo(current_jurisdiction().time_zone))


def day_words(moment: datetime) -> str:
    """ "jeudi 5 mars"; with the year where it is not this one. To stand inside a sentence."""
    there = local_time(moment)
    same = there.year == local_time(utcnow()).year
    pattern = {"fr": "EEEE d MMMM", "en": "EEEE d MMMM"}[locale_code()] + ("" if same else " y")
    words = format_date(there.date(), pattern)
    return words.replace(" 1 ", " 1er ", 1) if locale_code() == "fr" else words


def hour_words(moment: datetime) -> str:
    """ "17 h 42" in French, "17:42" in English."""
    there = local_time(moment)
    if locale_code() == "fr":
        return f"{there.hour}\u00a0h\u00a0{there.minute:02d}" if there.minute else f"{there.hour}\u00a0h"
    return f"{there.hour}:{there.minute:02d}"


def moment_words(moment: datetime) -> str:
    """ "Jeudi 5 mars, 17 h 42": day and hour, to stand alone."""
    words = f"{day_words(moment)}, {hour_words(moment)}"
    return words[:1].upper() + words[1:]


def ago_words(moment: datetime) -> str:
    """ "il y a 3 jours"."""
    seconds = (utcnow() - moment).total_seconds()
    if -60 < seconds < 60:
        return _("just now")
    return format_timedelta(-(utcnow() - moment), add_direction=True, granularity="minute", threshold=1.2)


def age_words(moment: datetime) -> str:
    """ "14 h", "6 j", "4 mois": how long ago, for a narrow column."""
    return age_sentence(age_units(), utcnow() - moment)


def age_units() -> dict[str, str]:
    """The units of an age in the language spoken now, each with {} for the number: for a list that says many."""
    return {
        "minute": _("%(n)s min", n="{}"),
        "hour": _("%(n)s h", n="{}"),
        "day": _("%(n)s d", n="{}"),
        "month": _("%(n)s mo", n="{}"),
        "year": _("1 yr"),
        "years": _("%(n)s yrs", n="{}"),
    }


def age_sentence(units: dict[str, str], passed: timedelta) -> str:
    """A length of time in one unit: minutes under an hour, hours under a day, days under two months, then months
    and years. Each unit begins where the one before ends, so that in a list a day is never beside 29 hours."""
    minutes = max(0, int(passed.total_seconds() // 60))
    if minutes < 60:
        return units["minute"].format(minutes)
    if minutes < DAY:
        return units["hour"].format(minutes // 60)
    days = minutes // DAY
    if days < 60:
        return units["day"].format(days)
    if days < 365:
        return units["month"].format(days // 30)
    years = days // 365
    return units["year"] if years == 1 else units["years"].format(years)


def working_day(moment: datetime) -> datetime:
    """The moment itself where it falls on a working day in the jurisdiction's zone, else the same hour of the next one.

    What a jurisdiction promises for a Saturday, a Sunday or a public holiday nobody would be there to keep. Holidays
    are
    those of France; the calendar is computed, nothing is asked of anybody.
    """
    there = local_time(moment)
    while there.weekday() >= 5 or there.date() in _HOLIDAYS:
        there += timedelta(days=1)
    return there


def figure(number: float) -> str:
    """A number with at most one decimal, as it is written in the reader's language: "5", "4,5"."""
    return format_decimal(number, format="#,##0.#")


FILTERS = {
    "figure": figure,
    "when": moment_words,
    "ago": ago_words,
    "day": day_words,
    "hour": hour_words,
    "age": age_words,
    "local": local_time,
}
