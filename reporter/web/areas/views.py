"""The resident's pages of what is around: following an area, changing what is told of it; and the notices."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import references
from core.channel_names import MAIL, PUSH, SMS
from core.database import db
from core.errors import FieldError, FieldErrors, NotFound
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity import contacts
from core.identity.actor import Actor
from core.identity.models import Contact
from core.web.access import ANYONE, requires
from reporter import placing
from reporter.categories.queries import offered_categories
from reporter.notices import queries as notice_queries
from reporter.notices import verbs as notice_verbs
from reporter.reports import detail as report_detail
from reporter.subscriptions import areas
from reporter.subscriptions import links as subscription_links
from reporter.subscriptions.models import AreaSubscription
from reporter.web.areas.blueprint import around

#: What anybody may send: closed to a place that sends more than any people would.
ANONYMOUS_POSTS = ("around.ask",)
_FIELDS = (
    "area",
    "lat",
    "lon",
    "how",
    "address",
    "radius",
    "sector",
    "street",
    "channel",
    "email",
    "phone",
    "language",
)


@around.get("/around")
@requires(ANYONE)
def form() -> ResponseReturnValue:
    """Choosing an area; `?near=REFERENCE` proposes the surroundings of a public report."""
    typed = {"area": areas.CIRCLE, "radius": "500", "channel": MAIL, "language": locale_code()}
    return _form(typed | _near(request.args.get("near", "")) | _sector(request.args.get("sector", "")))


@around.post("/around")
@requires(ANYONE)
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
    area = areas.area_from_form(
        typed["area"], **{name: typed[name] for name in ("lat", "lon", "address", "radius", "sector", "street")}
    )
    details = contacts.parse_contact_details(**only, locale=typed["language"] or locale_code())
    areas.subscribe_to_area(area, details, channel=channel, categories=chosen, by=Actor("web"))


def _form(
    typed: dict[str, str], *, chosen: list[str] | None = None, errors: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "areas/form.html",
        typed=typed,
        chosen=chosen or [],
        errors=errors or {},
        sectors=placing.sector_choices(),
        categories=[one for one in offered_categories() if not one.private],
        radii=_radii(),
        channels=areas.channels(),
        channel_words=channel_words(),
    )
    return Response(page, status=status)


def _radii() -> list[tuple[int, str]]:
    return [(metres, areas.distance(metres)) for metres in areas.RADII]


def channel_words() -> dict[str, str]:
    """How each way of being told is called."""
    return {MAIL: _("By e-mail"), SMS: _("By SMS"), PUSH: _("On this device")}


def _near(typed: str) -> dict[str, str]:
    reference = references.parse_reference(typed) if typed else None
    if reference is None:
        return {}
    try:
        found = report_detail.report_detail(reference)
    except NotFound:
        return {}
    return {"lat": f"{found.lat:.6f}", "lon": f"{found.lon:.6f}", "how": "pin", "address": found.public_address}


def _sector(code: str) -> dict[str, str]:
    return {"area": areas.SECTOR, "sector": code[:100]} if code else {}


def _kept_private(answer: Response) -> Response:
    """An address that carries a key is kept by nobody and sent to no other site."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@around.get("/around/change/<word>")
@requires(ANYONE)
def change(word: str) -> ResponseReturnValue:
    """One area that is followed: what is told of it, how, and in which language."""
    return _change(areas.of_change(word), word)


@around.post("/around/change/<word>")
@requires(ANYONE)
def changed(word: str) -> ResponseReturnValue:
    """Keep what was changed; the page that follows has a link of its own."""
    subscription = areas.of_change(word, hold=True)
    chosen = request.form.getlist("categories")[:200]
    try:
        with db.session.begin_nested():
            areas.change(
                subscription,
                categories=chosen,
                radius=request.form.get("radius", ""),
                channel=request.form.get("channel", ""),
                locale=request.form.get("language", ""),
            )
    except (FieldError, FieldErrors) as error:
        return _change(subscription, word, chosen=chosen, errors=error.fields, status=422)
    return redirect(url_for("around.change", word=areas.change_word(subscription), kept=1), 303)


def _change(
    subscription: AreaSubscription,
    word: str,
    *,
    chosen: list[str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    known = [one for one in offered_categories() if not one.private]
    if chosen is None:
        chosen = [one.code for one in known if one.id in subscription.categories]
    contact = db.session.get_one(Contact, subscription.contact_id)
    radii = sorted(
        set(_radii())
        | ({(subscription.radius_m, areas.distance(subscription.radius_m))} if subscription.radius_m else set())
    )
    page = render_template(
        "areas/change.html",
        subscription=subscription,
        word=word,
        area=areas.area_words(subscription),
        categories=known,
        chosen=chosen,
        errors=errors or {},
        radii=radii,
        channel_words=channel_words(),
        channels=areas.channels_of(contact, subscription.channel),
        stop=subscription_links.stop_word("area", subscription.id),
    )
    return _kept_private(Response(page, status=status))


@around.get("/notices")
@requires(ANYONE)
def notice_list() -> ResponseReturnValue:
    """The notices that hold now, and those to come."""
    return render_template("notices/list.html", items=notice_queries.current_notices(), say=notice_verbs)


@around.get("/notices/<int:notice_id>")
@requires(ANYONE)
def notice(notice_id: int) -> ResponseReturnValue:
    """One notice: what, where, from when to when."""
    return render_template("notices/notice.html", one=notice_queries.one_notice(notice_id), say=notice_verbs)


@around.get("/notices.geojson")
@requires(ANYONE)
def notice_shapes() -> ResponseReturnValue:
    """The shapes of the notices, for a map: a hundred at the most, asked for again only when they change."""
    answer = Response(notice_queries.notice_features(), content_type="application/geo+json")
    answer.headers["Cache-Control"] = "public, max-age=60"
    # The titles are in the reader's language.
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.add_etag()
    return answer.make_conditional(request)
