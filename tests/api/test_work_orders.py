"""Work orders over the API: the loop from a report to its repair, who may do what, and what nobody overwrites."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from core.database import db
from core.identity.models import ApiToken
from core.outbox.models import Message
from core.photos.models import Photo
from interventions.models import WorkOrder, WorkOrderEvent
from reporter.models import Report
from tests import factories

URL = "/api/v1/work-orders"
SHAPE = {"number", "kind", "status", "title", "category", "reports", "team", "agent", "priority", "location", "start",
         "end"}
DAY = {"start": "2026-12-01T09:00:00+01:00", "end": "2026-12-01T11:00:00+01:00"}


def fields_of(answer) -> set[str]:
    """The names of the fields that a problem document names."""
    assert answer.content_type == "application/problem+json"
    return {error["field"] for error in answer.get_json().get("errors", ())}


@pytest.fixture
def reference(acting, town) -> str:
    """A report waiting for work."""
    with acting(town):
        return factories.report().reference


@pytest.fixture
def desk(bearer):
    """A supervisor's headers."""
    return bearer("supervisor")


@pytest.fixture
def do(client, desk):
    """`do(number, verb, fields)` – a verb by a supervisor (or another), which must answer with `status`."""
    def act(number, verb, fields=None, *, status=200, headers=None, more=None):
        sent = {"json": fields} if fields is not None else {}
        answer = client.post(f"{URL}/{number}/{verb}", headers=(headers or desk) | (more or {}), **sent)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer
    return act


@pytest.fixture
def made(client, desk, reference):
    """A work order for the report."""
    answer = client.post(URL, json={"reports": [reference], "title": "Reboucher"}, headers=desk)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer


class TestTheLoop:
    """From a report to its repair, as a program does it."""

    def test_from_the_report_to_the_mail_that_says_repaired(self, client, bearer, do, acting, town):
        desk, agent = bearer("supervisor"), bearer("agent")
        photo = client.post("/api/v1/photos", data={"photo": (io.BytesIO(factories.jpeg()), "trou.jpg")})
        report = client.post("/api/v1/reports", json={
            "category": "nid-de-poule", "location": {"type": "Point", "coordinates": [3.8771, 43.6112]},
            "contact": {"email": "a@example.org", "locale": "fr"}, "photos": [photo.get_json()["id"]]}).get_json()
        order = client.post(URL, json={"reports": [report["reference"]], "kind": "final"}, headers=desk).get_json()
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
        done = do(order["number"], "finish", {"comment": "Rebouché", "photos": [proof], "minutes": 40},
                  headers=agent).get_json()
        assert done["status"] == "done" and done["minutes"] == 40
        assert [shown["id"] for shown in done["photos"]] == [proof]
        ended = client.get(here).get_json()
        assert ended["status"] == "resolved"
        assert [(shown["id"], shown["role"]) for shown in ended["photos"]] == [
            (photo.get_json()["id"], "seen"), (proof, "repair")]
        kinds = [line["kind"] for line in client.get(f"{here}/events").get_json()["items"]]
        assert kinds == ["resolved", "started", "planned", "acknowledged", "received"]
        with acting(town):
            told = db.session.scalars(select(Message.kind).order_by(Message.id)).all()
        assert told == ["report.received", "report.planned", "report.resolved"]

    def test_a_barrier_is_no_repair(self, client, desk, do, reference):
        order = client.post(URL, json={"reports": [reference], "kind": "making_safe"}, headers=desk).get_json()
        do(order["number"], "start")
        do(order["number"], "finish", {})
        assert client.get(f"/api/v1/reports/{reference}").get_json()["status"] == "acknowledged"

    def test_every_verb(self, made, do):
        number = made.get_json()["number"]
        for verb, fields, status in [
            ("start", None, "in_progress"), ("hold", {"reason": "Pluie"}, "on_hold"), ("resume", {}, "in_progress"),
            ("refuse", {"reason": "Câble enterré"}, "ready"), ("schedule", DAY, "scheduled"),
            ("announce", None, "scheduled"), ("start", {}, "in_progress"), ("finish", {"minutes": "12"}, "done"),
            ("return", {"reason": "Mal fait"}, "ready"), ("start", {}, "in_progress"), ("finish", None, "done"),
            ("verify", {}, "verified"),
        ]:
            answer = do(number, verb, fields)
            assert answer.get_json()["status"] == status, verb
            assert int(answer.headers["ETag"].strip('"')) > 1
        refused = do(number, "cancel", {"reason": "x"}, status=409)
        assert refused.content_type == "application/problem+json" and refused.get_json()["code"] == "illegal_move"

    def test_reception_asks_and_a_supervisor_approves(self, client, bearer, do, reference):
        answer = client.post(URL, json={"reports": [reference]}, headers=bearer("reception"))
        assert answer.status_code == 201 and answer.get_json()["status"] == "awaiting_approval"
        number = answer.get_json()["number"]
        do(number, "approve", headers=bearer("reception"), status=403)
        assert do(number, "approve").get_json()["status"] == "ready"
        assert do(number, "cancel", {"reason": "Doublon"}).get_json()["status"] == "cancelled"
        early = client.post(URL, json={"title": "x", "start": "2026-12-01"}, headers=bearer("reception"))
        assert early.status_code == 422 and fields_of(early) == {"start"}


