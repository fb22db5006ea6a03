"""Noting what the other side has accepted while the database dies: whatever it says then, it is noted."""

import psycopg
import pytest
from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError

from core.notifications.channels import known_channels
from core.notifications.outbox import acceptance, delivery_state
from core.notifications.outbox.acceptance import AcceptanceRecorder
from core.notifications.outbox.delivery_state import Accepted
from core.notifications.outbox.sender_threads import ClaimedMessage


@pytest.fixture(autouse=True)
def context(app, acting, database, monkeypatch):
    """A jurisdiction, and a database that is asked again at once."""
    monkeypatch.setattr(delivery_state.time, "sleep", lambda _seconds: None)
    with acting():
        yield


@pytest.mark.parametrize("broken", [psycopg.OperationalError, psycopg.DatabaseError, psycopg.ProgrammingError])
def test_a_quick_note_that_fails_is_noted_the_slow_way(monkeypatch, broken):
    noted = []

    class Dying:
        """A connection that its database has left."""

        def execute(self, *_args):
            raise broken("server closed the connection unexpectedly")

        def close(self):
            noted.append("closed")

    monkeypatch.setattr(acceptance, "_connect", Dying)
    monkeypatch.setattr(delivery_state, "record_accepted", lambda told, *_more, **_options: noted.extend(told))
    recorder = AcceptanceRecorder(known_channels()["mail"])
    recorder._alone = False
    assert recorder.record(ClaimedMessage(7, 1, None, "test.news"))
    assert noted == ["closed", Accepted(7)]


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("UPDATE", {}, Exception("starting up")),
        # What libpq says of a connection that was cut off may come without a state: no OperationalError then.
        DatabaseError("UPDATE", {}, Exception("cut off"), connection_invalidated=True),
    ],
)
def test_a_database_that_dies_while_it_notes_is_asked_again(monkeypatch, error):
    answers = [error, error, None]

    def noting(*_args):
        if (answer := answers.pop(0)) is not None:
            raise answer

    monkeypatch.setattr(delivery_state, "_sent", noting)
    delivery_state.record_accepted([Accepted(7)])
    assert answers == []


def test_a_wrong_statement_is_not_asked_again(monkeypatch):
    asked = []

    def noting(*_args):
        asked.append(1)
        raise ProgrammingError("UPDATE", {}, Exception("no such column"))

    monkeypatch.setattr(delivery_state, "_sent", noting)
    with pytest.raises(ProgrammingError):
        delivery_state.record_accepted([Accepted(7)])
    assert len(asked) == 1
