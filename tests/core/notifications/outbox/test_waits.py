"""What waits although it is due: for the morning (whatever the clocks do), and for another day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from core.database import db, utcnow
from core.identity.models import Jurisdiction
from core.notifications.outbox import policy, renderers
from core.notifications.outbox.models import OWED, SENT, Message
from core.notifications.outbox.postponement import quiet_until
from core.notifications.outbox.sender import send_due
from core.notifications.outbox.verbs import queue_message
from tests.core.notifications.outbox.conftest import contact, due_now, found, newest, owed, seconds_left
from tests.web_server import WebServer

PARIS = ZoneInfo("Europe/Paris")
NIGHT = time(21), time(8)


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # Winter, UTC+1: 21 h there is 20 h in UTC.
        (at(2026, 1, 15, 19, 59), None),
        (at(2026, 1, 15, 20, 0), at(2026, 1, 16, 7, 0)),
        (at(2026, 1, 15, 23, 30), at(2026, 1, 16, 7, 0)),
        (at(2026, 1, 16, 6, 59), at(2026, 1, 16, 7, 0)),
        (at(2026, 1, 16, 7, 0), None),
        # Summer, UTC+2.
        (at(2026, 7, 15, 19, 0), at(2026, 7, 16, 6, 0)),
        (at(2026, 7, 15, 18, 59), None),
        # The night of 29 March 2026 is an hour shorter, that of 25 October an hour longer.
        (at(2026, 3, 28, 20, 0), at(2026, 3, 29, 6, 0)),
        (at(2026, 3, 29, 5, 59), at(2026, 3, 29, 6, 0)),
        (at(2026, 10, 24, 19, 0), at(2026, 10, 25, 7, 0)),
        (at(2026, 10, 25, 6, 30), at(2026, 10, 25, 7, 0)),
    ],
)
def test_the_night_ends_at_eight_there(now, until):
    assert quiet_until(now, PARIS, *NIGHT) == until


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # 2 h 30 does not exist that night: the clock goes from 2 h to 3 h at 1 h UTC.
        (at(2026, 3, 29, 0, 30), at(2026, 3, 29, 1, 30)),
        (at(2026, 3, 29, 1, 30), None),
        # 2 h 30 comes twice in October: over at the first, and not quiet for ever in the hour that comes back.
        (at(2026, 10, 25, 0, 10), at(2026, 10, 25, 0, 30)),
        (at(2026, 10, 25, 0, 40), None),
        (at(2026, 10, 25, 1, 10), at(2026, 10, 25, 1, 30)),
        (at(2026, 10, 25, 1, 30), None),
    ],
)
def test_an_end_that_the_clock_jumps_over_or_shows_twice(now, until):
    assert quiet_until(now, PARIS, time(23), time(2, 30)) == until


def test_hours_within_a_day_and_no_hours():
    assert quiet_until(at(2026, 1, 15, 12, 0), PARIS, time(12), time(14)) == at(2026, 1, 15, 13, 0)
    assert quiet_until(at(2026, 1, 15, 14, 0), PARIS, time(12), time(14)) is None
    assert quiet_until(at(2026, 1, 15, 23, 0), PARIS, time(0), time(0)) is None


def test_every_hour_of_a_year_ends_in_the_future():
    now = at(2026, 1, 1)
    while now < at(2027, 1, 1):
        until = quiet_until(now, PARIS, *NIGHT)
        local = now.astimezone(PARIS)
        assert (until is not None) == (local.hour >= 21 or local.hour < 8)
        assert until is None or (now < until <= now + timedelta(hours=12) and until.astimezone(PARIS).hour == 8)
        now += timedelta(minutes=30)


@pytest.fixture
def jurisdiction(jurisdiction, acting):
    with acting(jurisdiction):
        yield jurisdiction


@pytest.fixture
def gateway(app, monkeypatch):
    with WebServer() as server:
        monkeypatch.setitem(app.config, "SMS_URL", f"json://127.0.0.1:{server.port}/?:to={{phone}}")
        yield server


@pytest.fixture
def night(monkeypatch):
    """It is night, for two hours still."""
    until = utcnow() + timedelta(hours=2)
    monkeypatch.setattr("core.notifications.outbox.postponement.quiet_until", lambda *_given: until)
    return until


def sms(to: int, source: str, kind: str = "test.news") -> int:
    queue_message(kind, source=source, contact_id=to, channel="sms")
    db.session.commit()
    return newest()


def test_at_night_a_telephone_is_silent(jurisdiction, gateway, night):
    marie = contact(None, phone="+33612345678")
    first, second = sms(marie, "event:1"), sms(marie, "event:2")
    assert send_due("sms") == 0 and gateway.asked == []
    for number in (first, second):
        message = found(number)
        assert (message.status, message.tries, message.error) == (OWED, 0, None)
        assert 7100 < seconds_left(number) < 7300


def test_in_the_morning_it_rings_in_their_order(jurisdiction, gateway, night, monkeypatch):
    marie = contact(None, phone="+33612345678")
    numbers = [sms(marie, f"event:{n}") for n in range(3)]
    send_due("sms")
    monkeypatch.setattr("core.notifications.outbox.postponement.quiet_until", lambda *_given: None)
    due_now(*numbers)
    assert send_due("sms") == 3 and len(gateway.asked) == 3
    sent = [found(n).sent_at for n in numbers]
    assert sent == sorted(sent)


def test_what_is_asked_for_now_comes_now(jurisdiction, gateway, night, monkeypatch):
    monkeypatch.setitem(policy._POLICIES, "test.code", policy.ASKED_FOR)
    monkeypatch.setitem(
        renderers._RENDERERS, "test.code", lambda message: renderers.Mail("Code", "…", brief="Votre code")
    )
    marie = contact(None, phone="+33612345678")
    news = sms(marie, "event:1")
    code = sms(marie, "code:1", kind="test.code")
    assert send_due("sms") == 1
    assert found(code).status == SENT and found(news).status == OWED


def test_mails_do_not_ring(jurisdiction, post, night):
    assert found(owed(source="event:1")).status == OWED and send_due() == 1


def limited(jurisdiction, most: int) -> None:
    db.session.execute(
        update(Jurisdiction).where(Jurisdiction.id == jurisdiction.id).values(preferences={"most_a_day": most})
    )
    db.session.commit()
    from core.identity import jurisdictions

    jurisdictions.drop_cache()


def test_what_is_too_much_for_a_day_waits_and_is_not_dropped(jurisdiction, post):
    limited(jurisdiction, 3)
    marie = contact("marie@example.org")
    numbers = [owed(source=f"event:{n}", to=marie) for n in range(5)]
    other = owed("paul@example.org", source="event:1")
    assert send_due() == 4
    assert [found(n).status for n in numbers] == [SENT] * 3 + [OWED] * 2 and found(other).status == SENT
    for number in numbers[3:]:
        assert found(number).tries == 0 and 86000 < seconds_left(number) <= 86400
    # A day later there is room again.
    db.session.execute(update(Message).where(Message.status == SENT).values(sent_at=utcnow() - timedelta(hours=25)))
    db.session.commit()
    due_now(*numbers[3:])
    assert send_due() == 2 and {found(n).status for n in numbers} == {SENT}


def test_an_alert_is_never_held_by_the_limit(jurisdiction, post, monkeypatch):
    limited(jurisdiction, 2)
    monkeypatch.setitem(policy._POLICIES, "test.alert", policy.ALERT)
    monkeypatch.setitem(
        renderers._RENDERERS, "test.alert", lambda message: renderers.Mail("Tempête", "Restez chez vous.\n")
    )
    marie = contact("marie@example.org")
    news = [owed(source=f"event:{n}", to=marie) for n in range(3)]
    assert send_due() == 2 and found(news[2]).status == OWED
    for number in range(2):
        queue_message("test.alert", source=f"alert:{number}", contact_id=marie)
    db.session.commit()
    assert send_due() == 2
    assert [letter.subject for letter in post.letters[2:]] == ["Tempête", "Tempête"]
    # The alert took nothing with it: what waits goes on waiting.
    assert found(news[2]).tries == 0 and seconds_left(news[2]) > 86000


def test_what_is_asked_for_waits_beyond_the_limit_and_is_not_given_up(jurisdiction, post, monkeypatch):
    limited(jurisdiction, 1)
    monkeypatch.setitem(policy._POLICIES, "test.code", policy.ASKED_FOR)
    monkeypatch.setitem(renderers._RENDERERS, "test.code", lambda message: renderers.Mail("Code", "…"))
    marie = contact("marie@example.org")
    owed(source="event:1", to=marie)
    assert send_due() == 1
    queue_message("test.code", source="code:1", contact_id=marie)
    db.session.commit()
    code = newest()
    for _time in range(12):
        due_now(code)
        assert send_due() == 0
    # Anybody may type anybody's address: it waits like the rest, however often it is claimed, and stays owed.
    assert (found(code).status, found(code).tries, found(code).error) == (OWED, 0, None)
    assert seconds_left(code) > 86000


def test_each_channel_counts_for_itself(jurisdiction, post, gateway, monkeypatch):
    monkeypatch.setattr("core.notifications.outbox.postponement.quiet_until", lambda *_given: None)
    limited(jurisdiction, 1)
    marie = contact("marie@example.org", phone="+33612345678")
    owed(source="event:1", to=marie)
    sms(marie, "event:1")
    assert send_due() == 1 and send_due("sms") == 1


def test_an_office_is_not_limited(jurisdiction, post, monkeypatch):
    limited(jurisdiction, 1)
    monkeypatch.setitem(
        renderers._RENDERERS, "test.news", lambda message: renderers.Mail("…", "…", to="office@example.org")
    )
    for number in range(3):
        queue_message("test.news", source=f"event:{number}", recipient="body:4")
    db.session.commit()
    assert send_due() == 3


def test_the_limit_costs_one_statement_a_batch(jurisdiction, post, statements):
    for number in range(20):
        owed(f"p{number}@example.org", source="event:1")
    statements.clear()
    assert send_due() == 20
    assert len([one for one in statements if "OFFSET" in one]) == 1
