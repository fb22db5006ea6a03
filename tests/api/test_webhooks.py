"""Webhooks and messages over the API."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select, text, update

from core.database import db
from core.notifications.outbox.models import Message
from core.notifications.webhooks import verbs as webhook_verbs
from core.notifications.webhooks.models import Webhook
from tests import factories
from tests.api.asking import fields_of, sent
from tests.core.notifications.webhooks.conftest import owed, tried
from tests.core.notifications.webhooks.receiver import Receiver

HOOKS, MESSAGES = "/api/v1/webhooks", "/api/v1/messages"


@pytest.fixture
def receiver(app, database, monkeypatch):
    """Another program, on this machine."""
    monkeypatch.setitem(app.config, "ALLOW_PRIVATE_TARGETS", "127.0.0.1")
    with Receiver() as other:
        yield other


@pytest.fixture
def admin(bearer):
    """An administrator's headers."""
    return bearer("administrator")


@pytest.fixture
def made(client, admin, receiver):
    """A subscription to everything."""
    answer = client.post(HOOKS, json={"url": receiver.url, "label": "SIG"}, headers=admin)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer


def test_the_secret_is_in_the_answer_that_makes_it_and_in_no_other(client, admin, made, acting, jurisdiction):
    body = made.get_json()
    assert body["secret"].startswith("whsec_") and body["kinds"] == [] and body["suspended"] is None
    here = made.headers["Location"]
    assert here == f"{HOOKS}/{body['id']}"
    shown = client.get(here, headers=admin)
    assert "secret" not in shown.get_json() and shown.headers["ETag"] == made.headers["ETag"]
    assert client.get(here, headers=admin | {"If-None-Match": made.headers["ETag"]}).status_code == 304
    listed = client.get(HOOKS, headers=admin).get_json()["items"]
    assert [one["id"] for one in listed] == [body["id"]] and "secret" not in listed[0]
    fresh = client.post(f"{here}/secret", headers=admin).get_json()["secret"]
    with acting(jurisdiction):
        assert db.session.scalar(select(Webhook.secret)) == fresh != body["secret"]


def test_the_same_key_makes_one_and_says_the_same(client, admin, receiver, acting, jurisdiction):
    headers = admin | {"Idempotency-Key": "k"}
    first = client.post(HOOKS, json={"url": receiver.url}, headers=headers)
    second = client.post(HOOKS, json={"url": receiver.url}, headers=headers)
    assert first.status_code == second.status_code == 201 and first.get_json() == second.get_json()
    with acting(jurisdiction):
        assert len(webhook_verbs.list_webhooks()) == 1
        # The secret stands where it lives, and not beside the key.
        kept = db.session.execute(text("SELECT answer::text FROM idempotency_key")).scalar_one()
        assert first.get_json()["secret"] not in kept


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"url"}),
        ({"url": "https://10.0.0.1/"}, {"url"}),
        ({"url": 3, "kinds": 3}, {"url", "kinds"}),
        ({"url": "https://169.254.169.254/", "kinds": ["report.noted"], "label": "x" * 99}, {"url", "kinds", "label"}),
    ],
)
def test_what_cannot_be_names_its_fields(client, admin, fields, wrong):
    answer = client.post(HOOKS, json=fields, headers=admin)
    assert answer.status_code == 422 and fields_of(answer) == wrong


def test_changes_take_the_etag(client, admin, made):
    here, etag = made.headers["Location"], made.headers["ETag"]
    changed = client.patch(here, json={"kinds": ["report.resolved"]}, headers=admin | {"If-Match": etag})
    assert changed.status_code == 200 and changed.get_json()["kinds"] == ["report.resolved"]
    assert client.patch(here, json={"label": "x"}, headers=admin | {"If-Match": etag}).status_code == 412
    assert fields_of(client.patch(here, json={}, headers=admin)) == {"url"}
    assert client.post(f"{here}/resume", headers=admin).status_code == 409
    assert client.post(f"{here}/suspend", headers=admin).get_json()["suspended"] == "asked"
    assert client.post(f"{here}/redeliver", headers=admin).status_code == 409
    assert client.post(f"{here}/resume", headers=admin).get_json()["suspended"] is None
    assert client.delete(here, headers=admin).status_code == 200
    for answer in (
        client.get(here, headers=admin),
        client.delete(here, headers=admin),
        client.get(f"{here}/deliveries", headers=admin),
        client.post(f"{here}/ping", headers=admin),
        client.get(f"{HOOKS}/{2**80}", headers=admin),
    ):
        assert answer.status_code == 404


@pytest.mark.parametrize("role", ["supervisor", "reception", "agent"])
def test_only_administrators(client, bearer, made, role):
    for method, path in (
        ("GET", HOOKS),
        ("POST", HOOKS),
        ("GET", made.headers["Location"]),
        ("DELETE", made.headers["Location"]),
    ):
        assert client.open(path, method=method, headers=bearer(role)).status_code == 403


def test_a_token_without_the_scope_may_not(client, admin, made, acting, jurisdiction):
    from core.identity.models import ApiToken

    with acting(jurisdiction):
        db.session.execute(update(ApiToken).values(scopes=["webhooks:read"]))
        db.session.commit()
    assert client.get(HOOKS, headers=admin).status_code == 200
    assert client.get(MESSAGES, headers=admin).status_code == 403
    assert client.post(f"{made.headers['Location']}/ping", headers=admin).status_code == 403


