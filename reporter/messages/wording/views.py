"""/admin/words: what residents read in each message, by channel, category and language; the jurisdiction's own or
ours."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.channel_names import MAIL, PERSONAL, SMS
from core.database import db
from core.database.scope import current_jurisdiction
from core.errors import ChangedMeanwhile, FieldError, FieldErrors
from core.i18n import LOCALES, lazy_gettext, locale_code
from core.i18n import gettext as _
from core.text import localized
from core.web.access import requires
from core.web.principal import require
from reporter.categories.models import Category
from reporter.messages import batch
from reporter.messages.wording import defaults, preview, variables, verbs
from reporter.messages.wording.models import Wording
from reporter.messages.wording.verbs import WordingKey
from reporter.statuses import TOLD

words = Blueprint("words", __name__, url_prefix="/admin/words", template_folder="../../templates")

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
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)


@words.get("")
@requires("jurisdiction.manage")
def index() -> ResponseReturnValue:
    """Every event by every channel, and where the jurisdiction has words of its own. One statement."""
    kept: dict[tuple[str, str], int] = {}
    for kind, channel in db.session.execute(select(Wording.kind, Wording.channel)):
        place = (kind.removeprefix("report."), channel)
        kept[place] = kept.get(place, 0) + 1
    return render_template(
        "wording/index.html",
        nav_current="admin",
        area="words",
        events=EVENTS,
        channels=CHANNELS,
        heads=HEADS,
        kept=kept,
    )


def _place(kind: str, channel: str) -> WordingKey:
    asked = request.values
    return verbs.wording_key(kind, channel, asked.get("locale") or _first_language(), asked.get("category", ""))


def _first_language() -> str:
    return next((code for code in current_jurisdiction().languages if code in LOCALES), LOCALES[0])


def _address(at: WordingKey) -> str:
    return url_for("words.edit", kind=at.kind, channel=at.channel, locale=at.locale, category=at.category or None)


@words.get(
    "/<any(received, planned, day_changed, resolved, rejected, merged, transferred, reopened, question):kind>"
    "/<any(mail, sms, push):channel>"
)
@requires("jurisdiction.manage")
def edit(kind: str, channel: str) -> ResponseReturnValue:
    """The words of one event over one channel: the jurisdiction's own beside Alentour's."""
    at = _place(kind, channel)
    found = verbs.find(at)
    own = defaults.default_text(kind, channel, at.locale)
    typed = own if found is None else (found.subject, found.body)
    return _page(at, subject=typed[0], body=typed[1], kept=found)


def _page(
    at: WordingKey,
    *,
    subject: str,
    body: str,
    kept: Wording | None,
    errors: dict[str, str] | None = None,
    shown: preview.MessagePreview | None = None,
    reference: str = "",
    refusal: str = "",
    status: int = 200,
) -> tuple[str, int]:
    pairs = [
        (one.code, localized(one.names, locale_code()))
        for one in db.session.scalars(select(Category).where(Category.active).order_by(Category.position, Category.id))
    ]
    elsewhere = db.session.execute(
        select(Wording.locale, Category.code, Category.names)
        .outerjoin(Category, Category.id == Wording.category_id)
        .where(Wording.kind == f"report.{at.kind}", Wording.channel == at.channel)
    ).all()
    return render_template(
        "wording/edit.html",
        nav_current="admin",
        area="words",
        at=at,
        kept=kept,
        subject=subject,
        body=body,
        errors=errors or {},
        shown=shown,
        reference=reference,
        refusal=refusal,
        seen=request.form.get("seen", "") if request.form and not refusal else verbs.state_digest(kept),
        categories=sorted(pairs, key=lambda pair: pair[1]),
        own=defaults.default_text(at.kind, at.channel, at.locale),
        event=EVENTS[at.kind],
        by=CHANNELS[at.channel],
        languages=LANGUAGES,
        known=variables.known_variables(at.kind, at.channel),
        address=_address(at),
        elsewhere=[
            (locale, code or "", localized(names, locale_code()) if names else "") for locale, code, names in elsewhere
        ],
        most=verbs.LONGEST[at.channel],
    ), status


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in ("subject", "body", "reference")}


@words.post(
    "/<any(received, planned, day_changed, resolved, rejected, merged, transferred, reopened, question):kind>"
    "/<any(mail, sms, push):channel>"
)
@requires("jurisdiction.manage")
def save(kind: str, channel: str) -> ResponseReturnValue:
    """Keep the jurisdiction's own words; what would not render comes back with the place of its mistake."""
    at, typed = _place(kind, channel), _typed()
    try:
        with db.session.begin_nested():
            verbs.save(
                at,
                subject=typed["subject"],
                body=typed["body"],
                user_id=require().user_id,
                seen=request.form.get("seen", ""),
            )
    except FieldErrors as error:
        return _page(
            at,
            subject=typed["subject"],
            body=typed["body"],
            kept=verbs.find(at),
            errors=error.fields,
            reference=typed["reference"],
            status=422,
        )
    except ChangedMeanwhile as error:
        return _page(
            at,
            subject=typed["subject"],
            body=typed["body"],
            kept=verbs.find(at),
            refusal=error.sentence,
            reference=typed["reference"],
            status=412,
        )
    batch.drop_batch()
    flash(_("Your text will be used from now on."))
    return redirect(_address(at), 303)


@words.post(
    "/<any(received, planned, day_changed, resolved, rejected, merged, transferred, reopened, question):kind>"
    "/<any(mail, sms, push):channel>/remove"
)
@requires("jurisdiction.manage")
def remove(kind: str, channel: str) -> ResponseReturnValue:
    """Alentour's own words again."""
    at = _place(kind, channel)
    verbs.remove(at)
    batch.drop_batch()
    flash(_("Alentour’s standard text is used again."))
    return redirect(_address(at), 303)


@words.post(
    "/<any(received, planned, day_changed, resolved, rejected, merged, transferred, reopened, question):kind>"
    "/<any(mail, sms, push):channel>/preview"
)
@requires("jurisdiction.manage")
def show(kind: str, channel: str) -> ResponseReturnValue:
    """What a resident would read with the words that are typed, on a real report. Nothing is kept."""
    at, typed = _place(kind, channel), _typed()
    shown, errors = _shown(at, typed)
    status = 422 if errors else 200
    if request.headers.get("HX-Target") == PREVIEW:
        return render_template("wording/_preview.html", at=at, shown=shown, errors=errors), status
    return _page(
        at,
        subject=typed["subject"],
        body=typed["body"],
        kept=verbs.find(at),
        errors=errors,
        shown=shown,
        reference=typed["reference"],
        status=status,
    )


@words.post(
    "/<any(received, planned, day_changed, resolved, rejected, merged, transferred, reopened, question):kind>/mail/look"
)
@requires("jurisdiction.manage")
def look(kind: str) -> Response:
    """The same as a mail program dresses it, in a frame in which nothing runs."""
    at, typed = _place(kind, MAIL), _typed()
    shown, errors = _shown(at, typed)
    page = shown.mail.html if shown else render_template("wording/_preview_refused.html", errors=errors)
    return Response(page, status=200 if shown else 422, headers={"Content-Security-Policy": _POLICY})


def _shown(at: WordingKey, typed: dict[str, str]) -> tuple[preview.MessagePreview | None, dict[str, str]]:
    try:
        return preview.preview_message(
            at, subject=typed["subject"], body=typed["body"], reference=typed["reference"]
        ), {}
    except (FieldError, FieldErrors) as error:
        return None, dict(error.fields)


assert set(EVENTS) == set(TOLD) and set(CHANNELS) == set(PERSONAL)
