"""The same key again gives the same answer: to the same person, in the same jurisdiction, for three days."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from core.database import db
from core.errors import FieldError
from core.jobs import SWEEPS
from core.web import idempotency
from core.web.idempotency import IdempotencyKey, claim, digest_of
from tests import factories

ANSWER = {"to": "/r/VC-AAA-AAA", "status": 201}


@pytest.fixture
def here(acting, jurisdiction):
    """The jurisdiction acting."""
    with acting(jurisdiction):
        yield jurisdiction


def test_a_key_is_free_once_and_then_has_its_answer(here):
    first = claim("k1", actor="user:1", digest="d")
    assert first.answer is None
    first.keep(ANSWER)
    again = claim("k1", actor="user:1", digest="d")
    assert (again.id, again.answer) == (first.id, ANSWER)


def test_an_answer_is_kept_beside_its_own_key_alone(here):
    one, other = claim("k1", actor="user:1", digest="d"), claim("k2", actor="user:1", digest="d")
    one.keep(ANSWER)
    assert claim("k2", actor="user:1", digest="d").answer is None
    other.release()
    assert claim("k1", actor="user:1", digest="d").answer == ANSWER


def test_a_key_given_back_is_free(here):
    first = claim("k1", actor="user:1", digest="d")
    first.release()
    assert claim("k1", actor="user:1", digest="another request").id != first.id


def test_a_key_is_one_person_s(here):
    """Two people may choose the same key: neither gets the other's answer, nor a refusal."""
    claim("k1", actor="user:1", digest="d").keep(ANSWER)
    other = claim("k1", actor="user:2", digest="something else")
    assert other.answer is None
    other.keep({"to": "/other"})
    assert claim("k1", actor="user:1", digest="d").answer == ANSWER


def test_a_key_is_one_jurisdiction_s(acting, here):
    claim("k1", actor="user:1", digest="d").keep(ANSWER)
    with acting():
        elsewhere = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(elsewhere):
        assert claim("k1", actor="user:1", digest="something else").answer is None
    with acting(here):
        assert claim("k1", actor="user:1", digest="d").answer == ANSWER


def test_a_key_used_for_another_request_is_refused(here):
    claim("k1", actor="user:1", digest="d")
    with pytest.raises(FieldError) as refused:
        claim("k1", actor="user:1", digest="e")
    assert (refused.value.field, refused.value.code) == ("Idempotency-Key", "key_reused")


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "a\0"])
def test_a_key_that_is_none_is_refused(here, key):
    with pytest.raises(FieldError) as refused:
        claim(key, actor="user:1", digest="d")
    assert refused.value.code != "key_reused"
    assert db.session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


@pytest.mark.parametrize("key", ["x", "x" * 200, "é — ok"])
def test_a_key_that_is_one_is_taken(here, key):
    assert claim(key, actor="user:1", digest="d").answer is None


def aged(*hours: float) -> None:
    """Keys of these ages, named by them."""
    for age in hours:
        found = claim(f"{age}", actor="user:1", digest="d")
        db.session.execute(
            text(
                "UPDATE idempotency_key SET created_at = statement_timestamp() - make_interval(secs => :age * 3600) "
                "WHERE id = :id"
            ),
            {"age": age, "id": found.id},
        )
    db.session.commit()


def known() -> set[float]:
    """The ages of the keys that are remembered."""
    return {float(key) for key in db.session.scalars(select(IdempotencyKey.key))}


def test_keys_are_remembered_for_three_days_and_no_longer(here):
    aged(0, 1, 71.9, 72.1, 200)
    assert idempotency.delete_expired_keys() == 2
    assert known() == {0, 1, 71.9}


def test_keys_are_forgotten_in_short_transactions_until_none_is_left(here):
    aged(73, 74, 75, 76, 77)
    assert idempotency.delete_expired_keys(most=2) == 5
    assert known() == set()
    aged(73, 74)
    assert idempotency.delete_expired_keys(most=2) == 2
    assert idempotency.delete_expired_keys(most=2) == 0


def test_the_clock_looks_every_hour(app):
    assert [one.seconds for one in SWEEPS if one.func is idempotency.delete_expired_keys] == [3600]


def test_a_digest_tells_requests_apart():
    assert digest_of("a", "bc") == digest_of(b"a", "bc")
    assert (
        len(
            {
                digest_of(),
                digest_of(""),
                digest_of("abc"),
                digest_of("a", "bc"),
                digest_of("ab", "c"),
                digest_of("bc", "a"),
            }
        )
        == 6
    )
    # Digests are kept for days: a new version of the code must find them again.
    assert digest_of("/desk", "é") == "8475aeeed56894c748f68fcbfdb68b5351efee8761cfeee0ab1ecb823c851697"
