"""create_app(): the only file that knows every part; nobody imports it."""

from __future__ import annotations

import click
from flask import Flask
from flask_wtf.csrf import CSRFProtect

from api import v1
from core import assets, database, i18n, jobs, logs, storage
from core.admin.jurisdiction_views import telling
from core.admin.views import admin
from core.database import db, scope, transactions
from core.identity import cli as identity_cli
from core.identity import security_log
from core.notifications.mail import account_mails
from core.notifications.mail.demo_mailbox import mailbox
from core.notifications.outbox import digest, sender
from core.notifications.outbox import retention as outbox_retention
from core.notifications.outbox.views import messages
from core.notifications.push import cli as push_cli
from core.notifications.webhooks import mails as webhook_mails
from core.notifications.webhooks import payloads
from core.notifications.webhooks.views import webhooks
from core.photos import decoders
from core.photos import jobs as photo_jobs
from core.photos.views import photos
from core.settings import ROOT, Settings, load
from core.sign_in import security
from core.sign_in.token_views import token_pages
from core.web import access as web_access
from core.web import compression, http, idempotency, metrics, principal, rate_limits, states
from core.web import pages as web_pages
from core.web.application import AlentourFlask
from core.web.health import health
from demo import cli as demo_cli
from interventions import cli as intervention_cli
from interventions import desk, field
from interventions.triage import routing
from interventions.triage import verbs as triage_verbs
from interventions.work_orders import photo_access as work_order_photo_access
from interventions.work_orders import state_labels
from reporter import cli as reporter_cli
from reporter import messages as reporter_messages
from reporter import web
from reporter.categories.formal_request_views import formal
from reporter.feedback import questions
from reporter.inbound import mails as inbound_mails
from reporter.inbound import retention as inbound_retention
from reporter.inbound.mail import mailbox as mail_mailbox
from reporter.map import tile_counts
from reporter.messages.wording.views import words
from reporter.notices import mails as notice_mails
from reporter.reports import state_labels as report_state_labels
from reporter.reports.history import subscribe
from reporter.subscriptions import areas
from reporter.subscriptions import mails as subscription_mails
from reporter.subscriptions import reports as subscription_reports
from reporter.web import feedback
from reporter.web import photo_access as web_photo_access
from reporter.web.areas import views as area_views

#: What one request may carry: four photos of 15 MB, with room for bigger ones to be refused in words.
LARGEST = 160 * 2**20

#: Where strangers send photos.
OPEN_TO_PHOTOS = ("reporter.photo", "reporter.send", "v1_photos.Photos", "v1_reports.Reports")

#: What stands on every session: the wall, what waits for the commit, the jobs that leave after it.
SESSION_PARTS = (scope, transactions, jobs)
#: What else registers itself, floor by floor: messages with their renderers and their delivery, sweeps, bodies of
#: webhooks, what can be followed (the page "mine" shows them in this order), who sees photos.
CORE_PARTS = (
    idempotency,
    decoders,
    photo_jobs,
    sender,
    digest,
    outbox_retention,
    account_mails,
    payloads,
    webhook_mails,
)
REPORTER_PARTS = (
    tile_counts,
    web_photo_access,
    reporter_messages,
    subscription_reports,
    subscription_mails,
    areas,
    notice_mails,
    questions,
    mail_mailbox,
    inbound_retention,
    inbound_mails,
)
INTERVENTIONS_PARTS = (work_order_photo_access,)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application from `settings`, or from the environment. Raises SettingsError."""
    settings = settings or load()
    logs.init(settings.LOG_LEVEL)
    app = AlentourFlask("core", root_path=str(ROOT), template_folder="core/templates", static_folder=None)
    app.config.update(
        settings.model_dump() | {"SECRET_KEY": settings.SECRET_KEY.get_secret_value()},
        SQLALCHEMY_ENGINES=database.engines(settings.DATABASE_URL),
        MAX_CONTENT_LENGTH=LARGEST,
        MAX_FORM_MEMORY_SIZE=16 * 2**20,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=True,
    )
    _set_up(app)
    _wire(app)
    web_access.check_all(app)
    return app


def _set_up(app: Flask) -> None:
    database.init_app(app)
    for part in SESSION_PARTS:
        part.init_app(app)
    _migrations(app)
    i18n.init_app(app)
    # Registered first, so that it is the last to see an answer.
    compression.init_app(app)
    http.init_app(app)
    csrf = CSRFProtect(app)
    rate_limits.init_app(app)
    security_log.init_app(app)
    security.init_app(app)
    web_access.init_app(app, principal.refuse)
    assets.init_app(app)
    metrics.init_app(app)
    storage.init_app(app)
    app.register_blueprint(health)
    web_pages.init_app(app)
    # Choosing a language needs no session, and must give nobody a cookie but its own.
    csrf.exempt(web_pages.language)
    app.register_blueprint(photos)
    app.register_blueprint(mailbox)
    app.register_blueprint(messages)
    app.register_blueprint(admin)
    app.register_blueprint(telling)
    app.register_blueprint(token_pages)
    app.register_blueprint(webhooks)
    app.register_blueprint(words)
    for blueprint in web.blueprints():
        app.register_blueprint(blueprint)
        # Residents have no session to be borrowed: what they send carries a key of its own (DESIGN §4).
        csrf.exempt(blueprint)
    for endpoint in (*feedback.ANONYMOUS_POSTS, *area_views.ANONYMOUS_POSTS, *web.OPEN_TO_ALL):
        rate_limits.limit_posts(app, endpoint)
    app.register_blueprint(formal)
    for blueprint in (*desk.blueprints(), *field.blueprints()):
        app.register_blueprint(blueprint)
    v1.init_app(app, csrf)
    for endpoint in ("reporter.send", "v1_reports.Reports"):
        rate_limits.limit_posts(
            app,
            endpoint,
            most=lambda: rate_limits.REPORTED,
            scope="reports",
            unless=lambda: principal.current_principal() is not None,
        )
    for endpoint in OPEN_TO_PHOTOS:
        rate_limits.against_photos(app, endpoint)
    for cli in (identity_cli, push_cli, reporter_cli, intervention_cli, demo_cli):
        cli.init_app(app)


def _migrations(app: Flask) -> None:
    """`flask db`, for commands alone: Alembic and its templates take 25 MB that no serving process needs."""
    if click.get_current_context(silent=True) is not None:
        from flask_migrate import Migrate

        Migrate(app, db, directory=f"{app.root_path}/migrations", compare_type=True)


def _wire(app: Flask) -> None:
    """News goes up: who hears of what, who answers for whom, and how what they own is called."""
    for part in CORE_PARTS + REPORTER_PARTS + INTERVENTIONS_PARTS:
        part.init_app(app)
    states.register(report_state_labels.STATES)
    states.register(state_labels.STATES)
    subscribe("received", routing.route_report)
    for kind in ("contested", "answered", "unanswered"):
        subscribe(kind, triage_verbs.restore_status_from_work)
    jobs.bind_app(app)
