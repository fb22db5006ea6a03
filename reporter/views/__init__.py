"""The resident's pages: the map and the newest reports, the form, the page of one report, following."""

from __future__ import annotations

from flask import Blueprint

from reporter.answers.views import answers
from reporter.around import feed_pages, pages
from reporter.views import arrivals, follow, form, helps, home, mine, page, push, receipt

#: What anybody may ask of somebody else's address, number or push service: limited for one origin.
OPEN_TO_ALL = ("reporter.follow", "reporter.ask_for_page", "reporter.push_follow", "reporter.push_renew")


def blueprints() -> tuple[Blueprint, ...]:
    """The blueprints on which the modules of views have put their routes."""
    return tuple(dict.fromkeys((
        home.reporter, form.reporter, page.reporter, follow.reporter, mine.reporter, helps.reporter, push.reporter,
        receipt.reporter, arrivals.reporter, answers, pages.around, feed_pages.around)))
