"""The resident's pages: the map and the newest reports, the form, the page of one report, following."""

from __future__ import annotations

from reporter.answers.views import answers
from reporter.around import feed_pages, pages
from reporter.around.blueprint import around
from reporter.views import arrivals, follow, form, helps, home, mine, page, push, receipt
from reporter.views.blueprint import reporter

__all__ = ["OPEN_TO_ALL", "arrivals", "blueprints", "feed_pages", "pages", "follow", "form", "helps", "home", "mine",
           "page", "push", "receipt"]

blueprints = (reporter, answers, around)
#: What anybody may ask of somebody else's address, number or push service: limited for one origin.
OPEN_TO_ALL = ("reporter.follow", "reporter.ask_for_page", "reporter.push_follow", "reporter.push_renew")
