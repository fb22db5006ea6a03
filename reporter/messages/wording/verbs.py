"""Saving and taking away a jurisdiction's own words: what would not render is refused, with the place of the
mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.channel_names import MAIL, PERSONAL
from core.database import db, utcnow
from core.database.scope import current_jurisdiction_id
from core.errors import ChangedMeanwhile, CollectedErrors, FieldError, FieldErrors, NotFound
from core.i18n import LOCALES
from core.i18n import gettext as _
from core.notifications.mail import LONGEST_SUBJECT
from reporter.categories.models import Category
from reporter.messages.wording import template_language, variables
from reporter.messages.wording.lookup import StoredWording
from reporter.messages.wording.models import Wording
from reporter.statuses import TOLD

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
#: Characters of a text as it is written, and of one that a small screen shows once it is filled in.
LONGEST = {"mail": 6000, "sms": 1000, "push": 1000, "subject": 500}
LONGEST_BRIEF = {"sms": 320, "push": 200}


@dataclass(frozen=True)
class WordingKey:
    """Which words: of one event ("resolved"), over one channel, of one category or of all, in one language."""

    kind: str
    channel: str
    locale: str
    category: str = ""

    @property
    def is_mail(self) -> bool:
        """Whether it has a subject."""
        return self.channel == MAIL


def wording_key(kind: str, channel: str, locale: object, category: object = "") -> WordingKey:
    """A place that exists: an event that is told, a channel that people choose, a language we speak.

    Raises NotFound for others, FieldError naming `category` for one that is not offered here.
    """
    if kind not in TOLD or channel not in PERSONAL or locale not in LOCALES:
        raise NotFound(_("This text does not exist."))
    code = category if isinstance(category, str) else ""
    if code and category_id(code) is None:
        raise FieldError("category", _("This category does not exist here."))
    return WordingKey(kind, channel, str(locale), code)


def category_id(code: str) -> int | None:
    """The id of a category here; None for none."""
    if not code:
        return None
    return db.session.scalar(select(Category.id).where(Category.code == code))


def checked(at: WordingKey, subject: object, body: object) -> tuple[str, str]:
    """Subject and body as they are kept. Raises FieldErrors naming subject and body, with line and column."""
    errors = CollectedErrors()
    kept = {"subject": "", "body": ""}
    if at.is_mail:
        with errors:
            kept["subject"] = _subject(at, _text(subject, "subject", LONGEST["subject"]))
    with errors:
        kept["body"] = _body(at, _text(body, "body", LONGEST[at.channel]))
    errors.done()
    return kept["subject"], kept["body"]


def _text(value: object, field: str, most: int) -> str:
    if not isinstance(value, str):
        value = ""
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > most:
        raise FieldError(field, _("This is too long: %(most)s characters at most.", most=most))
    return text


def _read(text: str, field: str, at: WordingKey) -> template_language.Text:
    try:
        return template_language.read(text, variables.variable_names(at.kind, at.channel, subject=field == "subject"))
    except template_language.Mistake as mistake:
        raise FieldError(field, mistake.place, code="template") from None


def _ways(text: template_language.Text, field: str, at: WordingKey) -> Iterator[str]:
    """What the text becomes on the examples, in every way. Raises FieldError where that is too long."""
    try:
        yield from text.ways(variables.sample_values(at.kind, at.channel, at.locale))
    except template_language.Mistake as mistake:
        raise FieldError(field, mistake.sentence, code="template") from None


def _subject(at: WordingKey, text: str) -> str:
    if not text:
        return ""
    found = _CONTROL.search(text)
    if found:
        raise FieldError(
            "subject",
            template_language.Mistake(
                _("A subject is one line, without line ends or control characters."), 1, found.start() + 1
            ).place,
        )
    for said in _ways(_read(text, "subject", at), "subject", at):
        if not said.strip():
            raise FieldError("subject", _("This subject would be empty when a variable is."))
        if len(said) > LONGEST_SUBJECT:
            raise FieldError(
                "subject",
                _(
                    "Once filled in, this is %(n)s characters long: the limit here is %(most)s.",
                    n=len(said),
                    most=LONGEST_SUBJECT,
                ),
            )
    return text


def _body(at: WordingKey, text: str) -> str:
    if not text:
        raise FieldError("body", _("This field is required."))
    for said in _ways(_read(text, "body", at), "body", at):
        if not said.strip():
            raise FieldError(
                "body",
                _("This text would be empty when a variable is: also write something that does not depend on it."),
            )
        if not at.is_mail and len(said) > LONGEST_BRIEF[at.channel]:
            raise FieldError(
                "body",
                _(
                    "Once filled in, this is %(n)s characters long: the limit here is %(most)s.",
                    n=len(said),
                    most=LONGEST_BRIEF[at.channel],
                ),
            )
    return text


def save(at: WordingKey, *, subject: object, body: object, user_id: int | None, seen: str | None = None) -> None:
    """Keep a jurisdiction's own words. Raises FieldErrors (subject, body), ChangedMeanwhile.

    `seen`: the mark (see `mark`) of what their writer had before them; None where that does not matter.
    """
    head, text = checked(at, subject, body)
    known = category_id(at.category)
    found = _row(at, known)
    if seen is not None and seen != state_digest(found):
        raise ChangedMeanwhile(_("Someone else has changed this text in the meantime."), code="changed")
    if found is not None:
        found.subject, found.body, found.changed_at, found.changed_by = head, text, utcnow(), user_id
        db.session.flush()
        return
    added = db.session.execute(
        insert(Wording)
        .values(
            jurisdiction_id=current_jurisdiction_id(),
            kind=f"report.{at.kind}",
            channel=at.channel,
            locale=at.locale,
            category_id=known,
            subject=head,
            body=text,
            changed_by=user_id,
        )
        .on_conflict_do_nothing()
        .returning(Wording.id)
    ).scalar()
    if added is None:
        raise ChangedMeanwhile(_("Someone else has changed this text in the meantime."), code="changed")


def state_digest(found: Wording | None) -> str:
    """What tells one state of kept words from another; empty where none are kept."""
    return f"{found.id}@{found.changed_at.timestamp():.6f}" if found is not None else ""


def _row(at: WordingKey, known: int | None) -> Wording | None:
    return db.session.scalar(
        select(Wording)
        .where(
            Wording.kind == f"report.{at.kind}",
            Wording.channel == at.channel,
            Wording.locale == at.locale,
            Wording.category_id.is_(None) if known is None else Wording.category_id == known,
        )
        .with_for_update()
    )


def find(at: WordingKey) -> Wording | None:
    """The words kept at exactly that place."""
    known = category_id(at.category)
    return db.session.scalar(
        select(Wording).where(
            Wording.kind == f"report.{at.kind}",
            Wording.channel == at.channel,
            Wording.locale == at.locale,
            Wording.category_id.is_(None) if known is None else Wording.category_id == known,
        )
    )


def remove(at: WordingKey) -> None:
    """Alentour's own words again. Nothing happens where there are none kept."""
    found = _row(at, category_id(at.category))
    if found is not None:
        db.session.delete(found)
        db.session.flush()


def unsaved_wording(at: WordingKey, subject: str, body: str, *, category: int) -> StoredWording:
    """Words that nobody has kept yet, as a message about that category would find them."""
    return StoredWording(
        0, current_jurisdiction_id(), f"report.{at.kind}", at.channel, category, at.locale, subject, body
    )


__all__ = [
    "FieldErrors",
    "WordingKey",
    "checked",
    "find",
    "state_digest",
    "wording_key",
    "remove",
    "save",
    "unsaved_wording",
]
