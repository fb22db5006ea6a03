"""Claiming and keeping: two senders at once, and one that is slow."""

import time

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from core.notifications.outbox import delivery_state
from core.notifications.outbox.lease import Lease
from tests.conftest import fresh_database

MADE = """
INSERT INTO jurisdiction (slug, names, prefix, boundary) VALUES ('v', '{}', 'VC',
    ST_GeomFromText('MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))', 4326));
INSERT INTO contact (jurisdiction_id, email)
    SELECT jurisdiction.id, n || '@example.org' FROM jurisdiction, generate_series(1, 4) AS n;
INSERT INTO message (jurisdiction_id, kind, source, recipient, contact_id)
    SELECT jurisdiction_id, 'test.news', 'event:' || n, 'contact:' || id, id
    FROM contact, generate_series(1, 3) AS n ORDER BY n, id;
"""


@pytest.fixture
def engine(migrated):
    """Four people who are each owed three messages, in a database where commits are commits."""
    with fresh_database("lease", template=migrated) as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(MADE)
        yield engine
        engine.dispose()


def claim(connection, most: int = 50) -> list[int]:
    return sorted(
        connection.scalars(
            delivery_state.CLAIM, {"channel": "mail", "most": most, "lease": delivery_state.LEASE_SECONDS, "urgent": []}
        )
    )


def test_two_senders_never_hold_the_same(engine):
    with engine.connect() as one, engine.connect() as other:
        first = claim(one, 2)
        # The first has not committed: the other passes over what it holds instead of waiting for it.
        second = claim(other)
        one.commit()
        other.commit()
        assert len(first) == len(second) == 2 and not set(first) & set(second)
        # What comes later for the same people waits, and what is held is not due.
        assert claim(one) == []


def test_the_next_is_due_once_the_earlier_is_dealt_with(engine):
    with engine.connect() as connection:
        first = claim(connection)
        connection.execute(delivery_state.ACCEPTED, {"ids": [first[0]]})
        connection.exec_driver_sql(f"UPDATE message SET status = 'dead' WHERE id = {first[1]}")
        connection.commit()
        after = claim(connection)
        assert after == [first[0] + 4, first[1] + 4]


def test_what_a_dead_sender_held_is_due_again(engine):
    with engine.connect() as connection:
        held = claim(connection)
        connection.commit()
        assert claim(connection) == []
        passed = "UPDATE message SET due_at = due_at - interval '61 seconds' WHERE tries = 1"
        connection.exec_driver_sql(passed)
        assert claim(connection) == held


def test_renewing_never_shortens_a_pause(engine):
    with engine.connect() as connection:
        held = claim(connection)
        later = f"UPDATE message SET due_at = now() + interval '1 hour' WHERE id = {held[0]}"
        connection.exec_driver_sql(later)
        connection.execute(delivery_state.ACCEPTED, {"ids": [held[1]]})
        connection.execute(delivery_state.RENEW, {"ids": held, "lease": 90})
        left = dict(
            connection.execute(
                sa.text(
                    "SELECT id, extract(epoch FROM due_at - statement_timestamp()) FROM message WHERE id = ANY(:ids)"
                ),
                {"ids": held},
            ).all()
        )
        assert left[held[0]] > 3000 and left[held[1]] < 61 and 80 < left[held[2]] <= 90


@pytest.fixture
def lease(app, acting, database, monkeypatch):
    """A lease that has to be renewed every 50 ms; what was renewed."""
    renewed = []
    monkeypatch.setattr(delivery_state, "LEASE_SECONDS", 0.2)
    monkeypatch.setattr(delivery_state, "renew_lease", renewed.append)
    with acting():
        made = Lease()
        yield made, renewed
        made.close()


def test_a_slow_sender_keeps_what_it_holds(lease):
    held, renewed = lease
    held.take([1, 2, 3], time.monotonic())
    time.sleep(0.5)
    assert held.good and renewed[0] == {1, 2, 3}
    held.settle(2)
    time.sleep(0.1)
    assert renewed[-1] == {1, 3}
    assert held.release() == {1, 3}
    time.sleep(0.1)
    quiet = len(renewed)
    time.sleep(0.1)
    assert len(renewed) == quiet


def test_a_lease_that_was_lost_does_not_come_back(lease, monkeypatch):
    held, _renewed = lease
    slow = []

    def late(ids):
        # The database answers again, but only once the lease is over: others may have claimed the same meanwhile.
        if not slow:
            slow.append(time.sleep(0.4))

    monkeypatch.setattr(delivery_state, "renew_lease", late)
    held.take([1], time.monotonic())
    time.sleep(0.3)
    assert not held.good
    # The slow one returns, and others after it succeed at once: none of them brings the lease back.
    time.sleep(0.4)
    assert slow and not held.good
    assert held.release() == frozenset()


def test_a_sender_that_cannot_renew_knows_it(lease, monkeypatch):
    held, _renewed = lease

    def away(_ids):
        raise OperationalError("UPDATE", {}, Exception("away"))

    monkeypatch.setattr(delivery_state, "renew_lease", away)
    held.take([1], time.monotonic())
    time.sleep(0.3)
    assert not held.good
    assert held.release() == frozenset()
