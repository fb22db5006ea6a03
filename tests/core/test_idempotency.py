"""A key sent twice is answered once, for whoever sent it, and is forgotten when nobody sends it any more."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from core import idempotency
from core.database import db
from core.errors import FieldError
from core.idempotency import HOURS, IdempotencyKey, claim


@pytest.fixture
def here(acting, town):
    """The town acting."""
    with acting(town):
        yield town


def take(actor: str, answer: str | None = None, *, key: str = "k", digest: str = "d"):
    found = claim(key, actor=actor, digest=digest)
    if answer is not None:
        found.keep({"said": answer})
    return found.answer


def test_a_key_answers_who_sent_it_and_nobody_else(here):
    assert take("user:1", "one") is None
    assert take("user:2", "two") is None, "somebody else may choose the same key"
    assert take("user:1") == {"said": "one"}
    assert take("user:2") == {"said": "two"}
    with pytest.raises(FieldError) as error:
        take("user:2", digest="other")
    assert error.value.code == "key_reused"


def test_fresh_keys_are_kept_and_old_ones_forgotten(here):
    for key, hours in (("fresh", 0), ("weekend", HOURS - 1), ("old", HOURS + 1)):
        take("user:1", key, key=key)
        db.session.execute(
            text("UPDATE idempotency_key SET created_at = now() - make_interval(hours => :hours) WHERE key = :key"),
            {"hours": hours, "key": key})
    db.session.commit()
    assert idempotency.forget() == 1
    assert set(db.session.scalars(select(IdempotencyKey.key))) == {"fresh", "weekend"}
    assert take("user:1", key="weekend") == {"said": "weekend"}