class TestMaking:
    """POST work-orders and PATCH work-orders/<number>."""

    def test_answers_201_with_it_ready(self, made, reference):
        body = made.get_json()
        assert SHAPE < set(body) and body["status"] == "ready" and body["kind"] == "final"
        assert body["reports"] == [reference] and body["title"] == "Reboucher" and body["start"] is None
        assert made.headers["Location"] == f"{URL}/{body['number']}" and made.headers["ETag"]

    def test_takes_the_rest(self, client, desk):
        body = client.post(URL, json={
            "title": "Tournée", "instructions": "Par le nord", "kind": "inspection", "priority": 1, "team": "proprete",
            "location": {"type": "Point", "coordinates": [3.87, 43.61]}, "address": "Place Haute",
            "start": "2026-12-01", "announce": False}, headers=desk).get_json()
        assert body["status"] == "scheduled" and body["priority"] == 1 and body["team"] == "proprete"
        # A day alone is the crew's working day, in the town's time.
        assert (body["start"], body["end"]) == ("2026-12-01T07:00:00Z", "2026-12-01T16:00:00Z")
        assert body["location"]["coordinates"] == [3.87, 43.61] and body["reports"] == []

    @pytest.mark.parametrize(("fields", "named"), [
        ({}, {"title"}), ({"reports": ["VC-AAA-AAA"]}, {"reports"}), ({"reports": "x"}, {"reports"}),
        ({"reports": [5], "title": "x"}, {"reports.0"}), ({"title": "x", "kind": "big"}, {"kind"}),
        ({"title": "x", "kind": 7}, {"kind"}), ({"title": "x" * 201}, {"title"}),
        ({"title": "x", "category": "zzz"}, {"category"}), ({"title": "x", "priority": 9}, {"priority"}),
        ({"title": "x", "priority": "a"}, {"priority"}), ({"title": "x", "team": "zzz"}, {"team"}),
        ({"title": "x", "agent": "nobody@example.org"}, {"agent"}), ({"title": "x", "start": "hier"}, {"start"}),
        ({"title": "x", "start": "9999-12-31T00:00:00Z"}, {"start"}),
        ({"title": "x", "start": "2026-12-02", "end": "2026-12-01"}, {"end"}),
        ({"title": "x", "location": {"type": "Point"}}, {"location"}),
        ({"reports": ["💥", "\x00"], "title": "x"}, {"reports"}),
    ])
    def test_a_bad_field_is_named(self, client, desk, fields, named):
        answer = client.post(URL, json=fields, headers=desk)
        assert answer.status_code == 422, answer.get_data(as_text=True)
        assert fields_of(answer) == named

    def test_a_closed_report_gets_no_work(self, client, desk, reference):
        client.post(f"/api/v1/reports/{reference}/reject", json={"reason": "Terrain privé"}, headers=desk)
        answer = client.post(URL, json={"reports": [reference]}, headers=desk)
        assert answer.status_code == 422 and fields_of(answer) == {"reports"}

    def test_is_corrected_and_given(self, client, desk, made, acting, town):
        url = f"{URL}/{made.get_json()['number']}"
        with acting(town):
            factories.user("agent")
        body = client.patch(url, json={"title": "Autre", "priority": 2, "agent": "agent@villeclaire.example"},
                            headers=desk).get_json()
        assert (body["title"], body["priority"], body["agent"], body["team"]) == (
            "Autre", 2, "agent@villeclaire.example", "voirie")
        assert client.patch(url, json={"instructions": "x"}, headers=desk).get_json()["team"] == "voirie"
        body = client.patch(url, json={"team": None, "agent": None}, headers=desk).get_json()
        assert body["team"] is None and body["agent"] is None
        assert fields_of(client.patch(url, json={}, headers=desk)) == {"title"}
        assert fields_of(client.patch(url, json={"title": ""}, headers=desk)) == {"title"}

    def test_a_photo_where_the_category_asks_for_one(self, client, desk, do, acting, town):
        with acting(town):
            lamp = factories.report(category="lampadaire").reference
        number = client.post(URL, json={"reports": [lamp]}, headers=desk).get_json()["number"]
        do(number, "start")
        assert fields_of(do(number, "finish", {}, status=422)) == {"photos"}
        assert fields_of(do(number, "finish", {"minutes": -1, "photos": ["x"]}, status=422)) == {"photos", "minutes"}


