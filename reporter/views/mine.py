"""One's own page: asked for by an address, opened by a link, closed by a button. No script is needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from core import contacts, cookies
from core.audience import ANYONE, audience
from core.contacts import Details
from core.database import db
from core.errors import FieldError, FieldErrors, Missing, Refused
from core.i18n import LOCALES, locale_code
from core.i18n import gettext as _
from core.outbox.models import MAIL, SMS
from core.push.keys import public_key
from reporter.following import mine, moving, pushing
from reporter.following.kinds import all_kinds, kind_of
from reporter.following.mine import Person
from reporter.views.blueprint import reporter
from reporter.views.push import asked

COOKIE, PATH = "page", "/mine"
SECONDS = mine.OPEN_DAYS * 86400


def opened() -> Person | None:
    """Who has their page open in this browser."""
    word = request.cookies.get(COOKIE)
    return mine.person(word) if word else None


@reporter.get("/mine")
@audience(ANYONE)
def my_page() -> ResponseReturnValue:
    """One's reports and what one follows; where it is not open, the form that asks for the link."""
    who = opened()
    return _page(who) if who else _form()


@reporter.post("/mine")
@audience(ANYONE)
def ask_for_page() -> ResponseReturnValue:
    """Ask for the link. The answer is the same whether the address is known or not."""
    typed = request.form.get("who", "")[:254]
    try:
        with db.session.begin_nested():
            found = mine.typed(typed)
            mine.ask_for_link(found, locale_code())
    except FieldError as error:
        return _form(error=error.sentence, typed=typed)
    return redirect(url_for("reporter.my_page", asked=MAIL if found.email else SMS), 303)


def _form(*, error: str = "", typed: str = "") -> BaseResponse:
    page = render_template("mine/ask.html", error=error, typed=typed, sms=SMS in contacts.channels())
    return Response(page, status=422 if error else 200)


@reporter.get("/mine/<word>")
@audience(ANYONE)
def open_page(word: str) -> ResponseReturnValue:
    """The link of the message: a button, since programs that read messages open its links too."""
    mine.of_link(word)
    return _unkept(Response(render_template("mine/open.html", asking="open")))


@reporter.post("/mine/<word>")
@audience(ANYONE)
def opened_page(word: str) -> ResponseReturnValue:
    """Use the link, once."""
    return _with_cookie(redirect(url_for("reporter.my_page"), 303), mine.open_by(word))


@reporter.get("/mine/address/<word>")
@audience(ANYONE)
def new_address(word: str) -> ResponseReturnValue:
    """The link sent to a new address or number: a button."""
    _asker, _by, _asked, channel = moving.of_word(word)
    return _unkept(Response(render_template("mine/open.html", asking=channel)))


@reporter.post("/mine/address/<word>")
@audience(ANYONE)
def taken_address(word: str) -> ResponseReturnValue:
    """It is theirs: the news goes there from now on."""
    key = moving.take(word)
    if key is None:
        return _unkept(Response(render_template("mine/open.html", asking="done")))
    return _with_cookie(redirect(url_for("reporter.my_page", done="address"), 303), key)


def _unkept(answer: BaseResponse) -> BaseResponse:
    """Kept by nobody, and its address sent to nobody: it carries a key."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _with_cookie(answer: BaseResponse, key: str) -> BaseResponse:
    return _unkept(cookies.put(answer, COOKIE, key, seconds=SECONDS, path=PATH))


# --- what the page's forms do

Change = Callable[[Person], BaseResponse | None]


def theirs(change: Change) -> Callable[[], Any]:
    """A form of the page: for who has it open, with that page's own key; afterwards the page again."""

    @wraps(change)
    def answer() -> Any:
        who = opened()
        if who is None:
            return redirect(url_for("reporter.my_page"), 303)
        if not mine.holds(who, request.form.get("key", "")):
            raise Refused(_("This page was open for too long. Open it again, then send again."), code="stale")
        try:
            with db.session.begin_nested():
                given = change(who)
        except (FieldError, FieldErrors) as error:
            return _page(who, errors=error.fields, status=422)
        return given or redirect(url_for("reporter.my_page", done=change.__name__), 303)

    return answer


