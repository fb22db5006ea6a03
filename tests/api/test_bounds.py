"""What a request may carry at its limits: whole numbers, addresses that are not ASCII, and what the document says."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator

from api.v1.schemas import bounds
from core import geo
from core.errors import FieldError
from tests.api.asking import ORDERS, URL, fields_of, sent

HUGE = (20425288256416255385155282141184, 2**63, -(2**63) - 1)


@pytest.fixture
def order(client, bearer, reference) -> str:
    """The number of a work order."""
    return client.post(ORDERS, json={"reports": [reference]}, headers=bearer("supervisor")).get_json()["number"]


class TestWholeNumbers:
    """Beyond 64 bits there is none."""

    @pytest.mark.parametrize("number", HUGE)
    def test_in_a_body(self, client, bearer, order, number):
        admin = bearer("administrator")
        done = client.patch(f"{ORDERS}/{order}", json={"priority": number}, headers=admin)
        assert done.status_code == 422 and fields_of(done) == {"priority"}
        done = client.post(f"{ORDERS}/{order}/finish", json={"minutes": number}, headers=admin)
        assert done.status_code == 422 and fields_of(done) == {"minutes"}
        again = client.post("/api/v1/webhooks/1/redeliver", json={"deliveries": [1, number]}, headers=admin)
        assert again.status_code == 422 and fields_of(again) == {"deliveries.1"}

    @pytest.mark.parametrize("number", HUGE)
    @pytest.mark.parametrize("sign", ['"\\ud83d"', '"x"'], ids=["read twice", "read once"])
    def test_where_no_number_is_asked(self, client, number, sign):
        """Such a body is read by one of two readers: both leave nothing that cannot be kept or answered."""
        body = {
            "category": "nid-de-poule",
            "location": {"type": "Point", "coordinates": [3.8771, 43.6112]},
            "answers": {"x": number},
            "unknown": [number],
        }
        raw = json.dumps(body).removesuffix("}") + f', "description": {sign}}}'
        answer = client.post(URL, data=raw, content_type="application/json", headers={"Idempotency-Key": "k"})
        assert answer.status_code in (400, 422) and fields_of(answer) in ({"body"}, {"answers.x"})

    def test_of_hundreds_of_figures(self, client, bearer, order):
        answer = client.patch(f"{ORDERS}/{order}", json={"priority": 10**400}, headers=bearer("supervisor"))
        assert answer.status_code == 422 and fields_of(answer) == {"priority"}

    @pytest.mark.parametrize("number", HUGE)
    def test_in_a_query(self, client, bearer, number):
        admin = bearer("administrator")
        for url in (URL, ORDERS, "/api/v1/messages"):
            answer = client.get(f"{url}?limit={number}", headers=admin)
            assert answer.status_code == 422 and fields_of(answer) == {"limit"}
        for url in ("/api/v1/messages", "/api/v1/webhooks/1/deliveries"):
            answer = client.get(f"{url}?cursor={number}", headers=admin)
            assert answer.status_code in (404, 422)

    @pytest.mark.parametrize("number", HUGE)
    def test_in_a_path_nothing_is_there(self, client, bearer, number):
        for path in (f"webhooks/{number}", f"webhooks/{number}/deliveries"):
            assert client.get(f"/api/v1/{path}", headers=bearer("administrator")).status_code == 404
        assert client.post(f"/api/v1/messages/{number}/retry", headers=bearer("administrator")).status_code == 404

    @pytest.mark.parametrize("number", [1.5, True, "1_0", "٣", "1.0", ""])
    def test_what_is_none_is_refused(self, client, bearer, order, number):
        answer = client.patch(f"{ORDERS}/{order}", json={"priority": number}, headers=bearer("supervisor"))
        assert answer.status_code == 422 and fields_of(answer) == {"priority"}


def test_a_problem_names_its_address_as_an_address(client):
    """RFC 9457 §3.1.5: a URI reference."""
    for path, written in (
        ("rue-de-l’été", "rue-de-l%E2%80%99%C3%A9t%C3%A9"),
        ("a b^\x07", "a%20b%5E%07"),
        ("VC-7K3-9QT", "VC-7K3-9QT"),
        ("50%25", "50%25"),
    ):
        assert client.get(f"{URL}/{path}").get_json()["instance"] == f"{URL}/{written}"


def test_a_collections_own_names_are_no_references(client, bearer):
    """`nearby` takes no PATCH and says so, under every method."""
    allowed = {"GET", "HEAD", "OPTIONS"}
    assert set(client.options(f"{URL}/nearby").allow) == allowed
    refused = client.patch(f"{URL}/nearby", json={"category": "trou"}, headers=bearer("supervisor"))
    assert refused.status_code == 405 and set(refused.allow) == allowed
    assert client.get(f"{URL}/nearby-by").status_code == 404
    assert "PATCH" in client.options(f"{URL}/{sent(client).get_json()['reference']}").allow


class TestTheDocumentSays:
    """What is written in it of a field is what the field takes."""

    @pytest.mark.parametrize("box", ["3.86,43.60,3.89,43.62", "-180,-90,180,90", "3,43,3,43", "-1.5,0,0.25,7.0"])
    def test_of_boxes_that_are_taken(self, client, box):
        assert re.search(bounds.BBOX, box) and client.get(f"{URL}?bbox={box}").status_code == 200

    @pytest.mark.parametrize(
        "box",
        ["", "3,43,4", "3,43,4,44,5", "181,0,182,1", "0,91,1,92", "a,b,c,d", "3;43;4;44", "nan,0,1,1", "inf,0,1,1"],
    )
    def test_of_boxes_that_are_refused(self, client, box):
        assert not re.search(bounds.BBOX, box) and client.get(f"{URL}?bbox={box}").status_code == 422
        with pytest.raises(FieldError):
            geo.bbox(box)

    @pytest.mark.parametrize(
        "moment", ["2026-03-05T10:40:00Z", "2026-03-05T10:40:00.123+01:00", "2028-02-29T00:00:00Z"]
    )
    def test_of_moments(self, client, moment):
        assert re.search(bounds.MOMENT, moment) and re.search(bounds.LOCAL_MOMENT, moment)
        assert client.get(URL, query_string={"updated_since": moment}).status_code == 200

    @pytest.mark.parametrize(
        "moment",
        [
            "",
            "2026-13-01T10:40:00Z",
            "2026-04-31T10:40:00Z",
            "1969-01-01T00:00:00Z",
            "2200-01-01T00:00:00Z",
            "2026-03-05T24:00:00Z",
            "hier",
        ],
    )
    def test_of_what_is_no_moment(self, client, moment):
        assert not re.search(bounds.LOCAL_MOMENT, moment)
        assert client.get(URL, query_string={"updated_since": moment}).status_code == 422

    @pytest.mark.parametrize("typed", ["VC-7K3-9QT", "vc 7k3 9qt", "vc7k39qt", "VC_7K3.9QT"])
    def test_of_references(self, typed):
        from core import references

        assert re.search(bounds.REFERENCE_TYPED, typed) and references.parse_reference(typed) == "VC-7K3-9QT"

    @pytest.mark.parametrize(
        ("key", "good"), [("a", True), ("clé n° 1", True), ("k" * 200, True), ("", False), ("k" * 201, False)]
    )
    def test_of_keys(self, client, key, good):
        assert bool(re.search(bounds.KEY, key)) is good
        answer = client.post(
            URL,
            json={"category": "nid-de-poule", "location": {"type": "Point", "coordinates": [3.8771, 43.6112]}},
            headers={"Idempotency-Key": key},
        )
        assert (answer.status_code == 201) is good

    def test_that_something_must_be_changed(self, client, bearer, reference, order):
        schemas = client.get("/api/v1/openapi.json").get_json()["components"]["schemas"]
        admin = bearer("administrator")
        for name, url in (
            ("ReportChange", f"{URL}/{reference}"),
            ("WorkChange", f"{ORDERS}/{order}"),
            ("WebhookChange", "/api/v1/webhooks/1"),
        ):
            rules = Draft202012Validator({"anyOf": schemas[name]["anyOf"]})
            assert not rules.is_valid({}) and not rules.is_valid({"x": 1})
            assert client.patch(url, json={}, headers=admin).status_code == 422
        assert Draft202012Validator({"anyOf": schemas["WorkChange"]["anyOf"]}).is_valid({"team": None})
        assert client.patch(f"{ORDERS}/{order}", json={"team": None}, headers=admin).status_code == 200

    def test_an_unknown_category_is_said_once(self, client, bearer):
        answer = client.post(ORDERS, json={"category": "rien"}, headers=bearer("supervisor"))
        assert answer.status_code == 422 and fields_of(answer) == {"category"}

    def test_a_code_that_is_too_long_names_its_parameter(self, client):
        answer = client.get(URL, query_string={"category": "x" * 1001})
        assert answer.status_code == 422 and {name.partition(".")[0] for name in fields_of(answer)} == {"category"}
