"""What every answer passes through: the jurisdiction, security headers, errors as pages or problem documents."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, jsonify, render_template, request
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from core.database import db
from core.errors import FieldError, Refused
from core.i18n import gettext as _
from core.identity import jurisdictions

log = logging.getLogger(__name__)

#: Endpoints that answer without a jurisdiction: they must work before one is made, and when the database is away.
WITHOUT_JURISDICTION = frozenset({"static", "health.healthz", "health.readyz", "prometheus_metrics"})
MACHINE_PATHS = ("/api/",)
#: What may stand in a path as it is (RFC 3986, pchar), besides letters and figures.
_PATH = "/:@!$&'()*+,;=-._~"


def wants_json() -> bool:
    """Whether the answer goes to a machine: by its path, or because it asks for JSON and not for HTML."""
    if request.path.startswith(MACHINE_PATHS):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return (
        best is not None
        and best != "text/html"
        and request.accept_mimetypes[best] > request.accept_mimetypes["text/html"]
    )


def problem(
    status: int, title: str, *, code: str | None = None, fields: dict[str, str] | None = None, **more: object
) -> Response:
    """An RFC 9457 problem document; `errors` names each field with its sentence, `more` are members of its own."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": title,
        # A URI reference (RFC 3986): what is not ASCII in the path stands in it as it does in an address.
        "instance": quote(request.path, safe=_PATH),
    }
    if code:
        body["code"] = code
    if fields:
        body["errors"] = [{"field": name, "message": sentence} for name, sentence in fields.items()]
    answer = jsonify(body | more)
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer


def error_answer(
    status: int, sentence: str, *, code: str | None = None, fields: dict[str, str] | None = None
) -> Response:
    """One error, in the shape that its reader understands."""
    if wants_json():
        return problem(status, sentence, code=code, fields=fields)
    try:
        page = render_template("error.html", status=status, sentence=sentence, fields=fields or {})
    except Exception:  # noqa: BLE001 - the error page itself must never fail the reader
        log.exception("The error page failed")
        page = f"<!doctype html><html lang=fr><title>{status}</title><h1>{status}</h1>"
    return Response(page, status=status, content_type="text/html; charset=utf-8")


SENTENCES = {
    400: lambda: _("We could not understand this request."),
    401: lambda: _("Please sign in first."),
    403: lambda: _("You do not have access to this page."),
    404: lambda: _("This page does not exist or no longer exists."),
    405: lambda: _("This address does not accept that kind of request."),
    413: lambda: _("What was sent is too large: four photos of 15 MB at most."),
    415: lambda: _("This type of content is not accepted here."),
    429: lambda: _("Too many attempts. Please wait a minute and try again."),
    500: lambda: _("Something went wrong on our side. Nothing you sent earlier is lost. Please try again."),
    503: lambda: _("The service is restarting. Please try again in a moment."),
}


def init_app(app: Flask) -> None:
    """Put the jurisdiction, the headers and the error answers on every request of `app`."""
    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # how Flask has itself wrapped
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    app.before_request(_find_jurisdiction)
    app.after_request(_headers(app))
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(IntegrityError, _integrity)
    app.register_error_handler(DataError, lambda error: _data(error))
    app.register_error_handler(OperationalError, _operational)
    app.register_error_handler(Exception, _unexpected)


def _find_jurisdiction() -> Response | None:
    if request.endpoint in WITHOUT_JURISDICTION:
        return None
    g.jurisdiction = jurisdictions.by_host(request.host)
    if g.jurisdiction is None:
        return error_answer(503, _("No jurisdiction has been set up here yet: see flask jurisdiction create."))
    return None


def _headers(app: Flask) -> Callable[[Response], Response]:
    tiles = urlsplit(app.config["TILES_URL"].replace("{s}", "a")) if app.config["TILES_URL"] else None
    hosts = f" {tiles.scheme}://{tiles.netloc}" if tiles and tiles.netloc else ""
    policy = (
        "default-src 'self'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' data: blob:{hosts}; font-src 'self'; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    known = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if app.config["PUBLIC_URL"].startswith("https://"):
        known["Strict-Transport-Security"] = "max-age=31536000"

    fixed = list(known.items())

    def put(answer: Response) -> Response:
        headers = answer.headers
        headers.extend([one for one in fixed if one[0] not in headers])
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store" if g.get("private_answer") else "no-cache"
        return answer

    return put


def _refused(error: Refused) -> Response:
    return error_answer(error.status, error.sentence, code=error.code, fields=getattr(error, "fields", None))


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    sentence = SENTENCES.get(error.code, SENTENCES[400])()
    fields = None
    data = getattr(error, "data", None)
    if data and data.get("messages"):
        fields = _flat(data["messages"])
        sentence = _("Some fields are not valid.")
    answer = error_answer(error.code, sentence, fields=fields)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate", "Location"):
            answer.headers[name] = value
    if error.code == 401:
        answer.headers.setdefault("WWW-Authenticate", "Bearer")
    return answer


def _flat(messages: object, path: str = "") -> dict[str, str]:
    """webargs' nested messages as field → sentence; the place in the request (json, query) is left out."""
    if isinstance(messages, dict):
        found: dict[str, str] = {}
        for name, inner in messages.items():
            top = not path and name in (
                "json",
                "query",
                "form",
                "files",
                "json_or_form",
                "path",
                "headers",
                "_schema",
            )
            found |= _flat(inner, path if top else f"{path}.{name}" if path else str(name))
        return found
    if isinstance(messages, list):
        return {path or "body": " ".join(map(str, messages))}
    return {path or "body": str(messages)}


def _integrity(error: IntegrityError) -> Response:
    """A violated constraint becomes a field error, never a 500: the constraint's name says the field."""
    diag = getattr(error.orig, "diag", None)
    name = getattr(diag, "constraint_name", None) or ""
    table = getattr(diag, "table_name", None) or ""
    field = getattr(diag, "column_name", None) or name.removeprefix(f"{name[:2]}_{table}_") or "body"
    log.info("Constraint %s refused a write", name)
    field = field.removeprefix("jurisdiction_id_").removesuffix("_id")
    return _refused(FieldError(field, _("This value conflicts with what is already recorded.")))


def _data(error: DataError) -> Response:
    log.info("The database refused a value: %s", type(error.orig).__name__)
    return error_answer(422, _("A value is out of range."))


def _operational(error: OperationalError) -> Response:
    state = getattr(error.orig, "sqlstate", None)
    if state in ("40P01", "55P03", "57014"):  # deadlock, lock timeout, statement timeout
        log.warning("Gave way: %s", state)
        db.session.rollback()
        answer = error_answer(409, _("Someone else is changing the same thing. Please try again."), code="busy")
        answer.headers["Retry-After"] = "1"
        return answer
    log.error("The database is away: %s", type(error.orig).__name__)
    answer = error_answer(503, SENTENCES[503]())
    answer.headers["Retry-After"] = "5"
    return answer


def _unexpected(error: Exception) -> Response:
    log.exception("Unexpected error on %s %s", request.method, request.url_rule or "-")
    db.session.rollback()
    return error_answer(500, SENTENCES[500]())
