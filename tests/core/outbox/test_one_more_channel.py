"""One more channel is one file: dropped beside the others it sends, waits, is tried again and is seen on the desk."""

from __future__ import annotations

import sys

import pytest

from core import jobs
from core.database import db
from core.outbox import channels, log
from core.outbox.models import OWED, SENT
from core.outbox.send import drain, look
from core.outbox.verbs import owe
from tests.core.outbox.conftest import contact, due_now, found, newest

FILE = '''
"""Carrier pigeons."""
from core.i18n import lazy_gettext
from core.outbound import Refusal
from core.outbox.channels import Channel

FLOWN, WEATHER = [], []

class Loft:
    def send(self, letter):
        if WEATHER:
            raise Refusal(WEATHER.pop(), permanent=False)
        FLOWN.append(letter)

    def close(self):
        pass

CHANNEL = Channel(
    name="pigeon", words=lazy_gettext("Pigeon"), configured=lambda config: True,
    make=lambda message, say: say().brief, open=Loft)
'''


@pytest.fixture
def pigeon(town, acting, tmp_path, monkeypatch):
    (tmp_path / "pigeon.py").write_text(FILE)
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(tmp_path)])
    for cache in (channels.known, jobs.queues):
        cache.cache_clear()
    with acting(town):
        channels.known()
        yield sys.modules["core.outbox.channels.pigeon"]
    monkeypatch.undo()
    sys.modules.pop("core.outbox.channels.pigeon")
    for cache in (channels.known, jobs.queues):
        cache.cache_clear()


def test_a_file_is_enough(pigeon, monkeypatch):
    from core.outbox import kinds

    left = []
    monkeypatch.setattr(jobs, "enqueue", left.extend)
    monkeypatch.setattr("core.outbox.send.enqueue", left.extend)
    monkeypatch.setitem(kinds._RENDERERS, "test.news", lambda message: kinds.Mail("…", "…", brief="Roucoule"))
    owe("test.news", source="event:1", contact_id=contact("marie@example.org"), channel="pigeon")
    db.session.commit()
    number = newest()
    assert [(job.queue, job.args) for job in left] == [("pigeon", ("pigeon",))]
    assert ("pigeon",) in jobs.crews()
    look()
    assert ("pigeon", ("pigeon",)) in [(job.queue, job.args) for job in left[1:]]
    pigeon.WEATHER.append("storm")
    assert drain("pigeon") == 0 and found(number).status == OWED and found(number).error == "storm"
    due_now(number)
    assert drain("pigeon") == 1 and pigeon.FLOWN == ["Roucoule"] and found(number).status == SENT
    assert [line.channel for line in log.page("sent", channel="pigeon").lines] == ["Pigeon"]
