"""The gateway's address for SMS, and the page on which somebody completes what they wrote."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

from flask import Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.errors import FieldError
from core.i18n import gettext as _
from core.web.access import ANYONE, requires
from reporter import subscriptions
from reporter.inbound import completion
from reporter.inbound import sms as inbound_sms
from reporter.web.blueprint import reporter
from reporter.web.form import views as form_views
from reporter.web.form.input import NewReportForm

#: No SMS is larger, with all that a gateway says about it (bytes).
LARGEST = 64 * 1024


@reporter.post("/in/sms")
@requires(ANYONE)
def receive_sms() -> ResponseReturnValue:
    """One SMS from the gateway, which knows the secret: 204 once it is kept, as often as it is sent."""
    secret = current_app.config["SMS_INBOUND_SECRET"]
    if not secret:
        abort(404)
    if not _knows(secret):
        return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="sms", charset="UTF-8"'})
    request.max_content_length = LARGEST
    inbound_sms.take_sms(inbound_sms.parse_sms(_given()))
    return Response(status=204)


def _knows(secret: str) -> bool:
    kind, _space, told = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            told = base64.b64decode(told.strip(), validate=True).decode("utf-8", "replace").partition(":")[2]
        except (binascii.Error, ValueError):
            return False
    elif kind.lower() != "bearer":
        return False
    return hmac.compare_digest(told.strip().encode(), secret.encode())


def _given() -> dict[str, Any]:
    """What the gateway says, from a form or from JSON, at its top or one level below. Raises FieldError."""
    if not request.is_json:
        return request.form.to_dict()
    found = request.get_json(silent=True)
    if isinstance(found, list) and found:
        found = found[0]
    if not isinstance(found, dict):
        raise FieldError("from", _("This must be text."))
    inside = next((one for one in found.values() if isinstance(one, dict)), {})
    return {**inside, **found}


@reporter.get("/complete/<word>")
@requires(ANYONE)
def complete(word: str) -> ResponseReturnValue:
    """The form, with what came in it; the report's page where it was made of it already."""
    arrival = completion.message_to_complete(word)
    made = completion.report_of(arrival)
    if made is not None:
        return redirect(
            url_for("reporter.report", reference=made.reference, key=subscriptions.author_key(made.id)), 303
        )
    return form_views.show(NewReportForm(arrival=word, **completion.form_fields(arrival)))
