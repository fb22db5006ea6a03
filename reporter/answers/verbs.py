"""The verbs of the answer back, for the packages that call them: `from reporter.answers import verbs as answers`."""

from __future__ import annotations

from reporter.answers.asked import answer, lapse
from reporter.answers.neighbours import browser, comment, lock, me_too, refuse, show
from reporter.answers.repaired import confirm, contest, standing

__all__ = [
    "answer", "browser", "comment", "confirm", "contest", "lapse", "lock", "me_too", "refuse", "show",
    "standing",
]
