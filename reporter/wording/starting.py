"""Alentour's own words written in the small language: what a town starts from when it writes its own."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from core.database import utcnow
from core.i18n import gettext as _
from core.i18n import speaking
from core.outbox.models import MAIL
from core.scope import current
from core.times import day, when
from reporter.mails import sayings
from reporter.mails.occasion import Matter, Occasion, Reader
from reporter.wording import variables


def _variable(name: str) -> str:
    return "{{ " + name + " }}"


def text(kind: str, channel: str, locale: str) -> tuple[str, str]:
    """Subject (of a mail) and body that say what Alentour says, with variables in their places."""
    with speaking(locale):
        subject, body = _said(kind, channel, *_example(kind))
        if kind == "day_changed":
            # The same event, where no new day has been chosen yet.
            without = _said(kind, channel, *_example(kind, start=False))
            subject, body = _either("day", subject, without[0]), _either("day", body, without[1], lines=channel == MAIL)
    return subject, body


def _said(kind: str, channel: str, of: Occasion, days: dict[str, list[str]]) -> tuple[str, str]:
    said = sayings.say(of, Reader(author=True, own=True, reference=_variable("reference")), current())
    names = variables.names(kind, channel)
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


def _example(kind: str, *, start: bool = True) -> tuple[Occasion, dict[str, list[str]]]:
    """An event whose every name is a variable, and whose days are all different."""
    now = utcnow()
    coming, before, until, due, received = (now + timedelta(days=n) for n in (3, 2, 4, 5, -30))
    facts: dict[str, object] = {"into": _variable("other")}
    if kind in ("planned", "day_changed"):
        facts |= {"start": coming.isoformat() if start else None, "before": before.isoformat()}
    names = {"fr": _variable("category"), "en": _variable("category")}
    of = Occasion(0, kind, facts, "", now, now, Matter(
        0, current().id, current().id, _variable("reference"), 0, names, _variable("address"), "", _variable("address"),
        received, due, until, None, None, 2, None, None, None, None))
    last = sayings.last_day_to_contest(of, current()) if kind == "resolved" else until
    days = {"day": [day(coming)], "old_day": [day(before)], "due_day": [day(due)], "last_day": [day(last)],
            "received_day": [lowered(when(received)), when(received), day(received)], "done_day": [day(now)]}
    return of, days


def lowered(words: str) -> str:
    """A moment in the middle of a sentence."""
    return words[:1].lower() + words[1:]
