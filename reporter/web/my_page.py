"""One's own page: asked for by an address, opened by a link, closed by a button. No script is needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from core.channel_names import MAIL, SMS
from core.database import db
from core.errors import FieldError, FieldErrors, NotFound, Refused
from core.i18n import LOCALES, locale_code
from core.i18n import gettext as _
from core.identity import contacts
from core.identity.contacts import ContactDetails
from core.notifications.push.keys import public_key
from core.web import cookies
from core.web.access import ANYONE, requires
from reporter.subscriptions import address_change, browsers
from reporter.subscriptions import my_page as subscription_my_page
from reporter.subscriptions.kinds import all_kinds, kind_of
from reporter.subscriptions.my_page import Person
from reporter.web.blueprint import reporter
from reporter.web.push import asked

COOKIE, PATH = "page", "/mine"
SECONDS = subscription_my_page.OPEN_DAYS * 86400


def opened() -> Person | None:
    """Who has their page open in this browser."""
    word = request.cookies.get(COOKIE)
    return subscription_my_page.person_of_word(word) if word else None


@reporter.get("/mine")
@requires(ANYONE)
def my_page() -> ResponseReturnValue:
    """One's reports and what one follows; where it is not open, the form that asks for the link."""
    who = opened()
    return _page(who) if who else _form()


@reporter.post("/mine")
@requires(ANYONE)
def ask_for_page() -> ResponseReturnValue:
    """Ask for the link. The answer is the same whether the address is known or not."""
    typed = request.form.get("who", "")[:254]
    try:
        with db.session.begin_nested():
            found = subscription_my_page.parse_address(typed)
            subscription_my_page.ask_for_link(found, locale_code())
    except FieldError as error:
        return _form(error=error.sentence, typed=typed)
    return redirect(url_for("reporter.my_page", asked=MAIL if found.email else SMS), 303)


def _form(*, error: str = "", typed: str = "") -> BaseResponse:
    page = render_template("my_page/ask.html", error=error, typed=typed, sms=SMS in contacts.available_channels())
    return Response(page, status=422 if error else 200)


@reporter.get("/mine/<word>")
@requires(ANYONE)
def open_page(word: str) -> ResponseReturnValue:
    """The link of the message: a button, since programs that read messages open its links too."""
    subscription_my_page.contact_of_link(word)
    return _unkept(Response(render_template("my_page/open.html", asking="open")))


@reporter.post("/mine/<word>")
@requires(ANYONE)
def opened_page(word: str) -> ResponseReturnValue:
    """Use the link, once."""
    return _with_cookie(redirect(url_for("reporter.my_page"), 303), subscription_my_page.open_with_link(word))


@reporter.get("/mine/address/<word>")
@requires(ANYONE)
def new_address(word: str) -> ResponseReturnValue:
    """The link sent to a new address or number: a button."""
    _asker, _by, _asked, channel = address_change.request_of_word(word)
    return _unkept(Response(render_template("my_page/open.html", asking=channel)))


@reporter.post("/mine/address/<word>")
@requires(ANYONE)
def taken_address(word: str) -> ResponseReturnValue:
    """It is theirs: the news goes there from now on."""
    key = address_change.confirm_address(word)
    if key is None:
        return _unkept(Response(render_template("my_page/open.html", asking="done")))
    return _with_cookie(redirect(url_for("reporter.my_page", done="address"), 303), key)


def _unkept(answer: BaseResponse) -> BaseResponse:
    """Kept by nobody, and its address sent to nobody: it carries a key."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _with_cookie(answer: BaseResponse, key: str) -> BaseResponse:
    return _unkept(cookies.put_cookie(answer, COOKIE, key, seconds=SECONDS, path=PATH))


# --- what the page's forms do

Change = Callable[[Person], BaseResponse | None]


def theirs(change: Change) -> Callable[[], Any]:
    """A form of the page: for who has it open, with that page's own key; afterwards the page again."""

    @wraps(change)
    def answer() -> Any:
        who = opened()
        if who is None:
            return redirect(url_for("reporter.my_page"), 303)
        if not subscription_my_page.is_own_form(who, request.form.get("key", "")):
            raise Refused(_("This page was open for too long. Open it again, then send again."), code="stale")
        try:
            with db.session.begin_nested():
                given = change(who)
        except (FieldError, FieldErrors) as error:
            return _page(who, errors=error.fields, status=422)
        return given or redirect(url_for("reporter.my_page", done=change.__name__), 303)

    return answer


@reporter.post("/mine/stop")
@requires(ANYONE)
@theirs
def stop_one(who: Person) -> None:
    """No more news of one thing."""
    kind, row = _one(who)
    kind.stop(row)


