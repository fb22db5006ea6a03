"""API v1 (DESIGN §4): JSON over HTTP for programs, with its OpenAPI document and a page to read it."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from api.v1 import path_converters
from api.v1.docs import openapi
from api.v1.idempotent_writes import Stale
from api.v1.resources import messages, reference_data, report_verbs, report_webhooks, work_order_verbs
from api.v1.resources import notices as resource_notices
from api.v1.resources import photos as resource_photos
from api.v1.resources import reports as resource_reports
from api.v1.resources import webhooks as resource_webhooks
from api.v1.resources import work_orders as resource_work_orders
from api.v1.smorest import V1, Resource, know_our_fields, plugin
from core.i18n import gettext as _
from core.web.http import error_answer
from core.web.principal import bearer, current_principal


def blueprints() -> tuple[Resource, ...]:
    """The resources, in the order of the document; verbs stand on the blueprint of what they change."""
    return tuple(
        dict.fromkeys(
            (
                reference_data.categories,
                resource_photos.photos,
                resource_reports.reports,
                report_verbs.reports,
                resource_work_orders.work_orders,
                work_order_verbs.work_orders,
                reference_data.teams,
                reference_data.sectors,
                resource_notices.notices,
                messages.messages,
                resource_webhooks.webhooks,
            )
        )
    )


def init_app(app: Flask, csrf: CSRFProtect) -> None:
    """Put the API on `app`: its resources, its document, its page."""
    api = V1(
        spec_kwargs={"title": "Alentour", "version": "v1", "openapi_version": "3.1.0", "marshmallow_plugin": plugin()}
    )
    api.init_app(app)
    know_our_fields(api)
    path_converters.init_app(app, api)
    openapi.describe(api)
    for blueprint in blueprints():
        _once(blueprint)
        api.register_blueprint(blueprint)
        # No cookie is read here, so no form of another site can borrow one.
        csrf.exempt(blueprint)
    app.register_blueprint(openapi.docs)
    report_webhooks.init_webhooks()
    app.extensions["alentour.v1"] = openapi.Documents(app, api)


def _once(blueprint: Resource) -> None:
    """What every request of a resource passes; a blueprint is shared by all applications of a process."""
    if not blueprint.before_request_funcs:
        blueprint.before_request(_good_token)
        blueprint.register_error_handler(Stale, _stale)


def _good_token() -> Response | None:
    """A token that is no good is refused even where none is needed: its bearer believes to be somebody."""
    if "Authorization" not in request.headers or (bearer() and current_principal()):
        return None
    answer = error_answer(401, _("This token is not known here, was revoked, or has expired."), code="bad_token")
    answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return answer


def _stale(error: Stale) -> Response:
    answer = error_answer(error.status, error.sentence, code=error.code)
    answer.set_etag(error.etag)
    return answer
