"""The variables of a jurisdiction's own words: what each means, where it means something, and an example of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString

from core.channel_names import MAIL
from core.i18n import lazy_gettext

RECEIVED, PLANNED, DAY_CHANGED, RESOLVED = "received", "planned", "day_changed", "resolved"
_WITH_REASON = (DAY_CHANGED, RESOLVED, "rejected", "merged", "transferred", "reopened")


@dataclass(frozen=True)
class Variable:
    """One variable; `kinds` are the events it means something for (None: all)."""

    name: str
    meaning: LazyString
    #: An example per language.
    samples: dict[str, str]
    kinds: tuple[str, ...] | None = None
    #: Whether a mail alone can hold it: the other channels add the page's address by themselves.
    mail_only: bool = False
    #: Whether it may be empty, so that a condition is worth asking for.
    optional: bool = False


def _v(
    name: str,
    meaning: LazyString,
    fr: str,
    en: str,
    kinds: tuple[str, ...] | None = None,
    *,
    mail_only: bool = False,
    optional: bool = False,
) -> Variable:
    return Variable(name, meaning, {"fr": fr, "en": en}, kinds, mail_only, optional)


_ = lazy_gettext
VARIABLES = (
    _v("reference", _("the report's reference"), "VC-7K3-9QT", "VC-7K3-9QT"),
    _v("category", _("what was reported"), "Nid-de-poule", "Pothole"),
    _v("address", _("where"), "12 rue des Tilleuls", "12 rue des Tilleuls", optional=True),
    _v(
        "day",
        _("the day on which a team will come; empty when the announced date no longer stands"),
        "mardi 24 novembre",
        "Tuesday 24 November",
        (PLANNED, DAY_CHANGED),
        optional=True,
    ),
    _v(
        "old_day",
        _("the date announced before"),
        "lundi 23 novembre",
        "Monday 23 November",
        (DAY_CHANGED,),
        optional=True,
    ),
    _v(
        "done_day",
        _("the day the work was finished or the report passed on"),
        "lundi 23 novembre",
        "Monday 23 November",
        (RESOLVED, "transferred"),
    ),
    _v(
        "last_day",
        _("the last day to say that it is not repaired, or to answer the question"),
        "mardi 8 décembre",
        "Tuesday 8 December",
        (RESOLVED, "question"),
        optional=True,
    ),
    _v(
        "due_day",
        _("the day by which the council aims to deal with it"),
        "jeudi 26 novembre",
        "Thursday 26 November",
        (RECEIVED,),
        optional=True,
    ),
    _v("received_day", _("the day on which the report arrived"), "samedi 21 novembre", "Saturday 21 November"),
    _v(
        "reason",
        _("what the services wrote: the reason, or the team's words"),
        "La chaussée sera refaite au printemps.",
        "The roadway will be rebuilt in spring.",
        _WITH_REASON,
        optional=True,
    ),
    _v(
        "question",
        _("the question the services ask"),
        "De quel côté de la rue est-ce ?",
        "On which side of the street is it?",
        ("question",),
    ),
    _v("other", _("the reference of the report it was merged with"), "VC-4M8-2RD", "VC-4M8-2RD", ("merged",)),
    _v(
        "description",
        _("what its author wrote; empty for other readers"),
        "Un trou devant l’école",
        "A hole before the school",
        (RECEIVED,),
        optional=True,
    ),
    _v(
        "author",
        _("“yes” where the author of the report reads it, empty for whoever else follows it"),
        "yes",
        "yes",
        optional=True,
    ),
    _v("service", _("the department in charge"), "Villeclaire", "Villeclaire"),
    _v("service_phone", _("its telephone number"), "04 67 00 00 00", "04 67 00 00 00", optional=True),
    _v("town", _("the council’s name"), "Villeclaire", "Villeclaire"),
    _v(
        "page",
        _("the address of the report's page"),
        "https://villeclaire.example/r/VC-7K3-9QT",
        "https://villeclaire.example/r/VC-7K3-9QT",
        mail_only=True,
    ),
)
del _


def known_variables(kind: str, channel: str, *, subject: bool = False) -> tuple[Variable, ...]:
    """The variables that mean something for an event over a channel. A subject holds no address of a page."""
    return tuple(
        one
        for one in VARIABLES
        if (one.kinds is None or kind in one.kinds) and not (one.mail_only and (channel != MAIL or subject))
    )


def variable_names(kind: str, channel: str, *, subject: bool = False) -> frozenset[str]:
    """Their names."""
    return frozenset(one.name for one in known_variables(kind, channel, subject=subject))


def sample_values(kind: str, channel: str, locale: str) -> dict[str, str]:
    """An example of each."""
    return {one.name: one.samples[locale] for one in known_variables(kind, channel)}
