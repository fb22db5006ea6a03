"""E-mail: over SMTP, or into a mailbox on disk."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app

from core.database.scope import current_jurisdiction
from core.i18n import lazy_gettext
from core.notifications.channels import Channel, MailRenderer
from core.notifications.mail import Outgoing, compose_mail
from core.notifications.mail.transport import MailTransport, open_transport
from core.notifications.outbox.models import Message


def make(message: Message, say: MailRenderer) -> Outgoing | None:
    """The mail to the address that the renderer gives, or to the contact's or the user's."""
    mail = say()
    if mail is None:
        return None
    person = message.contact or message.user
    to = mail.to or (person.email if person is not None else None)
    if not to:
        return None
    return compose_mail(
        mail, to=to, jurisdiction=current_jurisdiction(), message_id=message.id, recipient=message.recipient
    )


def open_one() -> MailTransport:
    """One connection to the mail server, made when the first mail leaves."""
    config = current_app.config
    return open_transport(config["MAIL_URL"], hello=urlsplit(config["PUBLIC_URL"]).hostname or "localhost")


CHANNEL = Channel(
    name="mail",
    words=lazy_gettext("E-mail"),
    configured=lambda config: bool(config["MAIL_URL"]),
    make=make,
    open=open_one,
    at_once=3,
    # A few mails go over one connection: more connections are for the ten thousand.
    backlog=20,
)
