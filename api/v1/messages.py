"""The outbox: what is owed, sent, given up; for the desk."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView

from api.v1 import answers, message_rows, shapes
from api.v1.common import reference_of
from api.v1.requests import MessageQuery, Nothing
from api.v1.schemas import MessageOut
from api.v1.service import page_of, resource, scoped, verb
from api.v1.writes import Once, must_match
from core.audience import audience
from core.errors import FieldError
from core.i18n import gettext as _
from core.outbox.verbs import retry as retry_message
from core.states import N_
from reporter.listing import MOST

messages = resource("messages", N_("What is owed to people and programs, over which channel, and what became of it."))


@messages.route("")
class Messages(MethodView):
    """All messages."""

    @scoped("messages:read")
    @messages.arguments(MessageQuery, location="query")
    @messages.response(200, page_of(MessageOut))
    @messages.alt_response(422, "UNPROCESSABLE_ENTITY")
    @audience("messages.read")
    def get(self, query: dict[str, Any]) -> Response:
        """List messages."""
        answers.wants_json()
        limit = limit_of(query)
        reference = reference_of(query["report"]) if query.get("report") else None
        rows, following = message_rows.page(
            statuses=tuple(query["status"]), channels=tuple(query["channel"]), reference=reference, limit=limit,
            cursor=query.get("cursor"))
        return answers.reply({"items": [shapes.message(row) for row in rows], "next": following})


def limit_of(query: dict[str, Any]) -> int:
    """How many a page holds. Raises FieldError."""
    if not 1 <= query["limit"] <= MOST:
        raise FieldError("limit", _("This must be between 1 and %(most)s.", most=MOST))
    return query["limit"]


@verb(messages, "/<id:message>/retry", Nothing, MessageOut, "messages.retry", scope="messages:write",
      parameters=[{"name": "message", "in": "path", "description": N_("Its id.")}], placed=False)
def retry(fields: dict[str, Any], message: int) -> Response:
    """Try a message again."""
    answers.wants_json()
    once = Once.begin(fields)
    if not once.answered:
        must_match(message_rows.one(message).tries)
        retry_message(message)
    row = message_rows.one(message)
    body = shapes.message(row)
    return once.repeat(body) if once.answered else once.finish(
        "id", body, etag=shapes.tag(row.tries, row.status))
