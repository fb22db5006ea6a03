"""One more channel is one file: dropped beside the others it sends, waits, is tried again and is seen on the desk."""

from __future__ import annotations

import sys

import pytest

from core import jobs
from core.database import db
from core.notifications import channels
from core.notifications.outbox import queries as outbox_queries
from core.notifications.outbox.models import OWED, SENT
from core.notifications.outbox.sender import send_due, start_due_senders
from core.notifications.outbox.verbs import queue_message
from tests.core.notifications.outbox.conftest import contact, due_now, found, newest

FILE = '''
"""Carrier pigeons."""
from core.i18n import lazy_gettext
from core.outbound import Refusal
from core.notifications.channels import Channel

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
def pigeon(jurisdiction, acting, tmp_path, monkeypatch):
    (tmp_path / "pigeon.py").write_text(FILE)
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(tmp_path)])
    for cache in (channels.known_channels, jobs.queues):
        cache.cache_clear()
    with acting(jurisdiction):
        channels.known_channels()
        yield sys.modules["core.notifications.channels.pigeon"]
    monkeypatch.undo()
    sys.modules.pop("core.notifications.channels.pigeon")
    for cache in (channels.known_channels, jobs.queues):
        cache.cache_clear()


def test_a_file_is_enough(pigeon, monkeypatch):
    from core.notifications.outbox import renderers

    left = []
    monkeypatch.setattr(jobs, "enqueue", left.extend)
    monkeypatch.setattr("core.notifications.outbox.sender.enqueue", left.extend)
    monkeypatch.setitem(renderers._RENDERERS, "test.news", lambda message: renderers.Mail("…", "…", brief="Roucoule"))
    queue_message("test.news", source="event:1", contact_id=contact("marie@example.org"), channel="pigeon")
    db.session.commit()
    number = newest()
    assert [(job.queue, job.args) for job in left] == [("pigeon", ("pigeon",))]
    assert ("pigeon",) in jobs.worker_groups()
    start_due_senders()
    assert ("pigeon", ("pigeon",)) in [(job.queue, job.args) for job in left[1:]]
    pigeon.WEATHER.append("storm")
    assert send_due("pigeon") == 0 and found(number).status == OWED and found(number).error == "storm"
    due_now(number)
    assert send_due("pigeon") == 1 and pigeon.FLOWN == ["Roucoule"] and found(number).status == SENT
    assert [line.channel for line in outbox_queries.message_page("sent", channel="pigeon").lines] == ["Pigeon"]
