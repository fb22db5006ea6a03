"""Asking for news of a report, saying that an address is one's own, and having enough of it."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from core.channel_names import MAIL, PUSH, SMS
from core.database import db
from core.errors import FieldError, FieldErrors, NotFound
from core.i18n import LOCALES, locale_code
from core.i18n import gettext as _
from core.identity import contacts
from core.identity.actor import Actor
from core.web.access import ANYONE, requires
from reporter import subscriptions
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from reporter.subscriptions import confirmation, my_page
from reporter.subscriptions import links as subscription_links
from reporter.subscriptions.kinds import Subject, all_kinds, chosen_or_mail, kind_of
from reporter.subscriptions.links import MAILS
from reporter.subscriptions.reports import of_confirmation
from reporter.web import author_cookie, report_page
from reporter.web.blueprint import reporter


def report_to_follow(reference: str, *, locked: bool = True) -> Report:
    """The report of that reference (its row locked until the transaction ends), where this reader may see it.

    Raises NotFound.
    """
    found = (
        report_intake.lock_report(reference)
        if locked
        else db.session.scalar(select(Report).where(Report.reference == reference))
    )
    if found is None:
        raise NotFound(_("There is no report of that reference."))
    if found.private and not author_cookie.is_author(reference, found.id):
        raise NotFound(_("There is no report with that reference."))
    return found


@reporter.post("/r/<reference>/follow")
@requires(ANYONE)
def follow(reference: str) -> ResponseReturnValue:
    """Follow a report with an address or a number; a message asks to confirm it."""
    found = report_to_follow(reference)
    typed = {name: request.form.get(name, "")[:254] for name in ("email", "phone", "language", "channel")}
    channel = chosen_or_mail(typed["channel"])
    if channel == PUSH:
        channel = MAIL
    locale = typed["language"] if typed["language"] in LOCALES else locale_code()
    try:
        with db.session.begin_nested():
            details = contacts.parse_contact_details(
                email="" if channel == SMS else typed["email"],
                phone=typed["phone"] if channel == SMS else "",
                locale=locale,
                news=channel,
            )
            subscriptions.subscribe(found, details, by=Actor("web"), channel=channel)
    except (FieldError, FieldErrors) as error:
        return report_page.show(reference, errors=error.fields, typed=typed)
    return redirect(url_for("reporter.report", reference=reference, asked=channel), 303)


@reporter.get("/c/<key>")
@reporter.get("/follow/confirm/<key>")
@requires(ANYONE)
def confirm(key: str) -> ResponseReturnValue:
    """The link of the message: a button, since programs that read mails open its links too."""
    name, row = _to_confirm(key)
    standing = row.confirmed_at is not None and row.stopped_at is None
    if standing and not confirmation.is_confirmed(row.contact, row.channel):
        # An author: told already, but without a word that somebody typed.
        return _page(name, _thing(name, row), "own")
    return _page(name, _thing(name, row), "confirmed" if standing else "confirm")


@reporter.post("/c/<key>")
@reporter.post("/follow/confirm/<key>")
@requires(ANYONE)
def confirmed(key: str) -> ResponseReturnValue:
    """The address is theirs: news from now on."""
    name, row = _to_confirm(key)
    thing = _thing(name, row)
    kind_of(name).confirm(row)
    if name == "report" and thing.path:
        return redirect(thing.path.partition("?")[0] + "?confirmed=1", 303)
    return _page(name, thing, "confirmed")


@reporter.get("/s/<key>")
@reporter.get("/follow/stop/<key>")
@requires(ANYONE)
def stop(key: str) -> ResponseReturnValue:
    """The link at the foot of every message: a button, whatever opens the link."""
    name, number = _to_stop(key)
    if name == MAILS:
        return _page(name, None, "stop")
    row = _row(name, number)
    return _page(name, _thing(name, row), "stopped" if row.stopped_at is not None else "stop")


@reporter.post("/s/<key>")
@reporter.post("/follow/stop/<key>")
@requires(ANYONE)
def stopped(key: str) -> ResponseReturnValue:
    """No more news; also what a mail program's own button sends (RFC 8058): it reads nothing but the state."""
    name, number = _to_stop(key)
    by_machine = request.form.get("List-Unsubscribe") == "One-Click"
    if name == MAILS:
        my_page.stop_mails(number)
        return _done() if by_machine else _page(name, None, "stopped")
    row = kind_of(name).find(number)
    if row is None and by_machine:
        return _done()
    row = _row(name, number)
    kind_of(name).stop(row)
    return _done() if by_machine else _page(name, _thing(name, row), "stopped")


@reporter.get("/t/<key>")
@requires(ANYONE)
def told(key: str) -> ResponseReturnValue:
    """The address in an SMS: the report, opened as its author where they are, with the way to stop beside it."""
    row = _row("report", subscription_links.subscription_of_sms_link(key))
    report = db.session.get_one(Report, row.report_id)
    stop = subscription_links.stop_word("report", row.id) if row.stopped_at is None else None
    answer = redirect(url_for("reporter.report", reference=report.reference, told=stop, _anchor=stop and "told"), 303)
    return (
        author_cookie.remember_report(_unkept(answer), subscriptions.author_key(report.id))
        if row.author
        else _unkept(answer)
    )


def _done() -> Response:
    return Response("", 200, content_type="text/plain; charset=utf-8")


def _to_confirm(key: str) -> tuple[str, Any]:
    name, number, version = subscription_links.read_confirm_word(key, [kind.name for kind in all_kinds()])
    return name, of_confirmation(name, number, version)


def _to_stop(key: str) -> tuple[str, int]:
    return subscription_links.read_stop_word(key, [*(kind.name for kind in all_kinds()), MAILS])


def _row(name: str, number: int) -> Any:
    found = kind_of(name).find(number)
    if found is None:
        raise NotFound(_("You no longer follow this."))
    return found


def _thing(name: str, row: Any) -> Subject:
    found = kind_of(name).things([row]).get(row.id)
    if found is None:
        raise NotFound(_("You no longer follow this."))
    return found


def _page(name: str, thing: Subject | None, asking: str) -> BaseResponse:
    """The page of a link."""
    if thing is None:
        titles = {"stop": _("Stop these e-mails?"), "stopped": _("You will not get any more e-mails.")}
        title = titles[asking]
    else:
        kind = kind_of(name)
        title = {
            "confirm": kind.confirm_question,
            "own": _("Is this address yours?"),
            "confirmed": kind.confirmed_sentence,
            "stop": kind.stop_question,
            "stopped": kind.stopped_sentence,
        }[asking]
    # The author's key is for the mail alone: whoever a link was passed on to reads what the public reads.
    path = thing.path if thing is not None and name != "report" else None
    if thing is not None and name == "report" and thing.path:
        path = thing.path.partition("?")[0]
    return _unkept(
        Response(render_template("reporter/following.html", asking=asking, title=title, thing=thing, path=path))
    )


def _unkept(answer: BaseResponse) -> BaseResponse:
    """Kept by nobody, and its address sent to nobody: it carries a key."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
