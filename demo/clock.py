"""The town's working time: what staff do happens on weekdays, in the hours when the town hall is at work."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
SHIFTS = ((time(8), time(12)), (time(13), time(17)))


class Clock:
    """Counts working time backwards from a moment, and days forwards from its day. All times are aware."""

    def __init__(self, now: datetime):
        """`now` needs a zone; raises ValueError without one."""
        if now.utcoffset() is None:
            raise ValueError("now needs a time zone")
        self.now = now.astimezone(ZONE).replace(second=0, microsecond=0)
        self.today = self.now.date()

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Return a time of day, local."""
        return datetime.combine(day, time(hour, minute), ZONE)

    def works(self, moment: datetime) -> bool:
        """Whether the services are at work then, the ends of a shift included."""
        local = moment.astimezone(ZONE)
        return local.weekday() < 5 and any(start <= local.time() <= end for start, end in SHIFTS)

    def back(self, moment: datetime, hours: float) -> datetime:
        """Return the working moment that lies so many working hours before another moment."""
        left = timedelta(hours=hours)
        day = moment.astimezone(ZONE).date()
        until = moment.astimezone(ZONE)
        while True:
            if day.weekday() < 5:
                for start, end in reversed(SHIFTS):
                    opens = datetime.combine(day, start, ZONE)
                    worked = min(until, datetime.combine(day, end, ZONE)) - opens
                    if worked > left or (worked == left and worked > timedelta(0)):
                        return opens + worked - left
                    left -= max(worked, timedelta(0))
            day -= timedelta(days=1)
            until = datetime.combine(day, time(23, 59), ZONE)

    def workday(self, ahead: int) -> date:
        """Return the day that is so many working days ahead: 0 is today, or Monday on a weekend."""
        day = self.today
        while day.weekday() > 4:
            day += timedelta(days=1)
        for _ in range(ahead):
            day += timedelta(days=1)
            while day.weekday() > 4:
                day += timedelta(days=1)
        return day

    def awake(self, moment: datetime) -> datetime:
        """Move a resident's small hours back to the evening before."""
        local = moment.astimezone(ZONE)
        return local - timedelta(hours=5) if 1 <= local.hour < 6 else local
