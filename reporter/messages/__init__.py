"""The messages that tell of a report: one renderer for all that is told."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, current_app

from core.channel_names import MAIL, SMS
from core.database.scope import current_jurisdiction
from core.i18n import lazy_gettext, locale_code
from core.identity.jurisdictions import JurisdictionCopy
from core.notifications.mail import Picture
from core.notifications.outbox import policy
from core.notifications.outbox.models import Message
from core.notifications.outbox.renderers import Mail, register_renderer
from core.web import urls
from reporter import subscriptions
from reporter.feedback import links as feedback_links
from reporter.inbound.links import reply_word
from reporter.messages import batch, link_placeholders, repair_photo
from reporter.messages.batch import Following
from reporter.messages.composition import write_message
from reporter.messages.event_context import EventContext, Reader, untyped
from reporter.statuses import TOLD


def event_mail(message: Message) -> Mail | None:
    """The news of one event, to one follower: of the report itself, or of one that was merged into it.

    What many are told is written once a batch; each reader's own links are filled in last.
    """
    read = batch.current_batch()
    of = read.occasion(message)
    known = read.following(message, of) if of else None
    if of is None or known is None:
        return None
    mail = _written(read, of, known.reader, message.channel)
    return reply_to(link_placeholders.fill_links(mail, _links(of, known, message.channel)), known.subscription_id)


def _written(read: batch.Batch, of: EventContext, reader: Reader, channel: str) -> Mail:
    key = (of.id, reader, channel, locale_code(), current_jurisdiction().id)
    mail = read.written.get(key)
    if mail is None:
        shown: tuple[Picture, ...] = ()
        if of.kind == "resolved" and channel == MAIL:
            if of.id not in read.pictures:
                read.pictures[of.id] = repair_photo.repair_photo(of.matter.id, of.recorded_at)
            shown = read.pictures[of.id]
        said = of if reader.confirmed else untyped(of)
        mail = read.written[key] = write_message(
            said,
            reader,
            channel=channel,
            jurisdiction=current_jurisdiction(),
            wordings=read.wordings,
            pictures=shown,
            answers=replies_are_read(),
        )
    return mail


def replies_are_read() -> bool:
    """Whether there is a mailbox that replies come back to."""
    return bool(current_app.config.get("IMAP_URL"))


def reply_to(mail: Mail, subscription_id: int) -> Mail:
    """The mail, whose replies find the follower's report where replies are read."""
    return replace(mail, reply=reply_word(subscription_id)) if replies_are_read() else mail


def _links(of: EventContext, known: Following, channel: str) -> dict[str, str]:
    number, reader = known.subscription_id, known.reader
    found = {
        # An SMS has room for one address: it leads to the way to stop too.
        "page": subscriptions.sms_link(number) if channel == SMS else page_of(reader, known.report_id),
        "stop": subscriptions.stop_link("report", number),
    }
    if not reader.confirmed:
        found["confirm"] = subscriptions.confirm_link("report", number, known.version)
    if of.kind == "resolved":
        found |= dict(zip(("yes", "no"), _repaired(of, number, current_jurisdiction()), strict=True))
    return found


def page_of(reader: Reader, report_id: int) -> str:
    """The page of a report, as its reader may open it."""
    path = f"/r/{reader.reference}"
    return urls.absolute_url(path + f"?key={subscriptions.author_key(report_id)}" if reader.author else path)


def _repaired(of: EventContext, subscription_id: int, jurisdiction: JurisdictionCopy) -> tuple[str, str]:
    key = feedback_links.link_key(subscription_id, of.id, days=jurisdiction.preferences.reopen_days)
    yes, no = (urls.absolute_url(feedback_links.answer_path(of.matter.reference, one, key)) for one in ("yes", "no"))
    return yes, no


def init_app(app: Flask) -> None:
    """Register what tells of a report, and how it is delivered."""
    # The accusé de réception, whose day counts, and a question that work waits for, wait for no digest.
    at_once = ("received", "question")
    policy.register(policy.NEWS_AT_ONCE, *(f"report.{kind}" for kind in at_once))
    policy.register(policy.NEWS, *(f"report.{kind}" for kind in TOLD if kind not in at_once))
    register_renderer(event_mail, *(f"report.{kind}" for kind in TOLD), words=lazy_gettext("Updates on a report"))
