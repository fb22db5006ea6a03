"""Being told in the browser: the worker that shows notifications, and what a page's button asks for.

A browser proves itself by the address of its subscription; these take JSON alone, which no other site's form can
send.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from core import assets, contacts
from core.audience import ANYONE, audience
from core.errors import FieldError
from core.i18n import as_locale, locale_code
from core.i18n import gettext as _
from core.outbox.models import PUSH
from core.references import understood
from reporter.following import keys, pushing
from reporter.following.reports import REPORTS
from reporter.models import Report
from reporter.views import author
from reporter.views.blueprint import reporter
from reporter.views.follow import report_to_follow

WORKER = "told_worker.js"


@reporter.get(f"/{WORKER}")
@audience(ANYONE)
def worker() -> ResponseReturnValue:
    """The script that a browser keeps to show notifications: at the root, for the whole site."""
    manifest = assets.Manifest()
    answer = Response(
        (manifest.folder / manifest.file(WORKER)).read_bytes(), content_type="text/javascript; charset=utf-8"
    )
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = "/"
    answer.add_etag()
    return answer.make_conditional(request)


@reporter.post("/push/follow")
@audience(ANYONE)
def push_follow() -> ResponseReturnValue:
    """Tell this browser of a report: 201 with the address that stops it."""
    given = asked()
    browser = pushing.browser(given.get("subscription"))
    report = _report(given)
    row = pushing.follow(
        report,
        browser,
        locale=as_locale(given.get("language"), locale_code()),
        author=author.opened(report.reference, report.id),
    )
    return jsonify(following=True, stop=keys.stop_link("report", row.id)), 201


@reporter.post("/push/state")
@audience(ANYONE)
def push_state() -> ResponseReturnValue:
    """Whether this browser is told of a report. A POST, so that its address stands in no log."""
    given = asked()
    row = pushing.following(_report(given), pushing.text_of(given, "endpoint"))
    return jsonify(following=row is not None)


@reporter.post("/push/stop")
@audience(ANYONE)
def push_stop() -> ResponseReturnValue:
    """Tell this browser no more of a report; as often as one likes."""
    given = asked()
    row = pushing.following(_report(given), pushing.text_of(given, "endpoint"))
    if row is not None:
        REPORTS.stop(row)
    return jsonify(following=False)


@reporter.post("/push/renew")
@audience(ANYONE)
def push_renew() -> ResponseReturnValue:
    """The push service gave this browser another address: what it follows stays."""
    given = asked()
    found = pushing.browser(given.get("subscription"))
    pushing.renew(pushing.text_of(given, "former"), found)
    return jsonify(renewed=True)


def asked() -> Mapping[str, Any]:
    """The JSON object of a request. Not found where pushes are not set up; raises FieldError."""
    if PUSH not in contacts.channels():
        abort(404)
    if not request.is_json:
        abort(415)
    given = request.get_json(silent=True)
    if not isinstance(given, Mapping):
        raise FieldError("body", _("We could not understand this request."))
    return given


def _report(given: Mapping[str, Any]) -> Report:
    reference = understood(pushing.text_of(given, "reference"))
    if reference is None:
        raise FieldError("reference", _("There is no report with that reference."))
    # Nothing of the report changes: nobody who works on it waits for a browser, nor the other way round.
    return report_to_follow(reference, locked=False)
