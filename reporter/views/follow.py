"""Asking for news of a report, saying that an address is one's own, and having enough of it."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for

from core import contacts
from core.actor import Actor
from core.audience import ANYONE, audience
from core.database import db
from core.errors import FieldError, FieldErrors, Missing
from core.i18n import gettext as _
from core.i18n import locale_code
from core.scope import current_id
from core.text import without_contacts
from reporter import following, intake, sentences
from reporter.models import Category, Follower, Report
from reporter.views import author, page
from reporter.views.blueprint import reporter


@reporter.post("/r/<reference>/follow")
@audience(ANYONE)
def follow(reference: str):
    """Follow a report with an address; a mail asks to confirm it."""
    found = intake.lock(reference)
    if found.private and not author.opened(reference, found.id):
        raise Missing(_("There is no report of that reference."))
    typed = request.form.get("email", "")
    try:
        with db.session.begin_nested():
            details = contacts.details(email=typed, locale=locale_code())
            following.follow(found, details, by=Actor("web"))
    except (FieldError, FieldErrors) as error:
        return page.show(reference, errors=error.fields, email=typed[:254])
    return redirect(url_for("reporter.report", reference=reference, asked=1), 303)


@reporter.get("/follow/confirm/<key>")
@audience(ANYONE)
def confirm(key: str):
    """The link of the mail: a button, since programs that read mails open its links too."""
    return _asking(following.follower_of(key), "confirm")


@reporter.post("/follow/confirm/<key>")
@audience(ANYONE)
def confirmed(key: str):
    """The address is theirs: news from now on."""
    follower = following.follower_of(key)
    following.confirm(follower)
    return redirect(url_for("reporter.report", reference=_report(follower).reference, confirmed=1), 303)


@reporter.get("/follow/stop/<key>")
@audience(ANYONE)
def stop(key: str):
    """The link at the foot of every mail."""
    return _asking(following.follower_of(key, salt="follow-stop", seconds=None), "stop")


@reporter.post("/follow/stop/<key>")
@audience(ANYONE)
def stopped(key: str):
    """No more news; also what a mail program's own button sends (RFC 8058)."""
    follower = following.follower_of(key, salt="follow-stop", seconds=None)
    following.stop(follower)
    return _asking(follower, "stopped")


def _report(follower: Follower) -> Report:
    found = db.session.get(Report, follower.report_id)
    if found is None or follower.jurisdiction_id != current_id():
        raise Missing(_("This following has been removed."))
    return found


def _asking(follower: Follower, what: str):
    found = _report(follower)
    category = db.session.get(Category, found.category_id)
    thing = sentences.what(category.names, without_contacts(found.address))
    return render_template(
        "reporter/following.html",
        asking=what,
        thing=thing,
        reference="" if found.private and not follower.author else found.reference,
    )
