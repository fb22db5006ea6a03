"""Public answers about reports, kept in this process while what they show is the same (decision 0012)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from flask import request

from core.database import utcnow
from core.database.scope import current_jurisdiction
from core.i18n import COOKIE, locale_code

MOST = 500
Answer = TypeVar("Answer")


class AnswerCache(Generic[Answer]):
    """The last MOST answers, each under all that it depends on: a key that fits no more is never asked for."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """The answer of that key, made now where it is not kept."""
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._answers[key] = made
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return made


def is_anonymous_reader() -> bool:
    """Whether the reader is one of many alike: asks for nothing besides the page, and nothing is known of them."""
    if request.query_string or "Authorization" in request.headers:
        return False
    return not (request.cookies.keys() - {COOKIE})


def cache_key(mark: Any) -> Hashable:
    """All that a public answer about a report depends on: its mark (reporter.reports.detail.report_version), the
    words of the jurisdiction,
    the language, the day (dates of this year are said without it)."""
    jurisdiction = current_jurisdiction()
    return (
        mark.id,
        mark.version,
        mark.signature,
        locale_code(),
        jurisdiction.id,
        str(jurisdiction.names),
        jurisdiction.accent,
        jurisdiction.languages,
        jurisdiction.host,
        utcnow().date(),
    )
