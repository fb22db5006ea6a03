"""What has to wait although it is due: for the morning, and for another day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from core.database import execute_unscoped, utcnow
from core.notifications.channels import Channel
from core.notifications.outbox import policy, renderers
from core.notifications.outbox.models import Message

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wait:
    """Until when a message waits, and the kinds that do not wait for the same reason."""

    until: datetime
    spared: tuple[str, ...]


#: When each of these recipients got the last but `most` of what it got: it gets no more within a day of that.
_MOSTTH = text("""
SELECT r.recipient, (
    SELECT m.sent_at FROM message AS m
    WHERE m.recipient = r.recipient AND m.channel = :channel AND m.status = 'sent' AND m.digest_id IS NULL
    ORDER BY m.id DESC OFFSET :most - 1 LIMIT 1)
FROM unnest(CAST(:recipients AS text[])) AS r (recipient)
""")


def postponed_until(channel: Channel, messages: Sequence[Message], now: datetime | None = None) -> dict[int, Wait]:
    """Which of these messages wait, and until when: one statement a jurisdiction for the limit, none for the night.

    Which kinds wait for what stands in core.notifications.outbox.policy.
    """
    now = now or utcnow()
    late: dict[int, Wait] = {}
    if channel.quiet:
        late |= _night(messages, now)
    if channel.limited:
        late |= _another_day(channel, [message for message in messages if message.id not in late], now)
    return late


def _night(messages: Sequence[Message], now: datetime) -> dict[int, Wait]:
    spared = tuple(policy.never_quiet())
    morning: dict[int, datetime | None] = {}
    late: dict[int, Wait] = {}
    for message in messages:
        if not policy.policy_of(message.kind).quiet:
            continue
        if message.jurisdiction_id not in morning:
            jurisdiction = renderers.jurisdiction_of(message)
            preferences = jurisdiction.preferences
            morning[message.jurisdiction_id] = quiet_until(
                now, ZoneInfo(jurisdiction.time_zone), preferences.quiet_from, preferences.quiet_to
            )
        until = morning[message.jurisdiction_id]
        if until is not None:
            late[message.id] = Wait(until, spared)
    return late


def quiet_until(now: datetime, zone: ZoneInfo, begins: time, ends: time) -> datetime | None:
    """When the quiet hours of which `now` is one are over, in UTC; None outside of them.

    `begins` and `ends` are the jurisdiction's wall clock; equal: there are none. An end that the clock jumps over comes
    when it has jumped; one that it shows twice is over the first time, unless the second is still to come.
    """
    local = now.astimezone(zone)
    clock = local.time().replace(fold=0)
    inside = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    if begins == ends or not inside:
        return None
    days = (local.date(), local.date() + DAY)
    found = (datetime.combine(day, ends, zone).replace(fold=fold).astimezone(UTC) for day in days for fold in (0, 1))
    return min(moment for moment in found if moment > now)


def _another_day(channel: Channel, messages: Sequence[Message], now: datetime) -> dict[int, Wait]:
    # Only people: an office that is told by machine may want more.
    spared = tuple(policy.never_limited())
    people: dict[int, list[Message]] = defaultdict(list)
    for message in messages:
        person = message.contact_id is not None or message.user_id is not None
        if person and policy.policy_of(message.kind).limited:
            people[message.jurisdiction_id].append(message)
    late: dict[int, Wait] = {}
    for theirs in people.values():
        most = renderers.jurisdiction_of(theirs[0]).preferences.most_a_day
        if most < 1:
            continue
        rows = execute_unscoped(
            _MOSTTH, {"channel": channel.name, "most": most, "recipients": [m.recipient for m in theirs]}
        )
        since = {recipient: at for recipient, at in rows if at is not None and at > now - DAY}
        late |= {m.id: Wait(since[m.recipient] + DAY, spared) for m in theirs if m.recipient in since}
    return late
