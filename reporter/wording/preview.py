"""What residents would read: words that nobody has kept yet, on a real report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from core import links, references
from core.database import db, utcnow
from core.errors import FieldError
from core.i18n import gettext as _
from core.i18n import speaking
from core.mail import Mail
from core.outbox import gsm
from core.outbox.models import SMS
from core.scope import current
from reporter.mails import marks, writing
from reporter.mails.occasion import Occasion, Reader, matter, occasions
from reporter.models import Category, Report, ReportEvent
from reporter.wording import variables
from reporter.wording.kept import Wordings
from reporter.wording.verbs import Place, checked, unsaved

#: How long the signed part of an author's link is, in characters.
KEY = 24


@dataclass(frozen=True)
class Shown:
    """A message as its reader gets it, on the report of that reference."""

    mail: Mail
    reference: str
    #: Of an SMS: what leaves, in how many parts, and whether its end was cut to make it one.
    sms: str = ""
    segments: int = 0
    cut: bool = False


def report_for(at: Place, reference: object = "") -> Report | None:
    """The report of that reference that this desk may see; without one the newest (of the place's category).

    Raises FieldError naming `reference` where there is no such one; None where the town has no report at all.
    """
    typed = reference if isinstance(reference, str) else ""
    if typed.strip():
        known = references.understood(typed)
        found = db.session.scalar(select(Report).where(Report.reference == known)) if known else None
        if found is None:
            raise FieldError("reference", _("There is no report with that reference."))
        return found
    newest = select(Report).where(Report.jurisdiction_id == current().id).order_by(
        Report.received_at.desc(), Report.id.desc()).limit(1)
    if at.category:
        of_it = select(Category.id).where(Category.code == at.category).scalar_subquery()
        found = db.session.scalar(newest.where(Report.category_id == of_it))
        if found is not None:
            return found
    return db.session.scalar(newest)


def occasion(at: Place, report: Report) -> Occasion:
    """The last event of that kind of the report; one that might come where it has had none."""
    written = db.session.scalar(
        select(ReportEvent.id).where(ReportEvent.report_id == report.id, ReportEvent.kind == at.kind)
        .order_by(ReportEvent.id.desc()).limit(1))
    if written is not None:
        return occasions([written])[written]
    now = utcnow()
    start, before = ((now + timedelta(days=days)).isoformat() for days in (3, 1))
    facts = {
        "planned": {"start": start},
        "day_changed": {"start": start, "before": before},
        "merged": {"into": variables.sample("merged", at.channel, at.locale)["other"]},
        "question": {"until": (now + timedelta(days=current().habits.waiting_days)).isoformat()},
    }.get(at.kind, {})
    sample = variables.sample(at.kind, at.channel, at.locale)
    words = "" if at.kind == "received" else sample.get("question") or sample.get("reason", "")
    return Occasion(0, at.kind, facts, words, now, now, matter(report.id))


def show(at: Place, *, subject: object, body: object, reference: object = "", author: bool = True) -> Shown | None:
    """The message with these words. Raises FieldErrors (subject, body) and FieldError (reference)."""
    head, text = checked(at, subject, body)
    report = report_for(at, reference)
    if report is None:
        return None
    of = occasion(at, report)
    words = Wordings([unsaved(at, head, text, category=report.category_id)])
    with speaking(at.locale):
        mail = writing.write(of, Reader(author, author, report.reference), channel=at.channel, town=current(),
                             wordings=words)
    public = links.absolute(f"/r/{report.reference}")
    mail = marks.filled(mail, {name: public for name in ("page", "stop", "yes", "no")})
    return dressed(mail, at.channel, report.reference, author=author)


def dressed(mail: Mail, channel: str, reference: str, *, author: bool) -> Shown:
    """A message as that channel shows it; the signed part of an author's link is left out."""
    if channel != SMS:
        return Shown(mail, reference)
    key = "?key=" + "x" * KEY if author else ""
    text = gsm.fit(mail.brief, f"{mail.page}{key}")
    whole = gsm.plain(mail.brief) in text or gsm.unaccented(gsm.plain(mail.brief)) in text
    return Shown(mail, reference, text.replace(key, "?key=…") if key else text, gsm.size(text).segments, not whole)
