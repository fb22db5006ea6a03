"""What the variables of a town's own words are, of one event and for one reader. Strings, all of them."""

from __future__ import annotations

from core.i18n import locale_code
from core.identity.towns import Town
from core.text import localized
from core.times import day, working_day
from reporter.mails import marks
from reporter.mails.occasion import Occasion, Reader, service
from reporter.mails.sayings import address_for, last_day_to_contest, moment


def values(of: Occasion, reader: Reader, town: Town) -> dict[str, str]:
    """Every variable of reporter.wording.variables, empty where it has nothing to say."""
    matter, who = of.matter, service(of.matter, town, locale_code())
    start, before = moment(of.facts, "start"), moment(of.facts, "before")
    until = matter.waiting_until or moment(of.facts, "until")
    last = last_day_to_contest(of, town) if of.kind == "resolved" else until
    return {
        "reference": reader.reference,
        "category": localized(matter.category_names, locale_code()),
        "address": address_for(of, reader),
        "day": day(start) if start else "",
        "old_day": day(before) if before else "",
        "done_day": day(of.occurred_at),
        "last_day": day(last) if last else "",
        "due_day": day(working_day(matter.due_at)) if matter.due_at else "",
        "received_day": day(matter.received_at),
        "reason": of.words,
        "question": of.words,
        "other": str(of.facts.get("into", "")),
        "description": matter.description if reader.own else "",
        "author": "yes" if reader.author else "",
        "service": who.name,
        "service_phone": who.phone,
        "town": town.name_in(locale_code()),
        "page": marks.PAGE,
    }