class TestTwoAtOnce:
    """ETags and keys."""

    def test_an_older_version_changes_nothing(self, client, desk, do, made, reference):
        number, old = made.get_json()["number"], made.headers["ETag"]
        now = do(number, "schedule", DAY, more={"If-Match": old}).headers["ETag"]
        refused = do(number, "start", more={"If-Match": old}, status=412)
        assert refused.headers["ETag"] == now and refused.get_json()["code"] == "changed"
        assert client.get(f"{URL}/{number}", headers=desk).get_json()["status"] == "scheduled"
        do(number, "start", more={"If-Match": f'W/{now}, "77"'})
        do(number, "hold", {"reason": "x"}, more={"If-Match": "*"})
        for garbage in ('"', "x", '"' + "9" * 400 + '"', '"٣"'.encode().decode("latin-1")):
            do(number, "resume", {}, more={"If-Match": garbage}, status=412)

    def test_a_key_sent_twice_moves_once(self, client, desk, do, made, acting, town):
        number, key = made.get_json()["number"], {"Idempotency-Key": "phone-1", "If-Match": made.headers["ETag"]}
        first = do(number, "start", {}, more=key)
        do(number, "hold", {"reason": "Pluie"})
        # The key is looked at before If-Match, and answers what it answered.
        second = do(number, "start", {}, more=key)
        assert second.get_json() == first.get_json() and second.headers["ETag"] == first.headers["ETag"]
        with acting(town):
            events = db.session.scalars(select(WorkOrderEvent.kind)).all()
        assert events.count("started") == 1
        again = client.post(f"{URL}/{number}/start", json={"occurred_at": "2026-11-21T10:00:00Z"},
                            headers=desk | {"Idempotency-Key": "phone-1"})
        assert again.status_code == 422 and fields_of(again) == {"Idempotency-Key"}

    def test_a_key_outlives_its_answer(self, do, made, acting, town):
        """What a phone sends again after the key was cleared away is known by the work order itself."""
        from core.idempotency import IdempotencyKey

        number, key = made.get_json()["number"], {"Idempotency-Key": "phone-1"}
        do(number, "start", {}, more=key)
        do(number, "hold", {"reason": "Pluie"})
        with acting(town):
            db.session.execute(IdempotencyKey.__table__.delete())
            db.session.commit()
        assert do(number, "start", {}, more=key).get_json()["status"] == "on_hold"

    def test_the_time_it_happened_is_kept(self, do, made, acting, town):
        from datetime import UTC, datetime, timedelta

        from core.database import utcnow

        number = made.get_json()["number"]
        at = (utcnow() - timedelta(hours=3)).replace(microsecond=0)
        body = do(number, "start", {"occurred_at": at.isoformat()}).get_json()
        assert datetime.fromisoformat(body["started_at"]) == at
        with acting(town):
            event = db.session.scalar(select(WorkOrderEvent).where(WorkOrderEvent.kind == "started"))
            assert event.occurred_at == at and event.recorded_at - at > timedelta(hours=2)
        for wrong in ("2026-11-21T10:00:00", "x", 5, "2000-01-01T00:00:00Z", "2199-01-01T00:00:00Z"):
            assert fields_of(do(number, "hold", {"reason": "x", "occurred_at": wrong}, status=422)) == {"occurred_at"}
        assert UTC

    def test_one_key_makes_one_work_order(self, client, desk, reference, acting, town):
        sent = {"json": {"reports": [reference]}, "headers": desk | {"Idempotency-Key": "make"}}
        first, second = client.post(URL, **sent), client.post(URL, **sent)
        assert first.get_json() == second.get_json() and second.status_code == 201
        assert second.headers["Location"] == first.headers["Location"]
        with acting(town):
            assert len(db.session.scalars(select(WorkOrder)).all()) == 1

    def test_a_tag_spares_the_second_reading(self, client, desk, made):
        url = f"{URL}/{made.get_json()['number']}"
        tag = client.get(url, headers=desk).headers["ETag"]
        assert tag == made.headers["ETag"]
        assert client.get(url, headers=desk | {"If-None-Match": tag}).status_code == 304


