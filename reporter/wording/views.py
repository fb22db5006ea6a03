"""/admin/words: what residents read in each message, by channel, category and language; the town's own or ours."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.audience import audience
from core.database import db
from core.errors import Changed, FieldError, FieldErrors
from core.i18n import LOCALES, lazy_gettext, locale_code
from core.i18n import gettext as _
from core.identity.principal import require
from core.outbox.models import MAIL, PERSONAL, SMS
from core.scope import current
from core.text import localized
from reporter.mails import batch
from reporter.models import Category
from reporter.status import TOLD
from reporter.wording import preview, starting, variables, verbs
from reporter.wording.models import Wording
from reporter.wording.verbs import Place

words = Blueprint("words", __name__, url_prefix="/admin/words", template_folder="../templates")

CHANNELS = {MAIL: lazy_gettext("by e-mail"), SMS: lazy_gettext("by SMS"), "push": lazy_gettext("as a notification")}
HEADS = {MAIL: lazy_gettext("E-mail"), SMS: "SMS", "push": lazy_gettext("Notification")}
EVENTS = {
    "received": lazy_gettext("The report has arrived"),
    "planned": lazy_gettext("A date is announced"),
    "day_changed": lazy_gettext("The announced date changes"),
    "resolved": lazy_gettext("The work is done"),
    "rejected": lazy_gettext("No further action"),
    "merged": lazy_gettext("Merged with a report of the same problem"),
    "transferred": lazy_gettext("Passed to the organisation responsible"),
    "reopened": lazy_gettext("Reopened"),
    "question": lazy_gettext("A question to the resident"),
}
LANGUAGES = {"fr": "Français", "en": "English"}
#: What htmx says it is going to replace.
PREVIEW = "preview"
#: A mail as its reader sees it: nothing runs, nothing is fetched, and only our own page shows it.
_POLICY = ("default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
           "frame-ancestors 'self'; sandbox")


@words.get("")
@audience("jurisdiction.manage")
def index() -> ResponseReturnValue:
    """Every event by every channel, and where the town has words of its own. One statement."""
    kept: dict[tuple[str, str], int] = {}
    for kind, channel in db.session.execute(select(Wording.kind, Wording.channel)):
        place = (kind.removeprefix("report."), channel)
        kept[place] = kept.get(place, 0) + 1
    return render_template("reporter/words/index.html", here="admin", area="words", events=EVENTS,
                           channels=CHANNELS, heads=HEADS, kept=kept)


def _place(kind: str, channel: str) -> Place:
    asked = request.values
    return verbs.place(kind, channel, asked.get("locale") or _first_language(), asked.get("category", ""))


def _first_language() -> str:
    return next((code for code in current().languages if code in LOCALES), LOCALES[0])


def _address(at: Place) -> str:
    return url_for("words.edit", kind=at.kind, channel=at.channel, locale=at.locale,
                   category=at.category or None)


@words.get("/<any(received, planned, day_changed, resolved, rejected, merged, transferred, reopened, question):kind>"
           "/<any(mail, sms, push):channel>")
@audience("jurisdiction.manage")
def edit(kind: str, channel: str) -> ResponseReturnValue:
    """The words of one event over one channel: the town's own beside Alentour's."""
    at = _place(kind, channel)
    found = verbs.find(at)
    own = starting.text(kind, channel, at.locale)
    typed = own if found is None else (found.subject, found.body)
    return _page(at, subject=typed[0], body=typed[1], kept=found)


def _page(at: Place, *, subject: str, body: str, kept: Wording | None, errors: dict[str, str] | None = None,
          shown: preview.Shown | None = None, reference: str = "", refusal: str = "",
          status: int = 200) -> tuple[str, int]:
    pairs = [(one.code, localized(one.names, locale_code())) for one in db.session.scalars(
        select(Category).where(Category.active).order_by(Category.position, Category.id))]
    elsewhere = db.session.execute(
        select(Wording.locale, Category.code, Category.names).outerjoin(Category, Category.id == Wording.category_id)
        .where(Wording.kind == f"report.{at.kind}", Wording.channel == at.channel)).all()
    return render_template(
        "reporter/words/edit.html", here="admin", area="words", at=at, kept=kept, subject=subject, body=body,
        errors=errors or {}, shown=shown, reference=reference, refusal=refusal,
        seen=request.form.get("seen", "") if request.form and not refusal else verbs.mark(kept),
        categories=sorted(pairs, key=lambda pair: pair[1]),
        own=starting.text(at.kind, at.channel, at.locale), event=EVENTS[at.kind], by=CHANNELS[at.channel],
        languages=LANGUAGES, known=variables.known(at.kind, at.channel), address=_address(at),
        elsewhere=[(locale, code or "", localized(names, locale_code()) if names else "")
                   for locale, code, names in elsewhere],
        most=verbs.LONGEST[at.channel],
    ), status


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in ("subject", "body", "reference")}


@words.post("/<any(received, planned, day_changed, resolved, rejected, merged, transferred, reopened, question):kind>"
            "/<any(mail, sms, push):channel>")
@audience("jurisdiction.manage")
def save(kind: str, channel: str) -> ResponseReturnValue:
    """Keep the town's own words; what would not render comes back with the place of its mistake."""
    at, typed = _place(kind, channel), _typed()
    try:
        with db.session.begin_nested():
            verbs.save(at, subject=typed["subject"], body=typed["body"], user_id=require().user_id,
                       seen=request.form.get("seen", ""))
    except FieldErrors as error:
        return _page(at, subject=typed["subject"], body=typed["body"], kept=verbs.find(at), errors=error.fields,
                     reference=typed["reference"], status=422)
    except Changed as error:
        return _page(at, subject=typed["subject"], body=typed["body"], kept=verbs.find(at), refusal=error.sentence,
                     reference=typed["reference"], status=412)
    batch.forget()
    flash(_("Your text will be used from now on."))
    return redirect(_address(at), 303)


