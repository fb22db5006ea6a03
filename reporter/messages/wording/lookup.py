"""The words that a jurisdiction keeps, found and filled in when a message is written; where they fail, it is as if
there
were none, and Alentour's own are said."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Text

from core.database import execute_unscoped
from reporter.messages.wording import template_language, variables
from reporter.messages.wording.models import Wording

log = logging.getLogger(__name__)
#: What a header does not hold: a reason of two lines stands in a subject as one.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
W = Wording.__table__
#: Named by their jurisdictions: a sender works for several.
_KEPT = select(
    W.c.id, W.c.jurisdiction_id, W.c.kind, W.c.channel, W.c.category_id, W.c.locale, W.c.subject, W.c.body
).where(
    W.c.jurisdiction_id == any_(bindparam("towns", type_=ARRAY(BigInteger))),
    W.c.kind == any_(bindparam("kinds", type_=ARRAY(Text))),
)


@dataclass(frozen=True)
class StoredWording:
    """A jurisdiction's own words of one event, over one channel, of one category or of all, in one language."""

    id: int
    jurisdiction_id: int
    kind: str
    channel: str
    category_id: int | None
    locale: str
    subject: str
    body: str


@dataclass(frozen=True)
class FilledWording:
    """Those words, filled in."""

    #: Of a mail; empty: Alentour's own is said.
    subject: str
    body: str
    #: Which variables the body shows or asks for.
    uses: frozenset[str]


class StoredWordings:
    """What some jurisdictions keep for some kinds of event."""

    def __init__(self, found: Iterable[StoredWording] = ()) -> None:
        self._found = {(one.jurisdiction_id, one.kind, one.channel, one.locale, one.category_id): one for one in found}

    def find(
        self, jurisdiction_id: int, kind: str, channel: str, locale: str, category_id: int
    ) -> StoredWording | None:
        """The words of that category, else those of all categories, else None."""
        place = (jurisdiction_id, kind, channel, locale)
        return self._found.get((*place, category_id)) or self._found.get((*place, None))


def wordings_of(jurisdictions: Collection[int], kinds: Collection[str]) -> StoredWordings:
    """The words those jurisdictions keep for those kinds ("report.resolved"). One statement, nothing kept in
    between."""
    return StoredWordings(
        StoredWording(**row._mapping)
        for row in execute_unscoped(_KEPT, {"towns": list(jurisdictions), "kinds": list(kinds)})
    )


def fill_wording(own: StoredWording, values: Mapping[str, str]) -> FilledWording | None:
    """The words on these values, None where they cannot be said after all: that is logged, without a word of them."""
    try:
        event = own.kind.removeprefix("report.")
        body = template_language.read(own.body, variables.variable_names(event, own.channel))
        head = template_language.read(own.subject, variables.variable_names(event, own.channel, subject=True))
        said = FilledWording(_CONTROL.sub(" ", head.fill(values)).strip(), body.fill(values).strip(), body.uses)
    except Exception as error:  # noqa: BLE001 - whatever was kept, the news is told
        log.error("The town's words %d cannot be said (%s): Alentour's own are", own.id, type(error).__name__)
        return None
    if not said.body:
        log.error("The town's words %d say nothing here: Alentour's own are said", own.id)
        return None
    return said
