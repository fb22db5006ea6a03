"""No transaction is open while the storage, the mailbox or the geocoder is spoken with."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select, text

from core import storage
from core.database import db
from core.geo import geocoder
from core.identity.actor import Actor
from core.notifications.outbox.models import Message
from core.notifications.outbox.renderers import prepare
from core.photos.jobs import process_photo
from core.photos.models import Photo
from core.photos.verbs import accept
from interventions.work_orders import execution
from reporter.inbound.mail import imap, mailbox
from reporter.reports.intake import lock_report
from reporter.reports.models import Report
from tests import factories
from tests.reporter.inbound.writing import mail

FORM = {"category": "nid-de-poule", "address": "12 rue des Tilleuls", "description": "Un trou"}


@pytest.fixture
def watched(monkeypatch):
    """`watched(owner, name)` – calls of the real thing from now on, each noted as True where a transaction was open."""

    def watch(owner, name: str) -> list[bool]:
        seen: list[bool] = []
        real = getattr(owner, name)

        def spoken(*given, **more):
            seen.append(db.session.in_transaction())
            return real(*given, **more)

        monkeypatch.setattr(owner, name, spoken)
        return seen

    return watch


@contextmanager
def addok():
    """A geocoder on this machine that knows one address; its URL."""
    known = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [3.8775, 43.6115]},
                "properties": {"label": "12 Rue des Tilleuls", "score": 0.97},
            }
        ],
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(known).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_the_photos_of_a_mail_are_stored_before_anything_is_written(here, taken, watched, app):
    puts = watched(type(storage.storage()), "put")
    (inbound,) = taken(mail(photos=(factories.jpeg(), factories.jpeg(320, 240))))
    assert len(inbound.photo_ids) == 2 and puts == [False, False]


def test_the_mailbox_is_read_outside_of_them(here, box, watched):
    box.put(mail(), mail(subject="Un autre"))
    db.session.commit()
    heads, wholes, puts_away = (watched(imap.Mailbox, name) for name in ("head", "whole", "done"))
    assert mailbox.read_mailbox() == 2
    assert len(wholes) == 2 and not any([*heads, *wholes, *puts_away])


def test_a_form_asks_the_geocoder_before_it_claims_its_key(here, client, app, monkeypatch, watched):
    with addok() as url:
        monkeypatch.setitem(app.config, "GEOCODER_URL", url)
        asked = watched(geocoder, "search")
        sent = client.post("/report/new", data=FORM | {"idempotency_key": "une-cle"})
        assert sent.status_code == 303, sent.text
        again = client.post("/report/new", data=FORM | {"idempotency_key": "une-cle"})
    assert again.headers["Location"] == sent.headers["Location"]
    assert asked == [False, False] and len(list(db.session.scalars(select(Report)))) == 1


def test_the_picture_of_a_repair_is_read_outside_of_them(here, watched):
    photo = accept(factories.jpeg())
    made = factories.report()
    by = Actor("desk", factories.user("supervisor").id)
    order = factories.work_order(lock_report(made.reference))
    execution.start(order, by=by)
    execution.finish(order, photos=[str(photo.token)], by=by)
    number = photo.id
    db.session.commit()
    process_photo(number)
    db.session.expire_all()
    assert db.session.get(Photo, number).sizes
    gets = watched(type(storage.storage()), "get")
    message = db.session.scalars(select(Message).where(Message.kind == "report.resolved")).one()
    mail_made = prepare(message).mail
    assert len(mail_made.pictures) == 1 and gets == [False]
    assert db.session.execute(text("SELECT 1")).scalar() == 1
