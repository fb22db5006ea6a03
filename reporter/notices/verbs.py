"""Notices: what a jurisdiction tells of its public space. Written, counted, published, changed, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from core.database import db, utcnow
from core.database.scope import current_jurisdiction, current_jurisdiction_id
from core.errors import ChangedMeanwhile, CollectedErrors, FieldError, NotFound, Refused
from core.i18n import LOCALES, locale_code
from core.i18n import gettext as _
from core.identity.actor import Actor
from core.notifications.outbox.verbs import queue_for_many
from core.text import clean_text, localized
from core.times import day_words, hour_words, local_time
from reporter import shapes
from reporter.notices.models import NOTICE_KINDS, Notice
from reporter.subscriptions import area_recipients

TITLE, TEXT, PLACE, WHY = 120, 4000, 200, 500
#: A notice holds for two years at the most.
LONGEST = timedelta(days=731)
#: Between the count and the second confirmation the audience may change by that many, or that share of it.
FEW, SHARE = 10, 0.1


@dataclass(frozen=True)
class NoticeDraft:
    """What a notice says, checked."""

    kind: str
    titles: dict[str, str]
    texts: dict[str, str]
    place: str
    shape: BaseGeometry
    starts_at: datetime
    ends_at: datetime


def languages() -> tuple[str, ...]:
    """In which languages a notice can be written here, the one that is needed first."""
    return tuple(code for code in current_jurisdiction().languages if code in LOCALES) or LOCALES[:1]


def localized_texts(
    texts: Mapping[str, Any], *, field: str, most: int, required: bool = True, lines: bool = True
) -> dict[str, str]:
    """A text per language, the first one needed. Raises FieldErrors naming `field`_fr, `field`_en."""
    errors = CollectedErrors()
    found: dict[str, str] = {}
    for number, code in enumerate(languages()):
        with errors:
            text = clean_text(
                texts.get(code), field=f"{field}_{code}", most=most, lines=lines, required=required and number == 0
            )
            if text:
                found[code] = text
    errors.done()
    return found


def checked_draft(
    *,
    kind: object,
    titles: Mapping[str, Any],
    texts: Mapping[str, Any],
    place: object,
    shape: BaseGeometry,
    starts_at: datetime,
    ends_at: datetime,
) -> NoticeDraft:
    """A notice as somebody wrote it. Raises FieldErrors naming kind, title_fr, text_fr, place, ends…"""
    errors = CollectedErrors()
    said: dict[str, dict[str, str]] = {"titles": {}, "texts": {}}
    where = ""
    if kind not in NOTICE_KINDS:
        errors.add("kind", _("Choose the type of notice."))
    with errors:
        said["titles"] = localized_texts(titles, field="title", most=TITLE, lines=False)
    with errors:
        said["texts"] = localized_texts(texts, field="text", most=TEXT)
    with errors:
        where = clean_text(place, field="place", most=PLACE, required=True, lines=False)
    if ends_at <= starts_at:
        errors.add("to_day", _("The end must be after the start."))
    elif ends_at - starts_at > LONGEST:
        errors.add("to_day", _("A notice can last two years at most."))
    errors.done()
    return NoticeDraft(str(kind), said["titles"], said["texts"], where, shape, starts_at, ends_at)


def create_notice(draft: NoticeDraft, *, by: Actor) -> Notice:
    """A new notice, which nobody but the desk sees before it is published. Raises FieldError."""
    _still_ahead(draft)
    notice = Notice(jurisdiction_id=current_jurisdiction_id(), user_id=by.user_id, version=1)
    _fill(notice, draft)
    db.session.add(notice)
    db.session.flush()
    return notice


def change(notice: Notice, draft: NoticeDraft) -> None:
    """What a notice says is corrected, for all who read it from now on; nobody is told (see `tell_again`)."""
    if notice.withdrawn_at is not None:
        raise Refused(_("This notice has been withdrawn: create a new one."), code="illegal_move")
    _still_ahead(draft)
    _fill(notice, draft)
    notice.updated_at = utcnow()
    notice.version += 1
    db.session.flush()


def _fill(notice: Notice, draft: NoticeDraft) -> None:
    notice.kind, notice.titles, notice.texts, notice.place = draft.kind, draft.titles, draft.texts, draft.place
    notice.shape = shapes.to_column(draft.shape)
    notice.starts_at, notice.ends_at = draft.starts_at, draft.ends_at


def _still_ahead(draft: NoticeDraft) -> None:
    if draft.ends_at <= utcnow():
        raise FieldError("to_day", _("This date is in the past."))


def lock(notice_id: int, *, version: int | None = None) -> Notice:
    """The notice, its row locked until the transaction ends. Raises NotFound, and ChangedMeanwhile when `version` (what
    somebody read) is no longer the present one."""
    notice = db.session.scalar(
        select(Notice).where(Notice.id == notice_id).with_for_update().execution_options(populate_existing=True)
    )
    if notice is None:
        raise NotFound(_("This notice does not exist or no longer exists."))
    if version is not None and notice.version != version:
        raise ChangedMeanwhile(
            _("Someone else has changed this notice in the meantime. Here is the latest version."), code="changed"
        )
    return notice


def find(notice_id: int) -> Notice:
    """The notice, to be shown on the desk. Raises NotFound."""
    notice = db.session.scalar(select(Notice).where(Notice.id == notice_id))
    if notice is None:
        raise NotFound(_("This notice does not exist or no longer exists."))
    return notice


def count_recipients(notice: Notice) -> dict[str, int]:
    """How many would be told now, by channel: of its publication, or once more. One statement."""
    return area_recipients.count_by_channel(
        area_recipients.notice_recipients(notice, before=notice.published_at is not None)
    )


def publish(notice: Notice, *, counted: int) -> int:
    """Show a notice to everybody, and tell whom it concerns; how many messages are owed.

    `counted` is how many somebody read that it would be. Raises Refused (audience_changed) where it is no
    longer about as many, and where it is published, withdrawn or over.
    """
    if notice.published_at is not None or notice.withdrawn_at is not None:
        raise Refused(_("This notice has already been published."), code="illegal_move")
    _not_over(notice)
    _about_as_many(notice, counted)
    notice.published_at = utcnow()
    notice.version += 1
    db.session.flush()
    # An alert does not wait for the morning.
    told_as = "notice.alert" if notice.kind == "alert" else "notice.published"
    notice.told = queue_for_many(
        told_as,
        source=f"notice:{notice.id}",
        recipients=area_recipients.notice_recipients(notice),
        facts={"notice": notice.id},
    )
    notice.told_version = notice.version
    db.session.flush()
    return notice.told


def may_announce_change(notice: Notice) -> bool:
    """Whether there is something new to tell of a published notice."""
    return is_current(notice) and notice.told_version is not None and notice.version > notice.told_version


def announce_change(notice: Notice, *, counted: int, changes: Mapping[str, Any]) -> int:
    """Tell those who were told, and those whom it concerns now, what has changed; how many messages are owed.

    Once for each change. Raises Refused as `publish` does, FieldErrors naming changes_fr…
    """
    if not may_announce_change(notice):
        raise Refused(_("There is nothing new to announce for this notice."), code="illegal_move")
    notice.changes = localized_texts(changes, field="changes", most=WHY)
    _about_as_many(notice, counted)
    told = queue_for_many(
        "notice.changed",
        source=f"notice:{notice.id}:{notice.version}",
        recipients=area_recipients.notice_recipients(notice, before=True),
        facts={"notice": notice.id},
    )
    notice.told_version = notice.version
    db.session.flush()
    return told


def withdraw(notice: Notice, *, reasons: Mapping[str, Any]) -> int:
    """Take a published notice off every page, and tell who was told of it, with the reason; how many messages.

    Of one that is over nobody is told. Raises Refused, FieldErrors naming reasons_fr….
    """
    if notice.published_at is None or notice.withdrawn_at is not None:
        raise Refused(_("Only a published notice can be withdrawn."), code="illegal_move")
    notice.reasons = localized_texts(reasons, field="reasons", most=WHY)
    over = notice.ends_at <= utcnow()
    notice.withdrawn_at = utcnow()
    notice.version += 1
    db.session.flush()
    if over:
        return 0
    return queue_for_many(
        "notice.withdrawn",
        source=f"notice:{notice.id}:{notice.version}",
        recipients=area_recipients.earlier_recipients(notice),
        facts={"notice": notice.id},
    )


def remove(notice: Notice) -> None:
    """Drop a notice that was never published. Raises Refused."""
    if notice.published_at is not None:
        raise Refused(_("A published notice cannot be deleted: withdraw it instead."), code="illegal_move")
    db.session.delete(notice)
    db.session.flush()


def _not_over(notice: Notice) -> None:
    if notice.ends_at <= utcnow():
        raise Refused(_("This notice has already ended: change its dates first."), code="illegal_move")


def _about_as_many(notice: Notice, counted: int) -> None:
    now = sum(count_recipients(notice).values())
    if abs(now - counted) > max(FEW, SHARE * counted):
        raise Refused(
            _(
                "There were %(counted)s messages to send, and there are now %(now)s. Check again, then confirm.",
                counted=counted,
                now=now,
            ),
            code="audience_changed",
        )


# --- in words


def is_current(notice: Notice) -> bool:
    """Whether everybody can read it: published, not withdrawn, not over."""
    return notice.published_at is not None and notice.withdrawn_at is None and notice.ends_at > utcnow()


def kind_word(kind: str) -> str:
    """What kind of notice it is, as it is said."""
    return {"works": _("Works"), "diversion": _("Diversion"), "cut": _("Outage"), "alert": _("Alert")}[kind]


ICONS = {"works": "construction", "diversion": "route", "cut": "octagon-x", "alert": "megaphone"}


def notice_title(notice: Any) -> str:
    """Its title, in the reader's language or the jurisdiction's first."""
    return localized(notice.titles, locale_code(), languages()[0])


def notice_text(notice: Any) -> str:
    """Its text, likewise."""
    return localized(notice.texts, locale_code(), languages()[0])


def dates(notice: Any) -> str:
    """From when to when, in words: "du lundi 2 mars, 8 h, au vendredi 6 mars, 17 h"."""
    first, last = local_time(notice.starts_at), local_time(notice.ends_at)
    whole = (first.hour, first.minute) == (0, 0) and (last.hour, last.minute) in ((23, 59), (0, 0))
    if (last.hour, last.minute) == (0, 0):
        last -= timedelta(minutes=1)
    if first.date() == last.date():
        if whole:
            return _("on %(day)s", day=day_words(first))
        return _(
            "on %(day)s, from %(start)s to %(end)s", day=day_words(first), start=hour_words(first), end=hour_words(last)
        )
    if whole:
        return _("from %(start)s to %(end)s", start=day_words(first), end=day_words(last))
    return _(
        "from %(start)s, %(start_hour)s, to %(end)s, %(end_hour)s",
        start=day_words(first),
        start_hour=hour_words(first),
        end=day_words(last),
        end_hour=hour_words(last),
    )


def dated(notice: Any) -> str:
    """The same, to stand alone: with a capital."""
    words = dates(notice)
    return words[:1].upper() + words[1:]
