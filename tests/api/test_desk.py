"""What the desk decides about a report, over the API."""

from __future__ import annotations

from sqlalchemy import select

from core.database import db
from reporter.reports.models import Report
from tests import factories
from tests.api.asking import fields_of


class TestTheDesk:
    """What the desk decides about a report."""

    def verb(self, client, desk, reference, verb, fields=None, status=200, **headers):
        answer = client.post(f"/api/v1/reports/{reference}/{verb}", json=fields or {}, headers=desk | headers)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer

    def test_acknowledge_reject_reopen_note(self, client, desk, reference):
        assert self.verb(client, desk, reference, "acknowledge").get_json()["status"] == "acknowledged"
        assert self.verb(client, desk, reference, "acknowledge", status=409).get_json()["code"] == "illegal_move"
        assert fields_of(self.verb(client, desk, reference, "reject", status=422)) == {"reason"}
        assert fields_of(self.verb(client, desk, reference, "reject", {"reason": ""}, status=422)) == {"reason"}
        assert self.verb(client, desk, reference, "reject", {"reason": "Privé"}).get_json()["status"] == "rejected"
        assert self.verb(client, desk, reference, "reopen").get_json()["status"] == "acknowledged"
        assert fields_of(self.verb(client, desk, reference, "note", {"text": 5}, status=422)) == {"text"}
        self.verb(client, desk, reference, "note", {"text": "Vu"})

    def test_ask(self, client, desk, reference):
        assert fields_of(self.verb(client, desk, reference, "ask", status=422)) == {"text"}
        assert fields_of(self.verb(client, desk, reference, "ask", {"text": " "}, status=422)) == {"text"}
        assert self.verb(client, desk, reference, "ask", {"text": "De quel côté ?"}).get_json()["status"] == "waiting"
        lines = client.get(f"/api/v1/reports/{reference}/events", headers=desk).get_json()["items"]
        assert lines[0]["kind"] == "question" and lines[0]["text"] == "De quel côté ?"
        public = client.get(f"/api/v1/reports/{reference}/events").get_json()["items"]
        assert public[0]["kind"] == "question" and public[0]["text"] is None
        assert self.verb(client, desk, reference, "acknowledge").get_json()["status"] == "acknowledged"

    def test_merge(self, client, desk, reference, acting, jurisdiction):
        with acting(jurisdiction):
            other = factories.report().reference
        body = self.verb(client, desk, reference, "merge", {"into": other.lower()}).get_json()
        assert body["status"] == "merged" and body["merged_into"] == other
        for into in (reference, "VC-AAA-AAA", "x", "", "\x00" * 40):
            assert fields_of(self.verb(client, desk, other, "merge", {"into": into}, status=422)) == {"into"}
        assert self.verb(client, desk, "VC-AAA-AAA", "merge", {"into": other}, status=404)
        old = {"If-Match": '"1"'}
        assert self.verb(client, desk, other, "merge", {"into": reference}, status=412, **old).headers["ETag"]

    def test_correct(self, client, desk, reference, bearer):
        url = f"/api/v1/reports/{reference}"
        tag = client.get(url, headers=desk).headers["ETag"]
        answer = client.patch(
            url,
            json={
                "category": "depot",
                "address": "5 rue Basse",
                "location": {"type": "Point", "coordinates": [3.88, 43.62]},
            },
            headers=desk | {"If-Match": tag},
        )
        body = answer.get_json()
        assert (body["category"], body["address"]) == ("depot", "5 rue Basse")
        assert body["location"]["coordinates"] == [3.88, 43.62]
        stale = client.patch(url, json={"category": "trou"}, headers=desk | {"If-Match": tag})
        assert stale.status_code == 412 and stale.headers["ETag"].startswith(answer.headers["ETag"].split("-")[0])
        for fields, named in (
            ({}, {"category"}),
            ({"category": "x"}, {"category"}),
            ({"location": 3}, {"location"}),
            ({"location": {"type": "Point", "coordinates": [2, 48]}}, {"location"}),
            ({"address": 4}, {"address"}),
        ):
            assert fields_of(client.patch(url, json=fields, headers=desk)) == named
        assert client.patch(url, json={"category": "trou"}, headers=bearer("agent")).status_code == 403

    def test_a_key_sent_twice(self, client, desk, reference, acting, jurisdiction):
        key = {"Idempotency-Key": "k"}
        first = self.verb(client, desk, reference, "note", {"text": "Vu"}, **key)
        second = self.verb(client, desk, reference, "note", {"text": "Vu"}, **key)
        assert first.get_json() == second.get_json() and first.headers["ETag"] == second.headers["ETag"]
        with acting(jurisdiction):
            assert db.session.scalar(select(Report.version)) == 2