@words.post("/<any(received, planned, day_changed, resolved, rejected, merged, transferred, reopened, question):kind>"
            "/<any(mail, sms, push):channel>/remove")
@audience("jurisdiction.manage")
def remove(kind: str, channel: str) -> ResponseReturnValue:
    """Alentour's own words again."""
    at = _place(kind, channel)
    verbs.remove(at)
    batch.forget()
    flash(_("Alentour’s standard text is used again."))
    return redirect(_address(at), 303)


@words.post("/<any(received, planned, day_changed, resolved, rejected, merged, transferred, reopened, question):kind>"
            "/<any(mail, sms, push):channel>/preview")
@audience("jurisdiction.manage")
def show(kind: str, channel: str) -> ResponseReturnValue:
    """What a resident would read with the words that are typed, on a real report. Nothing is kept."""
    at, typed = _place(kind, channel), _typed()
    shown, errors = _shown(at, typed)
    status = 422 if errors else 200
    if request.headers.get("HX-Target") == PREVIEW:
        return render_template("reporter/words/_preview.html", at=at, shown=shown, errors=errors), status
    return _page(at, subject=typed["subject"], body=typed["body"], kept=verbs.find(at), errors=errors, shown=shown,
                 reference=typed["reference"], status=status)


@words.post("/<any(received, planned, day_changed, resolved, rejected, merged, transferred, reopened, question):kind>"
            "/mail/look")
@audience("jurisdiction.manage")
def look(kind: str) -> Response:
    """The same as a mail program dresses it, in a frame in which nothing runs."""
    at, typed = _place(kind, MAIL), _typed()
    shown, errors = _shown(at, typed)
    page = shown.mail.html if shown else render_template("reporter/words/_look_refused.html", errors=errors)
    return Response(page, status=200 if shown else 422, headers={"Content-Security-Policy": _POLICY})


def _shown(at: Place, typed: dict[str, str]) -> tuple[preview.Shown | None, dict[str, str]]:
    try:
        return preview.show(at, subject=typed["subject"], body=typed["body"], reference=typed["reference"]), {}
    except (FieldError, FieldErrors) as error:
        return None, dict(error.fields)


assert set(EVENTS) == set(TOLD) and set(CHANNELS) == set(PERSONAL)
