"""Alentour's own words written in the small language: what a jurisdiction starts from when it writes its own."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from core.channel_names import MAIL
from core.database import utcnow
from core.database.scope import current_jurisdiction
from core.i18n import gettext as _
from core.i18n import speaking
from core.times import day_words, moment_words
from reporter.messages import event_texts
from reporter.messages.event_context import EventContext, Reader, ReportFacts
from reporter.messages.wording import variables


def _variable(name: str) -> str:
    return "{{ " + name + " }}"


def default_text(kind: str, channel: str, locale: str) -> tuple[str, str]:
    """Subject (of a mail) and body that say what Alentour says, with variables in their places."""
    with speaking(locale):
        subject, body = _said(kind, channel, *_example(kind))
        if kind == "day_changed":
            # The same event, where no new day has been chosen yet.
            without = _said(kind, channel, *_example(kind, start=False))
            subject, body = _either("day", subject, without[0]), _either("day", body, without[1], lines=channel == MAIL)
    return subject, body


def _said(kind: str, channel: str, of: EventContext, days: dict[str, list[str]]) -> tuple[str, str]:
    said = event_texts.event_text(
        of, Reader(author=True, own=True, reference=_variable("reference")), current_jurisdiction()
    )
    names = variables.variable_names(kind, channel)
    named = partial(_named, days=days, known=names)
    if channel != MAIL:
        return "", named(said.brief)
    name = next((one for one in ("question", "description", "reason") if one in names), "")
    paragraphs = [named(said.opening), *_beside(name, said.label), *map(_where_known, map(named, said.after))]
    return named(said.subject), "\n\n".join(paragraphs)


def _either(name: str, given: str, missing: str, *, lines: bool = False) -> str:
    """One text where the variable is given, another where it is not."""
    if not given:
        return ""
    end = "\n" if lines else ""
    return f"{{% if {name} %}}{end}{given}{end}{{% else %}}{end}{missing}{end}{{% endif %}}"


def _where_known(paragraph: str) -> str:
    """A paragraph about a day that need not be set, under the condition that it is."""
    name = next((one for one in ("due_day", "last_day") if _variable(one) in paragraph), None)
    return f"{{% if {name} %}}\n{paragraph}\n{{% endif %}}" if name else paragraph


def _beside(name: str, label: str) -> list[str]:
    """What people wrote, under its name, where they wrote something."""
    if not name:
        return []
    head = label + _(":") + " " if label else ""
    return ["{% if " + name + " %}\n" + head + _variable(name) + "\n{% endif %}"]


def _named(words: str, *, days: dict[str, list[str]], known: frozenset[str]) -> str:
    """The sentence, its days replaced by the variables that hold them; without a place, it does without one."""
    for name, written in days.items():
        if name in known:
            for one in written:
                words = words.replace(one, _variable(name))
    where = ", " + _variable("address")
    return words.replace(where, "{% if address %}" + where + "{% endif %}")


def _example(kind: str, *, start: bool = True) -> tuple[EventContext, dict[str, list[str]]]:
    """An event whose every name is a variable, and whose days are all different."""
    now = utcnow()
    coming, before, until, due, received = (now + timedelta(days=n) for n in (3, 2, 4, 5, -30))
    facts: dict[str, object] = {"into": _variable("other")}
    if kind in ("planned", "day_changed"):
        facts |= {"start": coming.isoformat() if start else None, "before": before.isoformat()}
    names = {"fr": _variable("category"), "en": _variable("category")}
    of = EventContext(
        0,
        kind,
        facts,
        "",
        now,
        now,
        ReportFacts(
            0,
            current_jurisdiction().id,
            current_jurisdiction().id,
            _variable("reference"),
            0,
            names,
            _variable("address"),
            "",
            _variable("address"),
            received,
            due,
            until,
            None,
            None,
            2,
            None,
            None,
            None,
            None,
        ),
    )
    last = event_texts.last_day_to_contest(of, current_jurisdiction()) if kind == "resolved" else until
    days = {
        "day": [day_words(coming)],
        "old_day": [day_words(before)],
        "due_day": [day_words(due)],
        "last_day": [day_words(last)],
        "received_day": [lower_first(moment_words(received)), moment_words(received), day_words(received)],
        "done_day": [day_words(now)],
    }
    return of, days


def lower_first(words: str) -> str:
    """A moment in the middle of a sentence."""
    return words[:1].lower() + words[1:]