@reporter.post("/mine/stop-all")
@requires(ANYONE)
@theirs
def stop_all(who: Person) -> None:
    """No more news of anything."""
    subscription_my_page.stop_all(who)


@reporter.post("/mine/change")
@requires(ANYONE)
@theirs
def change_one(who: Person) -> None:
    """Another channel, another language, of one thing."""
    kind, row = _one(who)
    channel, language = request.form.get("channel", row.channel), request.form.get("language", row.locale)
    theirs_alone = row.contact_id == who.contact.id and channel in subscription_my_page.reachable_channels(who)
    if channel != row.channel and not theirs_alone:
        raise FieldError("channel", _("We cannot contact you this way yet: give the address or number first."))
    kind.change(row, channel, language if language in LOCALES else row.locale)


def _one(who: Person) -> tuple[Any, Any]:
    number = request.form.get("number", "")
    try:
        kind = kind_of(request.form.get("kind", ""))
        row = kind.find(int(number)) if number.isascii() and number.isdecimal() and len(number) < 19 else None
    except KeyError:
        row = None
    if row is None or row.contact_id not in who.ids:
        raise NotFound(_("You no longer follow this."))
    return kind, row


@reporter.post("/mine/rhythm")
@requires(ANYONE)
@theirs
def rhythm(who: Person) -> None:
    """Each mail at once, or one a day."""
    subscription_my_page.set_digest(who, request.form.get("digest") == "1")


@reporter.post("/mine/language")
@requires(ANYONE)
@theirs
def language(who: Person) -> None:
    """All the news in that language from now on."""
    wanted = request.form.get("language")
    if wanted in LOCALES:
        subscription_my_page.set_locale(who, wanted)


@reporter.post("/mine/address")
@requires(ANYONE)
@theirs
def address(who: Person) -> BaseResponse:
    """Ask a new address or number whether it is theirs."""
    email, phone = request.form.get("email", "")[:254], request.form.get("phone", "")[:40]
    found = contacts.parse_contact_details(email=email, phone=phone, news=SMS if phone.strip() else "")
    if phone.strip() and SMS in contacts.available_channels():
        address_change.ask_address(who, ContactDetails(phone=found.phone))
        return redirect(url_for("reporter.my_page", done="asked-sms"), 303)
    if not found.email:
        raise FieldError("email", _("This field is required."))
    address_change.ask_address(who, ContactDetails(email=found.email))
    return redirect(url_for("reporter.my_page", done="asked-mail"), 303)


@reporter.post("/mine/device")
@requires(ANYONE)
@theirs
def device(who: Person) -> None:
    """Tell one browser nothing more."""
    number = request.form.get("number", "")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise NotFound(_("We do not know this device."))
    browsers.remove_browser(who, int(number))


@reporter.post("/mine/push")
@requires(ANYONE)
def add_device() -> ResponseReturnValue:
    """Make this browser one of theirs (JSON, as the page's script sends it)."""
    given, who = asked(), opened()
    if who is None or not subscription_my_page.is_own_form(who, str(given.get("key", ""))):
        raise Refused(_("This page was open for too long. Open it again, then send again."), code="stale")
    browsers.attach_browser(who, browsers.parse_browser(given.get("subscription")), locale_code())
    return {"following": True}, 201


@reporter.post("/mine/close")
@requires(ANYONE)
def close() -> ResponseReturnValue:
    """Close the page, here and wherever else it is open: who lost a telephone closes it there."""
    subscription_my_page.close(request.cookies.get(COOKIE, ""))
    return cookies.drop_cookie(redirect(url_for("reporter.my_page", closed=1), 303), COOKIE, path=PATH)


def _page(who: Person, *, errors: dict[str, str] | None = None, status: int = 200) -> BaseResponse:
    reachable = subscription_my_page.reachable_channels(who)
    reports = subscription_my_page.own_reports(who)
    shown = {one.id for report in reports for one in report.told}
    others = [
        (kind, [one for one in kind.of(who.ids) if kind.name != "report" or one.id not in shown])
        for kind in all_kinds()
    ]
    page = render_template(
        "my_page/page.html",
        who=who,
        key=subscription_my_page.form_key(who),
        reports=reports,
        others=[(kind, rows) for kind, rows in others if rows],
        devices=subscription_my_page.own_browsers(who),
        reachable=reachable,
        ways_for=lambda now: (now, *(one for one in reachable if one != now)),
        channels=contacts.available_channels(),
        push_key=public_key(),
        errors=errors or {},
        typed=request.form if errors else {},
    )
    return _unkept(Response(page, status=status))
