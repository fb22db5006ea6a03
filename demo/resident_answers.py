"""What the demonstration's residents answer: a repair contested, one confirmed, questions, comments, "me too"."""

from datetime import datetime, timedelta

from sqlalchemy import select

from core.database import db
from core.identity.actor import Actor
from interventions.triage import verbs as triage_verbs
from reporter.feedback import comments, repair_check
from reporter.feedback import verbs as feedback_verbs
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from reporter.statuses import ACKNOWLEDGED, IN_PROGRESS, PLANNED, RECEIVED, RESOLVED

CONTESTED = "Le lendemain c’était comme avant. Je suis repassé ce matin : rien n’a changé, et un vélo y est tombé."
QUESTIONS = (
    ("De quel côté de la rue est-ce, côté pair ou côté impair ?", None),
    (
        "Est-ce encore là ce soir, et peut-on y entrer avec un camion ?",
        "Oui, toujours là. Le portail reste ouvert la nuit.",
    ),
)
#: (words, whether the desk has shown them already).
COMMENTS = (
    ("C’est pareil devant chez moi, un peu plus loin sur le trottoir.", True),
    ("Toujours là ce matin. Vous pouvez m’appeler au 06 39 98 12 34.", False),
    ("On l’avait déjà signalé l’an dernier, au même endroit.", False),
)
#: How many neighbours say "me too", report by report.
NEIGHBOURS = (7, 4, 3, 2, 1)


def answer_back(now: datetime, user_id: int) -> None:
    """Let residents answer about the newest reports, and that supervisor ask. The acting town's; flushes."""
    _repaired(now)
    _asked(now, user_id)
    _added(now, user_id)


def _public(*statuses: str, most: int) -> list[Report]:
    """Public reports of these states whose author left an address, the newest first, their rows locked."""
    wanted = (
        select(Report.reference)
        .where(
            Report.status.in_(statuses), ~Report.private, Report.contact_id.is_not(None), Report.unread_answer.is_(None)
        )
        .order_by(Report.received_at.desc(), Report.id)
        .limit(most)
    )
    return [report_intake.lock_report(reference) for reference in db.session.scalars(wanted).all()]


def _since(now: datetime, moment: datetime | None, hours: float) -> datetime:
    assert moment is not None  # what is resolved was closed
    return min(now, moment + timedelta(hours=hours))


def _repaired(now: datetime) -> None:
    no, yes = _public(RESOLVED, most=2)
    repair_check.contest(
        no, None, contact_id=no.contact_id, text=CONTESTED, by=Actor("web", at=_since(now, no.closed_at, 20))
    )
    repair_check.confirm(
        yes, None, contact_id=yes.contact_id, rating=5, by=Actor("web", at=_since(now, yes.closed_at, 3))
    )


def _asked(now: datetime, user_id: int) -> None:
    for report, (question, said) in zip(_public(RECEIVED, most=2), QUESTIONS, strict=True):
        triage_verbs.ask(report, text=question, by=Actor("desk", user_id, at=_since(now, report.received_at, 1)))
        if said:
            feedback_verbs.answer(report, text=said, by=Actor("web", at=_since(now, report.received_at, 2)))


def _added(now: datetime, user_id: int) -> None:
    reports = _public(ACKNOWLEDGED, PLANNED, IN_PROGRESS, most=len(NEIGHBOURS))
    for report, many in zip(reports, NEIGHBOURS, strict=True):
        for number in range(many):
            comments.me_too(report, comments.browser_digest(f"{report.reference}/{number}"))
    for report, (words, shown) in zip(reports, COMMENTS, strict=False):
        made = feedback_verbs.add_comment(report, text=words, by=Actor("web", at=_since(now, report.received_at, 5)))
        if shown:
            feedback_verbs.publish_comment(made.id, by=Actor("desk", user_id, at=now))
