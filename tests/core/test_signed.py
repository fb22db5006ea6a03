"""Signed references: short, for one purpose, for a time."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import signed
from core.errors import Refused


@given(numbers=st.lists(st.integers(0, 2**62), min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_what_is_signed_is_read(app, numbers):
    with app.app_context():
        assert signed.read("a", signed.sign("a", *numbers, days=1), count=len(numbers)) == tuple(numbers)


def test_it_fits_an_address_that_loses_its_capitals(app):
    with app.app_context():
        word = signed.sign("reply", 12_345_678, 9, days=400)
    assert len(word) <= 32 and word.isalnum() and word == word.lower()


def test_it_serves_one_purpose(app):
    with app.test_request_context(), pytest.raises(Refused):
        signed.read("stop", signed.sign("confirm", 7, days=1))


def test_any_other_character_is_refused(app):
    with app.test_request_context():
        word = signed.sign("stop", 7, days=1)
        for place in range(len(word) - 1):
            other = "a" if word[place] != "a" else "b"
            with pytest.raises(Refused):
                signed.read("stop", word[:place] + other + word[place + 1:])
        for odd in ("", "é" * 20, word + "a" * 200, word[:-4], "\x00"):
            with pytest.raises(Refused):
                signed.read("stop", odd)


def test_it_expires(app, monkeypatch):
    with app.test_request_context():
        word = signed.sign("stop", 7, days=3)
        now = signed.time.time()
        monkeypatch.setattr(signed.time, "time", lambda: now + 3 * signed.DAY)
        assert signed.read("stop", word) == (7,)
        monkeypatch.setattr(signed.time, "time", lambda: now + 5 * signed.DAY)
        with pytest.raises(Refused):
            signed.read("stop", word)


def test_it_holds_to_the_last_second_of_its_last_day(app, monkeypatch):
    day = 20_000
    with app.test_request_context():
        monkeypatch.setattr(signed.time, "time", lambda: day * signed.DAY + 5.0)
        word = signed.sign("stop", 7, days=3)
        # The day it is made counts whole: three days and what is left of this one are never cut short.
        last = (day + 1 + 3) * signed.DAY
        monkeypatch.setattr(signed.time, "time", lambda: last + signed.DAY - 1.0)
        assert signed.read("stop", word) == (7,)
        monkeypatch.setattr(signed.time, "time", lambda: last + signed.DAY)
        with pytest.raises(Refused):
            signed.read("stop", word)
