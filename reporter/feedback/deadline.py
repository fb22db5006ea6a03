"""Until when "it is not repaired" is heard: what the mail promises and what the page takes are one clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.identity.jurisdictions import JurisdictionCopy


def contestable_until(occurred_at: datetime, recorded_at: datetime, jurisdiction: JurisdictionCopy) -> datetime:
    """The last moment at which a `resolved` event may be contested, aware.

    Counted from the later of both times (a phone without network records late, and its news leaves late), and to the
    end of that day by the jurisdiction's own clock: the day alone is what is promised.
    """
    last = max(occurred_at, recorded_at) + timedelta(days=jurisdiction.preferences.reopen_days)
    zone = ZoneInfo(jurisdiction.time_zone)
    return datetime.combine(last.astimezone(zone).date(), time.max, zone)
