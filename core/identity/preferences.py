"""How a jurisdiction speaks with people: hours of quiet, delays, what is moderated. What it did not set has a rule."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import time
from typing import Any


@dataclass(frozen=True)
class Preferences:
    """A jurisdiction's habits; `of` reads them from what is kept, falling back on the rule value by value."""

    #: From when to when (local time) an SMS or a push waits for the morning; equal: never.
    quiet_from: time = time(21, 0)
    quiet_to: time = time(8, 0)
    #: When (local time) the day's digest leaves.
    digest_at: time = time(18, 0)
    #: Days after `resolved` in which a resident may say that it is not repaired.
    reopen_days: int = 15
    #: Days that a report waits for its author's answer.
    waiting_days: int = 14
    #: Whether comments, and photos added by others, are read by the desk before the public sees them.
    moderated: bool = True
    #: The most messages that one address gets in a day over one channel; what is beyond waits for the next.
    most_a_day: int = 60

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Preferences:
        """The habits kept in a Jurisdiction's row; a value that cannot be read gives way to the rule."""
        known: dict[str, Any] = {}
        for one in fields(cls):
            value = kept.get(one.name)
            if isinstance(one.default, time):
                try:
                    known[one.name] = time.fromisoformat(str(value))
                except ValueError:
                    continue
            elif type(value) is type(one.default):
                known[one.name] = value
        return cls(**known)

    def kept(self) -> dict[str, Any]:
        """The same, as it is kept: times as "21:00"."""
        return {
            one.name: value.isoformat("minutes") if isinstance(value := getattr(self, one.name), time) else value
            for one in fields(self)
        }
