"""The OpenAPI document is valid, holds every route, says who may call it, and speaks two languages."""

from __future__ import annotations

import re
from http import HTTPStatus

import html5lib
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.web.access import ANYONE, access_of
from tests import factories
from tests.api.asking import DAY, ORDERS, POINT, REPORT, URL, WORK, sent

JSON = "application/json"


@pytest.fixture
def document(client) -> dict:
    """The document in English."""
    answer = client.get("/api/v1/openapi.json", headers={"Accept-Language": "en"})
    assert answer.status_code == 200 and answer.content_type == JSON
    return answer.get_json()


def operations(document):
    """(method, path, operation) of all."""
    for path, found in document["paths"].items():
        for method, operation in found.items():
            if method != "parameters":
                yield method, path, operation


def test_is_valid(document):
    assert document["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_holds_every_route_and_who_may_call_it(app, document):
    known = {(method, path) for method, path, _operation in operations(document)}
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and not rule.endpoint.startswith("v1_docs."):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                routes.add((method.lower(), path))
                operation = document["paths"][path][method.lower()]
                open_to_all = ANYONE in access_of(app, rule.endpoint, method)
                assert ({} in operation["security"]) is open_to_all
                assert open_to_all or (operation["x-roles"] and operation["x-scope"])
    assert routes == known
    assert len({operation["operationId"] for _m, _p, operation in operations(document)}) == len(known)


def test_holds_the_resources_and_verbs_of_the_contract(document):
    paths = set(document["paths"])
    for name in (
        "categories",
        "photos",
        "reports",
        "reports/nearby",
        "reports/{reference}/events",
        "work-orders",
        "teams",
        "sectors",
        "notices",
        "messages",
        "webhooks",
        "webhooks/{webhook}/deliveries",
    ):
        assert f"/api/v1/{name}" in paths
    for verb in (
        "approve",
        "schedule",
        "announce",
        "start",
        "hold",
        "resume",
        "refuse",
        "finish",
        "verify",
        "return",
        "cancel",
    ):
        assert "post" in document["paths"][f"/api/v1/work-orders/{{number}}/{verb}"]


def test_a_report_is_sent_as_json_or_as_a_form(document):
    content = document["paths"]["/api/v1/reports"]["post"]["requestBody"]["content"]
    schemas = {
        kind: document["components"]["schemas"][body["schema"]["$ref"].rsplit("/", 1)[-1]]
        for kind, body in content.items()
    }
    assert set(schemas) == {JSON, "multipart/form-data"}
    assert set(schemas[JSON]["properties"]) == {
        "category",
        "location",
        "address",
        "description",
        "contact",
        "answers",
        "photos",
    }
    form = schemas["multipart/form-data"]["properties"]
    assert set(form) == {
        "category",
        "lat",
        "lon",
        "address",
        "description",
        "name",
        "email",
        "phone",
        "locale",
        "photos",
    }
    assert form["photos"]["items"]["format"] == "binary"


def test_changes_say_if_match_and_writes_the_key(document):
    for method, path, operation in operations(document):
        names = {one.get("$ref", "").rsplit("/", 1)[-1] for one in operation.get("parameters", ())}
        if method in ("post", "patch"):
            assert "IdempotencyKey" in names, path
            assert ("IfMatch" in names) is ("{" in path), path
        assert {"default"} <= set(operation["responses"])


class TestAnswers:
    """What is answered is what the document says."""

    @pytest.fixture
    def fits(self, document):
        """`fits(answer, method, path)` – the answer's body is valid under the operation's schema."""

        def check(answer, method, path):
            said = document["paths"][path][method]["responses"][str(answer.status_code)]
            kind = answer.content_type.split(";")[0]
            if "$ref" in said:
                said = document["components"]["responses"][said["$ref"].rsplit("/", 1)[-1]]
            schema = said["content"][kind]["schema"]
            whole = schema | {"components": document["components"]}
            errors = list(Draft202012Validator(whole).iter_errors(answer.get_json(force=True)))
            assert errors == [], errors[0].message
            # Nothing is answered that the document does not name.
            if kind == JSON:
                self.named(document, schema, answer.get_json())

        return check

    def named(self, document, schema, value):
        """Every field of an answer is in its schema."""
        while "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        if isinstance(value, list):
            for one in value:
                self.named(document, schema["items"], one)
        elif isinstance(value, dict) and "properties" in schema:
            assert set(value) <= set(schema["properties"])
            for name, inner in value.items():
                self.named(document, schema["properties"][name], inner)

    def test_of_reports(self, client, bearer, fits):
        desk, geo = bearer("supervisor"), {"Accept": "application/geo+json"}
        photo = client.post("/api/v1/photos", data=factories.jpeg(), content_type="image/jpeg")
        fits(photo, "post", "/api/v1/photos")
        fits(client.get(photo.headers["Location"]), "get", "/api/v1/photos/{token}")
        sent = client.post(
            URL,
            json={
                "category": "depot",
                "location": POINT,
                "photos": [photo.get_json()["id"]],
                "contact": {"email": "a@example.org"},
            },
        )
        fits(sent, "post", "/api/v1/reports")
        here, path = sent.headers["Location"], "/api/v1/reports/{reference}"
        for headers in ({}, desk, geo, desk | geo):
            fits(client.get(here, headers=headers), "get", path)
            fits(client.get(f"{URL}?count=1", headers=headers), "get", "/api/v1/reports")
            fits(client.get(f"{URL}/nearby?lat=43.6112&lon=3.8771", headers=headers), "get", f"{URL}/nearby")
        for headers in ({}, desk):
            fits(client.get(f"{here}/events", headers=headers), "get", f"{path}/events")
        fits(client.patch(here, json={"category": "trou"}, headers=desk), "patch", path)
        fits(client.post(f"{here}/acknowledge", headers=desk), "post", f"{path}/acknowledge")
        fits(client.post(f"{here}/acknowledge", headers=desk), "post", f"{path}/acknowledge")
        fits(client.post(URL, json={}), "post", "/api/v1/reports")

    def test_of_work_orders(self, client, bearer, fits, reference):
        desk = bearer("supervisor")
        made = client.post(ORDERS, json={"reports": [reference]}, headers=desk)
        fits(made, "post", ORDERS)
        here, path = made.headers["Location"], f"{ORDERS}/{{number}}"
        fits(client.post(f"{here}/schedule", json=DAY, headers=desk), "post", f"{path}/schedule")
        for headers in (desk, desk | {"Accept": "application/geo+json"}):
            fits(client.get(here, headers=headers), "get", path)
            fits(client.get(ORDERS, headers=headers), "get", ORDERS)
            fits(client.get("/api/v1/sectors", headers=headers), "get", "/api/v1/sectors")
        fits(client.get("/api/v1/teams", headers=desk), "get", "/api/v1/teams")
        for headers in ({}, {"Accept": "application/geo+json"}):
            fits(client.get("/api/v1/notices", headers=headers), "get", "/api/v1/notices")
        fits(client.get("/api/v1/categories"), "get", "/api/v1/categories")
        fits(client.get("/api/v1/categories/trou"), "get", "/api/v1/categories/{code}")

    def test_of_messages_and_webhooks(self, app, client, bearer, fits, monkeypatch):
        monkeypatch.setitem(app.config, "ALLOW_PRIVATE_TARGETS", "127.0.0.1")
        admin, one = bearer("administrator"), "/api/v1/webhooks/{webhook}"
        made = client.post("/api/v1/webhooks", json={"url": "http://127.0.0.1:9/"}, headers=admin)
        fits(made, "post", "/api/v1/webhooks")
        here = made.headers["Location"]
        sent(client, contact={"email": "a@example.org"})
        fits(client.get("/api/v1/webhooks", headers=admin), "get", "/api/v1/webhooks")
        fits(client.get(here, headers=admin), "get", one)
        fits(client.patch(here, json={"label": "SIG"}, headers=admin), "patch", one)
        for name in ("secret", "ping", "redeliver", "suspend", "resume"):
            fits(client.post(f"{here}/{name}", headers=admin), "post", f"{one}/{name}")
        fits(client.get(f"{here}/deliveries", headers=admin), "get", f"{one}/deliveries")
        fits(client.get("/api/v1/messages", headers=admin), "get", "/api/v1/messages")
        fits(client.delete(here, headers=admin), "delete", one)

    def test_names_the_contracts_fields(self, document):
        schemas = document["components"]["schemas"]
        assert set(schemas["Report"]["required"]) == REPORT
        assert set(schemas["Work"]["required"]) >= WORK
        assert set(schemas["Category"]["properties"]) == {"code", "name", "group", "private", "questions"}
        assert set(schemas["Question"]["properties"]) == {"code", "label", "type", "required", "choices"}
        assert set(schemas["Team"]["properties"]) == {"code", "name"}
        assert set(schemas["Schedule"]["properties"]) >= {"team", "agent", "start", "end", "announce"}
        assert set(schemas["Finish"]["properties"]) >= {"comment", "photos", "minutes"}


def test_every_sentence_is_in_french_too(client, document):
    """Proper names and HTTP's own phrases aside."""
    french = client.get("/api/v1/openapi.json", headers={"Accept-Language": "fr"}).get_json()
    same = set()

    def compare(one, other):
        if isinstance(one, dict):
            for name, value in one.items():
                if name in ("summary", "description") and isinstance(value, str) and value == other[name]:
                    same.add(value)
                else:
                    compare(value, other[name])
        elif isinstance(one, list):
            for pair in zip(one, other, strict=True):
                compare(*pair)

    compare(document, french)
    phrases = {status.phrase for status in HTTPStatus}
    assert same - phrases - {"RFC 9457", "Not modified", ""} == set()


def test_a_second_reading_is_spared(client):
    first = client.get("/api/v1/openapi.json")
    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


class TestPage:
    """The document as a page."""

    def test_shows_every_operation_in_the_readers_language(self, client, document):
        for code, word in (("fr", "Envoyer un signalement"), ("en", "Send a report")):
            answer = client.get("/api/v1/docs", headers={"Accept-Language": code})
            assert answer.status_code == 200
            page = answer.get_data(as_text=True)
            tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
            assert word in page and tree.find(".//main") is not None
            ids = {node.get("id") for node in tree.iter("article")}
            assert ids == {operation["operationId"] for _m, _p, operation in operations(document)}
            assert len({node.get("id") for node in tree.iter() if node.get("id")}) == sum(
                1 for node in tree.iter() if node.get("id")
            )
            for link in tree.iter("a"):
                if link.get("href").startswith("#"):
                    assert f'id="{link.get("href")[1:]}"' in page

    def test_says_what_a_webhook_receives(self, client):
        page = client.get("/api/v1/docs", headers={"Accept-Language": "fr"}).get_data(as_text=True)
        for name in ("webhook-signature", "data.report.api_url", "occurred_at"):
            assert f"<code>{name}</code>" in page

    def test_has_nothing_that_the_policy_refuses(self, client):
        page = client.get("/api/v1/docs")
        text = page.get_data(as_text=True)
        assert "style=" not in text and not re.search(r"<script(?![^>]*src=)", text) and " onclick" not in text
        assert not re.search(r'(?:src|href)="https?://(?!localhost)', text)
        assert "Set-Cookie" not in page.headers
        sheet = client.get("/api/v1/docs.css")
        assert sheet.status_code == 200 and sheet.content_type.startswith("text/css")

    def test_its_commands_name_this_town(self, client):
        text = client.get("/api/v1/docs").get_data(as_text=True)
        assert "http://localhost/api/v1/reports" in text and "{reference}" not in re.sub(
            r"</span> [^<]*</code>", "", text
        )
