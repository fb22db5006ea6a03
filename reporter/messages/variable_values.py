"""What the variables of a jurisdiction's own words are, of one event and for one reader. Strings, all of them."""

from __future__ import annotations

from core.i18n import locale_code
from core.identity.jurisdictions import JurisdictionCopy
from core.text import localized
from core.times import day_words, working_day
from reporter.messages import link_placeholders
from reporter.messages.event_context import EventContext, Reader, responsible_service
from reporter.messages.event_texts import address_for, last_day_to_contest, moment


def variable_values(of: EventContext, reader: Reader, jurisdiction: JurisdictionCopy) -> dict[str, str]:
    """Every variable of reporter.messages.wording.variables, empty where it has nothing to say."""
    matter, who = of.matter, responsible_service(of.matter, jurisdiction, locale_code())
    start, before = moment(of.facts, "start"), moment(of.facts, "before")
    until = matter.waiting_until or moment(of.facts, "until")
    last = last_day_to_contest(of, jurisdiction) if of.kind == "resolved" else until
    return {
        "reference": reader.reference,
        "category": localized(matter.category_names, locale_code()),
        "address": address_for(of, reader),
        "day": day_words(start) if start else "",
        "old_day": day_words(before) if before else "",
        "done_day": day_words(of.occurred_at),
        "last_day": day_words(last) if last else "",
        "due_day": day_words(working_day(matter.due_at)) if matter.due_at else "",
        "received_day": day_words(matter.received_at),
        "reason": of.words,
        "question": of.words,
        "other": str(of.facts.get("into", "")),
        "description": matter.description if reader.own else "",
        "author": "yes" if reader.author else "",
        "service": who.name,
        "service_phone": who.phone,
        "town": jurisdiction.name_in(locale_code()),
        "page": link_placeholders.PAGE,
    }
