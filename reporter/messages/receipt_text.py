"""The accusé de réception that the law asks of an administration (CRPA, articles R112-5 and R112-11-1).

It says when what was sent arrived, who looks after it and where they are reached; of a formal request also on
which day silence is a decision, which one, and what can then be done about it.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from flask_babel import format_date

from core.i18n import gettext as _
from core.i18n import locale_code, ngettext
from core.identity.jurisdictions import JurisdictionCopy
from core.times import hour_words, local_time
from reporter.messages.event_context import ReportFacts, responsible_service

#: Time to appeal to the court against a decision (code de justice administrative, R421-1 and R421-2).
MONTHS_TO_APPEAL = 2


def full_day(there: date) -> str:
    """A day with its year, whatever the year now: "jeudi 5 mars 2026". To stand inside a sentence."""
    words = format_date(there, "EEEE d MMMM y")
    return words.replace(" 1 ", " 1er ", 1) if locale_code() == "fr" else words


def decision_day(received: date, months: int) -> date:
    """The day on which the silence of so many months is a decision: of the same number, or the month's last."""
    month = received.month - 1 + months
    year, month = received.year + month // 12, month % 12 + 1
    return date(year, month, min(received.day, monthrange(year, month)[1]))


def receipt_facts(of: ReportFacts, jurisdiction: JurisdictionCopy) -> list[tuple[str, str]]:
    """What an accusé de réception states, as pairs of label and words; empty words are left out by who shows them."""
    there = local_time(of.received_at)
    who = responsible_service(of, jurisdiction, locale_code())
    return [
        (_("Reference"), of.reference),
        (_("Received on"), _("%(day)s at %(hour)s", day=full_day(there.date()), hour=hour_words(of.received_at))),
        (_("Service in charge"), who.name),
        (_("Postal address"), who.address),
        (_("Telephone"), who.phone),
        (_("E-mail"), who.email),
    ]


def receipt_paragraphs(of: ReportFacts, jurisdiction: JurisdictionCopy) -> tuple[str, ...]:
    """The sentences that go with it: what silence will mean, the ways to appeal, and by which article."""
    said = []
    if of.silence is not None:
        until = full_day(decision_day(local_time(of.received_at).date(), of.silence_months))
        said.extend(_accepted(until) if of.silence == "acceptance" else _refused(until))
    said.append(
        _(
            "This message is the acknowledgement of receipt required by articles L112-3 and L112-11 of the "
            "French code of relations between the public and the administration."
        )
    )
    return tuple(said)


def _accepted(until: str) -> list[str]:
    return [
        _(
            "This is a formal request. If it is complete and you have not received a decision by then, it will be "
            "considered accepted on %(day)s.",
            day=until,
        ),
        _(
            "From that date you can ask the department in charge to certify this acceptance in writing (article "
            "L232-3 of the same code)."
        ),
    ]


def _refused(until: str) -> list[str]:
    return [
        _(
            "This is a formal request. If it is complete and you have not received a decision by then, it will be "
            "considered refused on %(day)s.",
            day=until,
        ),
        ngettext(
            "You then have %(num)d month to ask the administrative court to annul this refusal, by letter or at "
            "www.telerecours.fr.",
            "You then have %(num)d months to ask the administrative court to annul this refusal, by letter or at "
            "www.telerecours.fr.",
            MONTHS_TO_APPEAL,
        ),
        _(
            "Within the same period you can also ask the authority that refused (recours gracieux), or its superior "
            "authority if there is one (recours hiérarchique), to reconsider. This stops the clock: the full period "
            "starts again from their answer, or from the day when two months without an answer count as a new refusal."
        ),
    ]
