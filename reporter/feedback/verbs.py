"""The verbs of the answer back, for the packages that call them: `from reporter.feedback import verbs as answers`."""

from __future__ import annotations

from reporter.feedback.comments import (
    add_comment,
    browser_digest,
    lock_public_report,
    me_too,
    publish_comment,
    refuse_comment,
)
from reporter.feedback.questions import answer, end_unanswered
from reporter.feedback.repair_check import confirm, contest, repair_question

__all__ = [
    "answer",
    "browser_digest",
    "add_comment",
    "confirm",
    "contest",
    "end_unanswered",
    "lock_public_report",
    "me_too",
    "refuse_comment",
    "publish_comment",
    "repair_question",
]
