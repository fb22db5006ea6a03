"""One mail a day with all that is new: made once, whatever happens; nothing of it is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import BigInteger, func, literal, select, update

from core.database import db, utcnow
from core.identity.models import Contact
from core.notifications.outbox import digest, policy, renderers
from core.notifications.outbox.models import DEAD, DIGEST, DROPPED, GATHERED, OWED, SENT, Message
from core.notifications.outbox.sender import send_due
from core.notifications.outbox.verbs import queue_for_many, retry_message
from tests import factories
from tests.core.notifications.outbox.conftest import contact, due_now, found

PARIS_EVENING = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)  # 18 h there


@pytest.fixture(autouse=True)
def jurisdiction(jurisdiction, acting, monkeypatch):
    monkeypatch.setitem(policy._POLICIES, "test.news", policy.NEWS)
    monkeypatch.setattr(digest, "_stop", lambda contact_id: f"http://localhost/stop/{contact_id}")
    with acting(jurisdiction):
        yield jurisdiction


def gathered(who: int, source: str, says: str = "Du nouveau", at: datetime | None = None, **facts) -> int:
    """The id of a message gathered for a contact, at some moment."""
    people = select(
        literal(who, BigInteger).label("contact_id"), literal("mail").label("channel"), literal("fr").label("locale")
    )
    queue_for_many("test.news", source=source, recipients=people, facts={"says": says, **facts})
    db.session.commit()
    number = db.session.scalars(select(func.max(Message.id))).one()
    db.session.execute(
        update(Message.__table__)
        .where(Message.__table__.c.id == number)
        .values(created_at=at or PARIS_EVENING - timedelta(hours=2))
    )
    db.session.commit()
    return number


def digests() -> list[Message]:
    db.session.expire_all()
    return list(db.session.scalars(select(Message).where(Message.kind == DIGEST).order_by(Message.id)))


def wanting(email: str = "marie@example.org") -> int:
    return contact(email, digest=True)


def test_all_of_a_day_comes_in_one_mail(jurisdiction, post, monkeypatch):
    monkeypatch.setitem(
        renderers._RENDERERS,
        "test.news",
        lambda message: renderers.Mail(
            message.facts["says"], "…", brief="En bref.", page=f"http://localhost/r/{message.id}"
        ),
    )
    marie, paul = wanting(), wanting("paul@example.org")
    parts = [gathered(marie, f"event:{n}", f"Nouvelle {n}") for n in range(3)]
    one = gathered(paul, "event:1", "Nouvelle 1")
    assert send_due() == 0 and post.letters == []
    assert digest.make_digests(jurisdiction, PARIS_EVENING) == 2
    assert send_due() == 2
    letter = next(one for one in post.letters if one.to == ["marie@example.org"])
    assert letter.subject.startswith("Vos nouvelles d")
    assert [letter.text.index(f"Nouvelle {n}") for n in range(3)] == sorted(
        letter.text.index(f"Nouvelle {n}") for n in range(3)
    )
    assert f"http://localhost/r/{parts[0]}" in letter.text and "En bref." in letter.text
    assert letter.message["List-Unsubscribe"] == f"<http://localhost/stop/{marie}>"
    assert next(one for one in post.letters if one.to == ["paul@example.org"]).subject == "Nouvelle 1"
    assert {found(n).status for n in (*parts, one)} == {SENT} and found(parts[0]).sent_at
    assert {one.status for one in digests()} == {SENT}
    assert [one.source for one in digests()] == ["digest:2026-07-01"] * 2


def test_twice_is_once(jurisdiction, post):
    marie = wanting()
    gathered(marie, "event:1")
    assert digest.make_digests(jurisdiction, PARIS_EVENING) == 1
    assert digest.make_digests(jurisdiction, PARIS_EVENING + timedelta(minutes=3)) == 0
    assert send_due() == 1
    assert digest.make_digests(jurisdiction, PARIS_EVENING + timedelta(hours=1)) == 0
    assert send_due() == 0 and len(post.letters) == 1


def test_before_the_hour_nothing_leaves(jurisdiction, post):
    gathered(wanting(), "event:1", at=PARIS_EVENING - timedelta(hours=2))
    assert digest.make_digests(jurisdiction, PARIS_EVENING - timedelta(minutes=1)) == 0


def test_what_came_too_late_is_in_the_next_one(jurisdiction, post):
    marie = wanting()
    gathered(marie, "event:1")
    digest.make_digests(jurisdiction, PARIS_EVENING)
    # Committed after the digest was made, though it began before.
    late = gathered(marie, "event:2", "Tardive", at=PARIS_EVENING - timedelta(seconds=5))
    assert digest.make_digests(jurisdiction, PARIS_EVENING + timedelta(minutes=5)) == 0
    send_due()
    assert found(late).status == GATHERED and found(late).digest_id is None
    assert digest.make_digests(jurisdiction, PARIS_EVENING + timedelta(days=1)) == 1
    assert send_due() == 1 and found(late).status == SENT and post.letters[-1].subject == "Tardive"


def test_a_night_without_a_clock_loses_nothing(jurisdiction, post):
    number = gathered(wanting(), "event:1")
    assert digest.make_digests(jurisdiction, PARIS_EVENING + timedelta(hours=9)) == 1
    assert digests()[0].source == "digest:2026-07-01"
    assert send_due() == 1 and found(number).status == SENT


def test_who_wants_each_at_once_again_gets_what_waited(jurisdiction, post):
    marie = wanting()
    number = gathered(marie, "event:1")
    db.session.get(Contact, marie).digest = False
    db.session.commit()
    assert digest.make_digests(jurisdiction, PARIS_EVENING - timedelta(hours=1)) == 0
    assert found(number).status == OWED and send_due() == 1
    assert found(number).status == SENT and digests() == []


def test_what_has_nothing_to_say_any_more_is_left_out(jurisdiction, post, monkeypatch):
    monkeypatch.setitem(
        renderers._RENDERERS,
        "test.news",
        lambda message: None if message.facts["says"] == "rien" else renderers.Mail(message.facts["says"], "…"),
    )
    marie, paul = wanting(), wanting("paul@example.org")
    empty, full = gathered(marie, "event:1", "rien"), gathered(marie, "event:2", "Réparé")
    alone = gathered(paul, "event:1", "rien")
    digest.make_digests(jurisdiction, PARIS_EVENING)
    assert send_due() == 1 and post.letters[0].subject == "Réparé"
    assert [found(n).status for n in (empty, full, alone)] == [DROPPED, SENT, DROPPED]
    assert sorted(one.status for one in digests()) == sorted([SENT, DROPPED])


def test_one_that_cannot_be_said_leaves_by_itself(jurisdiction, post, monkeypatch):
    def broken(message):
        if message.facts["says"] == "mal":
            raise RuntimeError("Marie habite au 3")
        return renderers.Mail(message.facts["says"], "…")

    monkeypatch.setitem(renderers._RENDERERS, "test.news", broken)
    marie = wanting()
    bad, good = gathered(marie, "event:1", "mal"), gathered(marie, "event:2", "Réparé")
    digest.make_digests(jurisdiction, PARIS_EVENING)
    assert send_due() == 1
    assert found(good).status == SENT
    message = found(bad)
    assert message.status == OWED and message.digest_id is None


def test_a_digest_given_up_keeps_its_parts_and_can_be_retried(jurisdiction, post):
    marie = wanting()
    number = gathered(marie, "event:1")
    digest.make_digests(jurisdiction, PARIS_EVENING)
    post.script["rcpt", "marie@example.org"] = ["550 5.1.1 No such user"]
    send_due()
    (whole,) = digests()
    assert whole.status == DEAD and found(number).status == GATHERED and found(number).digest_id == whole.id
    # Another day's digest does not take it along a second time.
    assert digest.make_digests(jurisdiction, PARIS_EVENING + timedelta(days=1)) == 0
    retry_message(whole.id)
    db.session.commit()
    assert send_due() == 1 and found(number).status == SENT


def test_a_crash_before_it_was_noted_tells_the_same_digest(jurisdiction, post, monkeypatch):
    number = gathered(wanting(), "event:1")
    digest.make_digests(jurisdiction, PARIS_EVENING)
    monkeypatch.setattr(
        "core.notifications.outbox.delivery_state._sent", lambda *_given: (_ for _ in ()).throw(SystemError("killed"))
    )
    with pytest.raises(SystemError):
        send_due()
    monkeypatch.undo()
    assert found(number).status == GATHERED and len(post.letters) == 1
    (whole,) = digests()
    assert whole.status == OWED


def test_another_town_s_hour_is_its_own(jurisdiction, post, acting):
    gathered(wanting(), "event:1")
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(other):
        assert digest.make_digests(other, PARIS_EVENING) == 0
    assert digest.make_digests(jurisdiction, PARIS_EVENING) == 1


def test_the_mails_of_the_others_do_not_wait(post):
    number = gathered(contact("paul@example.org", digest=False), "event:1", at=utcnow())
    assert found(number).status == OWED
    due_now(number)
    assert send_due() == 1
