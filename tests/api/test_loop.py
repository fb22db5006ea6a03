"""From a report to the mail that says repaired, verb by verb; and who comes second is told."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

from sqlalchemy import select

from core.database import db, utcnow
from core.notifications.outbox.models import Message
from core.web.idempotency import IdempotencyKey
from interventions.work_orders.models import WorkOrder, WorkOrderEvent
from tests import factories
from tests.api.asking import DAY, ORDERS, fields_of


class TestTheLoop:
    """From a report to its repair, as a program does it."""

    def test_from_the_report_to_the_mail_that_says_repaired(self, client, bearer, do, acting, jurisdiction):
        desk, agent = bearer("supervisor"), bearer("agent")
        photo = client.post("/api/v1/photos", data={"photo": (io.BytesIO(factories.jpeg()), "trou.jpg")})
        report = client.post(
            "/api/v1/reports",
            json={
                "category": "nid-de-poule",
                "location": {"type": "Point", "coordinates": [3.8771, 43.6112]},
                "contact": {"email": "a@example.org", "locale": "fr"},
                "photos": [photo.get_json()["id"]],
            },
        ).get_json()
        order = client.post(ORDERS, json={"reports": [report["reference"]], "kind": "final"}, headers=desk).get_json()
        assert order["status"] == "ready" and order["category"] == "nid-de-poule"
        here = f"/api/v1/reports/{report['reference']}"
        assert client.get(here).get_json()["status"] == "acknowledged"
        planned = do(order["number"], "schedule", DAY | {"team": "voirie", "announce": True}).get_json()
        assert planned["status"] == "scheduled" and planned["team"] == "voirie"
        assert planned["start"] == "2026-12-01T08:00:00Z" and planned["announced"] == planned["start"]
        assert client.get(here).get_json()["status"] == "planned"
        assert do(order["number"], "start", headers=agent).get_json()["status"] == "in_progress"
        assert client.get(here).get_json()["status"] == "in_progress"
        proof = client.post("/api/v1/photos", data=factories.jpeg(320), content_type="image/jpeg").get_json()["id"]
        done = do(
            order["number"], "finish", {"comment": "Rebouché", "photos": [proof], "minutes": 40}, headers=agent
        ).get_json()
        assert done["status"] == "done" and done["minutes"] == 40
        assert [shown["id"] for shown in done["photos"]] == [proof]
        ended = client.get(here).get_json()
        assert ended["status"] == "resolved"
        assert [(shown["id"], shown["role"]) for shown in ended["photos"]] == [
            (photo.get_json()["id"], "seen"),
            (proof, "repair"),
        ]
        kinds = [line["kind"] for line in client.get(f"{here}/events").get_json()["items"]]
        assert kinds == ["resolved", "started", "planned", "acknowledged", "received"]
        with acting(jurisdiction):
            told = db.session.scalars(select(Message.kind).order_by(Message.id)).all()
        assert told == ["report.received", "report.planned", "report.resolved"]

    def test_a_barrier_is_no_repair(self, client, desk, do, reference):
        order = client.post(ORDERS, json={"reports": [reference], "kind": "making_safe"}, headers=desk).get_json()
        do(order["number"], "start")
        do(order["number"], "finish", {})
        assert client.get(f"/api/v1/reports/{reference}").get_json()["status"] == "acknowledged"

    def test_every_verb(self, made, do):
        number = made.get_json()["number"]
        for verb, fields, status in [
            ("start", None, "in_progress"),
            ("hold", {"reason": "Pluie"}, "on_hold"),
            ("resume", {}, "in_progress"),
            ("refuse", {"reason": "Câble enterré"}, "ready"),
            ("schedule", DAY, "scheduled"),
            ("announce", None, "scheduled"),
            ("start", {}, "in_progress"),
            ("finish", {"minutes": "12"}, "done"),
            ("return", {"reason": "Mal fait"}, "ready"),
            ("start", {}, "in_progress"),
            ("finish", None, "done"),
            ("verify", {}, "verified"),
        ]:
            answer = do(number, verb, fields)
            assert answer.get_json()["status"] == status, verb
            assert int(answer.headers["ETag"].strip('"')) > 1
        refused = do(number, "cancel", {"reason": "x"}, status=409)
        assert refused.content_type == "application/problem+json" and refused.get_json()["code"] == "illegal_move"

    def test_reception_asks_and_a_supervisor_approves(self, client, bearer, do, reference):
        answer = client.post(ORDERS, json={"reports": [reference]}, headers=bearer("reception"))
        assert answer.status_code == 201 and answer.get_json()["status"] == "awaiting_approval"
        number = answer.get_json()["number"]
        do(number, "approve", headers=bearer("reception"), status=403)
        assert do(number, "approve").get_json()["status"] == "ready"
        assert do(number, "cancel", {"reason": "Doublon"}).get_json()["status"] == "cancelled"
        early = client.post(ORDERS, json={"title": "x", "start": "2026-12-01"}, headers=bearer("reception"))
        assert early.status_code == 422 and fields_of(early) == {"start"}


class TestTwoAtOnce:
    """ETags and keys."""

    def test_an_older_version_changes_nothing(self, client, desk, do, made, reference):
        number, old = made.get_json()["number"], made.headers["ETag"]
        now = do(number, "schedule", DAY, more={"If-Match": old}).headers["ETag"]
        refused = do(number, "start", more={"If-Match": old}, status=412)
        assert refused.headers["ETag"] == now and refused.get_json()["code"] == "changed"
        assert client.get(f"{ORDERS}/{number}", headers=desk).get_json()["status"] == "scheduled"
        # A list, of which one tag is the present one; compared strongly (RFC 9110 §13.1.1).
        do(number, "start", more={"If-Match": f'W/{now}, "77"'}, status=412)
        do(number, "start", more={"If-Match": f'W/"1", "", "77", {now}'})
        do(number, "hold", {"reason": "x"}, more={"If-Match": "*"})
        weak = 'W/"a", "b"', '"true", "", W/"3"', '""', 'W/""', "", ", ,"
        for garbage in ('"', "x", '"' + "9" * 400 + '"', '"٣"'.encode().decode("latin-1"), *weak):
            do(number, "resume", {}, more={"If-Match": garbage}, status=412)

    def test_a_key_sent_twice_moves_once(self, client, desk, do, made, acting, jurisdiction):
        number, key = (
            made.get_json()["number"],
            {"Idempotency-Key": "phone-1", "If-Match": made.headers["ETag"]},
        )
        first = do(number, "start", {}, more=key)
        do(number, "hold", {"reason": "Pluie"})
        # The key is looked at before If-Match, and answers what it answered.
        second = do(number, "start", {}, more=key)
        assert second.get_json() == first.get_json() and second.headers["ETag"] == first.headers["ETag"]
        with acting(jurisdiction):
            events = db.session.scalars(select(WorkOrderEvent.kind)).all()
        assert events.count("started") == 1
        again = client.post(
            f"{ORDERS}/{number}/start",
            json={"occurred_at": "2026-11-21T10:00:00Z"},
            headers=desk | {"Idempotency-Key": "phone-1"},
        )
        assert again.status_code == 422 and fields_of(again) == {"Idempotency-Key"}

    def test_a_key_outlives_its_answer(self, do, made, acting, jurisdiction):
        """What a phone sends again after the key was cleared away is known by the work order itself."""

        number, key = made.get_json()["number"], {"Idempotency-Key": "phone-1"}
        do(number, "start", {}, more=key)
        do(number, "hold", {"reason": "Pluie"})
        with acting(jurisdiction):
            db.session.execute(IdempotencyKey.__table__.delete())
            db.session.commit()
        assert do(number, "start", {}, more=key).get_json()["status"] == "on_hold"

    def test_the_time_it_happened_is_kept(self, do, made, acting, jurisdiction):
        number = made.get_json()["number"]
        at = (utcnow() - timedelta(hours=3)).replace(microsecond=0)
        body = do(number, "start", {"occurred_at": at.isoformat()}).get_json()
        assert datetime.fromisoformat(body["started_at"]) == at
        with acting(jurisdiction):
            event = db.session.scalar(select(WorkOrderEvent).where(WorkOrderEvent.kind == "started"))
            assert event.occurred_at == at and event.recorded_at - at > timedelta(hours=2)
        for wrong in ("2026-11-21T10:00:00", "x", 5, "2000-01-01T00:00:00Z", "2199-01-01T00:00:00Z"):
            assert fields_of(do(number, "hold", {"reason": "x", "occurred_at": wrong}, status=422)) == {"occurred_at"}

    def test_one_key_makes_one_work_order(self, client, desk, reference, acting, jurisdiction):
        sent = {"json": {"reports": [reference]}, "headers": desk | {"Idempotency-Key": "make"}}
        first, second = client.post(ORDERS, **sent), client.post(ORDERS, **sent)
        assert first.get_json() == second.get_json() and second.status_code == 201
        assert second.headers["Location"] == first.headers["Location"]
        with acting(jurisdiction):
            assert len(db.session.scalars(select(WorkOrder)).all()) == 1

    def test_a_tag_spares_the_second_reading(self, client, desk, made):
        url = f"{ORDERS}/{made.get_json()['number']}"
        tag = client.get(url, headers=desk).headers["ETag"]
        assert tag == made.headers["ETag"]
        assert client.get(url, headers=desk | {"If-None-Match": tag}).status_code == 304
