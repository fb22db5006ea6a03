"""The feeds: of one report, of a district, of a category, of the whole jurisdiction, and of its notices. At most four
statements each, every list by its index; who has the newest already is told so (304)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from core import references
from core.database import execute_unscoped
from core.database.scope import current_jurisdiction, current_jurisdiction_id
from core.errors import NotFound
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.models import Jurisdiction, Sector
from core.text import localized
from core.web.access import ANYONE, requires
from reporter import sentences
from reporter.categories.queries import offered_categories
from reporter.notices import queries as notice_queries
from reporter.notices import verbs as notice_verbs
from reporter.reports import detail as report_detail
from reporter.reports import listing as report_listing
from reporter.web.areas.atom import MEDIA_TYPE, MOST, Entry, Feed, to_atom
from reporter.web.areas.blueprint import around


@around.get("/r/<reference>/feed.atom")
@requires(ANYONE)
def report_feed(reference: str) -> ResponseReturnValue:
    """What becomes of one public report: each line of its history."""
    known = references.parse_reference(reference)
    if known is None:
        raise NotFound(_("There is no report with that reference."))
    row = report_detail.report_detail(known)
    thing = sentences.subject_words(row.category_names, row.public_address)
    lines = report_detail.report_history(row.id)
    entries = [
        Entry(
            name=f"report/{known}/event/{line.id}",
            path=f"/r/{known}",
            published=line.recorded_at,
            updated=line.recorded_at,
            title=_("%(what)s: %(thing)s", what=sentences.event_title(line.kind, line.facts), thing=thing),
            says=[line.words] if line.words else [],
        )
        for line in lines[:MOST]
    ]
    return _answer(
        Feed(f"report/{known}", f"{thing} ({known})", f"/r/{known}/feed.atom", f"/r/{known}", entries, row.received_at)
    )


@around.get("/feeds/all.atom")
@requires(ANYONE)
def jurisdiction_feed() -> ResponseReturnValue:
    """The newest public reports of the jurisdiction."""
    return _list(
        "all", _("Reported in %(town)s", town=_jurisdiction()), "/feeds/all.atom", "/", report_listing.ReportFilters()
    )


@around.get("/feeds/sector/<path:code>.atom")
@requires(ANYONE)
def sector_feed(code: str) -> ResponseReturnValue:
    """The newest public reports of a district."""
    s, code = Sector.__table__.c, _named(code)
    names = execute_unscoped(
        select(s.names).where(s.jurisdiction_id == current_jurisdiction_id(), s.code == code).order_by(s.id).limit(1)
    ).scalar()
    if names is None:
        raise NotFound(_("This district does not exist here."))
    title = _("Reported in %(town)s: %(part)s", town=_jurisdiction(), part=localized(names, locale_code()))
    return _list(
        f"sector/{code}",
        title,
        f"/feeds/sector/{quote(code)}.atom",
        f"/around?sector={quote(code)}",
        report_listing.ReportFilters(sector=code),
    )


@around.get("/feeds/category/<path:code>.atom")
@requires(ANYONE)
def category_feed(code: str) -> ResponseReturnValue:
    """The newest public reports of a category; of one that is private there is none."""
    found = next((one for one in offered_categories() if one.code == code and not one.private), None)
    if found is None:
        raise NotFound(_("This category does not exist here."))
    title = _("Reported in %(town)s: %(part)s", town=_jurisdiction(), part=found.name_in(locale_code()))
    return _list(
        f"category/{code}",
        title,
        f"/feeds/category/{quote(code)}.atom",
        "/",
        report_listing.ReportFilters(categories=(code,)),
    )


@around.get("/feeds/notices.atom")
@requires(ANYONE)
def notice_feed() -> ResponseReturnValue:
    """The notices that hold now or are to come."""
    entries = [
        Entry(
            name=f"notice/{one.id}",
            path=f"/notices/{one.id}",
            published=one.published_at,
            updated=max(one.published_at, one.updated_at),
            title=_("%(kind)s: %(title)s", kind=notice_verbs.kind_word(one.kind), title=notice_verbs.notice_title(one)),
            says=[notice_verbs.dated(one), one.place, notice_verbs.notice_text(one)],
            category=(one.kind, notice_verbs.kind_word(one.kind)),
        )
        for one in notice_queries.newest_notices(MOST)
    ]
    return _answer(
        Feed(
            "notices",
            _("Notices from %(town)s", town=_jurisdiction()),
            "/feeds/notices.atom",
            "/notices",
            entries,
            _founded(),
        )
    )


def _named(code: str) -> str:
    """A code from a path, as the database can compare it."""
    return code.replace("\x00", "")


def _list(name: str, title: str, path: str, page: str, filters: report_listing.ReportFilters) -> BaseResponse:
    rows = report_listing.report_page(filters, limit=MOST, photos=False).items
    return _answer(
        Feed(name, title, path, page, [_reported(row) for row in rows], _founded() if not rows else rows[0].received_at)
    )


def _reported(row: Any) -> Entry:
    address = row.public_address
    return Entry(
        name=f"report/{row.reference}",
        path=f"/r/{row.reference}",
        published=row.received_at,
        updated=row.updated_at,
        title=sentences.headline(row.status, row.category_names, address),
        says=[sentences.next_step(row.status, due_at=row.due_at), row.reference],
        category=(row.category, localized(row.category_names, locale_code())),
    )


def _jurisdiction() -> str:
    return current_jurisdiction().name_in(locale_code())


def _founded() -> Any:
    j = Jurisdiction.__table__.c
    return execute_unscoped(select(j.created_at).where(j.id == current_jurisdiction_id())).scalar_one()


def _answer(feed: Feed) -> BaseResponse:
    answer = Response(to_atom(feed), content_type=f"{MEDIA_TYPE}; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=60"
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.last_modified = feed.updated
    answer.add_etag()
    return answer.make_conditional(request)
