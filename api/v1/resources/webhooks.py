"""Subscriptions of other programs, and the log of what each was sent; for administrators."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Response, url_for
from flask.views import MethodView

from api.v1 import responses
from api.v1.idempotent_writes import Once, must_match
from api.v1.resources.message_queries import read_cursor
from api.v1.resources.messages import limit_of
from api.v1.schemas import serializers
from api.v1.schemas.fields import RequestSchema
from api.v1.schemas.requests import DeliveryQuery, Nothing, SendAgain, WebhookChange, WebhookIn
from api.v1.schemas.responses import DeliveryOut, SentAgainOut, WebhookOut
from api.v1.smorest import CREATED, ETAG, IDEMPOTENT, IF_NONE_MATCH, View, page_of, resource, scoped, verb
from core.errors import FieldError
from core.i18n import gettext as _
from core.notifications.webhooks import queries as webhook_queries
from core.notifications.webhooks import verbs as webhook_verbs
from core.notifications.webhooks.models import Webhook
from core.web.access import requires
from core.web.states import N_

webhooks = resource(
    "webhooks",
    N_(
        "Addresses of other programs that are told what happens to public reports, each delivery signed by the "
        "convention of Standard Webhooks: `webhook-id`, `webhook-timestamp`, and in `webhook-signature` the HMAC-"
        "SHA256 "
        "of `id.timestamp.body` in base64 after `v1,`. What is answered with 2xx within ten seconds has arrived; the "
        "rest is tried again, for 41 hours."
    ),
)
NUMBER = [{"name": "webhook", "in": "path", "description": N_("Its id.")}]
READ, WRITE = "webhooks:read", "webhooks:write"


@webhooks.route("")
class Webhooks(MethodView):
    """All subscriptions."""

    @scoped(READ)
    @webhooks.response(200, page_of(WebhookOut))
    @requires("webhooks.manage")
    def get(self) -> Response:
        """List webhooks."""
        responses.wants_json()
        return responses.reply(
            {"items": [serializers.webhook(one) for one in webhook_verbs.list_webhooks()], "next": None}
        )

    @scoped(WRITE)
    @webhooks.doc(parameters=[IDEMPOTENT])
    @webhooks.arguments(WebhookIn)
    @webhooks.response(201, WebhookOut, headers=CREATED)
    @webhooks.alt_response(422, "UNPROCESSABLE_ENTITY")
    @requires("webhooks.manage")
    def post(self, fields: dict[str, Any]) -> Response:
        """Make a webhook."""
        responses.wants_json()
        target = webhook_verbs.look_up(fields["url"])
        # The secret is not kept beside the key: it is read again where it lives.
        once = Once.begin(fields, words=("secret",))
        if once.answered:
            return once.repeat(serializers.webhook(webhook_verbs.get_webhook(once.answered["body"]["id"]), secret=True))
        made = webhook_verbs.create(url=target, label=fields.get("label") or "", kinds=fields.get("kinds") or ())
        return once.finish(
            "id",
            serializers.webhook(made, secret=True),
            etag=serializers.tag(made.version),
            status=HTTPStatus.CREATED,
            location=url_for("v1_webhooks.OneWebhook", webhook=made.id),
        )


@webhooks.route("/<id:webhook>", parameters=NUMBER)
class OneWebhook(MethodView):
    """One subscription."""

    @scoped(READ)
    @webhooks.doc(parameters=[IF_NONE_MATCH])
    @webhooks.response(200, WebhookOut, headers=ETAG)
    @webhooks.alt_response(304, description="Not modified")
    @webhooks.alt_response(404, "NOT_FOUND")
    @requires("webhooks.manage")
    def get(self, webhook: int) -> Response:
        """Get a webhook."""
        responses.wants_json()
        found = webhook_verbs.get_webhook(webhook)
        # What the sender notes of it is no change that a person makes: it stands behind the version.
        etag = serializers.tag(found.version, f"f{found.failures}" if found.failing_since else "")
        if responses.client_has(etag):
            return responses.not_modified(etag)
        return responses.resource_answer(serializers.webhook(found), "id", etag=etag)


def _verb(
    rule: str, schema: type[RequestSchema], method: str = "POST", out: type[RequestSchema] = WebhookOut
) -> Callable[[View], View]:
    return verb(
        webhooks,
        f"/<id:webhook>{rule}",
        schema,
        out,
        "webhooks.manage",
        scope=WRITE,
        parameters=NUMBER,
        methods=(method,),
        placed=False,
    )


def _change(number: int, fields: dict[str, Any], do: Callable[[Webhook], Any], *, secret: bool = False) -> Response:
    """Do something to a subscription whose row is locked, once per key, if it still is what the client read."""
    responses.wants_json()
    once = Once.begin(fields, words=("secret",) if secret else ())
    if once.answered:
        body = dict(once.answered["body"])
        return once.repeat(serializers.webhook(webhook_verbs.get_webhook(number), secret=True) if secret else body)
    webhook = webhook_verbs.get_webhook(number, lock=True)
    must_match(webhook.version)
    do(webhook)
    return once.finish("id", serializers.webhook(webhook, secret=secret), etag=serializers.tag(webhook.version))


@_verb("", WebhookChange, "PATCH")
def change(fields: dict[str, Any], webhook: int) -> Response:
    """Change a webhook."""
    if not any(fields.get(name) is not None for name in ("url", "label", "kinds")):
        raise FieldError("url", _("Nothing to change: give url, label or kinds."))
    target = None if fields.get("url") is None else webhook_verbs.look_up(fields["url"])
    return _change(
        webhook,
        fields,
        lambda one: webhook_verbs.change(one, url=target, label=fields.get("label"), kinds=fields.get("kinds")),
    )


@_verb("", Nothing, "DELETE")
def remove(fields: dict[str, Any], webhook: int) -> Response:
    """Remove a webhook."""
    return _change(webhook, fields, webhook_verbs.remove)


@_verb("/suspend", Nothing)
def suspend(fields: dict[str, Any], webhook: int) -> Response:
    """Suspend a webhook."""
    return _change(webhook, fields, webhook_verbs.suspend)


@_verb("/resume", Nothing)
def resume(fields: dict[str, Any], webhook: int) -> Response:
    """Resume a webhook."""
    return _change(webhook, fields, webhook_verbs.resume)


@_verb("/secret", Nothing)
def secret(fields: dict[str, Any], webhook: int) -> Response:
    """Make a new secret."""
    return _change(webhook, fields, webhook_verbs.renew_secret, secret=True)


@_verb("/ping", Nothing)
def ping(fields: dict[str, Any], webhook: int) -> Response:
    """Send a test."""
    return _change(webhook, fields, webhook_verbs.ping)


@_verb("/redeliver", SendAgain, out=SentAgainOut)
def redeliver(fields: dict[str, Any], webhook: int) -> Response:
    """Send deliveries again."""
    responses.wants_json()
    once = Once.begin(fields)
    if once.answered:
        return once.repeat(dict(once.answered["body"]))
    found = webhook_verbs.get_webhook(webhook, lock=True)
    must_match(found.version)
    done = webhook_verbs.send_again(found, fields.get("deliveries"))
    return once.finish("id", {"id": found.id, "sent_again": done}, etag=serializers.tag(found.version))


@webhooks.route("/<id:webhook>/deliveries", parameters=NUMBER)
class Deliveries(MethodView):
    """The log of a subscription."""

    @scoped(READ)
    @webhooks.arguments(DeliveryQuery, location="query")
    @webhooks.response(200, page_of(DeliveryOut))
    @webhooks.alt_response(404, "NOT_FOUND")
    @webhooks.alt_response(422, "UNPROCESSABLE_ENTITY")
    @requires("webhooks.manage")
    def get(self, query: dict[str, Any], webhook: int) -> Response:
        """List what a webhook was sent."""
        responses.wants_json()
        limit, found = limit_of(query), webhook_verbs.get_webhook(webhook)
        before = read_cursor(query["cursor"]) if query.get("cursor") else None
        entries = webhook_queries.delivery_page(found, before=before, most=limit + 1)
        following = str(entries[limit - 1].id) if len(entries) > limit else None
        return responses.reply({"items": [serializers.delivery(one) for one in entries[:limit]], "next": following})
