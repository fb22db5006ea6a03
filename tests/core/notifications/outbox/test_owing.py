"""Owing: once per event, recipient and channel, in the transaction of what it tells of."""

import pytest
from sqlalchemy import func, literal, select, text, update

from core import jobs
from core.database import db
from core.database.scope import across_jurisdictions
from core.errors import NotFound, Refused
from core.identity.models import Contact
from core.notifications.outbox import queries as outbox_queries
from core.notifications.outbox.models import DEAD, OWED, Message
from core.notifications.outbox.verbs import queue_for_many, queue_message, retry_message
from tests import factories
from tests.core.notifications.outbox.conftest import contact, found, owed


@pytest.fixture
def jurisdiction(jurisdiction, acting):
    with acting(jurisdiction):
        yield jurisdiction


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Message))


def test_the_same_thing_is_owed_once(jurisdiction):
    marie = contact("marie@example.org")
    assert queue_message("test.news", source="event:1", contact_id=marie)
    assert not queue_message("test.news", source="event:1", contact_id=marie)
    assert queue_message("test.news", source="event:2", contact_id=marie)
    assert queue_message("test.news", source="event:1", contact_id=contact("paul@example.org"))
    assert count() == 3


def test_it_goes_to_one_recipient_of_one_sort(jurisdiction):
    with pytest.raises(ValueError):
        queue_message("test.news", source="event:1")
    with pytest.raises(ValueError):
        queue_message("test.news", source="event:1", contact_id=1, user_id=1)


def test_users_and_others_are_told_too(jurisdiction):
    user = factories.user("supervisor")
    assert queue_message("test.news", source="event:1", user_id=user.id, locale="en")
    assert queue_message("test.news", source="event:1", recipient="body:4")
    recipients = db.session.execute(select(Message.recipient, Message.locale).order_by(Message.id)).all()
    assert recipients == [(f"user:{user.id}", "en"), ("body:4", "fr")]


def test_many_are_owed_in_one_statement(jurisdiction, statements):
    people = [contact(f"p{n}@example.org") for n in range(30)]
    table = Contact.__table__
    subscribers = select(table.c.id.label("contact_id"), literal("mail").label("channel"), table.c.locale).where(
        table.c.id.in_(people)
    )
    db.session.commit()
    statements.clear()
    assert queue_for_many("test.news", source="event:1", recipients=subscribers, facts={"event": 1}) == 30
    assert len(statements) == 1
    assert queue_for_many("test.news", source="event:1", recipients=subscribers) == 0
    assert count() == 30
    assert found(db.session.scalar(select(func.min(Message.id)))).facts == {"event": 1}


def test_a_message_belongs_to_the_jurisdiction_of_its_contact(jurisdiction, acting):
    marie = contact("marie@example.org")
    db.session.commit()
    other = factories.jurisdiction("metropole", host="metropole.localhost", prefix="ME")
    with acting(other):
        assert queue_message("test.news", source="event:1", contact_id=marie)
        assert count() == 0
        with across_jurisdictions():
            assert db.session.scalar(select(Message.jurisdiction_id)) == jurisdiction.id
        db.session.commit()
    assert count() == 1


def test_the_database_refuses_a_recipient_that_is_another(jurisdiction):
    marie = contact("marie@example.org")
    with pytest.raises(Exception, match="recipient_is_contact"), db.session.begin_nested():
        db.session.execute(
            text(
                "INSERT INTO message (jurisdiction_id, kind, source, recipient, contact_id) "
                "VALUES (:town, 'test.news', 'event:1', 'contact:0', :contact)"
            ),
            {"town": jurisdiction.id, "contact": marie},
        )


def test_what_is_rolled_back_is_neither_owed_nor_sent(jurisdiction, monkeypatch):
    left = []
    monkeypatch.setattr(jobs, "enqueue", left.append)
    queue_message("test.news", source="event:1", contact_id=contact("marie@example.org"))
    db.session.rollback()
    assert count() == 0 and left == []


def test_a_sender_is_asked_for_once_after_the_commit(jurisdiction, monkeypatch):
    left = []
    monkeypatch.setattr(jobs, "enqueue", left.extend)
    for number in range(3):
        queue_message("test.news", source=f"event:{number}", contact_id=contact(f"p{number}@example.org"))
    assert left == []
    db.session.commit()
    assert [(job.queue, job.name) for job in left] == [("mail", "core.notifications.outbox.sender.send_due")]


def test_what_was_given_up_can_be_retried(jurisdiction):
    number = owed(source="event:1")
    with pytest.raises(Refused):
        retry_message(number)
    db.session.execute(update(Message).where(Message.id == number).values(status=DEAD, tries=8, error="550"))
    message = retry_message(number)
    assert (message.status, message.tries) == (OWED, 0)


def test_nobody_retries_the_message_of_another_town(jurisdiction, acting):
    number = owed(source="event:1")
    db.session.execute(update(Message).where(Message.id == number).values(status=DEAD))
    db.session.commit()
    other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(other), pytest.raises(NotFound):
        retry_message(number)


def test_the_desk_is_told_what_is_late_or_given_up(jurisdiction):
    owed(source="event:1")
    late, dead = owed("b@example.org", source="event:2"), owed("c@example.org", source="event:3")
    an_hour_ago = text("UPDATE message SET created_at = now() - interval '1 hour' WHERE id = :id")
    db.session.execute(an_hour_ago, {"id": late})
    db.session.execute(text("UPDATE message SET status = 'dead' WHERE id = :id"), {"id": dead})
    assert outbox_queries.tab_counts() == {"dead": 1, "owed": 2, "sent": 0, "late": 1}
