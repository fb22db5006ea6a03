"""The resident's pages: the map and the newest reports, the form, the page of one report, following."""

from __future__ import annotations

from reporter.views import follow, form, helps, home, page
from reporter.views.blueprint import reporter

__all__ = ["blueprints", "follow", "form", "helps", "home", "page"]

blueprints = (reporter,)
