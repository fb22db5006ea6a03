"""Signed references: short, for one purpose, for a time."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import signed_numbers
from core.errors import Refused


@given(numbers=st.lists(st.integers(0, 2**62), min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_what_is_signed_is_read(app, numbers):
    with app.app_context():
        assert signed_numbers.read_numbers(
            "a", signed_numbers.sign_numbers("a", *numbers, days=1), count=len(numbers)
        ) == tuple(numbers)


def test_it_fits_an_address_that_loses_its_capitals(app):
    with app.app_context():
        word = signed_numbers.sign_numbers("reply", 12_345_678, 9, days=400)
    assert len(word) <= 32 and word.isalnum() and word == word.lower()


def test_it_serves_one_purpose(app):
    with app.test_request_context(), pytest.raises(Refused):
        signed_numbers.read_numbers("stop", signed_numbers.sign_numbers("confirm", 7, days=1))


def test_any_other_character_is_refused(app):
    with app.test_request_context():
        word = signed_numbers.sign_numbers("stop", 7, days=1)
        for place in range(len(word) - 1):
            other = "a" if word[place] != "a" else "b"
            with pytest.raises(Refused):
                signed_numbers.read_numbers("stop", word[:place] + other + word[place + 1 :])
        for odd in ("", "é" * 20, word + "a" * 200, word[:-4], "\x00"):
            with pytest.raises(Refused):
                signed_numbers.read_numbers("stop", odd)


@pytest.fixture
def at(monkeypatch):
    """`at(day, seconds)` – the clock stands in that second of a day, counted from one in 2026."""

    def set_clock(day: int, seconds: float = 0) -> None:
        monkeypatch.setattr(signed_numbers.time, "time", lambda: (20_500 + day) * signed_numbers.DAY + seconds)

    return set_clock


@pytest.mark.parametrize("made_at", [0, 1, 86_399], ids=["first second", "second one", "last second"])
def test_it_expires(app, at, made_at):
    """It is good for its days whole, whenever on its day it was made; and for no more than one day besides."""
    with app.test_request_context():
        at(0, made_at)
        word = signed_numbers.sign_numbers("stop", 7, days=3)
        for last in (0, 3, 4):
            at(last, 86_399)
            assert signed_numbers.read_numbers("stop", word) == (7,)
        at(5)
        with pytest.raises(Refused):
            signed_numbers.read_numbers("stop", word)


def test_it_holds_to_the_last_second_of_its_last_day(app, monkeypatch):
    day = 20_000
    with app.test_request_context():
        monkeypatch.setattr(signed_numbers.time, "time", lambda: day * signed_numbers.DAY + 5.0)
        word = signed_numbers.sign_numbers("stop", 7, days=3)
        # The day it is made counts whole: three days and what is left of this one are never cut short.
        last = (day + 1 + 3) * signed_numbers.DAY
        monkeypatch.setattr(signed_numbers.time, "time", lambda: last + signed_numbers.DAY - 1.0)
        assert signed_numbers.read_numbers("stop", word) == (7,)
        monkeypatch.setattr(signed_numbers.time, "time", lambda: last + signed_numbers.DAY)
        with pytest.raises(Refused):
            signed_numbers.read_numbers("stop", word)


def test_links_that_were_sent_are_still_read(app, at, monkeypatch):
    """Its form is a contract with mails and SMS that lie in inboxes for years."""
    monkeypatch.setitem(app.config, "SECRET_KEY", "k" * 40)
    with app.test_request_context():
        at(0)
        word = "kgsybb77agaacaeavz6cn654geznrexh"
        assert signed_numbers.sign_numbers("stop", 0, 7, 127, 128, 16_384, days=400) == word
        assert signed_numbers.read_numbers("stop", word, count=5) == (0, 7, 127, 128, 16_384)
        assert signed_numbers.read_numbers("stop", word.upper(), count=5) == (0, 7, 127, 128, 16_384)


def test_a_number_below_nought_is_no_reference(app):
    with app.app_context(), pytest.raises(ValueError, match="-1"):
        signed_numbers.sign_numbers("stop", -1, days=1)


def test_it_holds_as_many_numbers_as_are_asked_for(app):
    with app.test_request_context():
        word = signed_numbers.sign_numbers("stop", 7, 8, days=1)
        assert signed_numbers.read_numbers("stop", word, count=2) == (7, 8)
        for count in (1, 3):
            with pytest.raises(Refused) as refused:
                signed_numbers.read_numbers("stop", word, count=count)
            assert refused.value.code == "bad_link"


def test_a_word_has_120_characters_at_most(app):
    with app.test_request_context():
        longest = signed_numbers.sign_numbers("stop", *range(63), days=1)
        assert len(longest) == 120 and signed_numbers.read_numbers("stop", longest, count=63) == tuple(range(63))
        with pytest.raises(Refused):
            signed_numbers.read_numbers("stop", signed_numbers.sign_numbers("stop", *range(64), days=1), count=64)
