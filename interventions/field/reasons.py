"""Reasons that a glove can tap: what is kept is the sentence, as the agent read it."""

from __future__ import annotations

from core.i18n import gettext as _


def reason_choices(verb: str) -> list[tuple[str, str]]:
    """(code, sentence) of the reasons to pause a job (`hold`) or to send it back (`refuse`)."""
    if verb == "hold":
        return [
            ("material", _("Material is missing")),
            ("help", _("Another team is needed")),
            ("weather", _("The weather does not allow it")),
            ("vehicle", _("A vehicle is in the way")),
            ("urgent", _("Called away to an emergency")),
            ("evening", _("To be continued tomorrow")),
        ]
    if verb == "refuse":
        return [
            ("nothing", _("Nothing left to repair")),
            ("place", _("The place cannot be found")),
            ("closed", _("No access")),
            ("danger", _("Too dangerous at the moment")),
            ("skill", _("Another trade or other equipment is needed")),
            ("others", _("Not our responsibility")),
        ]
    return []


def reason_text(verb: str, code: str, words: str) -> str:
    """The reason as it is kept: what was tapped, then what was typed."""
    tapped = dict(reason_choices(verb)).get(code, "")
    return _("%(tapped)s: %(typed)s", tapped=tapped, typed=words) if tapped and words else tapped or words
