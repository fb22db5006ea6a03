"""From an event to what is read of it: a pure function of event, reader, channel, town, language and words kept.

What comes out holds marks where each reader's own links belong (see reporter.mails.marks).
"""

from __future__ import annotations

from dataclasses import dataclass

from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.towns import Town
from core.mail import Mail, Picture, letter
from core.outbox.models import MAIL
from reporter.mails import marks, receipt
from reporter.mails.occasion import Occasion, Reader
from reporter.mails.sayings import Saying, address_for, dates, say
from reporter.mails.values import values
from reporter.wording.kept import Filled, Wordings, filled

#: Which variable holds people's words beside an event: where a town's text leaves it out, they follow it.
_WORDS_ARE = {"question": "question", "received": "description"}


@dataclass(frozen=True)
class Content:
    """What is said, before it is dressed."""

    subject: str
    #: The sentences before and after what people wrote.
    before: tuple[str, ...]
    after: tuple[str, ...]
    label: str
    words: str
    brief: str
    #: Whether the town's own words are said.
    own: bool


def content(of: Occasion, reader: Reader, *, channel: str, town: Town, wordings: Wordings) -> Content:
    """What the town says of the event over that channel, else what Alentour says."""
    saying = say(of, reader, town)
    words = (of.matter.description if reader.own else "") if of.kind == "received" else of.words
    found = wordings.find(town.id, f"report.{of.kind}", channel, locale_code(), of.matter.category_id)
    theirs = filled(found, values(of, reader, town)) if found else None
    if theirs is None:
        return Content(saying.subject, (saying.opening,), saying.after + _joined(of, reader), saying.label, words,
                       saying.brief, False)
    if channel != MAIL:
        return Content(saying.subject, (), (), "", "", theirs.body, True)
    return _theirs(of, reader, saying, theirs, words)


def _theirs(of: Occasion, reader: Reader, saying: Saying, theirs: Filled, words: str) -> Content:
    named = _WORDS_ARE.get(of.kind, "reason") in theirs.uses
    paragraphs = tuple(part.strip() for part in theirs.body.split("\n\n") if part.strip())
    return Content(theirs.subject or saying.subject, paragraphs, _joined(of, reader), saying.label,
                   "" if named else words, saying.brief, True)


def _joined(of: Occasion, reader: Reader) -> tuple[str, ...]:
    if reader.reference == of.matter.reference:
        return ()
    return (_("Your report %(reference)s has been merged with this one: what happens here applies to yours too.",
              reference=reader.reference),)


def write(of: Occasion, reader: Reader, *, channel: str, town: Town, wordings: Wordings,
          pictures: tuple[Picture, ...] = (), answers: bool = False) -> Mail:
    """The message, in the language spoken now, with marks where this reader's own links belong.

    `answers`: whether replies to it are read.
    """
    said = content(of, reader, channel=channel, town=town, wordings=wordings)
    thread = f"report:{of.matter.id}"
    if channel != MAIL:
        return Mail(said.subject, said.brief, brief=said.brief, page=marks.PAGE, thread=thread)
    address = address_for(of, reader)
    first = of.kind == "received" and reader.author
    return letter(
        "report",
        said.subject,
        brief=said.brief,
        page=marks.PAGE,
        thread=thread,
        unsubscribe=marks.STOP,
        pictures=pictures,
        pictured=bool(pictures),
        kept=first,
        said=said,
        linked=marks.linked,
        first=first,
        receipt=receipt.paragraphs(of.matter, town) if first else (),
        facts=receipt.facts(of.matter, town) + [(_("Place"), address)] if first else [
            (_("Reference"), reader.reference), (_("Place"), address), *dates(of)],
        ask=of.kind == "resolved",
        question=of.kind == "question" and reader.own,
        yes=marks.YES,
        no=marks.NO,
        answers=answers and (of.kind in ("received", "rejected") or of.kind == "question" and reader.own),
        author=reader.author,
        confirm="" if reader.confirmed else marks.CONFIRM,
    )
