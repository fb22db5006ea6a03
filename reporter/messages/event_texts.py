"""Alentour's own words for each event: what was done, when, and what happens next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.jurisdictions import JurisdictionCopy
from core.text import localized
from core.times import day_words, moment_words, working_day
from reporter import sentences
from reporter.feedback.deadline import contestable_until
from reporter.messages.event_context import EventContext, Reader

#: Of a sentence for a small screen, what may be spent on naming the report.
SHORTEST_NAME = 42


@dataclass(frozen=True)
class EventText:
    """One event in words."""

    subject: str
    opening: str
    #: What happens next, in one paragraph each.
    after: tuple[str, ...]
    #: One sentence that a small screen shows beside a link.
    brief: str
    #: What the words beside the event are called: "The reason".
    label: str = ""


def address_for(of: EventContext, reader: Reader) -> str:
    """The report's address as this reader may read it: what its author wrote into it is theirs alone."""
    return of.matter.address if reader.own else of.matter.public_address


def moment(facts: dict[str, Any], name: str) -> datetime | None:
    """A moment that the event's facts hold under that name; None where they hold none."""
    kept = facts.get(name)
    return datetime.fromisoformat(kept) if kept else None


def dates(of: EventContext) -> list[tuple[str, str]]:
    """The day that the news is about, as rows of (label, words) for the facts below a mail: none or one.

    Of planned work it is the day a team comes, not the hour at which that was announced; of a day that no longer
    holds there is none.
    """
    if of.kind in ("planned", "day_changed"):
        start = moment(of.facts, "start")
        return [(_("Day of the work"), capitalized(day_words(start)))] if start else []
    return [(_("When"), moment_words(of.occurred_at))]


def capitalized(words: str) -> str:
    """Words that stand alone, with a capital letter."""
    return words[:1].upper() + words[1:]


def last_day_to_contest(of: EventContext, jurisdiction: JurisdictionCopy) -> datetime:
    """Until when "it is not repaired" reopens the report of a `resolved` event."""
    return contestable_until(of.occurred_at, of.recorded_at, jurisdiction)


def short_name(of: EventContext, address: str) -> str:
    """What and where in a few characters; what alone where that is too long."""
    name = localized(of.matter.category_names, locale_code())
    if address and len(name) + len(address) + 2 <= SHORTEST_NAME:
        return f"{name}, {address}"
    return name if len(name) <= SHORTEST_NAME else name[: SHORTEST_NAME - 1].rstrip() + "…"


@dataclass(frozen=True)
class _TextInput:
    """What a sentence may be about."""

    of: EventContext
    reader: Reader
    jurisdiction: JurisdictionCopy
    thing: str
    brief: str

    @property
    def facts(self) -> dict[str, Any]:
        return self.of.facts


def event_text(of: EventContext, reader: Reader, jurisdiction: JurisdictionCopy) -> EventText:
    """The event in the language spoken now. Raises KeyError for a kind that is not told."""
    address = address_for(of, reader)
    thing = sentences.subject_words(of.matter.category_names, address)
    return _EVENT_TEXTS[of.kind](_TextInput(of, reader, jurisdiction, thing, short_name(of, address)))


def _received(of: _TextInput) -> EventText:
    due = of.of.matter.due_at
    after = [_("They will look at it, and we will tell you what happens next.")]
    if due:
        after.append(_("We aim to deal with it by %(day)s.", day=day_words(working_day(due))))
    return EventText(
        _("We have received your report: %(thing)s", thing=of.thing),
        _(
            "Thank you. We received your report on %(when)s and passed it to our teams.",
            when=_inside(of.of.matter.received_at),
        ),
        tuple(after),
        _("%(thing)s: received. We will tell you what happens next.", thing=of.brief),
        _("What you wrote"),
    )


def _inside(moment_: datetime) -> str:
    words = moment_words(moment_)
    return words[:1].lower() + words[1:] if locale_code() == "fr" else words


def _no_need() -> str:
    return _("You do not need to do anything. If the date changes, we will tell you.")


def _planned(of: _TextInput) -> EventText:
    planned = day_words(moment(of.facts, "start") or of.of.occurred_at)
    return EventText(
        _("A team will come on %(day)s: %(thing)s", day=planned, thing=of.thing),
        _("The work is planned: a team will come on %(day)s.", day=planned),
        (_no_need(),),
        _("%(thing)s: a team will come on %(day)s.", thing=of.brief, day=planned),
    )


