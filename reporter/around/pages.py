"""The resident's pages of what is around: following an area, changing what is told of it; and the notices."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import contacts, references
from core.actor import Actor
from core.audience import ANYONE, audience
from core.database import db
from core.errors import FieldError, FieldErrors, Missing
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.models import Contact
from core.outbox.models import MAIL, PUSH, SMS
from reporter import placing
from reporter import reading as reports
from reporter.around import areas, notices, reading
from reporter.around.blueprint import around
from reporter.around.models import AreaFollower
from reporter.categories import offered
from reporter.following import keys

#: What anybody may send: closed to a place that sends more than any people would.
OPEN_TO_ALL = ("around.ask",)
_FIELDS = ("area", "lat", "lon", "how", "address", "radius", "sector", "street", "channel", "email", "phone",
           "language")


@around.get("/around")
@audience(ANYONE)
def form() -> ResponseReturnValue:
    """Choosing an area; `?near=REFERENCE` proposes the surroundings of a public report."""
    typed = {"area": areas.CIRCLE, "radius": "500", "channel": MAIL, "language": locale_code()}
    return _form(typed | _near(request.args.get("near", "")) | _sector(request.args.get("sector", "")))


@around.post("/around")
@audience(ANYONE)
def ask() -> ResponseReturnValue:
    """Follow an area; a message asks to confirm the address or the number."""
    typed = {name: request.form.get(name, "")[:300] for name in _FIELDS}
    chosen = request.form.getlist("categories")[:200]
    try:
        with db.session.begin_nested():
            _follow(typed, chosen)
    except (FieldError, FieldErrors) as error:
        return _form(typed, chosen=chosen, errors=error.fields, status=422)
    return redirect(url_for("around.form", asked=typed["channel"] or MAIL), 303)


def _follow(typed: dict[str, str], chosen: list[str]) -> None:
    channel = typed["channel"] or MAIL
    only = {"phone": typed["phone"]} if channel == SMS else {"email": typed["email"]}
    area = areas.chosen(typed["area"], **{name: typed[name] for name in (
        "lat", "lon", "address", "radius", "sector", "street")})
    details = contacts.details(**only, locale=typed["language"] or locale_code())
    areas.follow(area, details, channel=channel, categories=chosen, by=Actor("web"))


def _form(typed: dict[str, str], *, chosen: list[str] | None = None, errors: dict[str, str] | None = None,
          status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "around/form.html", typed=typed, chosen=chosen or [], errors=errors or {}, sectors=placing.sectors(),
        categories=[one for one in offered() if not one.private], radii=_radii(), channels=areas.channels(),
        channel_words=channel_words())
    return Response(page, status=status)


def _radii() -> list[tuple[int, str]]:
    return [(metres, areas.distance(metres)) for metres in areas.RADII]


def channel_words() -> dict[str, str]:
    """How each way of being told is called."""
    return {MAIL: _("By e-mail"), SMS: _("By SMS"), PUSH: _("On this device")}


def _near(typed: str) -> dict[str, str]:
    reference = references.understood(typed) if typed else None
    if reference is None:
        return {}
    try:
        found = reports.detail(reference)
    except Missing:
        return {}
    return {"lat": f"{found.lat:.6f}", "lon": f"{found.lon:.6f}", "how": "pin",
            "address": found.public_address}


def _sector(code: str) -> dict[str, str]:
    return {"area": areas.SECTOR, "sector": code[:100]} if code else {}


def _kept_private(answer: Response) -> Response:
    """An address that carries a key is kept by nobody and sent to no other site."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@around.get("/around/change/<word>")
@audience(ANYONE)
def change(word: str) -> ResponseReturnValue:
    """One area that is followed: what is told of it, how, and in which language."""
    return _change(areas.of_change(word), word)


@around.post("/around/change/<word>")
@audience(ANYONE)
def changed(word: str) -> ResponseReturnValue:
    """Keep what was changed; the page that follows has a link of its own."""
    follower = areas.of_change(word, hold=True)
    chosen = request.form.getlist("categories")[:200]
    try:
        with db.session.begin_nested():
            areas.change(follower, categories=chosen, radius=request.form.get("radius", ""),
                         channel=request.form.get("channel", ""), locale=request.form.get("language", ""))
    except (FieldError, FieldErrors) as error:
        return _change(follower, word, chosen=chosen, errors=error.fields, status=422)
    return redirect(url_for("around.change", word=areas.change_word(follower), kept=1), 303)


def _change(follower: AreaFollower, word: str, *, chosen: list[str] | None = None,
            errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    known = [one for one in offered() if not one.private]
    if chosen is None:
        chosen = [one.code for one in known if one.id in follower.categories]
    contact = db.session.get_one(Contact, follower.contact_id)
    radii = sorted(set(_radii()) | ({(follower.radius_m, areas.distance(follower.radius_m))}
                                    if follower.radius_m else set()))
    page = render_template(
        "around/change.html", follower=follower, word=word, area=areas.said(follower), categories=known,
        chosen=chosen, errors=errors or {}, radii=radii, channel_words=channel_words(),
        channels=areas.channels_of(contact, follower.channel), stop=keys.stop_word("area", follower.id))
    return _kept_private(Response(page, status=status))


@around.get("/notices")
@audience(ANYONE)
def notice_list() -> ResponseReturnValue:
    """The notices that hold now, and those to come."""
    return render_template("around/notices.html", items=reading.current_ones(), say=notices)


@around.get("/notices/<int:notice_id>")
@audience(ANYONE)
def notice(notice_id: int) -> ResponseReturnValue:
    """One notice: what, where, from when to when."""
    return render_template("around/notice.html", one=reading.one(notice_id), say=notices)


@around.get("/notices.geojson")
@audience(ANYONE)
def notice_shapes() -> ResponseReturnValue:
    """The shapes of the notices, for a map: a hundred at the most, asked for again only when they change."""
    answer = Response(reading.collection(), content_type="application/geo+json")
    answer.headers["Cache-Control"] = "public, max-age=60"
    # The titles are in the reader's language.
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.add_etag()
    return answer.make_conditional(request)
