"""The outbox: what is owed, sent, given up; for the desk."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView

from api.v1 import responses
from api.v1.idempotent_writes import Once, must_match
from api.v1.lookups import reference_of
from api.v1.resources import message_queries
from api.v1.schemas import serializers
from api.v1.schemas.requests import MessageQuery, Nothing
from api.v1.schemas.responses import MessageOut
from api.v1.smorest import page_of, resource, scoped, verb
from core.errors import FieldError
from core.i18n import gettext as _
from core.notifications.outbox.verbs import retry_message
from core.web.access import requires
from core.web.states import N_
from reporter.reports.listing import MOST

messages = resource("messages", N_("What is owed to people and programs, over which channel, and what became of it."))


@messages.route("")
class Messages(MethodView):
    """All messages."""

    @scoped("messages:read")
    @messages.arguments(MessageQuery, location="query")
    @messages.response(200, page_of(MessageOut))
    @messages.alt_response(422, "UNPROCESSABLE_ENTITY")
    @requires("messages.read")
    def get(self, query: dict[str, Any]) -> Response:
        """List messages."""
        responses.wants_json()
        limit = limit_of(query)
        reference = reference_of(query["report"]) if query.get("report") else None
        rows, following = message_queries.message_rows(
            statuses=tuple(query["status"]),
            channels=tuple(query["channel"]),
            reference=reference,
            limit=limit,
            cursor=query.get("cursor"),
        )
        return responses.reply({"items": [serializers.message(row) for row in rows], "next": following})


def limit_of(query: dict[str, Any]) -> int:
    """How many a page holds. Raises FieldError."""
    if not 1 <= query["limit"] <= MOST:
        raise FieldError("limit", _("This must be between 1 and %(most)s.", most=MOST))
    return query["limit"]


@verb(
    messages,
    "/<id:message>/retry",
    Nothing,
    MessageOut,
    "messages.retry",
    scope="messages:write",
    parameters=[{"name": "message", "in": "path", "description": N_("Its id.")}],
    placed=False,
)
def retry(fields: dict[str, Any], message: int) -> Response:
    """Try a message again."""
    responses.wants_json()
    once = Once.begin(fields)
    if not once.answered:
        must_match(message_queries.message_row(message).tries)
        retry_message(message)
    row = message_queries.message_row(message)
    body = serializers.message(row)
    return once.repeat(body) if once.answered else once.finish("id", body, etag=serializers.tag(row.tries, row.status))