def test_the_log_and_sending_again(client, admin, made, receiver, acting, jurisdiction):
    here = made.headers["Location"]
    reference = sent(client).get_json()["reference"]
    sent(client)
    receiver.answers = [500]
    with acting(jurisdiction):
        messages = owed(webhook_verbs.get_webhook(made.get_json()["id"]))
        tried(messages[0])
        for message in messages:
            message.status = "sent"
        db.session.commit()
    log = client.get(f"{here}/deliveries?limit=1", headers=admin).get_json()
    assert len(log["items"]) == 1 and log["items"][0]["last"] is None
    (first,) = client.get(f"{here}/deliveries?cursor={log['next']}", headers=admin).get_json()["items"]
    assert first["report"] == reference and first["type"] == "report.received"
    assert first["name"] == receiver.got[0].headers["webhook-id"] == f"msg_{first['id']}"
    assert first["last"]["status"] == 500 and first["last"]["answer"] == "thank you"
    again = client.post(f"{here}/redeliver", json={"deliveries": [first["id"]]}, headers=admin)
    assert again.get_json() == {"id": made.get_json()["id"], "sent_again": 1}
    unknown = {"deliveries": [first["id"] + 10**6]}
    assert client.post(f"{here}/redeliver", json=unknown, headers=admin).status_code == 404
    assert client.post(f"{here}/redeliver", headers=admin).get_json()["sent_again"] == 0
    for wrong in ("limit=0", "limit=999", "cursor=x", "cursor=²"):
        assert client.get(f"{here}/deliveries?{wrong}", headers=admin).status_code == 422


def test_what_arrives_is_what_the_document_says(client, made, receiver, acting, jurisdiction):
    document = client.get("/api/v1/openapi.json").get_json()
    (happened,) = (one["post"] for one in document["webhooks"].values())
    schema = happened["requestBody"]["content"]["application/json"]["schema"]
    sent(client, description="Un trou")
    with acting(jurisdiction):
        assert tried(owed(webhook_verbs.get_webhook(made.get_json()["id"]))[0]) is None
    (got,) = receiver.got
    whole = schema | {"components": document["components"]}
    assert [error.message for error in Draft202012Validator(whole).iter_errors(got.body)] == []
    known = document["components"]["schemas"]
    assert set(got.body["data"]["report"]) == set(known["ToldReport"]["properties"])
    assert set(got.body["data"]["event"]) == set(known["ToldEvent"]["properties"])
    assert {one["name"] for one in happened["parameters"]} <= set(got.headers)


class TestMessages:
    """The outbox, for the desk."""

    @pytest.fixture
    def desk(self, bearer):
        """Reception's headers."""
        return bearer("reception")

    @pytest.fixture
    def told(self, client):
        """The references of three reports whose authors are told."""
        return [
            sent(client, contact={"email": f"r{n}@example.org", "name": "Marie Durand"}).get_json()["reference"]
            for n in range(3)
        ]

    def test_the_newest_first_and_nobody_is_named(self, client, desk, told):
        answer = client.get(MESSAGES, headers=desk)
        items = answer.get_json()["items"]
        assert [one["report"] for one in items] == told[::-1]
        assert {(one["kind"], one["channel"], one["status"]) for one in items} == {("report.received", "mail", "owed")}
        text = answer.get_data(as_text=True)
        assert "example.org" not in text and "Durand" not in text and "contact:" not in text

    def test_pages_and_filters(self, client, desk, told, acting, jurisdiction):
        first = client.get(f"{MESSAGES}?limit=2", headers=desk).get_json()
        rest = client.get(f"{MESSAGES}?limit=2&cursor={first['next']}", headers=desk).get_json()
        assert [one["report"] for one in first["items"] + rest["items"]] == told[::-1] and rest["next"] is None
        one = client.get(f"{MESSAGES}?report={told[1].lower()}", headers=desk).get_json()["items"]
        assert [message["report"] for message in one] == [told[1]]
        assert client.get(f"{MESSAGES}?status=dead,sent", headers=desk).get_json()["items"] == []
        assert client.get(f"{MESSAGES}?channel=webhook", headers=desk).get_json()["items"] == []
        for wrong, status in (("status=lost", 422), ("limit=0", 422), ("cursor=%00", 422), ("report=x", 404)):
            assert client.get(f"{MESSAGES}?{wrong}", headers=desk).status_code == status

    def test_one_that_was_given_up_is_tried_again(self, client, desk, told, acting, jurisdiction):
        number = client.get(MESSAGES, headers=desk).get_json()["items"][0]["id"]
        assert client.post(f"{MESSAGES}/{number}/retry", headers=desk).status_code == 409
        with acting(jurisdiction):
            db.session.execute(update(Message).where(Message.id == number).values(status="dead", tries=8))
            db.session.commit()
        answer = client.post(f"{MESSAGES}/{number}/retry", headers=desk)
        assert answer.status_code == 200 and answer.get_json()["status"] == "owed"
        for wrong in (10**6, 2**70):
            assert client.post(f"{MESSAGES}/{wrong}/retry", headers=desk).status_code == 404

    def test_an_agent_sees_none_and_another_town_none(self, app, client, bearer, told, acting):
        assert client.get(MESSAGES, headers=bearer("agent")).status_code == 403
        with acting():
            other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
        theirs = bearer("supervisor", at=other) | {"Host": "ailleurs.localhost"}
        assert client.get(MESSAGES, headers=theirs).get_json()["items"] == []

    def test_few_statements(self, client, desk, told, statements):
        statements.clear()
        client.get(MESSAGES, headers=desk)
        assert len(statements) <= 4
