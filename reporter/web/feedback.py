"""The pages of the answer back: yes and no, the answer to a question, "me too", what neighbours add."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from core import references
from core.database import db
from core.database.scope import serving
from core.errors import CollectedErrors, FieldError, FieldErrors, NotFound, Refused
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity import contacts
from core.identity.actor import Actor
from core.web import cookies
from core.web.access import ANYONE, requires
from reporter import sentences, subscriptions
from reporter.feedback import comments, questions, repair_check
from reporter.feedback import links as feedback_links
from reporter.feedback.form_input import FeedbackForm
from reporter.feedback.models import SHOWN
from reporter.reports import detail as report_detail
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from reporter.web import author_cookie, feedback_context, report_page
from reporter.web.form.input import usable_photos

answers = Blueprint("answers", __name__, template_folder="../templates")

YEAR = 365 * 86400
#: Views that anybody may send to again and again: app.py puts a limit on each.
ANONYMOUS_POSTS = ("answers.me_too", "answers.comment", "answers.answer", "answers.say")


@dataclass(frozen=True)
class Respondent:
    """Who answers whether it is repaired: a follower by a signed link, or the author in their own browser."""

    row: Any
    asked: feedback_links.RepairLink | None

    @property
    def contact_id(self) -> int | None:
        return self.asked.subscription.contact_id if self.asked else self.row.author_id

    @property
    def event(self) -> Any:
        return self.asked.event if self.asked else None


def _reference(typed: str) -> str:
    found = references.parse_reference(typed)
    if found is None:
        raise NotFound(_("There is no report with that reference."))
    return found


def _respondent(reference: str, key: str) -> Respondent | None:
    """Who asks for a page of yes or no; None for somebody who was not asked. Raises NotFound, Refused (bad_link)."""
    row = report_detail.report_detail(reference, see_private=True)
    theirs = author_cookie.is_author(reference, row.id)
    if key:
        try:
            return Respondent(row, feedback_links.read_link(key, reference))
        except Refused:
            if row.private and not theirs:
                # Nobody learns from a forged link that there is such a report.
                raise NotFound(_("There is no report of that reference.")) from None
            raise
    if theirs:
        return Respondent(row, None)
    if row.private:
        raise NotFound(_("There is no report with that reference."))
    return None


@answers.get("/r/<reference>/repaired/<any(yes, no):answer>")
@requires(ANYONE)
def ask(reference: str, answer: str) -> ResponseReturnValue:
    """What a link of a message opens: a form, since programs that read mails open its links too."""
    reference, key = _reference(reference), request.args.get("key", "")
    who = _respondent(reference, key)
    if who is None:
        return redirect(url_for("reporter.report", reference=reference), 303)
    return _asking(who, answer, key)


@answers.post("/r/<reference>/repaired/<any(yes, no):answer>")
@requires(ANYONE)
def say(reference: str, answer: str) -> ResponseReturnValue:
    """Yes, with a rating; or no, with what is wrong. Once a person; a second time shows what was said."""
    reference, key = _reference(reference), request.form.get("key", "")
    who = _respondent(reference, key)
    if who is None:
        return redirect(url_for("reporter.report", reference=reference), 303)
    typed = FeedbackForm.read()
    try:
        with db.session.begin_nested():
            _say(reference, who, answer, typed)
    except (FieldError, FieldErrors) as error:
        typed.errors = error.fields
        return _asking(who, answer, key, typed)
    except Refused as error:
        # Somebody changed it while this was typed: how it stands now, and their words below.
        db.session.expire_all()
        again = _respondent(reference, key)
        if again is None:
            raise
        return _asking(again, answer, key, typed, refusal=error.sentence)
    return redirect(feedback_links.answer_path(reference, answer, key or None), 303)


def _say(reference: str, who: Respondent, answer: str, typed: FeedbackForm) -> None:
    report = report_intake.lock_report(reference)
    by = Actor("web")
    if answer == "yes":
        repair_check.confirm(report, who.event, contact_id=who.contact_id, rating=typed.rating, by=by)
        return
    errors = CollectedErrors()
    errors.errors.extend(typed.refused)
    with errors:
        repair_check.contest(report, who.event, contact_id=who.contact_id, text=typed.text, photos=typed.photos, by=by)
    errors.done()


def _asking(who: Respondent, answer: str, key: str, typed: FeedbackForm | None = None, refusal: str = "") -> Response:
    row, typed = who.row, typed or FeedbackForm()
    how = repair_check.repair_question(row, who.contact_id, who.event)
    if how is None:
        raise NotFound(_("There is no report with that reference."))
    mine = author_cookie.is_author(row.reference, row.id)
    photos = feedback_context.visible_photos(row, who.asked.subscription if who.asked else None, mine=mine)
    newer = None
    if how.state == repair_check.NEWER and who.asked:
        latest = repair_check.repair_question(row, who.contact_id)
        assert latest is not None  # a newer repair is what NEWER means
        days = feedback_links.jurisdiction_of(row).preferences.reopen_days
        newer = feedback_links.answer_path(
            row.reference, answer, feedback_links.link_key(who.asked.subscription.id, latest.event_id, days=days)
        )
    made = render_template(
        "feedback/repaired.html",
        report=row,
        how=how,
        answer=answer,
        key=key,
        typed=typed,
        refusal=refusal,
        newer=newer,
        thing=sentences.subject_words(row.category_names, row.address if mine else row.public_address),
        before=next((one for one in photos if one["role"] == "seen"), None),
        after=next((one for one in reversed(photos) if one["role"] == "repair"), None),
        day_of=feedback_context.day_of,
        kept=usable_photos(typed.photos),
        most=feedback_context.MOST,
        other=feedback_links.answer_path(row.reference, "no" if answer == "yes" else "yes", key or None),
        readable=mine or not row.private,
    )
    found = make_response(made, 422 if typed.errors else 409 if refusal else 200)
    found.headers["Cache-Control"] = "private, no-store"
    found.headers["Referrer-Policy"] = "no-referrer"
    return found


@answers.post("/r/<reference>/answer")
@requires(ANYONE)
def answer(reference: str) -> ResponseReturnValue:
    """The author answers what the services asked."""
    reference = _reference(reference)
    row = report_detail.report_detail(reference, see_private=True)
    if not author_cookie.is_author(reference, row.id):
        if row.private:
            raise NotFound(_("There is no report with that reference."))
        return redirect(url_for("reporter.report", reference=reference), 303)
    typed = FeedbackForm.read()

    def do() -> dict[str, str]:
        errors = CollectedErrors()
        errors.errors.extend(typed.refused)
        with errors:
            questions.answer(
                report_intake.lock_report(reference), text=typed.text, photos=typed.photos, by=Actor("web")
            )
        errors.done()
        return {"answered": "1"}

    return _once("answer", reference, typed, do)


@answers.post("/r/<reference>/comment")
@requires(ANYONE)
def comment(reference: str) -> ResponseReturnValue:
    """What somebody adds to a public report, and an address for its news where they leave one."""
    reference = _reference(reference)
    typed = FeedbackForm.read()

    def do() -> dict[str, str]:
        report = comments.lock_public_report(reference)
        own = report.contact_id if author_cookie.is_author(report.reference, report.id) else None
        errors = CollectedErrors()
        errors.errors.extend(typed.refused)
        details = contacts.ContactDetails()
        with errors:
            details = contacts.parse_contact_details(email=typed.email, locale=locale_code())
        with errors:
            made = comments.add_comment(
                report,
                text=typed.text,
                photos=typed.photos,
                by=Actor("web"),
                contact_id=_contact(report, details) or own,
            )
        errors.done()
        if details.email:
            subscriptions.subscribe(report, details, by=Actor("web"))
        told = {"commented": "shown" if made.status == SHOWN else "pending", "reference": report.reference}
        return told | ({"asked": "1"} if details.email else {})

    return _once("comment", reference, typed, do)


def _contact(report: Report, details: contacts.ContactDetails) -> int | None:
    if not details.email:
        return None
    with serving(feedback_links.jurisdiction_of(report)):
        return contacts.find_or_create_contact(details)


def _once(kind: str, reference: str, typed: FeedbackForm, do: Any) -> BaseResponse:
    """Run `do` once for this very form; the page again, with all that was typed, where a field is refused."""
    try:
        with db.session.begin_nested():
            claim = typed.once(kind, reference)
            told = claim.answer or do()
            if claim.answer is None:
                claim.keep(told)
    except (FieldError, FieldErrors) as error:
        typed.errors = error.fields
        return report_page.show(reference, addition=typed)
    where = told.get("reference", reference)
    said = {name: value for name, value in told.items() if name != "reference"}
    return redirect(url_for("reporter.report", reference=where, **said), 303)


@answers.post("/r/<reference>/me-too")
@requires(ANYONE)
def me_too(reference: str) -> ResponseReturnValue:
    """Somebody saw the same. Their browser gets a random word, to be counted once."""
    reference = _reference(reference)
    row = report_detail.report_detail(reference)
    if row.merged_into:
        reference = row.merged_into
        row = report_detail.report_detail(reference)
    report = db.session.get_one(Report, row.id)
    secret = request.cookies.get(feedback_context.COOKIE) or secrets.token_urlsafe(16)
    comments.me_too(report, comments.browser_digest(secret))
    found = redirect(url_for("reporter.report", reference=reference, me_too=1, _anchor="me-too"), 303)
    return cookies.put_cookie(found, feedback_context.COOKIE, secret, seconds=YEAR)
