"""Categories, teams, sectors, photos: what the rest refers to by code or id."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.database import db
from core.photos.models import Photo
from tests import factories
from tests.api.asking import fields_of


class TestCategories:
    """GET categories."""

    def test_in_the_readers_language(self, client):
        body = client.get("/api/v1/categories", headers={"Accept-Language": "en"}).get_json()
        assert body["next"] is None and len(body["items"]) == 6
        hole = next(one for one in body["items"] if one["code"] == "trou")
        assert set(hole) == {"code", "name", "group", "private", "questions"}
        assert hole["questions"] == [
            {
                "code": "profondeur",
                "label": "Depth",
                "type": "singlevaluelist",
                "required": True,
                "choices": [{"key": "faible", "name": "Low"}, {"key": "forte", "name": "High"}],
            }
        ]
        assert (
            client.get("/api/v1/categories/trou", headers={"Accept-Language": "fr"}).get_json()["questions"][0]["label"]
            == "Profondeur"
        )
        assert [one["code"] for one in body["items"] if one["private"]] == ["personne"]

    @pytest.mark.parametrize("code", ["zzz", "%00", "%FF", "x" * 3000])
    def test_no_such_category(self, client, code):
        assert client.get(f"/api/v1/categories/{code}").status_code == 404


class TestTeamsAndSectors:
    """GET teams, GET sectors: with a token."""

    def test_teams(self, client, bearer):
        headers = bearer("agent")
        body = client.get("/api/v1/teams", headers=headers).get_json()
        assert body == {
            "items": [{"code": "proprete", "name": "Équipe Propreté"}, {"code": "voirie", "name": "Équipe Voirie"}],
            "next": None,
        }
        assert client.get("/api/v1/teams/voirie", headers=headers).get_json() == body["items"][1]
        for code in ("zzz", "%00"):
            assert client.get(f"/api/v1/teams/{code}", headers=headers).status_code == 404

    def test_sectors(self, client, bearer):
        headers = bearer("reception")
        body = client.get("/api/v1/sectors", headers=headers).get_json()
        assert [one["code"] for one in body["items"]] == ["s1", "s2", "s3", "s4"]
        assert set(body["items"][0]) == {"code", "layer", "name", "bbox"}
        assert body["items"][0]["bbox"] == [3.847, 43.581, 3.877, 43.611]
        shown = client.get("/api/v1/sectors/quartier:s2", headers=headers | {"Accept": "application/geo+json"})
        feature = shown.get_json(force=True)
        assert feature["id"] == "s2" and feature["geometry"]["type"] == "MultiPolygon"
        assert client.get("/api/v1/sectors/s9", headers=headers).status_code == 404
        assert client.get("/api/v1/sectors/%00:%00", headers=headers).status_code == 404


class TestPhotos:
    """POST photos, GET photos/<id>."""

    def test_as_a_forms_file_or_as_the_body(self, client):
        form = client.post("/api/v1/photos", data={"photo": (io.BytesIO(factories.jpeg()), "a.jpg")})
        raw = client.post("/api/v1/photos", data=factories.jpeg(), content_type="image/jpeg")
        for answer in (form, raw):
            assert answer.status_code == 201
            body = answer.get_json()
            assert set(body) == {"id", "status", "urls", "location"} and UUID(body["id"])
            assert body["status"] == "processing" and body["urls"] == {} and body["location"] is None
            assert answer.headers["Location"] == f"/api/v1/photos/{body['id']}"
            assert client.get(answer.headers["Location"]).get_json() == {
                "id": body["id"],
                "status": "processing",
                "urls": {},
            }

    def test_tells_who_sent_it_where_it_was_taken_and_nobody_else(self, client, data):
        raw = next((data / "photos" / "montpellier").glob("*.jpg")).read_bytes()
        answer = client.post("/api/v1/photos", data=raw, content_type="application/octet-stream").get_json()
        lon, lat = answer["location"]["coordinates"]
        assert 3.8 < lon < 4 and 43.5 < lat < 43.7
        assert "location" not in client.get(f"/api/v1/photos/{answer['id']}").get_json()

    def test_its_place_serves_where_no_other_is_given(self, client, data):
        raw = next((data / "photos" / "montpellier").glob("*.jpg")).read_bytes()
        photo = client.post("/api/v1/photos", data=raw, content_type="image/jpeg").get_json()
        lon, lat = photo["location"]["coordinates"]
        # The jurisdiction of the tests lies around 43.611, 3.877, as the photos do.
        body = client.post("/api/v1/reports", json={"category": "depot", "photos": [photo["id"]]}).get_json()
        assert body["location"]["coordinates"] == [lon, lat]
        form = client.post("/api/v1/reports", data={"category": "depot", "photos": (io.BytesIO(raw), "a.jpg")})
        assert form.get_json()["location"]["coordinates"] == [lon, lat]

    @pytest.mark.parametrize(
        ("raw", "kind", "status"),
        [
            (b"", "image/jpeg", 422),
            (b"nothing", "image/png", 422),
            (b"\xff\xd8\xff" + b"\x00" * 99, "image/jpeg", 422),
            (b"{}", "application/json", 415),
            (b"x", "text/plain", 415),
            (b"x", "", 415),
            (b"x", "image/svg+xml", 422),
        ],
    )
    def test_what_is_no_photo_gets_a_sentence(self, client, raw, kind, status):
        answer = client.post("/api/v1/photos", data=raw, content_type=kind)
        assert answer.status_code == status
        assert fields_of(answer) == ({"photo"} if status == 422 else {"Content-Type"})

    def test_a_form_without_a_file_and_one_too_large(self, client):
        answer = client.post("/api/v1/photos", data={"photo": "x"}, content_type="multipart/form-data")
        assert answer.status_code == 422 and fields_of(answer) == {"photo"}
        answer = client.post("/api/v1/photos", data=b"\xff\xd8\xff" * (6 * 2**20), content_type="image/jpeg")
        assert answer.status_code == 422 and fields_of(answer) == {"photo"}

    def test_a_key_sent_twice_keeps_one_photo(self, client, acting, jurisdiction):
        sent = {"data": factories.jpeg(), "content_type": "image/jpeg", "headers": {"Idempotency-Key": "p"}}
        first, second = client.post("/api/v1/photos", **sent), client.post("/api/v1/photos", **sent)
        assert first.get_json() == second.get_json() and second.status_code == 201
        with acting(jurisdiction):
            assert db.session.scalar(select(func.count()).select_from(Photo.__table__)) == 1
        other = client.post("/api/v1/photos", **sent | {"data": factories.jpeg(99)})
        assert fields_of(other) == {"Idempotency-Key"}

    @pytest.mark.parametrize("token", ["x", "00000000-0000-4000-8000-000000000000", "%00"])
    def test_no_such_photo(self, client, token):
        answer = client.get(f"/api/v1/photos/{token}")
        assert answer.status_code == 404 and answer.content_type == "application/problem+json"


class TestAnyPath:
    """What HTTP asks of every address."""

    def test_the_methods_that_it_takes_are_named(self, client):
        for url, allowed in (
            ("/api/v1/reports", {"GET", "HEAD", "OPTIONS", "POST"}),
            ("/api/v1/reports/VC-7K3-9QT", {"GET", "HEAD", "OPTIONS", "PATCH"}),
            ("/api/v1/categories", {"GET", "HEAD", "OPTIONS"}),
        ):
            answer = client.delete(url)
            assert answer.status_code == 405 and answer.content_type == "application/problem+json"
            assert set(answer.headers["Allow"].split(", ")) == allowed

    @pytest.mark.parametrize(
        "url",
        [
            "/api/v1",
            "/api/v1/",
            "/api/v1/nothing",
            "/api/v1/reports/",
            "/api/v2/reports",
            "/api/v1/reports/VC-7K3-9QT/nothing",
            "/api/v1/%FF",
        ],
    )
    def test_no_such_address(self, client, url):
        answer = client.get(url)
        assert answer.status_code == 404 and answer.content_type == "application/problem+json"
        assert answer.get_json()["instance"].startswith("/api/v")

    def test_what_is_private_is_not_kept_by_caches(self, client, bearer):
        assert client.get("/api/v1/teams", headers=bearer("agent")).headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in client.get("/api/v1/reports").headers
