"""What residents would read: words that nobody has kept yet, on a real report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from core import references
from core.channel_names import SMS
from core.database import db, utcnow
from core.database.scope import current_jurisdiction
from core.errors import FieldError
from core.i18n import gettext as _
from core.i18n import speaking
from core.notifications import gsm
from core.notifications.mail import Mail
from core.web import urls
from reporter.categories.models import Category
from reporter.messages import composition, link_placeholders
from reporter.messages.event_context import EventContext, Reader, event_contexts, report_facts
from reporter.messages.wording import variables
from reporter.messages.wording.lookup import StoredWordings
from reporter.messages.wording.verbs import WordingKey, checked, unsaved_wording
from reporter.reports.models import Report, ReportEvent

#: How long the signed part of an author's link is, in characters.
KEY = 24


@dataclass(frozen=True)
class MessagePreview:
    """A message as its reader gets it, on the report of that reference."""

    mail: Mail
    reference: str
    #: Of an SMS: what leaves, in how many parts, and whether its end was cut to make it one.
    sms: str = ""
    segments: int = 0
    cut: bool = False


def report_for(at: WordingKey, reference: object = "") -> Report | None:
    """The report of that reference that this desk may see; without one the newest (of the place's category).

    Raises FieldError naming `reference` where there is no such one; None where the jurisdiction has no report at all.
    """
    typed = reference if isinstance(reference, str) else ""
    if typed.strip():
        known = references.parse_reference(typed)
        found = db.session.scalar(select(Report).where(Report.reference == known)) if known else None
        if found is None:
            raise FieldError("reference", _("There is no report with that reference."))
        return found
    newest = (
        select(Report)
        .where(Report.jurisdiction_id == current_jurisdiction().id)
        .order_by(Report.received_at.desc(), Report.id.desc())
        .limit(1)
    )
    if at.category:
        of_it = select(Category.id).where(Category.code == at.category).scalar_subquery()
        found = db.session.scalar(newest.where(Report.category_id == of_it))
        if found is not None:
            return found
    return db.session.scalar(newest)


def sample_context(at: WordingKey, report: Report) -> EventContext:
    """The last event of that kind of the report; one that might come where it has had none."""
    written = db.session.scalar(
        select(ReportEvent.id)
        .where(ReportEvent.report_id == report.id, ReportEvent.kind == at.kind)
        .order_by(ReportEvent.id.desc())
        .limit(1)
    )
    if written is not None:
        return event_contexts([written])[written]
    now = utcnow()
    start, before = ((now + timedelta(days=days)).isoformat() for days in (3, 1))
    facts = {
        "planned": {"start": start},
        "day_changed": {"start": start, "before": before},
        "merged": {"into": variables.sample_values("merged", at.channel, at.locale)["other"]},
        "question": {"until": (now + timedelta(days=current_jurisdiction().preferences.waiting_days)).isoformat()},
    }.get(at.kind, {})
    sample = variables.sample_values(at.kind, at.channel, at.locale)
    words = "" if at.kind == "received" else sample.get("question") or sample.get("reason", "")
    return EventContext(0, at.kind, facts, words, now, now, report_facts(report.id))


def preview_message(
    at: WordingKey, *, subject: object, body: object, reference: object = "", author: bool = True
) -> MessagePreview | None:
    """The message with these words. Raises FieldErrors (subject, body) and FieldError (reference)."""
    head, text = checked(at, subject, body)
    report = report_for(at, reference)
    if report is None:
        return None
    of = sample_context(at, report)
    words = StoredWordings([unsaved_wording(at, head, text, category=report.category_id)])
    with speaking(at.locale):
        mail = composition.write_message(
            of,
            Reader(author, author, report.reference),
            channel=at.channel,
            jurisdiction=current_jurisdiction(),
            wordings=words,
        )
    public = urls.absolute_url(f"/r/{report.reference}")
    mail = link_placeholders.fill_links(mail, {name: public for name in ("page", "stop", "yes", "no")})
    return as_channel_shows(mail, at.channel, report.reference, author=author)


def as_channel_shows(mail: Mail, channel: str, reference: str, *, author: bool) -> MessagePreview:
    """A message as that channel shows it; the signed part of an author's link is left out."""
    if channel != SMS:
        return MessagePreview(mail, reference)
    key = "?key=" + "x" * KEY if author else ""
    text = gsm.fit_one_segment(mail.brief, f"{mail.page}{key}")
    whole = gsm.to_gsm_text(mail.brief) in text or gsm.unaccented(gsm.to_gsm_text(mail.brief)) in text
    return MessagePreview(
        mail, reference, text.replace(key, "?key=…") if key else text, gsm.sms_size(text).segments, not whole
    )
