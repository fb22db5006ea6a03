"""Work orders made, given and corrected over the API; who may do what."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.database import db
from core.geo import Place
from core.identity.models import ApiToken
from core.identity.token_secrets import revoke
from core.photos.models import Photo
from tests import factories
from tests.api.asking import DAY, ORDERS, WORK, fields_of


class TestMaking:
    """POST work-orders and PATCH work-orders/<number>."""

    def test_answers_201_with_it_ready(self, made, reference):
        body = made.get_json()
        assert WORK < set(body) and body["status"] == "ready" and body["kind"] == "final"
        assert body["reports"] == [reference] and body["title"] == "Reboucher" and body["start"] is None
        assert made.headers["Location"] == f"{ORDERS}/{body['number']}" and made.headers["ETag"]

    def test_takes_the_rest(self, client, desk):
        body = client.post(
            ORDERS,
            json={
                "title": "Tournée",
                "instructions": "Par le nord",
                "kind": "inspection",
                "priority": 1,
                "team": "proprete",
                "location": {"type": "Point", "coordinates": [3.87, 43.61]},
                "address": "Place Haute",
                "start": "2026-12-01",
                "announce": False,
            },
            headers=desk,
        ).get_json()
        assert body["status"] == "scheduled" and body["priority"] == 1 and body["team"] == "proprete"
        # A day alone is the crew's working day, in the jurisdiction's time.
        assert (body["start"], body["end"]) == ("2026-12-01T07:00:00Z", "2026-12-01T16:00:00Z")
        assert body["location"]["coordinates"] == [3.87, 43.61] and body["reports"] == []

    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({}, {"title"}),
            ({"reports": ["VC-AAA-AAA"]}, {"reports"}),
            ({"reports": "x"}, {"reports"}),
            ({"reports": [5], "title": "x"}, {"reports.0"}),
            ({"title": "x", "kind": "big"}, {"kind"}),
            ({"title": "x", "kind": 7}, {"kind"}),
            ({"title": "x" * 201}, {"title"}),
            ({"title": "x", "category": "zzz"}, {"category"}),
            ({"title": "x", "priority": 9}, {"priority"}),
            ({"title": "x", "priority": "a"}, {"priority"}),
            ({"title": "x", "team": "zzz"}, {"team"}),
            ({"title": "x", "agent": "nobody@example.org"}, {"agent"}),
            ({"title": "x", "start": "hier"}, {"start"}),
            ({"title": "x", "start": "9999-12-31T00:00:00Z"}, {"start"}),
            ({"title": "x", "start": "2026-12-02", "end": "2026-12-01"}, {"end"}),
            ({"title": "x", "location": {"type": "Point"}}, {"location"}),
            ({"reports": ["💥", "\x00"], "title": "x"}, {"reports"}),
        ],
    )
    def test_a_bad_field_is_named(self, client, desk, fields, named):
        answer = client.post(ORDERS, json=fields, headers=desk)
        assert answer.status_code == 422, answer.get_data(as_text=True)
        assert fields_of(answer) == named

    def test_a_closed_report_gets_no_work(self, client, desk, reference):
        client.post(f"/api/v1/reports/{reference}/reject", json={"reason": "Terrain privé"}, headers=desk)
        answer = client.post(ORDERS, json={"reports": [reference]}, headers=desk)
        assert answer.status_code == 422 and fields_of(answer) == {"reports"}

    def test_is_corrected_and_given(self, client, desk, made, acting, jurisdiction):
        url = f"{ORDERS}/{made.get_json()['number']}"
        with acting(jurisdiction):
            factories.user("agent")
        body = client.patch(
            url, json={"title": "Autre", "priority": 2, "agent": "agent@villeclaire.example"}, headers=desk
        ).get_json()
        assert (body["title"], body["priority"], body["agent"], body["team"]) == (
            "Autre",
            2,
            "agent@villeclaire.example",
            "voirie",
        )
        assert client.patch(url, json={"instructions": "x"}, headers=desk).get_json()["team"] == "voirie"
        body = client.patch(url, json={"team": None, "agent": None}, headers=desk).get_json()
        assert body["team"] is None and body["agent"] is None
        assert fields_of(client.patch(url, json={}, headers=desk)) == {"title"}
        assert fields_of(client.patch(url, json={"title": ""}, headers=desk)) == {"title"}

    def test_a_photo_where_the_category_asks_for_one(self, client, desk, do, acting, jurisdiction):
        with acting(jurisdiction):
            lamp = factories.report(category="lampadaire").reference
        number = client.post(ORDERS, json={"reports": [lamp]}, headers=desk).get_json()["number"]
        do(number, "start")
        assert fields_of(do(number, "finish", {}, status=422)) == {"photos"}
        assert fields_of(do(number, "finish", {"minutes": -1, "photos": ["x"]}, status=422)) == {
            "photos",
            "minutes",
        }


class TestWho:
    """Roles, scopes, whose work it is, and the wall between jurisdictions."""

    def test_an_agent_sees_and_does_what_is_theirs(self, client, bearer, do, made):
        number, agent = made.get_json()["number"], bearer("agent")
        assert client.get(ORDERS, headers=agent).get_json()["items"] == []
        assert client.get(f"{ORDERS}/{number}", headers=agent).status_code == 403
        do(number, "start", {}, headers=agent, status=403)
        do(number, "schedule", DAY | {"team": "voirie"})
        assert [one["number"] for one in client.get(ORDERS, headers=agent).get_json()["items"]] == [number]
        assert client.get(f"{ORDERS}/{number}", headers=agent).status_code == 200
        do(number, "schedule", DAY, headers=agent, status=403)
        do(number, "start", {}, headers=agent)

    @pytest.mark.parametrize("verb", ["approve", "schedule", "announce", "verify", "return", "cancel"])
    def test_supervisors_verbs_are_theirs(self, do, made, bearer, verb):
        fields = {"reason": "x"} | DAY
        for role in ("agent", "reception"):
            do(made.get_json()["number"], verb, fields, headers=bearer(role), status=403)

    @pytest.mark.parametrize(
        ("wish", "named"),
        [
            ({"team": "voirie"}, "team"),
            ({"agent": "agent@villeclaire.example"}, "agent"),
            (DAY, "start"),
            ({"announce": True}, "start"),
        ],
    )
    def test_what_reception_may_not_decide_is_refused_and_never_dropped(self, client, bearer, reference, wish, named):
        answer = client.post(ORDERS, json={"reports": [reference]} | wish, headers=bearer("reception"))
        assert answer.status_code == 422 and fields_of(answer) == {named}

    def test_reception_corrects_what_awaits_approval_and_nothing_after(self, client, bearer, do, reference):
        reception = bearer("reception")
        number = client.post(ORDERS, json={"reports": [reference]}, headers=reception).get_json()["number"]
        url = f"{ORDERS}/{number}"
        assert client.patch(url, json={"title": "Vite"}, headers=reception).get_json()["title"] == "Vite"
        assert client.patch(url, json={"team": "voirie"}, headers=reception).status_code == 403
        do(number, "approve")
        assert client.patch(url, json={"title": "Autre"}, headers=reception).status_code == 403
        assert client.get(url, headers=reception).get_json()["title"] == "Vite"

    def test_nobody_without_a_token(self, client, made, reference):
        number = made.get_json()["number"]
        for answer in (
            client.get(ORDERS),
            client.get(f"{ORDERS}/{number}"),
            client.post(ORDERS, json={}),
            client.post(f"{ORDERS}/{number}/start"),
            client.get("/api/v1/teams"),
            client.get("/api/v1/sectors"),
            client.post(f"/api/v1/reports/{reference}/acknowledge"),
        ):
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.content_type == "application/problem+json"

    @pytest.mark.parametrize(
        "value", ["Bearer nonsense", "Bearer", "Bearer ", "Basic eDp5", "x", "Bearer é", "Bearer " + "x" * 10_000]
    )
    def test_a_token_that_is_no_good_is_401_everywhere(self, client, value):
        for url in ("/api/v1/categories", "/api/v1/reports", ORDERS):
            answer = client.get(url, headers={"Authorization": value.encode().decode("latin-1")})
            assert answer.status_code == 401, url
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_a_revoked_token(self, client, desk, acting, jurisdiction):

        with acting(jurisdiction):
            assert revoke(desk["Authorization"].removeprefix("Bearer "))
            db.session.commit()
        assert client.get("/api/v1/categories", headers=desk).status_code == 401

    def test_a_token_does_only_what_it_was_given(self, client, desk, acting, jurisdiction, made):
        with acting(jurisdiction):
            for token in db.session.scalars(select(ApiToken)):
                token.scopes = ["work:read"]
            db.session.commit()
        number = made.get_json()["number"]
        assert client.get(f"{ORDERS}/{number}", headers=desk).status_code == 200
        refused = client.post(f"{ORDERS}/{number}/start", headers=desk)
        assert refused.status_code == 403 and "work:write" in refused.get_json()["detail"]
        assert client.get("/api/v1/sectors", headers=desk).status_code == 403
        reference = made.get_json()["reports"][0]
        assert "contact" not in client.get(f"/api/v1/reports/{reference}", headers=desk).get_json()

    def test_a_session_opens_nothing_here(self, signed_in, made):
        browser = signed_in("supervisor")
        assert browser.get(ORDERS).status_code == 401
        assert browser.post(f"{ORDERS}/{made.get_json()['number']}/start").status_code == 401
        reference = made.get_json()["reports"][0]
        assert "contact" not in browser.get(f"/api/v1/reports/{reference}").get_json()

    def test_the_wall(self, client, acting, bearer, desk, made, reference):

        with acting():
            other = factories.jurisdiction("ailleurs", host="ailleurs.example", centre=Place(3.5, 43.2), prefix="AI")
        there, number = bearer("supervisor", other) | {"Host": "ailleurs.example"}, made.get_json()["number"]
        assert client.get(ORDERS, headers=there).get_json()["items"] == []
        assert client.get(f"{ORDERS}/{number}", headers=there).status_code == 404
        assert client.post(f"{ORDERS}/{number}/start", headers=there).status_code == 404
        assert client.post(f"/api/v1/reports/{reference}/acknowledge", headers=there).status_code == 404
        answer = client.post(ORDERS, json={"reports": [reference]}, headers=there)
        assert answer.status_code == 422 and fields_of(answer) == {"reports"}
        # A token of one jurisdiction is none in another.
        assert client.get(ORDERS, headers=desk | {"Host": "ailleurs.example"}).status_code == 401

    @pytest.mark.parametrize("number", ["2026-9999", "x", "%00", "2026-0001%00", "é" * 99, "2026-" + "9" * 30])
    def test_a_number_that_is_none_is_404(self, client, desk, number):
        for answer in (
            client.get(f"{ORDERS}/{number}", headers=desk),
            client.post(f"{ORDERS}/{number}/start", headers=desk),
            client.patch(f"{ORDERS}/{number}", json={"title": "x"}, headers=desk),
        ):
            assert answer.status_code == 404


def test_private_proof_stays_with_the_services(client, do, made, acting, jurisdiction):
    """A photo named in a work order is taken once."""
    proof = client.post("/api/v1/photos", data=factories.jpeg(), content_type="image/jpeg").get_json()["id"]
    do(made.get_json()["number"], "start")
    do(made.get_json()["number"], "finish", {"photos": [proof]})
    with acting(jurisdiction):
        assert db.session.scalar(select(Photo.claimed_at)) is not None
    refused = client.post(
        "/api/v1/reports",
        json={
            "category": "nid-de-poule",
            "location": {"type": "Point", "coordinates": [3.87, 43.61]},
            "photos": [proof],
        },
    )
    assert refused.status_code == 422 and fields_of(refused) == {"photos"}
