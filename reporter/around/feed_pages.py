"""The feeds: of one report, of a district, of a category, of the whole town, and of its notices. At most four
statements each, every list by its index; who has the newest already is told so (304)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from core import references
from core.audience import ANYONE, audience
from core.database import ask
from core.errors import Missing
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.models import Jurisdiction, Sector
from core.scope import current, current_id
from core.text import localized
from reporter import listing, sentences
from reporter import reading as reports
from reporter.around import notices, reading
from reporter.around.blueprint import around
from reporter.around.feeds import MEDIA_TYPE, MOST, Entry, Feed, written
from reporter.categories import offered


@around.get("/r/<reference>/feed.atom")
@audience(ANYONE)
def report_feed(reference: str) -> ResponseReturnValue:
    """What becomes of one public report: each line of its history."""
    known = references.understood(reference)
    if known is None:
        raise Missing(_("There is no report with that reference."))
    row = reports.detail(known)
    thing = sentences.what(row.category_names, row.public_address)
    lines = reports.history(row.id)
    entries = [
        Entry(name=f"report/{known}/event/{line.id}", path=f"/r/{known}", published=line.recorded_at,
              updated=line.recorded_at, title=_("%(what)s: %(thing)s", what=sentences.event_words(
                  line.kind, line.facts), thing=thing),
              says=[line.words] if line.words else [])
        for line in lines[:MOST]]
    return _answer(Feed(f"report/{known}", f"{thing} ({known})", f"/r/{known}/feed.atom", f"/r/{known}", entries,
                        row.received_at))


@around.get("/feeds/all.atom")
@audience(ANYONE)
def town_feed() -> ResponseReturnValue:
    """The newest public reports of the town."""
    return _list("all", _("Reported in %(town)s", town=_town()), "/feeds/all.atom", "/", listing.Filters())


@around.get("/feeds/sector/<path:code>.atom")
@audience(ANYONE)
def sector_feed(code: str) -> ResponseReturnValue:
    """The newest public reports of a district."""
    s, code = Sector.__table__.c, _named(code)
    names = ask(select(s.names).where(s.jurisdiction_id == current_id(), s.code == code).order_by(s.id)
                .limit(1)).scalar()
    if names is None:
        raise Missing(_("This district does not exist here."))
    title = _("Reported in %(town)s: %(part)s", town=_town(), part=localized(names, locale_code()))
    return _list(f"sector/{code}", title, f"/feeds/sector/{quote(code)}.atom", f"/around?sector={quote(code)}",
                 listing.Filters(sector=code))


@around.get("/feeds/category/<path:code>.atom")
@audience(ANYONE)
def category_feed(code: str) -> ResponseReturnValue:
    """The newest public reports of a category; of one that is private there is none."""
    found = next((one for one in offered() if one.code == code and not one.private), None)
    if found is None:
        raise Missing(_("This category does not exist here."))
    title = _("Reported in %(town)s: %(part)s", town=_town(), part=found.name_in(locale_code()))
    return _list(f"category/{code}", title, f"/feeds/category/{quote(code)}.atom", "/",
                 listing.Filters(categories=(code,)))


@around.get("/feeds/notices.atom")
@audience(ANYONE)
def notice_feed() -> ResponseReturnValue:
    """The notices that hold now or are to come."""
    entries = [
        Entry(name=f"notice/{one.id}", path=f"/notices/{one.id}", published=one.published_at,
              updated=max(one.published_at, one.updated_at),
              title=_("%(kind)s: %(title)s", kind=notices.kind_word(one.kind), title=notices.title(one)),
              says=[notices.dated(one), one.place, notices.said(one)],
              category=(one.kind, notices.kind_word(one.kind)))
        for one in reading.newest_told(MOST)]
    return _answer(Feed("notices", _("Notices from %(town)s", town=_town()), "/feeds/notices.atom", "/notices",
                        entries, _founded()))


def _named(code: str) -> str:
    """A code from a path, as the database can compare it."""
    return code.replace("\x00", "")


def _list(name: str, title: str, path: str, page: str, filters: listing.Filters) -> BaseResponse:
    rows = listing.page(filters, limit=MOST, photos=False).items
    return _answer(Feed(name, title, path, page, [_reported(row) for row in rows],
                        _founded() if not rows else rows[0].received_at))


def _reported(row: Any) -> Entry:
    address = row.public_address
    return Entry(
        name=f"report/{row.reference}", path=f"/r/{row.reference}", published=row.received_at,
        updated=row.updated_at, title=sentences.headline(row.status, row.category_names, address),
        says=[sentences.next_step(row.status, due_at=row.due_at), row.reference],
        category=(row.category, localized(row.category_names, locale_code())))


def _town() -> str:
    return current().name_in(locale_code())


def _founded() -> Any:
    j = Jurisdiction.__table__.c
    return ask(select(j.created_at).where(j.id == current_id())).scalar_one()


def _answer(feed: Feed) -> BaseResponse:
    answer = Response(written(feed), content_type=f"{MEDIA_TYPE}; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=60"
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.last_modified = feed.updated
    answer.add_etag()
    return answer.make_conditional(request)
