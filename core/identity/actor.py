"""Who does something, by which channel, with which rights, and when it happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from core.database import utcnow
from core.errors import FieldError
from core.i18n import gettext as _
from core.identity import permissions

#: A phone may send late, but not from the future beyond a wrong clock, nor from another year.
MAX_CLOCK_AHEAD = timedelta(minutes=5)
MAX_DELAY = timedelta(days=31)


@dataclass(frozen=True)
class Actor:
    """The channel (web, api, desk, field, phone, import, system), the user if there is one, the time it happened."""

    channel: str
    user_id: int | None = None
    at: datetime | None = None
    #: The user's role in the jurisdiction being served, where it is at hand; it is read when first asked otherwise.
    role: str | None = None

    def may(self, permission: str) -> bool:
        """Whether this actor has a permission in the jurisdiction being served.

        What follows by itself (the clock, imports) may do all, a resident nothing that needs a permission. Raises
        KeyError for a permission that is not in the table.
        """
        if self.user_id is None:
            return self.channel in permissions.TRUSTED_CHANNELS and permission in permissions.TABLE
        return permissions.has(self._role, permission)

    @cached_property
    def _role(self) -> str | None:
        if self.role is not None or self.user_id is None:
            return self.role
        return permissions.role_of(self.user_id)

    @cached_property
    def when(self) -> datetime:
        """When it happened: as told, else now; one moment for all that this actor does."""
        return self.at or utcnow()


def checked_occurred_at(at: datetime | None, *, field: str = "occurred_at") -> datetime | None:
    """A client's time of happening, when it is believable. Raises FieldError."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise FieldError(field, _("This time needs a time zone, for example 2026-03-05T10:40:00+01:00."))
    if at > utcnow() + MAX_CLOCK_AHEAD or at < utcnow() - MAX_DELAY:
        raise FieldError(field, _("This time is in the future or more than a month ago."))
    return at
