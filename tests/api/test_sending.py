"""Reports sent over the API: taken in once, or refused with a sentence for each field."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.database import db, utcnow
from core.geo import Place
from core.notifications.outbox.models import Message
from reporter.reports.models import Report
from tests import factories
from tests.api.asking import POINT, REPORT, URL, fields_of, sent


def count(acting, jurisdiction) -> int:
    """How many reports there are."""
    with acting(jurisdiction):
        return db.session.scalar(select(func.count()).select_from(Report.__table__))


class TestSending:
    """POST reports."""

    def test_answers_201_with_the_report_its_place_and_its_version(self, client):
        answer = sent(client, address="3 rue Haute", contact={"email": "a@example.org", "locale": "en"})
        body = answer.get_json()
        assert set(body) == REPORT
        assert body["status"] == "received" and body["category"] == "nid-de-poule"
        assert body["location"] == POINT and body["address"] == "3 rue Haute" and body["photos"] == []
        assert body["received_at"].endswith("Z") and body["due_at"].endswith("Z")
        assert answer.headers["Location"] == f"{URL}/{body['reference']}"
        assert answer.headers["ETag"] == '"1"'

    def test_answers_what_is_read_afterwards(self, client):
        body = sent(client, category=" depot ", address="3  rue Haute", description="Un\r\ntas ").get_json()
        read = client.get(f"{URL}/{body['reference']}").get_json()
        assert body | {"tracking_url": read["tracking_url"]} == read

    def test_the_author_is_told_and_gets_a_link_of_their_own(self, client, acting, jurisdiction):
        body = sent(client, contact={"email": "a@example.org", "locale": "en"}).get_json()
        assert body["tracking_url"].startswith(f"http://localhost/r/{body['reference']}?key=")
        assert "key=" not in client.get(f"{URL}/{body['reference']}").get_json()["tracking_url"]
        with acting(jurisdiction):
            assert [(m.kind, m.locale) for m in db.session.scalars(select(Message))] == [("report.received", "en")]

    def test_the_language_of_the_news_is_the_requests_where_none_is_named(self, client, acting, jurisdiction):
        sent(client, contact={"email": "a@example.org"}, headers={"Accept-Language": "en"})
        with acting(jurisdiction):
            assert db.session.scalar(select(Message.locale)) == "en"

    def test_takes_at_most_twelve_statements(self, client, statements):
        sent(client, contact={"email": "a@example.org"}, answers={}, headers={"Idempotency-Key": "k"})
        statements.clear()
        sent(client, contact={"email": "b@example.org"}, answers={})
        assert len(statements) <= 12, "\n".join(statements)

    def test_answers_to_questions_are_asked_for_and_checked(self, client):
        refused = sent(client, 422, category="trou")
        assert fields_of(refused) == {"answers.profondeur"}
        assert fields_of(sent(client, 422, category="trou", answers={"profondeur": "x"})) == {"answers.profondeur"}
        sent(client, category="trou", answers={"profondeur": "forte"})

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"category": None}, "category"),
            ({"category": "inconnue"}, "category"),
            ({"category": 5}, "category"),
            ({"category": ["nid-de-poule"]}, "category"),
            ({"category": "a\x00b"}, "category"),
            ({"location": None}, "location"),
            ({"location": [3.8, 43.6]}, "location"),
            ({"location": {"type": "Point", "coordinates": ["x", 1]}}, "location"),
            ({"location": {"type": "Point", "coordinates": [2.35, 48.85]}}, "location"),
            ({"location": {"type": "Point", "coordinates": [True, 43.6]}}, "location"),
            ({"location": {"type": "Point", "coordinates": [1e308, 43.6]}}, "location"),
            ({"location": {"type": "Polygon", "coordinates": []}}, "location"),
            ({"description": {"a": 1}}, "description"),
            ({"description": "x" * 4001}, "description"),
            ({"address": 12}, "address"),
            ({"contact": "moi"}, "contact"),
            ({"contact": []}, "contact"),
            ({"contact": {"email": "nulle part"}}, "contact.email"),
            ({"contact": {"email": 5}}, "contact.email"),
            ({"contact": {"phone": "abc"}}, "contact.phone"),
            ({"answers": []}, "answers"),
            ({"answers": {"x": 1}}, "answers.x"),
            ({"photos": "x"}, "photos"),
            ({"photos": ["x"]}, "photos"),
            ({"photos": [5]}, "photos.0"),
            ({"photos": ["x"] * 10_000}, "photos"),
            ({"photos": ["00000000-0000-4000-8000-000000000000"]}, "photos"),
        ],
    )
    def test_a_bad_field_is_named(self, client, acting, jurisdiction, more, field):
        answer = sent(client, 422, **more)
        assert fields_of(answer) == {field}
        assert count(acting, jurisdiction) == 0

    def test_all_that_is_wrong_is_said_at_once(self, client):
        answer = client.post(URL, json={"description": 5, "contact": {"email": "x"}, "location": 3})
        assert answer.status_code == 422
        assert fields_of(answer) == {"category", "description", "contact.email", "location"}

    def test_errors_speak_the_readers_language(self, client):
        french, english = (
            client.post(URL, json={}, headers={"Accept-Language": code}).get_json()["errors"][0]["message"]
            for code in ("fr", "en")
        )
        assert english == "This field is required." and french != english

    def test_fields_that_are_not_known_are_passed_over(self, client):
        sent(client, colour="red", contact={"email": "a@example.org", "pager": "1"})

    def test_an_address_alone_cannot_be_used_without_a_geocoder(self, client):
        answer = sent(client, 422, location=None, address="3 rue Haute")
        assert fields_of(answer) == {"address"}

    def test_an_address_alone_is_looked_up(self, client, monkeypatch):
        from core.geo import geocoder

        monkeypatch.setattr(geocoder, "is_configured", lambda: True)
        monkeypatch.setattr(
            geocoder,
            "search",
            lambda words, most=5: (
                [geocoder.GeocodedAddress("3 rue Haute", Place(3.87, 43.61), 0.9)] if "Haute" in words else []
            ),
        )
        body = sent(client, location=None, address="3 rue Haute").get_json()
        assert body["location"]["coordinates"] == [3.87, 43.61] and body["address"] == "3 rue Haute"
        assert fields_of(sent(client, 422, location=None, address="nulle part")) == {"address"}

    def test_a_place_outside_is_said_with_the_towns_name(self, client):
        answer = sent(client, 422, location={"type": "Point", "coordinates": [2.35, 48.85]})
        assert "Villeclaire" in answer.get_json()["errors"][0]["message"]

    @pytest.mark.parametrize("text", ["🕳️" * 400, "حفرة كبيرة", "e\u0301" * 100, "a\x00b\x07c", "line\r\nline"])
    def test_any_text_is_kept(self, client, text):
        body = sent(client, description=text).get_json()
        assert body["description"] and "\x00" not in body["description"]

    def test_half_an_emoji_is_replaced(self, client):
        raw = json.dumps({"category": "nid-de-poule", "location": POINT, "description": "trou \ud83d"})
        answer = client.post(URL, data=raw, content_type="application/json")
        assert answer.status_code == 201 and answer.get_json()["description"].startswith("trou ")

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "-1e999", "9" * 400])
    def test_a_number_that_is_none_is_of_the_location(self, client, number):
        point = f'{{"type": "Point", "coordinates": [{number}, 43.6]}}'
        raw = f'{{"category": "nid-de-poule", "location": {point}}}'
        answer = client.post(URL, data=raw, content_type="application/json")
        assert answer.status_code == 422 and fields_of(answer) == {"location"}

    @pytest.mark.parametrize(
        ("raw", "status"),
        [
            (b"", 422),
            (b"{", 400),
            (b"null", 422),
            (b"[]", 422),
            (b'"x"', 422),
            (b"\xff\xfe", 400),
            (b"[" * 100_000, 400),
            (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
            (b'{"description": "\xc3"}', 400),
            (b"9" * 5000, 400),
            (b"\xef\xbb\xbf{}", 422),
            (b'{"category": "a", "category": "b"}', 422),
        ],
    )
    def test_a_body_that_is_no_report_gets_a_sentence(self, client, raw, status):
        answer = client.post(URL, data=raw, content_type="application/json")
        assert answer.status_code == status, answer.get_data(as_text=True)
        assert fields_of(answer)

    @pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "x"])
    def test_another_content_type_is_415(self, client, kind):
        answer = client.post(URL, data="category=x", content_type=kind)
        assert answer.status_code == 415 and fields_of(answer) == {"Content-Type"}

    def test_ten_megabytes_of_text_are_too_long_and_more_are_too_large(self, client):
        answer = sent(client, 422, description="é" * 5 * 2**20)
        assert fields_of(answer) == {"description"}
        assert len(answer.data) < 2000
        answer = client.post(URL, data=b"x" * (33 * 2**20), content_type="application/json")
        assert answer.status_code == 413 and fields_of(answer) == {"body"}


class TestForms:
    """POST reports as multipart."""

    def form(self, client, status=201, headers=None, photos=(), **fields):
        data = {"category": "nid-de-poule", "description": "Un trou"} | fields
        data["photos"] = [(io.BytesIO(raw), f"photo-{index}.jpg") for index, raw in enumerate(photos)]
        answer = client.post(URL, data=data, content_type="multipart/form-data", headers=headers)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer

    def test_takes_photos_with_the_report(self, client):
        body = self.form(
            client, lat="43.6112", lon="3.8771", email="a@example.org", photos=[factories.jpeg(), factories.jpeg(320)]
        ).get_json()
        assert body["location"] == POINT
        assert [photo["status"] for photo in body["photos"]] == ["processing"] * 2
        assert all(photo["urls"] == {} and UUID(photo["id"]) for photo in body["photos"])

    def test_a_decimal_comma_and_answers_by_name(self, client):
        self.form(client, category="trou", lat="43,6112", lon="3,8771", **{"answers.profondeur": "forte"})

    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({}, {"location"}),
            ({"lat": "x", "lon": "3"}, {"location"}),
            ({"lat": "43.6"}, {"location"}),
            ({"lat": "48.8", "lon": "2.3"}, {"location"}),
            ({"lat": "nan", "lon": "3.8"}, {"location"}),
            ({"lat": "43.6112", "lon": "3.8771", "email": "x", "category": ""}, {"email", "category"}),
            ({"address": "nulle part"}, {"address"}),
        ],
    )
    def test_a_bad_field_is_named(self, client, fields, named):
        assert fields_of(self.form(client, 422, **fields)) == named

    def test_a_refused_form_keeps_its_photos(self, client):
        refused = self.form(
            client,
            422,
            headers={"Idempotency-Key": "one"},
            photos=[factories.jpeg()],
            lat="43.6112",
            lon="3.8771",
            email="x",
        )
        (kept,) = refused.get_json()["photos"]
        assert client.get(f"/api/v1/photos/{kept}").get_json()["status"] == "processing"
        again = self.form(
            client,
            headers={"Idempotency-Key": "one"},
            lat="43.6112",
            lon="3.8771",
            photos=[],
            **{"email": "a@example.org"},
        )
        assert again.get_json()["photos"] == []
        data = {"category": "nid-de-poule", "lat": "43.6112", "lon": "3.8771", "photos": kept}
        answer = client.post(URL, data=data, content_type="multipart/form-data")
        assert [photo["id"] for photo in answer.get_json()["photos"]] == [kept]

    def test_a_file_that_is_no_photo_is_named_and_nothing_is_taken_in(self, client, acting, jurisdiction):
        refused = self.form(client, 422, photos=[factories.jpeg(), b"MZ not a photo"], lat="43.6112", lon="3.8771")
        assert fields_of(refused) == {"photos"} and len(refused.get_json()["photos"]) == 1
        assert count(acting, jurisdiction) == 0
        assert fields_of(self.form(client, 422, photos=[factories.jpeg(8, 8)] * 5, lat="43.6112", lon="3.8771")) == {
            "photos"
        }

    def test_the_same_key_again_is_compared_by_fields_and_files(self, client, acting, jurisdiction):
        photo = factories.jpeg()
        given = {"lat": "43.6112", "lon": "3.8771", "headers": {"Idempotency-Key": "form"}}
        first = self.form(client, photos=[photo], **given)
        assert self.form(client, photos=[photo], **given).get_json() == first.get_json()
        assert fields_of(self.form(client, 422, photos=[factories.jpeg(100)], **given)) == {"Idempotency-Key"}
        assert count(acting, jurisdiction) == 1


class TestSentTwice:
    """Idempotency-Key."""

    def test_the_same_answer_and_no_second_report(self, client, acting, jurisdiction):
        key = {"Idempotency-Key": "abc"}
        first, second = sent(client, headers=key), sent(client, headers=key)
        assert first.get_json() == second.get_json() and second.status_code == 201
        assert first.headers["Location"] == second.headers["Location"]
        assert first.headers["ETag"] == second.headers["ETag"]
        assert count(acting, jurisdiction) == 1

    def test_the_words_are_not_kept_beside_the_key(self, client, acting, jurisdiction):
        from core.web.idempotency import IdempotencyKey

        sent(
            client,
            headers={"Idempotency-Key": "abc"},
            description="Mes mots",
            contact={"email": "a@example.org"},
        )
        with acting(jurisdiction):
            kept = json.dumps(db.session.scalar(select(IdempotencyKey.answer)))
        assert "Mes mots" not in kept and "example.org" not in kept

    def test_another_request_under_the_key_is_refused(self, client):
        sent(client, headers={"Idempotency-Key": "abc"})
        assert fields_of(sent(client, 422, headers={"Idempotency-Key": "abc"}, description="autre")) == {
            "Idempotency-Key"
        }

    def test_a_key_used_on_another_path_is_refused(self, client, bearer, acting, jurisdiction):
        """The same body, none at all, means something else at another address."""
        headers = bearer("supervisor") | {"Idempotency-Key": "abc"}
        first, second = (sent(client).get_json()["reference"] for _ in range(2))
        assert client.post(f"{URL}/{first}/acknowledge", headers=headers).status_code == 200
        answer = client.post(f"{URL}/{second}/acknowledge", headers=headers)
        assert answer.status_code == 422 and fields_of(answer) == {"Idempotency-Key"}
        assert client.get(f"{URL}/{second}").get_json()["status"] == "received"

    def test_a_refused_request_leaves_the_key_free(self, client):
        sent(client, 422, headers={"Idempotency-Key": "abc"}, category="x")
        sent(client, headers={"Idempotency-Key": "abc"})

    @pytest.mark.parametrize("key", ["", "k" * 10_000, "a\tb"])
    def test_a_bad_key_is_named(self, client, key):
        assert fields_of(sent(client, 422, headers={"Idempotency-Key": key})) == {"Idempotency-Key"}


def test_a_report_is_due_when_promised(client):
    body = sent(client).get_json()
    due, received = (datetime.fromisoformat(body[name]) for name in ("due_at", "received_at"))
    assert due - received == timedelta(hours=72) and utcnow() - received < timedelta(minutes=5)