class TestWho:
    """Roles, scopes, whose work it is, and the wall between towns."""

    def test_an_agent_sees_and_does_what_is_theirs(self, client, bearer, do, made):
        number, agent = made.get_json()["number"], bearer("agent")
        assert client.get(URL, headers=agent).get_json()["items"] == []
        assert client.get(f"{URL}/{number}", headers=agent).status_code == 403
        do(number, "start", {}, headers=agent, status=403)
        do(number, "schedule", DAY | {"team": "voirie"})
        assert [one["number"] for one in client.get(URL, headers=agent).get_json()["items"]] == [number]
        assert client.get(f"{URL}/{number}", headers=agent).status_code == 200
        do(number, "schedule", DAY, headers=agent, status=403)
        do(number, "start", {}, headers=agent)

    @pytest.mark.parametrize("verb", ["approve", "schedule", "announce", "verify", "return", "cancel"])
    def test_supervisors_verbs_are_theirs(self, do, made, bearer, verb):
        fields = {"reason": "x"} | DAY
        for role in ("agent", "reception"):
            do(made.get_json()["number"], verb, fields, headers=bearer(role), status=403)

    def test_nobody_without_a_token(self, client, made, reference):
        number = made.get_json()["number"]
        for answer in (client.get(URL), client.get(f"{URL}/{number}"), client.post(URL, json={}),
                       client.post(f"{URL}/{number}/start"), client.get("/api/v1/teams"), client.get("/api/v1/sectors"),
                       client.post(f"/api/v1/reports/{reference}/acknowledge")):
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.content_type == "application/problem+json"

    @pytest.mark.parametrize("value", ["Bearer nonsense", "Bearer", "Bearer ", "Basic eDp5", "x", "Bearer é",
                                       "Bearer " + "x" * 10_000])
    def test_a_token_that_is_no_good_is_401_everywhere(self, client, value):
        for url in ("/api/v1/categories", "/api/v1/reports", URL):
            answer = client.get(url, headers={"Authorization": value.encode().decode("latin-1")})
            assert answer.status_code == 401, url
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_a_revoked_token(self, client, desk, acting, town):
        from core.identity.principal import revoke

        with acting(town):
            assert revoke(desk["Authorization"].removeprefix("Bearer "))
            db.session.commit()
        assert client.get("/api/v1/categories", headers=desk).status_code == 401

    def test_a_token_does_only_what_it_was_given(self, client, desk, acting, town, made):
        with acting(town):
            for token in db.session.scalars(select(ApiToken)):
                token.scopes = ["work:read"]
            db.session.commit()
        number = made.get_json()["number"]
        assert client.get(f"{URL}/{number}", headers=desk).status_code == 200
        refused = client.post(f"{URL}/{number}/start", headers=desk)
        assert refused.status_code == 403 and "work:write" in refused.get_json()["detail"]
        assert client.get("/api/v1/sectors", headers=desk).status_code == 403
        reference = made.get_json()["reports"][0]
        assert "contact" not in client.get(f"/api/v1/reports/{reference}", headers=desk).get_json()

    def test_a_session_opens_nothing_here(self, signed_in, made):
        browser = signed_in("supervisor")
        assert browser.get(URL).status_code == 401
        assert browser.post(f"{URL}/{made.get_json()['number']}/start").status_code == 401
        reference = made.get_json()["reports"][0]
        assert "contact" not in browser.get(f"/api/v1/reports/{reference}").get_json()

    def test_the_wall(self, client, acting, bearer, desk, made, reference):
        from core.geo import Place

        with acting():
            other = factories.town("ailleurs", host="ailleurs.example", centre=Place(3.5, 43.2), prefix="AI")
        there, number = bearer("supervisor", other) | {"Host": "ailleurs.example"}, made.get_json()["number"]
        assert client.get(URL, headers=there).get_json()["items"] == []
        assert client.get(f"{URL}/{number}", headers=there).status_code == 404
        assert client.post(f"{URL}/{number}/start", headers=there).status_code == 404
        assert client.post(f"/api/v1/reports/{reference}/acknowledge", headers=there).status_code == 404
        answer = client.post(URL, json={"reports": [reference]}, headers=there)
        assert answer.status_code == 422 and fields_of(answer) == {"reports"}
        # A token of one town is none in another.
        assert client.get(URL, headers=desk | {"Host": "ailleurs.example"}).status_code == 401

    @pytest.mark.parametrize("number", ["2026-9999", "x", "%00", "2026-0001%00", "é" * 99, "2026-" + "9" * 30])
    def test_a_number_that_is_none_is_404(self, client, desk, number):
        for answer in (client.get(f"{URL}/{number}", headers=desk),
                       client.post(f"{URL}/{number}/start", headers=desk),
                       client.patch(f"{URL}/{number}", json={"title": "x"}, headers=desk)):
            assert answer.status_code == 404


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

    def test_merge(self, client, desk, reference, acting, town):
        with acting(town):
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
        answer = client.patch(url, json={"category": "depot", "address": "5 rue Basse",
                                         "location": {"type": "Point", "coordinates": [3.88, 43.62]}},
                              headers=desk | {"If-Match": tag})
        body = answer.get_json()
        assert (body["category"], body["address"]) == ("depot", "5 rue Basse")
        assert body["location"]["coordinates"] == [3.88, 43.62]
        stale = client.patch(url, json={"category": "trou"}, headers=desk | {"If-Match": tag})
        assert stale.status_code == 412 and stale.headers["ETag"].startswith(answer.headers["ETag"].split("-")[0])
        for fields, named in (({}, {"category"}), ({"category": "x"}, {"category"}), ({"location": 3}, {"location"}),
                              ({"location": {"type": "Point", "coordinates": [2, 48]}}, {"location"}),
                              ({"address": 4}, {"address"})):
            assert fields_of(client.patch(url, json=fields, headers=desk)) == named
        assert client.patch(url, json={"category": "trou"}, headers=bearer("agent")).status_code == 403

    def test_a_key_sent_twice(self, client, desk, reference, acting, town):
        key = {"Idempotency-Key": "k"}
        first = self.verb(client, desk, reference, "note", {"text": "Vu"}, **key)
        second = self.verb(client, desk, reference, "note", {"text": "Vu"}, **key)
        assert first.get_json() == second.get_json() and first.headers["ETag"] == second.headers["ETag"]
        with acting(town):
            assert db.session.scalar(select(Report.version)) == 2


def test_private_proof_stays_with_the_services(client, do, made, acting, town):
    """A photo named in a work order is taken once."""
    proof = client.post("/api/v1/photos", data=factories.jpeg(), content_type="image/jpeg").get_json()["id"]
    do(made.get_json()["number"], "start")
    do(made.get_json()["number"], "finish", {"photos": [proof]})
    with acting(town):
        assert db.session.scalar(select(Photo.claimed_at)) is not None
    refused = client.post("/api/v1/reports", json={
        "category": "nid-de-poule", "location": {"type": "Point", "coordinates": [3.87, 43.61]}, "photos": [proof]})
    assert refused.status_code == 422 and fields_of(refused) == {"photos"}
