"""The resident's pages: the map and the newest reports, the form, the page of one report, following."""

from __future__ import annotations

from flask import Blueprint

from reporter.web import home, my_page, receipt, report_page
from reporter.web import inbound as web_inbound
from reporter.web import push as web_push
from reporter.web import subscriptions as web_subscriptions
from reporter.web.areas import feeds
from reporter.web.areas import views as area_views
from reporter.web.feedback import answers
from reporter.web.form import lookups
from reporter.web.form import views as form_views

#: What anybody may ask of somebody else's address, number or push service: limited for one origin.
OPEN_TO_ALL = ("reporter.follow", "reporter.ask_for_page", "reporter.push_follow", "reporter.push_renew")


def blueprints() -> tuple[Blueprint, ...]:
    """The blueprints on which the modules of views have put their routes."""
    return tuple(
        dict.fromkeys(
            (
                home.reporter,
                form_views.reporter,
                report_page.reporter,
                web_subscriptions.reporter,
                my_page.reporter,
                lookups.reporter,
                web_push.reporter,
                receipt.reporter,
                web_inbound.reporter,
                answers,
                area_views.around,
                feeds.around,
            )
        )
    )