def _day_changed(of: _TextInput) -> EventText:
    start, before = moment(of.facts, "start"), moment(of.facts, "before")
    if start is None:
        return EventText(
            _("Work postponed: %(thing)s", thing=of.thing),
            _("The work announced for %(day)s will not take place that day.", day=day_words(before))
            if before
            else _("The work will not take place on the announced date."),
            (_("We will tell you the new date as soon as it is set."),),
            _("%(thing)s: work postponed. A new date will follow.", thing=of.brief),
            _("The reason"),
        )
    planned = day_words(start)
    return EventText(
        _("New date, %(day)s: %(thing)s", day=planned, thing=of.thing),
        _("The team announced for %(before)s will come on %(day)s instead.", before=day_words(before), day=planned)
        if before
        else _("The date of the work has changed: a team will come on %(day)s.", day=planned),
        (_no_need(),),
        _("%(thing)s: new date, %(day)s.", thing=of.brief, day=planned),
        _("The reason"),
    )


def _resolved(of: _TextInput) -> EventText:
    until = day_words(last_day_to_contest(of.of, of.jurisdiction))
    return EventText(
        _("Repaired: %(thing)s", thing=of.thing),
        _("The work was finished on %(day)s. Thank you for telling us.", day=day_words(of.of.occurred_at)),
        (_("Is it really repaired? If you say no by the end of %(day)s, our teams will look at it again.", day=until),),
        _("%(thing)s: it is repaired. Do you agree?", thing=of.brief),
        _("What the team wrote"),
    )


def _rejected(of: _TextInput) -> EventText:
    return EventText(
        _("No further action: %(thing)s", thing=of.thing),
        _("We have looked at it and will not be taking any further action."),
        (_("If the situation changes, report it again and we will take another look."),),
        _("%(thing)s: no further action. The page says why.", thing=of.brief),
        _("The reason"),
    )


def _merged(of: _TextInput) -> EventText:
    into = of.facts.get("into", "")
    return EventText(
        _("Already reported: %(thing)s", thing=of.thing),
        _(
            "Someone had already reported this: this report has been merged with %(reference)s, and we are dealing "
            "with both together.",
            reference=into,
        ),
        (_("Anything that happens to it applies to this one too, and we will tell you."),),
        _("%(thing)s: already reported, see %(reference)s.", thing=of.brief, reference=into),
        _("The reason"),
    )


def _transferred(of: _TextInput) -> EventText:
    return EventText(
        _("Passed to the organisation responsible: %(thing)s", thing=of.thing),
        _(
            "We are not responsible for this. On %(day)s we passed it to the organisation that is.",
            day=day_words(of.of.occurred_at),
        ),
        (_("We will tell you as soon as they reply."),),
        _("%(thing)s: passed to the organisation responsible.", thing=of.brief),
        _("The reason"),
    )


def _reopened(of: _TextInput) -> EventText:
    opening = {
        "rejected": lambda: _("We have looked at it again and reopened the report."),
        "merged": lambda: _(
            "It is not about the same problem as the other report after all: it is being handled separately again."
        ),
        "contested": lambda: _("A resident says it is not repaired: the report has been reopened."),
    }.get(
        "contested" if of.facts.get("contested") else of.facts.get("from") or "",
        lambda: _("The repair was not good enough: the report has been reopened."),
    )
    return EventText(
        _("Reopened: %(thing)s", thing=of.thing),
        opening(),
        (_("Our teams are dealing with it again. We will tell you the next planned date."),),
        _("%(thing)s: the report has been reopened.", thing=of.brief),
        _("The reason"),
    )


def _question(of: _TextInput) -> EventText:
    until = of.of.matter.waiting_until or moment(of.facts, "until")
    if not of.reader.own:
        return EventText(
            _("More information requested: %(thing)s", thing=of.thing),
            _("We have asked the person who reported this for one more detail."),
            (_("You do not need to do anything: we will tell you what happens next."),),
            _("%(thing)s: we have asked the person who reported it for more information.", thing=of.brief),
            _("The question"),
        )
    after = (
        _("They will continue as soon as you reply.")
        if until is None
        else _(
            "They will continue as soon as you reply. Please do so by the end of %(day)s: after that they will "
            "continue "
            "with what they know.",
            day=day_words(until),
        )
    )
    return EventText(
        _("A question for you: %(thing)s", thing=of.thing),
        _("We need one more detail from you to continue."),
        (after,),
        _("%(thing)s: we have a question for you.", thing=of.brief),
        _("The question"),
    )


_EVENT_TEXTS: dict[str, Callable[[_TextInput], EventText]] = {
    "received": _received,
    "planned": _planned,
    "day_changed": _day_changed,
    "resolved": _resolved,
    "rejected": _rejected,
    "merged": _merged,
    "transferred": _transferred,
    "reopened": _reopened,
    "question": _question,
}
