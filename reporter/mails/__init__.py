"""The messages that tell of a report: one renderer for all that is told."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, current_app

from core import links
from core.i18n import lazy_gettext, locale_code
from core.identity.towns import Town
from core.mail import Picture
from core.outbox import policy
from core.outbox.kinds import Mail, register_renderer
from core.outbox.models import MAIL, SMS, Message
from core.scope import current
from reporter import following
from reporter.answers import links as answers
from reporter.arrivals.words import reply_word
from reporter.mails import batch, marks, pictures
from reporter.mails.batch import Following
from reporter.mails.occasion import Occasion, Reader, untyped
from reporter.mails.writing import write
from reporter.status import TOLD


def told(message: Message) -> Mail | None:
    """The news of one event, to one follower: of the report itself, or of one that was merged into it.

    What many are told is written once a batch; each reader's own links are filled in last.
    """
    here = batch.here()
    of = here.occasion(message)
    known = here.following(message, of) if of else None
    if of is None or known is None:
        return None
    mail = _written(here, of, known.reader, message.channel)
    return reply_to(marks.filled(mail, _links(of, known, message.channel)), known.follower_id)


def _written(here: batch.Batch, of: Occasion, reader: Reader, channel: str) -> Mail:
    key = (of.id, reader, channel, locale_code(), current().id)
    mail = here.written.get(key)
    if mail is None:
        shown: tuple[Picture, ...] = ()
        if of.kind == "resolved" and channel == MAIL:
            if of.id not in here.pictures:
                here.pictures[of.id] = pictures.repair(of.matter.id, of.recorded_at)
            shown = here.pictures[of.id]
        said = of if reader.confirmed else untyped(of)
        mail = here.written[key] = write(said, reader, channel=channel, town=current(), wordings=here.wordings,
                                         pictures=shown, answers=replies_are_read())
    return mail


def replies_are_read() -> bool:
    """Whether there is a mailbox that replies come back to."""
    return bool(current_app.config.get("IMAP_URL"))


def reply_to(mail: Mail, follower_id: int) -> Mail:
    """The mail, whose replies find the follower's report where replies are read."""
    return replace(mail, reply=reply_word(follower_id)) if replies_are_read() else mail


def _links(of: Occasion, known: Following, channel: str) -> dict[str, str]:
    number, reader = known.follower_id, known.reader
    found = {
        # An SMS has room for one address: it leads to the way to stop too.
        "page": following.told_link(number) if channel == SMS else page_of(reader, known.report_id),
        "stop": following.stop_link("report", number),
    }
    if not reader.confirmed:
        found["confirm"] = following.confirm_link("report", number, known.version)
    if of.kind == "resolved":
        found |= dict(zip(("yes", "no"), _repaired(of, number, current()), strict=True))
    return found


def page_of(reader: Reader, report_id: int) -> str:
    """The page of a report, as its reader may open it."""
    path = f"/r/{reader.reference}"
    return links.absolute(path + f"?key={following.author_key(report_id)}" if reader.author else path)


def _repaired(of: Occasion, follower_id: int, town: Town) -> tuple[str, str]:
    key = answers.key_of(follower_id, of.id, days=town.habits.reopen_days)
    yes, no = (links.absolute(answers.path(of.matter.reference, one, key)) for one in ("yes", "no"))
    return yes, no


def init_app(app: Flask) -> None:
    """Register what tells of a report, and how it is delivered."""
    # The accusé de réception, whose day counts, and a question that work waits for, wait for no digest.
    at_once = ("received", "question")
    policy.register(policy.NEWS_AT_ONCE, *(f"report.{kind}" for kind in at_once))
    policy.register(policy.NEWS, *(f"report.{kind}" for kind in TOLD if kind not in at_once))
    register_renderer(told, *(f"report.{kind}" for kind in TOLD), words=lazy_gettext("Updates on a report"))
