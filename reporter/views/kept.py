"""Public pages of reports, kept in this process for as long as what they show is the same (decision 0012)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from flask import request

from core.database import utcnow
from core.i18n import COOKIE, locale_code
from core.scope import current

MOST = 500


class Kept:
    """The last MOST pages, each under all that it depends on: a key that fits no more is never asked for."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pages: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = threading.Lock()

    def page(self, key: Hashable, make: Callable[[], str]) -> str:
        """The page of that key, made now where it is not kept."""
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._pages[key] = made
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)
        return made


def plain_reader() -> bool:
    """Whether the request is one of many alike: nothing asked besides the page, nothing known of the reader."""
    return not request.query_string and not (request.cookies.keys() - {COOKIE})


def key_of(row: Any) -> Hashable:
    """All that a report’s public page depends on: the report at its version, its photos and followers,
    the words of its category and town, the language, the day (dates of this year are said without it)."""
    town = current()
    return (
        row.id,
        row.version,
        row.followers,
        str(row.photos),
        str(row.category_names),
        str(row.questions),
        locale_code(),
        town.id,
        str(town.names),
        town.accent,
        town.languages,
        utcnow().date(),
    )
