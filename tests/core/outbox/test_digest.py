"""One mail a day with all that is new: made once, whatever happens; nothing of it is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import BigInteger, func, literal, select, update

from core.database import db, utcnow
from core.identity.models import Contact
from core.outbox import digest, kinds, policy
from core.outbox.models import DEAD, DIGEST, DROPPED, GATHERED, OWED, SENT, Message
from core.outbox.send import drain
from core.outbox.verbs import owe_many, retry
from tests import factories
from tests.core.outbox.conftest import contact, due_now, found

PARIS_EVENING = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)  # 18 h there


@pytest.fixture(autouse=True)
def town(town, acting, monkeypatch):
    monkeypatch.setitem(policy._POLICIES, "test.news", policy.NEWS)
    monkeypatch.setattr(digest, "_stop", lambda contact_id: f"http://localhost/stop/{contact_id}")
    with acting(town):
        yield town


def gathered(who: int, source: str, says: str = "Du nouveau", at: datetime | None = None, **facts) -> int:
    """The id of a message gathered for a contact, at some moment."""
    people = select(literal(who, BigInteger).label("contact_id"), literal("mail").label("channel"),
                    literal("fr").label("locale"))
    owe_many("test.news", source=source, recipients=people, facts={"says": says, **facts})
    db.session.commit()
    number = db.session.scalars(select(func.max(Message.id))).one()
    db.session.execute(update(Message.__table__).where(Message.__table__.c.id == number)
                       .values(created_at=at or PARIS_EVENING - timedelta(hours=2)))
    db.session.commit()
    return number


def digests() -> list[Message]:
    db.session.expire_all()
    return list(db.session.scalars(select(Message).where(Message.kind == DIGEST).order_by(Message.id)))


def wanting(email: str = "marie@example.org") -> int:
    return contact(email, digest=True)


def test_all_of_a_day_comes_in_one_mail(town, post, monkeypatch):
    monkeypatch.setitem(kinds._RENDERERS, "test.news", lambda message: kinds.Mail(
        message.facts["says"], "…", brief="En bref.", page=f"http://localhost/r/{message.id}"))
    marie, paul = wanting(), wanting("paul@example.org")
    parts = [gathered(marie, f"event:{n}", f"Nouvelle {n}") for n in range(3)]
    one = gathered(paul, "event:1", "Nouvelle 1")
    assert drain() == 0 and post.letters == []
    assert digest.make(town, PARIS_EVENING) == 2
    assert drain() == 2
    letter = next(one for one in post.letters if one.to == ["marie@example.org"])
    assert letter.subject.startswith("Vos nouvelles d")
    assert [letter.text.index(f"Nouvelle {n}") for n in range(3)] == sorted(
        letter.text.index(f"Nouvelle {n}") for n in range(3))
    assert f"http://localhost/r/{parts[0]}" in letter.text and "En bref." in letter.text
    assert letter.message["List-Unsubscribe"] == f"<http://localhost/stop/{marie}>"
    assert next(one for one in post.letters if one.to == ["paul@example.org"]).subject == "Nouvelle 1"
    assert {found(n).status for n in (*parts, one)} == {SENT} and found(parts[0]).sent_at
    assert {one.status for one in digests()} == {SENT}
    assert [one.source for one in digests()] == ["digest:2026-07-01"] * 2


def test_twice_is_once(town, post):
    marie = wanting()
    gathered(marie, "event:1")
    assert digest.make(town, PARIS_EVENING) == 1
    assert digest.make(town, PARIS_EVENING + timedelta(minutes=3)) == 0
    assert drain() == 1
    assert digest.make(town, PARIS_EVENING + timedelta(hours=1)) == 0
    assert drain() == 0 and len(post.letters) == 1


def test_before_the_hour_nothing_leaves(town, post):
    gathered(wanting(), "event:1", at=PARIS_EVENING - timedelta(hours=2))
    assert digest.make(town, PARIS_EVENING - timedelta(minutes=1)) == 0


def test_what_came_too_late_is_in_the_next_one(town, post):
    marie = wanting()
    gathered(marie, "event:1")
    digest.make(town, PARIS_EVENING)
    # Committed after the digest was made, though it began before.
    late = gathered(marie, "event:2", "Tardive", at=PARIS_EVENING - timedelta(seconds=5))
    assert digest.make(town, PARIS_EVENING + timedelta(minutes=5)) == 0
    drain()
    assert found(late).status == GATHERED and found(late).digest_id is None
    assert digest.make(town, PARIS_EVENING + timedelta(days=1)) == 1
    assert drain() == 1 and found(late).status == SENT and post.letters[-1].subject == "Tardive"


def test_a_night_without_a_clock_loses_nothing(town, post):
    number = gathered(wanting(), "event:1")
    assert digest.make(town, PARIS_EVENING + timedelta(hours=9)) == 1
    assert digests()[0].source == "digest:2026-07-01"
    assert drain() == 1 and found(number).status == SENT


def test_who_wants_each_at_once_again_gets_what_waited(town, post):
    marie = wanting()
    number = gathered(marie, "event:1")
    db.session.get(Contact, marie).digest = False
    db.session.commit()
    assert digest.make(town, PARIS_EVENING - timedelta(hours=1)) == 0
    assert found(number).status == OWED and drain() == 1
    assert found(number).status == SENT and digests() == []


def test_what_has_nothing_to_say_any_more_is_left_out(town, post, monkeypatch):
    monkeypatch.setitem(kinds._RENDERERS, "test.news", lambda message: (
        None if message.facts["says"] == "rien" else kinds.Mail(message.facts["says"], "…")))
    marie, paul = wanting(), wanting("paul@example.org")
    empty, full = gathered(marie, "event:1", "rien"), gathered(marie, "event:2", "Réparé")
    alone = gathered(paul, "event:1", "rien")
    digest.make(town, PARIS_EVENING)
    assert drain() == 1 and post.letters[0].subject == "Réparé"
    assert [found(n).status for n in (empty, full, alone)] == [DROPPED, SENT, DROPPED]
    assert sorted(one.status for one in digests()) == sorted([SENT, DROPPED])


def test_one_that_cannot_be_said_leaves_by_itself(town, post, monkeypatch):
    def broken(message):
        if message.facts["says"] == "mal":
            raise RuntimeError("Marie habite au 3")
        return kinds.Mail(message.facts["says"], "…")

    monkeypatch.setitem(kinds._RENDERERS, "test.news", broken)
    marie = wanting()
    bad, good = gathered(marie, "event:1", "mal"), gathered(marie, "event:2", "Réparé")
    digest.make(town, PARIS_EVENING)
    assert drain() == 1
    assert found(good).status == SENT
    message = found(bad)
    assert message.status == OWED and message.digest_id is None


def test_a_digest_given_up_keeps_its_parts_and_can_be_retried(town, post):
    marie = wanting()
    number = gathered(marie, "event:1")
    digest.make(town, PARIS_EVENING)
    post.script["rcpt", "marie@example.org"] = ["550 5.1.1 No such user"]
    drain()
    (whole,) = digests()
    assert whole.status == DEAD and found(number).status == GATHERED and found(number).digest_id == whole.id
    # Another day's digest does not take it along a second time.
    assert digest.make(town, PARIS_EVENING + timedelta(days=1)) == 0
    retry(whole.id)
    db.session.commit()
    assert drain() == 1 and found(number).status == SENT


def test_a_crash_before_it_was_noted_tells_the_same_digest(town, post, monkeypatch):
    number = gathered(wanting(), "event:1")
    digest.make(town, PARIS_EVENING)
    monkeypatch.setattr("core.outbox.records._sent", lambda *_given: (_ for _ in ()).throw(SystemError("killed")))
    with pytest.raises(SystemError):
        drain()
    monkeypatch.undo()
    assert found(number).status == GATHERED and len(post.letters) == 1
    (whole,) = digests()
    assert whole.status == OWED


def test_another_town_s_hour_is_its_own(town, post, acting):
    gathered(wanting(), "event:1")
    with acting():
        other = factories.town("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(other):
        assert digest.make(other, PARIS_EVENING) == 0
    assert digest.make(town, PARIS_EVENING) == 1


def test_the_mails_of_the_others_do_not_wait(post):
    number = gathered(contact("paul@example.org", digest=False), "event:1", at=utcnow())
    assert found(number).status == OWED
    due_now(number)
    assert drain() == 1
