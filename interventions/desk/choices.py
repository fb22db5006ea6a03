"""What can be chosen in the desk's forms and filters: categories, sectors, teams, agents. Kept some seconds.

A list is asked for again and again while these change a few times a year; their options are therefore made
once for each jurisdiction and language, as text.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from functools import cached_property

from markupsafe import Markup, escape
from sqlalchemy import text

from core.database import execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.permissions import roles_with
from core.text import localized
from interventions.work_orders.sentences import kind_word
from interventions.work_orders.statuses import KINDS

SECONDS = 5.0
Pairs = list[tuple[str, str]]

_ALL = text("""
SELECT
    (SELECT json_agg(json_build_array(c.code, c.names, g.code, g.names)
        ORDER BY g.position, g.id, c.position, c.id)
     FROM category c JOIN category_group g ON g.id = c.group_id
     WHERE c.jurisdiction_id = :jurisdiction AND c.active) AS categories,
    (SELECT json_agg(json_build_array(layer, code, names) ORDER BY layer, names ->> 'fr', code)
     FROM sector WHERE jurisdiction_id = :jurisdiction) AS sectors,
    (SELECT json_agg(json_build_array(code, names) ORDER BY id)
     FROM team WHERE jurisdiction_id = :jurisdiction AND active) AS teams,
    (SELECT json_agg(json_build_array(u.email, u.name) ORDER BY u.name, u.email)
     FROM membership m JOIN "user" u ON u.id = m.user_id
     WHERE m.jurisdiction_id = :jurisdiction AND m.role = ANY(:given) AND u.active) AS agents
""")


class Choices:
    """What one jurisdiction offers, in one language."""

    def __init__(self, categories: list, sectors: list, teams: list, agents: list, locale: str) -> None:
        self._locale = locale
        #: {group's name: [(code, name)]}
        self.categories: dict[str, Pairs] = {}
        self._groups: Pairs = []
        for code, names, group, group_names in categories:
            heading = self._name(group_names)
            if heading not in self.categories:
                self._groups.append((group, heading))
            self.categories.setdefault(heading, []).append((code, self._name(names)))
        named = Counter(self._name(names) for _layer, _code, names in sectors)
        self.sectors: Pairs = [
            (f"{layer}:{code}", _sector(self._name(names), layer, alone=named[self._name(names)] == 1))
            for layer, code, names in sectors
        ]
        self.teams: Pairs = [(code, self._name(names)) for code, names in teams]
        self.agents: Pairs = [(email, name or email) for email, name in agents]

    def _name(self, names: dict[str, str]) -> str:
        return localized(names, self._locale)

    @cached_property
    def _html(self) -> dict[str, str]:
        grouped = "".join(
            f'<optgroup label="{escape(heading)}">'
            f"{_options([(f'group:{group}', _whole(heading)), *self.categories[heading]])}</optgroup>"
            for group, heading in self._groups
        )
        return {"categories": grouped, "sectors": _options(self.sectors), "teams": _options(self.teams)}

    def options(self, what: str, chosen: str = "") -> Markup:
        """The <option>s of a filter, with the chosen one marked."""
        html = self._html[what]
        if chosen:
            mark = f'value="{escape(chosen)}"'
            html = html.replace(mark, f"{mark} selected", 1)
        return Markup(html)  # noqa: S704 - every part was escaped above

    def category_name(self, code: str) -> str:
        """The name of a category or, after "group:", of a group; the code itself where it is unknown."""
        kind, colon, group = code.partition(":")
        if colon and kind == "group":
            return dict(self._groups).get(group, code)
        return next((name for pairs in self.categories.values() for known, name in pairs if known == code), code)

    def sector_name(self, code: str) -> str:
        """The name of a sector; the code itself where it is unknown."""
        return dict(self.sectors).get(code, code)

    def team_name(self, code: str) -> str:
        """The name of a team; the code itself where it is unknown."""
        return dict(self.teams).get(code, code)


def _sector(name: str, layer: str, *, alone: bool) -> str:
    """A sector's name; with its layer only where another layer has a sector of the same name."""
    return name if alone else _("%(name)s, layer “%(layer)s”", name=name, layer=layer)


def _whole(heading: str) -> str:
    # Not inside an f-string: what reads the sources for sentences does not look into those.
    return _("All of “%(group)s”", group=heading)


def _options(pairs: Pairs) -> str:
    return "".join(f'<option value="{escape(code)}">{escape(name)}</option>' for code, name in pairs)


_lock = threading.Lock()
_kept: dict[tuple[int, str], tuple[float, Choices]] = {}


def drop_cache() -> None:
    """Read the choices anew at the next request of this process."""
    with _lock:
        _kept.clear()


def choices() -> Choices:
    """What the current jurisdiction offers, in the reader's language. One statement, once in a few seconds."""
    key = (current_jurisdiction_id(), locale_code())
    kept = _kept.get(key)
    if kept is not None and time.monotonic() - kept[0] < SECONDS:
        return kept[1]
    row = execute_unscoped(_ALL, {"jurisdiction": key[0], "given": list(roles_with("work_orders.receive"))}).one()
    categories, sectors, teams, agents = (part or [] for part in row)
    found = Choices(categories, sectors, teams, agents, locale=key[1])
    with _lock:
        _kept[key] = (time.monotonic(), found)
    return found


def kinds() -> Pairs:
    """Every kind of work: (code, words)."""
    return [(kind, kind_word(kind)) for kind in KINDS]


def priorities() -> Pairs:
    """The three priorities: (number, words)."""
    return [("0", _("Normal")), ("1", _("High")), ("2", _("Danger"))]
