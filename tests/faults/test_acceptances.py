"""A killed worker repeats at most one message a connection; a killed database, with its sender alive, repeats none."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from core.notifications.channels import known_channels
from tests.faults.running import eventually

MANY = 300
#: The news of one report, owed to many who follow it.
OWE_MANY = """
WITH first AS (
    SELECT m.* FROM message AS m JOIN contact AS c ON c.id = m.contact_id WHERE c.email = :email
    ORDER BY m.id DESC LIMIT 1
), people AS (
    INSERT INTO contact (jurisdiction_id, email, confirmed_at)
    SELECT first.jurisdiction_id, :name || n || '@example.org', now() FROM first, generate_series(1, :number) AS n
    RETURNING id, jurisdiction_id
), following AS (
    INSERT INTO report_subscription (jurisdiction_id, report_id, contact_id, confirmed_at)
    SELECT p.jurisdiction_id, CAST(first.facts ->> 'report' AS bigint), p.id, now() FROM people AS p, first
)
INSERT INTO message (jurisdiction_id, kind, source, channel, recipient, contact_id, locale, facts)
SELECT p.jurisdiction_id, first.kind, first.source, 'mail', 'contact:' || p.id, p.id, 'fr', first.facts
FROM people AS p, first
"""
OWED = "SELECT count(*) FROM message WHERE status = 'owed'"
UNNOTED = "SELECT count(*) FROM message WHERE status <> 'sent' AND id = ANY(:ids)"


def owe_many(running, name: str) -> None:
    """Let many be owed the news of one report; they are not sent before a worker is started."""
    running.report(f"{name}@example.org")
    running.ask(OWE_MANY, email=f"{name}@example.org", name=name, number=MANY)


def accepted(post) -> Counter[int]:
    """How often the mail server has accepted each message."""
    ids = (letter.message["Message-ID"] for letter in list(post.letters))
    return Counter(int(one.removeprefix("<").partition(".")[0]) for one in ids)


def repeated(post) -> int:
    """How many mails arrived although they had arrived before."""
    found = accepted(post)
    return found.total() - len(found)


@pytest.mark.parametrize("after", [40, 90, 160])
def test_a_killed_worker_repeats_at_most_one_message_a_connection(running, post, after):
    name = f"kill{after}"
    owe_many(running, name)
    running.start("worker")
    eventually(lambda: len(post.letters) >= after)
    running.kill("worker")
    # The mail server and the database finish what had reached them.
    time.sleep(1)
    there = accepted(post)
    assert after <= len(there) < MANY
    assert running.ask(UNNOTED, ids=list(there)) <= known_channels()["mail"].at_once
    # The lease of the dead is over.
    running.ask("UPDATE message SET due_at = now() WHERE status = 'owed'")
    running.start("worker", "clock")
    eventually(lambda: not running.ask(OWED), 90)
    assert len(accepted(post)) == MANY + 1
    assert repeated(post) <= known_channels()["mail"].at_once


def test_a_killed_database_makes_a_living_sender_repeat_nothing(running, own_postgres, post):
    owe_many(running, "coupure")
    running.start("worker", "clock")
    eventually(lambda: len(post.letters) >= 60)
    own_postgres.stop("immediate")
    own_postgres.start()
    # What it held when the database went is due again once its lease is over.
    eventually(lambda: not running.ask(OWED), 150)
    assert len(accepted(post)) == MANY + 1
    # What was accepted while it was away, and what it had forgotten, was noted when it came back.
    assert repeated(post) == 0
