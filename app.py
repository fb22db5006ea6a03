"""create_app(): the only file that knows every part; nobody imports it."""

from __future__ import annotations

import click
from flask import Flask
from flask_wtf.csrf import CSRFProtect

from api import v1
from core import (
    assets,
    audience,
    compression,
    database,
    http,
    i18n,
    idempotency,
    jobs,
    limits,
    logs,
    metrics,
    pages,
    scope,
    security_log,
    states,
    storage,
    transactions,
)
from core.admin.start import admin
from core.admin.telling import telling
from core.database import db
from core.flask_app import AlentourFlask
from core.health import health
from core.identity import cli as identity_cli
from core.identity import principal, security
from core.identity.token_pages import token_pages
from core.outbox import digest, prune, security_mail, send
from core.outbox.desk import messages
from core.outbox.mailbox import mailbox
from core.photos import jobs as photo_jobs
from core.photos import opening
from core.photos.views import photos
from core.push import cli as push_cli
from core.settings import ROOT, Settings, load
from core.webhooks import bodies as webhook_bodies
from core.webhooks import mails as webhook_mails
from core.webhooks.pages import webhooks
from interventions import cli as interventions_cli
from interventions import desk, field, routing, triage
from interventions import states as work_states
from interventions import visible as work_visible
from interventions.demo import cli as demo_cli
from reporter import cli as reporter_cli
from reporter import mails as report_mails
from reporter import states as report_states
from reporter import tiles
from reporter import views as reporter_views
from reporter import visible as report_visible
from reporter.answers import asked
from reporter.answers import views as answer_views
from reporter.around import areas
from reporter.around import mails as around_mails
from reporter.around import pages as around_pages
from reporter.arrivals import fetch, forgetting
from reporter.arrivals import mails as arrivals_mails
from reporter.following import mails as following_mails
from reporter.following import reports as followed_reports
from reporter.formal.pages import formal
from reporter.history import subscribe
from reporter.wording.views import words

#: What one request may carry: four photos of 15 MB, with room for bigger ones to be refused in words.
LARGEST = 160 * 2**20

#: Where strangers send photos.
OPEN_TO_PHOTOS = ("reporter.photo", "reporter.send", "v1_photos.Photos", "v1_reports.Reports")

#: What stands on every session: the wall, what waits for the commit, the jobs that leave after it.
SESSION_PARTS = (scope, transactions, jobs)
#: What else registers itself, floor by floor: messages with their renderers and their delivery, sweeps, bodies of
#: webhooks, what can be followed (the page "mine" shows them in this order), who sees photos.
CORE_PARTS = (idempotency, opening, photo_jobs, send, digest, prune, security_mail, webhook_bodies, webhook_mails)
REPORTER_PARTS = (tiles, report_visible, report_mails, followed_reports, following_mails, areas, around_mails, asked,
                  fetch, forgetting, arrivals_mails)
INTERVENTIONS_PARTS = (work_visible,)


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
    audience.check_all(app)
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
    limits.init_app(app)
    security_log.init_app(app)
    security.init_app(app)
    audience.init_app(app, principal.refuse)
    assets.init_app(app)
    metrics.init_app(app)
    storage.init_app(app)
    app.register_blueprint(health)
    pages.init_app(app)
    # Choosing a language needs no session, and must give nobody a cookie but its own.
    csrf.exempt(pages.language)
    app.register_blueprint(photos)
    app.register_blueprint(mailbox)
    app.register_blueprint(messages)
    app.register_blueprint(admin)
    app.register_blueprint(telling)
    app.register_blueprint(token_pages)
    app.register_blueprint(webhooks)
    app.register_blueprint(words)
    for blueprint in reporter_views.blueprints():
        app.register_blueprint(blueprint)
        # Residents have no session to be borrowed: what they send carries a key of its own (DESIGN §4).
        csrf.exempt(blueprint)
    for endpoint in (*answer_views.OPEN_TO_ALL, *around_pages.OPEN_TO_ALL, *reporter_views.OPEN_TO_ALL):
        limits.against_flooding(app, endpoint)
    app.register_blueprint(formal)
    for blueprint in (*desk.blueprints(), *field.blueprints()):
        app.register_blueprint(blueprint)
    v1.init_app(app, csrf)
    for endpoint in ("reporter.send", "v1_reports.Reports"):
        limits.against_flooding(app, endpoint, most=lambda: limits.REPORTED, scope="reports",
                                unless=lambda: principal.current_principal() is not None)
    for endpoint in OPEN_TO_PHOTOS:
        limits.against_photos(app, endpoint)
    for cli in (identity_cli, push_cli, reporter_cli, interventions_cli, demo_cli):
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
    states.register(report_states.STATES)
    states.register(work_states.STATES)
    subscribe("received", routing.route)
    for kind in ("contested", "answered", "unanswered"):
        subscribe(kind, triage.follow_its_work)
    jobs.bind(app)
