"""Old messages go, in small bites; what is owed, given up or kept word by word stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.database import db, utcnow
from core.notifications.outbox import retention as outbox_retention
from core.notifications.outbox.models import DEAD, DROPPED, GATHERED, OWED, SENT, Message, SentText
from tests.core.notifications.outbox.conftest import owed


@pytest.fixture(autouse=True)
def jurisdiction(jurisdiction, acting):
    with acting(jurisdiction):
        yield jurisdiction


def made(status: str, days: int, source: str, **more) -> int:
    number = owed(source=source, email=f"{source}@example.org")
    db.session.execute(
        update(Message)
        .where(Message.id == number)
        .values(status=status, created_at=utcnow() - timedelta(days=days), **more)
    )
    db.session.commit()
    return number


def left() -> set[int]:
    db.session.expire_all()
    return set(db.session.scalars(select(Message.id)))


def test_only_what_is_old_and_over_goes(jurisdiction):
    gone = {made(SENT, 401, "a"), made(DROPPED, 500, "b")}
    stays = {made(SENT, 399, "c"), made(DEAD, 500, "d"), made(OWED, 500, "e"), made(GATHERED, 500, "f")}
    kept = made(SENT, 500, "g")
    db.session.add(SentText(message_id=kept, jurisdiction_id=jurisdiction.id, subject="Accusé", text="…"))
    db.session.commit()
    assert outbox_retention.delete_old_messages() == 2
    assert left() == stays | {kept} and not left() & gone


def test_it_goes_on_where_it_was(jurisdiction, monkeypatch):
    monkeypatch.setattr(outbox_retention, "AT_ONCE", 2)
    monkeypatch.setattr(outbox_retention, "RUNS", 1)
    for name in "abcde":
        made(SENT, 500, name)
    young = made(SENT, 1, "young")
    assert [outbox_retention.delete_old_messages() for _time in range(4)] == [2, 2, 1, 0]
    assert left() == {young}


def test_a_digest_goes_after_what_it_told(jurisdiction):
    whole = made(SENT, 450, "digest")
    part = made(SENT, 450, "part", digest_id=whole)
    assert outbox_retention.delete_old_messages() == 1 and left() == {whole}
    outbox_retention.connection().delete(outbox_retention._MARK)
    assert outbox_retention.delete_old_messages() == 1 and left() == set() and part
