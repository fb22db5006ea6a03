"""What is written back to whoever sent a mail or an SMS that is no report yet."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from core.database import db
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.notifications.outbox import policy
from core.notifications.outbox.models import Message
from core.notifications.outbox.renderers import Mail, mail_from_templates, register_renderer
from core.times import day_words
from core.web import urls
from reporter.inbound import drafts
from reporter.inbound import links as inbound_links
from reporter.inbound.mail import mailbox
from reporter.inbound.models import InboundMessage
from reporter.subscriptions import confirmation


def complete_path(inbound: InboundMessage) -> str:
    """The path of the page where its author completes it."""
    return f"/complete/{inbound_links.complete_word(inbound.id)}"


def completion_mail(message: Message) -> Mail | None:
    """What came is kept; the link shows it, and asks for what is missing."""
    inbound = _arrival(message)
    if inbound is None or inbound.handled:
        return None
    photos = drafts.photos_of(inbound)
    # Anybody can write from anybody's address: what was written goes back only to one that is known to be theirs.
    theirs = message.contact is not None and confirmation.is_confirmed(message.contact, message.channel)
    return mail_from_templates(
        "inbound",
        _("Almost done: show us where it is"),
        brief=_("We have your message. Show us where it is and we will pass it on:"),
        page=urls.absolute_url(complete_path(inbound)),
        reply=inbound_links.complete_word(inbound.id),
        photos=len(photos),
        said=drafts.words_of(inbound) if theirs else "",
        arrived=day_words(inbound.arrived_at),
        days=inbound_links.COMPLETE_DAYS,
        refused="photo_refused" in inbound.remark,
    )


def too_big_mail(message: Message) -> Mail | None:
    """It was not read; the form takes photos of any telephone."""
    inbound = _arrival(message)
    if inbound is None:
        return None
    return mail_from_templates(
        "inbound_too_big",
        _("Your e-mail was too large to read"),
        page=urls.absolute_url("/report/new"),
        arrived=day_words(inbound.arrived_at),
        most=mailbox.LARGEST // 2**20,
    )


def _arrival(message: Message) -> InboundMessage | None:
    return db.session.scalar(select(InboundMessage).where(InboundMessage.id == message.facts["arrival"]))


def init_app(app: Flask) -> None:
    """Register the answers to what came in, and how they are delivered."""
    policy.register(policy.DEFAULT, "arrival.complete", "arrival.too_big")
    register_renderer(completion_mail, "arrival.complete", words=lazy_gettext("Message to complete"))
    register_renderer(too_big_mail, "arrival.too_big", words=lazy_gettext("E-mail too large"))
