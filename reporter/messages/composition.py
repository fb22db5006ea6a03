"""From an event to what is read of it: a pure function of event, reader, channel, jurisdiction, language and words
kept.

What comes out holds marks where each reader's own links belong (see reporter.messages.link_placeholders).
"""

from __future__ import annotations

from dataclasses import dataclass

from core.channel_names import MAIL
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.jurisdictions import JurisdictionCopy
from core.notifications.mail import Mail, Picture, mail_from_templates
from reporter.messages import link_placeholders, receipt_text
from reporter.messages.event_context import EventContext, Reader
from reporter.messages.event_texts import EventText, address_for, dates, event_text
from reporter.messages.variable_values import variable_values
from reporter.messages.wording.lookup import FilledWording, StoredWordings, fill_wording

#: Which variable holds people's words beside an event: where a jurisdiction's text leaves it out, they follow it.
_WORDS_ARE = {"question": "question", "received": "description"}


@dataclass(frozen=True)
class MessageContent:
    """What is said, before it is dressed."""

    subject: str
    #: The sentences before and after what people wrote.
    before: tuple[str, ...]
    after: tuple[str, ...]
    label: str
    words: str
    brief: str
    #: Whether the jurisdiction's own words are said.
    own: bool


def message_content(
    of: EventContext, reader: Reader, *, channel: str, jurisdiction: JurisdictionCopy, wordings: StoredWordings
) -> MessageContent:
    """What the jurisdiction says of the event over that channel, else what Alentour says."""
    saying = event_text(of, reader, jurisdiction)
    words = (of.matter.description if reader.own else "") if of.kind == "received" else of.words
    found = wordings.find(jurisdiction.id, f"report.{of.kind}", channel, locale_code(), of.matter.category_id)
    theirs = fill_wording(found, variable_values(of, reader, jurisdiction)) if found else None
    if theirs is None:
        return MessageContent(
            saying.subject,
            (saying.opening,),
            saying.after + _joined(of, reader),
            saying.label,
            words,
            saying.brief,
            False,
        )
    if channel != MAIL:
        return MessageContent(saying.subject, (), (), "", "", theirs.body, True)
    return _theirs(of, reader, saying, theirs, words)


def _theirs(of: EventContext, reader: Reader, saying: EventText, theirs: FilledWording, words: str) -> MessageContent:
    named = _WORDS_ARE.get(of.kind, "reason") in theirs.uses
    paragraphs = tuple(part.strip() for part in theirs.body.split("\n\n") if part.strip())
    return MessageContent(
        theirs.subject or saying.subject,
        paragraphs,
        _joined(of, reader),
        saying.label,
        "" if named else words,
        saying.brief,
        True,
    )


def _joined(of: EventContext, reader: Reader) -> tuple[str, ...]:
    if reader.reference == of.matter.reference:
        return ()
    return (
        _(
            "Your report %(reference)s has been merged with this one: what happens here applies to yours too.",
            reference=reader.reference,
        ),
    )


def write_message(
    of: EventContext,
    reader: Reader,
    *,
    channel: str,
    jurisdiction: JurisdictionCopy,
    wordings: StoredWordings,
    pictures: tuple[Picture, ...] = (),
    answers: bool = False,
) -> Mail:
    """The message, in the language spoken now, with marks where this reader's own links belong.

    `answers`: whether replies to it are read.
    """
    said = message_content(of, reader, channel=channel, jurisdiction=jurisdiction, wordings=wordings)
    thread = f"report:{of.matter.id}"
    if channel != MAIL:
        return Mail(said.subject, said.brief, brief=said.brief, page=link_placeholders.PAGE, thread=thread)
    address = address_for(of, reader)
    first = of.kind == "received" and reader.author
    return mail_from_templates(
        "report",
        said.subject,
        brief=said.brief,
        page=link_placeholders.PAGE,
        thread=thread,
        unsubscribe=link_placeholders.STOP,
        pictures=pictures,
        pictured=bool(pictures),
        kept=first,
        said=said,
        linked=link_placeholders.text_to_html,
        first=first,
        receipt=receipt_text.receipt_paragraphs(of.matter, jurisdiction) if first else (),
        facts=receipt_text.receipt_facts(of.matter, jurisdiction) + [(_("Place"), address)]
        if first
        else [(_("Reference"), reader.reference), (_("Place"), address), *dates(of)],
        ask=of.kind == "resolved",
        question=of.kind == "question" and reader.own,
        yes=link_placeholders.YES,
        no=link_placeholders.NO,
        answers=answers and (of.kind in ("received", "rejected") or of.kind == "question" and reader.own),
        author=reader.author,
        confirm="" if reader.confirmed else link_placeholders.CONFIRM,
    )
