"""The pages of the answer back: yes and no, the answer to a question, "me too", what neighbours add."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from core import contacts, cookies, references
from core.actor import Actor
from core.audience import ANYONE, audience
from core.database import db
from core.errors import FieldError, FieldErrors, Missing, Refused, collecting
from core.i18n import gettext as _
from core.i18n import locale_code
from core.scope import acting_for
from reporter import following, intake, reading, sentences
from reporter.answers import asked, links, neighbours, repaired
from reporter.answers import page as block
from reporter.answers.models import SHOWN
from reporter.answers.typed import Typed
from reporter.models import Report
from reporter.views import author, page
from reporter.views.draft import kept_photos

answers = Blueprint("answers", __name__, template_folder="templates")

YEAR = 365 * 86400
#: Views that anybody may send to again and again: app.py puts a limit on each.
OPEN_TO_ALL = ("answers.me_too", "answers.comment", "answers.answer", "answers.say")


@dataclass(frozen=True)
class Who:
    """Who answers whether it is repaired: a follower by a signed link, or the author in their own browser."""

    row: Any
    asked: links.Asked | None

    @property
    def contact_id(self) -> int | None:
        return self.asked.follower.contact_id if self.asked else self.row.author_id

    @property
    def event(self) -> Any:
        return self.asked.event if self.asked else None


def _reference(typed: str) -> str:
    found = references.understood(typed)
    if found is None:
        raise Missing(_("There is no report with that reference."))
    return found


def _who(reference: str, key: str) -> Who | None:
    """Who asks for a page of yes or no; None for somebody who was not asked. Raises Missing, Refused (bad_link)."""
    row = reading.detail(reference, see_private=True)
    theirs = author.opened(reference, row.id)
    if key:
        try:
            return Who(row, links.read(key, reference))
        except Refused:
            if row.private and not theirs:
                # Nobody learns from a forged link that there is such a report.
                raise Missing(_("There is no report of that reference.")) from None
            raise
    if theirs:
        return Who(row, None)
    if row.private:
        raise Missing(_("There is no report with that reference."))
    return None


@answers.get("/r/<reference>/repaired/<any(yes, no):answer>")
@audience(ANYONE)
def ask(reference: str, answer: str) -> ResponseReturnValue:
    """What a link of a message opens: a form, since programs that read mails open its links too."""
    reference, key = _reference(reference), request.args.get("key", "")
    who = _who(reference, key)
    if who is None:
        return redirect(url_for("reporter.report", reference=reference), 303)
    return _asking(who, answer, key)


@answers.post("/r/<reference>/repaired/<any(yes, no):answer>")
@audience(ANYONE)
def say(reference: str, answer: str) -> ResponseReturnValue:
    """Yes, with a rating; or no, with what is wrong. Once a person; a second time shows what was said."""
    reference, key = _reference(reference), request.form.get("key", "")
    who = _who(reference, key)
    if who is None:
        return redirect(url_for("reporter.report", reference=reference), 303)
    typed = Typed.read()
    try:
        with db.session.begin_nested():
            _say(reference, who, answer, typed)
    except (FieldError, FieldErrors) as error:
        typed.errors = error.fields
        return _asking(who, answer, key, typed)
    except Refused as error:
        # Somebody changed it while this was typed: how it stands now, and their words below.
        db.session.expire_all()
        again = _who(reference, key)
        if again is None:
            raise
        return _asking(again, answer, key, typed, refusal=error.sentence)
    return redirect(links.path(reference, answer, key or None), 303)


def _say(reference: str, who: Who, answer: str, typed: Typed) -> None:
    report = intake.lock(reference)
    by = Actor("web")
    if answer == "yes":
        repaired.confirm(report, who.event, contact_id=who.contact_id, rating=typed.rating, by=by)
        return
    errors = collecting()
    errors.errors.extend(typed.refused)
    with errors:
        repaired.contest(
            report, who.event, contact_id=who.contact_id, text=typed.text, photos=typed.photos, by=by
        )
    errors.done()


def _asking(who: Who, answer: str, key: str, typed: Typed | None = None, refusal: str = "") -> Response:
    row, typed = who.row, typed or Typed()
    how = repaired.standing(row, who.contact_id, who.event)
    if how is None:
        raise Missing(_("There is no report with that reference."))
    mine = author.opened(row.reference, row.id)
    photos = block.shown_photos(row, who.asked.follower if who.asked else None, mine=mine)
    newer = None
    if how.state == repaired.NEWER and who.asked:
        latest = repaired.standing(row, who.contact_id)
        assert latest is not None  # a newer repair is what NEWER means
        days = links.town_of(row).habits.reopen_days
        newer = links.path(row.reference, answer, links.key_of(who.asked.follower.id, latest.event_id, days=days))
    made = render_template(
        "answers/repaired.html",
        report=row, how=how, answer=answer, key=key, typed=typed, refusal=refusal, newer=newer,
        thing=sentences.what(row.category_names, row.address if mine else row.public_address),
        before=next((one for one in photos if one["role"] == "seen"), None),
        after=next((one for one in reversed(photos) if one["role"] == "repair"), None),
        day_of=block.day_of, kept=kept_photos(typed.photos), most=block.MOST,
        other=links.path(row.reference, "no" if answer == "yes" else "yes", key or None),
        readable=mine or not row.private,
    )
    found = make_response(made, 422 if typed.errors else 409 if refusal else 200)
    found.headers["Cache-Control"] = "private, no-store"
    found.headers["Referrer-Policy"] = "no-referrer"
    return found


@answers.post("/r/<reference>/answer")
@audience(ANYONE)
def answer(reference: str) -> ResponseReturnValue:
    """The author answers what the services asked."""
    reference = _reference(reference)
    row = reading.detail(reference, see_private=True)
    if not author.opened(reference, row.id):
        if row.private:
            raise Missing(_("There is no report with that reference."))
        return redirect(url_for("reporter.report", reference=reference), 303)
    typed = Typed.read()

    def do() -> dict[str, str]:
        errors = collecting()
        errors.errors.extend(typed.refused)
        with errors:
            asked.answer(intake.lock(reference), text=typed.text, photos=typed.photos, by=Actor("web"))
        errors.done()
        return {"answered": "1"}

    return _once("answer", reference, typed, do)


@answers.post("/r/<reference>/comment")
@audience(ANYONE)
def comment(reference: str) -> ResponseReturnValue:
    """What somebody adds to a public report, and an address for its news where they leave one."""
    reference = _reference(reference)
    typed = Typed.read()

    def do() -> dict[str, str]:
        report = neighbours.lock(reference)
        own = report.contact_id if author.opened(report.reference, report.id) else None
        errors = collecting()
        errors.errors.extend(typed.refused)
        details = contacts.Details()
        with errors:
            details = contacts.details(email=typed.email, locale=locale_code())
        with errors:
            made = neighbours.comment(
                report, text=typed.text, photos=typed.photos, by=Actor("web"),
                contact_id=_contact(report, details) or own,
            )
        errors.done()
        if details.email:
            following.follow(report, details, by=Actor("web"))
        told = {"commented": "shown" if made.status == SHOWN else "pending", "reference": report.reference}
        return told | ({"asked": "1"} if details.email else {})

    return _once("comment", reference, typed, do)


def _contact(report: Report, details: contacts.Details) -> int | None:
    if not details.email:
        return None
    with acting_for(links.town_of(report)):
        return contacts.keep(details)


def _once(kind: str, reference: str, typed: Typed, do: Any) -> BaseResponse:
    """Run `do` once for this very form; the page again, with all that was typed, where a field is refused."""
    try:
        with db.session.begin_nested():
            claim = typed.once(kind, reference)
            told = claim.answer or do()
            if claim.answer is None:
                claim.keep(told)
    except (FieldError, FieldErrors) as error:
        typed.errors = error.fields
        return page.show(reference, addition=typed)
    where = told.get("reference", reference)
    said = {name: value for name, value in told.items() if name != "reference"}
    return redirect(url_for("reporter.report", reference=where, **said), 303)


@answers.post("/r/<reference>/me-too")
@audience(ANYONE)
def me_too(reference: str) -> ResponseReturnValue:
    """Somebody saw the same. Their browser gets a random word, to be counted once."""
    reference = _reference(reference)
    row = reading.detail(reference)
    if row.merged_into:
        reference = row.merged_into
        row = reading.detail(reference)
    report = db.session.get_one(Report, row.id)
    secret = request.cookies.get(block.COOKIE) or secrets.token_urlsafe(16)
    neighbours.me_too(report, neighbours.browser(secret))
    found = redirect(url_for("reporter.report", reference=reference, me_too=1, _anchor="me-too"), 303)
    return cookies.put(found, block.COOKIE, secret, seconds=YEAR)