@reporter.post("/mine/stop")
@audience(ANYONE)
@theirs
def stop_one(who: Person) -> None:
    """No more news of one thing."""
    kind, row = _one(who)
    kind.stop(row)


@reporter.post("/mine/stop-all")
@audience(ANYONE)
@theirs
def stop_all(who: Person) -> None:
    """No more news of anything."""
    mine.stop_all(who)


@reporter.post("/mine/change")
@audience(ANYONE)
@theirs
def change_one(who: Person) -> None:
    """Another channel, another language, of one thing."""
    kind, row = _one(who)
    channel, language = request.form.get("channel", row.channel), request.form.get("language", row.locale)
    theirs_alone = row.contact_id == who.contact.id and channel in mine.reachable(who)
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
        raise Missing(_("You no longer follow this."))
    return kind, row


@reporter.post("/mine/rhythm")
@audience(ANYONE)
@theirs
def rhythm(who: Person) -> None:
    """Each mail at once, or one a day."""
    mine.gather(who, request.form.get("digest") == "1")


@reporter.post("/mine/language")
@audience(ANYONE)
@theirs
def language(who: Person) -> None:
    """All the news in that language from now on."""
    wanted = request.form.get("language")
    if wanted in LOCALES:
        mine.speak(who, wanted)


@reporter.post("/mine/address")
@audience(ANYONE)
@theirs
def address(who: Person) -> BaseResponse:
    """Ask a new address or number whether it is theirs."""
    email, phone = request.form.get("email", "")[:254], request.form.get("phone", "")[:40]
    found = contacts.details(email=email, phone=phone, news=SMS if phone.strip() else "")
    if phone.strip() and SMS in contacts.channels():
        moving.ask_address(who, Details(phone=found.phone))
        return redirect(url_for("reporter.my_page", done="asked-sms"), 303)
    if not found.email:
        raise FieldError("email", _("This field is required."))
    moving.ask_address(who, Details(email=found.email))
    return redirect(url_for("reporter.my_page", done="asked-mail"), 303)


@reporter.post("/mine/device")
@audience(ANYONE)
@theirs
def device(who: Person) -> None:
    """Tell one browser nothing more."""
    number = request.form.get("number", "")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise Missing(_("We do not know this device."))
    pushing.remove(who, int(number))


@reporter.post("/mine/push")
@audience(ANYONE)
def add_device() -> ResponseReturnValue:
    """Make this browser one of theirs (JSON, as the page's script sends it)."""
    given, who = asked(), opened()
    if who is None or not mine.holds(who, str(given.get("key", ""))):
        raise Refused(_("This page was open for too long. Open it again, then send again."), code="stale")
    pushing.attach(who, pushing.browser(given.get("subscription")), locale_code())
    return {"following": True}, 201


@reporter.post("/mine/close")
@audience(ANYONE)
def close() -> ResponseReturnValue:
    """Close the page, here and wherever else it is open: who lost a telephone closes it there."""
    mine.close(request.cookies.get(COOKIE, ""))
    return cookies.drop(redirect(url_for("reporter.my_page", closed=1), 303), COOKIE, path=PATH)


def _page(who: Person, *, errors: dict[str, str] | None = None, status: int = 200) -> BaseResponse:
    reachable = mine.reachable(who)
    reports = mine.own_reports(who)
    shown = {one.id for report in reports for one in report.told}
    others = [
        (kind, [one for one in kind.of(who.ids) if kind.name != "report" or one.id not in shown])
        for kind in all_kinds()
    ]
    page = render_template(
        "mine/page.html",
        who=who,
        key=mine.form_key(who),
        reports=reports,
        others=[(kind, rows) for kind, rows in others if rows],
        devices=mine.devices(who),
        reachable=reachable,
        ways_for=lambda now: (now, *(one for one in reachable if one != now)),
        channels=contacts.channels(),
        push_key=public_key(),
        errors=errors or {},
        typed=request.form if errors else {},
    )
    return _unkept(Response(page, status=status))
