"""Being told in the browser: the worker that shows notifications, and what a page's button asks for.

A browser proves itself by the address of its subscription; these take JSON alone, which no other site's form can
send.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from core import assets
from core.channel_names import PUSH
from core.errors import FieldError
from core.i18n import as_locale, locale_code
from core.i18n import gettext as _
from core.identity import contacts
from core.references import parse_reference
from core.web.access import ANYONE, requires
from reporter.reports.models import Report
from reporter.subscriptions import browsers
from reporter.subscriptions import links as subscription_links
from reporter.subscriptions.reports import REPORTS
from reporter.web import author_cookie
from reporter.web.blueprint import reporter
from reporter.web.subscriptions import report_to_follow

WORKER = "told_worker.js"


@reporter.get(f"/{WORKER}")
@requires(ANYONE)
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
@requires(ANYONE)
def push_follow() -> ResponseReturnValue:
    """Tell this browser of a report: 201 with the address that stops it."""
    given = asked()
    browser = browsers.parse_browser(given.get("subscription"))
    report = _report(given)
    row = browsers.subscribe_browser(
        report,
        browser,
        locale=as_locale(given.get("language"), locale_code()),
        author=author_cookie.is_author(report.reference, report.id),
    )
    return jsonify(following=True, stop=subscription_links.stop_link("report", row.id)), 201


@reporter.post("/push/state")
@requires(ANYONE)
def push_state() -> ResponseReturnValue:
    """Whether this browser is told of a report. A POST, so that its address stands in no log."""
    given = asked()
    row = browsers.subscription_of_browser(_report(given), browsers.text_field(given, "endpoint"))
    return jsonify(following=row is not None)


@reporter.post("/push/stop")
@requires(ANYONE)
def push_stop() -> ResponseReturnValue:
    """Tell this browser no more of a report; as often as one likes."""
    given = asked()
    row = browsers.subscription_of_browser(_report(given), browsers.text_field(given, "endpoint"))
    if row is not None:
        REPORTS.stop(row)
    return jsonify(following=False)


@reporter.post("/push/renew")
@requires(ANYONE)
def push_renew() -> ResponseReturnValue:
    """The push service gave this browser another address: what it follows stays."""
    given = asked()
    found = browsers.parse_browser(given.get("subscription"))
    browsers.renew_browser(browsers.text_field(given, "former"), found)
    return jsonify(renewed=True)


def asked() -> Mapping[str, Any]:
    """The JSON object of a request. Not found where pushes are not set up; raises FieldError."""
    if PUSH not in contacts.available_channels():
        abort(404)
    if not request.is_json:
        abort(415)
    given = request.get_json(silent=True)
    if not isinstance(given, Mapping):
        raise FieldError("body", _("We could not understand this request."))
    return given


def _report(given: Mapping[str, Any]) -> Report:
    reference = parse_reference(browsers.text_field(given, "reference"))
    if reference is None:
        raise FieldError("reference", _("There is no report with that reference."))
    # Nothing of the report changes: nobody who works on it waits for a browser, nor the other way round.
    return report_to_follow(reference, locked=False)
