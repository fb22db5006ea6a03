"""Everybody is told, in order and once, whatever dies meanwhile: the small brother of `script/bench telling`."""

from __future__ import annotations

import socket
import threading

import pytest

from bench.telling.client import Client
from bench.telling.run import fault_run
from bench.telling.world import world
from tests.faults.running import eventually

#: The fixtures are what takes long.
pytestmark = pytest.mark.timeout(600)
#: More of them than a channel speaks with at the same time.
WEBHOOKS, NUMBERS = 14, 6


class Hanging:
    """A machine that takes every connection and never says a word."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listening.getsockname()[1]
        #: What each conversation began with.
        self.heard: list[bytes] = []
        self._held: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                taken, _address = self._listening.accept()
                self._held.append(taken)
                taken.settimeout(5)
                self.heard.append(taken.recv(100).split(b"\r\n")[0])
            except TimeoutError:
                continue
            except OSError:
                return

    def count(self, path: bytes) -> int:
        """How many conversations began with that path."""
        return sum(path in first for first in self.heard)

    def close(self) -> None:
        """Away with it."""
        for one in (self._listening, *self._held):
            one.close()


@pytest.fixture(scope="module")
def hanging():
    """The partner of the jurisdiction that hangs: its SMS gateway and all who subscribed to its webhooks."""
    machine = Hanging()
    yield machine
    machine.close()


@pytest.fixture(scope="module")
def mistreated(tmp_path_factory, hanging):
    """A jurisdiction, its services and its mail server, all of which may be killed."""
    at = f"127.0.0.1:{hanging.port}"
    with world(
        tmp_path_factory.mktemp("telling"), SMS_URL=f"json://{at}/sms/{{phone}}", ALLOW_PRIVATE_TARGETS="127.0.0.1"
    ) as made:
        yield made


@pytest.fixture(scope="module")
def outcome(mistreated):
    """Sixty reports live their whole lives while each thing that may go wrong does so once."""
    done = fault_run(mistreated, 60, lasting=1.0, between=1.0, rounds=1)
    print(done.counts.examples, done.wrong, done.died, mistreated.running.log()[-4000:])
    return done


def test_everybody_who_reported_or_follows_is_told_of_everything(outcome):
    assert outcome.counts.owed > 200
    assert outcome.counts.lost == 0 and outcome.counts.forgotten == 0 and outcome.counts.left == 0


def test_nobody_is_told_twice_but_where_nobody_could_know(outcome):
    assert outcome.counts.twice == 0 and outcome.counts.unasked == 0
    # The mail server broke off after it had accepted: that happens in every run.
    assert outcome.counts.explained_by_server > 0


def test_news_arrives_in_the_order_in_which_it_happened(outcome):
    assert outcome.counts.out_of_order == 0


def test_a_report_that_was_answered_with_201_is_there_once(outcome):
    assert outcome.counts.reports_lost == 0 and outcome.counts.reports_twice == 0


def test_every_request_is_answered_in_the_end_and_nothing_dies_by_itself(outcome):
    assert outcome.wrong == [] and outcome.died == []
    assert outcome.repeated > 0


def test_partners_that_hang_cost_the_mails_nothing(mistreated, hanging):
    running, client = mistreated.running, Client(mistreated.running.url, mistreated.token)
    # One question at a time would keep a queue for minutes.
    running.ask('UPDATE jurisdiction SET preferences = \'{"quiet_from": "00:00", "quiet_to": "00:00"}\'')
    running.ask(
        "INSERT INTO webhook (jurisdiction_id, url, secret) "
        "SELECT id, :url, 'whsec_' || repeat('a', 43) || '=' FROM jurisdiction, generate_series(1, :number)",
        url=f"http://127.0.0.1:{hanging.port}/hook",
        number=WEBHOOKS,
    )
    reference = _report(client, "avant@example.org")
    running.ask(
        "WITH people AS (INSERT INTO contact (jurisdiction_id, phone, phone_confirmed_at) "
        "SELECT jurisdiction_id, '+3361234567' || n, now() FROM report, generate_series(1, :number) AS n "
        "WHERE reference = :reference RETURNING id, jurisdiction_id) "
        "INSERT INTO report_subscription (jurisdiction_id, report_id, contact_id, channel, confirmed_at) "
        "SELECT r.jurisdiction_id, r.id, people.id, 'sms', now() FROM people, report AS r "
        "WHERE r.reference = :reference",
        reference=reference,
        number=NUMBERS,
    )
    # Jurisdictions are known for a few seconds before they are read again: the webhooks' hands are full by then.
    eventually(lambda: hanging.count(b"/hook") >= 12)
    client.send(f"reports/{reference}/reject", {"reason": "C’est une voie privée"})
    eventually(lambda: hanging.count(b"/sms") >= 4)
    people = [f"pendant{number}@example.org" for number in range(10)]
    for person in people:
        _report(client, person)
    eventually(lambda: all(map(mistreated.post.to, people)))
    owed = "SELECT count(*) FROM message WHERE channel IN ('sms', 'webhook') AND status = 'owed'"
    assert running.ask(owed) >= WEBHOOKS + NUMBERS
    client.close()


def _report(client: Client, address: str) -> str:
    return client.send(
        "reports",
        {
            "category": "c00",
            "location": {"type": "Point", "coordinates": [3.877, 43.611]},
            "description": "Un trou devant l’école",
            "contact": {"email": address, "locale": "fr"},
        },
        signed=False,
    )["reference"]
