"""Mails: what one says, how it is dressed, and the bytes that go out."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from email.message import Message
from email.utils import format_datetime
from urllib.parse import urlsplit

from flask import current_app

from core import colour
from core.database import utcnow
from core.database.scope import current_jurisdiction
from core.i18n import locale_code
from core.identity.jurisdictions import JurisdictionCopy
from core.notifications.mail import addresses, mime
from core.web import urls

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
LONGEST_SUBJECT = 200
LONGEST_LINK = 900
#: Which jurisdiction a mail comes from: the demonstration's mailbox shows that jurisdiction's alone.
JURISDICTION_HEADER = "X-Alentour-Town"


class UnsendableMail(ValueError):
    """No mail can be made of it: the address is not one."""


@dataclass(frozen=True)
class Picture:
    """A picture carried by the mail itself, shown with <img src="cid:NAME">: nothing is fetched from afar."""

    name: str
    data: bytes
    media_type: str = "image/jpeg"


@dataclass(frozen=True)
class Mail:
    """What a message says: a mail carries all of it, an SMS and a push its `brief` and its `page`.

    The text can be read alone; the HTML says the same.
    """

    subject: str
    text: str
    html: str | None = None
    #: The address, where the recipient is neither a contact nor a user.
    to: str | None = None
    #: The address of the page where these mails can be stopped.
    unsubscribe: str | None = None
    pictures: tuple[Picture, ...] = ()
    #: One sentence for a small screen, in at most some hundred characters; the subject where there is none.
    brief: str = ""
    #: The address of the page that tells more.
    page: str | None = None
    #: What it belongs to ("report:12"): mails of one thread are read together.
    thread: str | None = None
    #: The signed word that a reply comes back with (see core.signed_numbers); None: replies are not read.
    reply: str | None = None
    #: Whether its exact text is kept, to be shown and printed again (see core.notifications.outbox.models.SentText).
    kept: bool = False
    #: Ids of the gathered messages that this one tells of, and of those that have nothing to say any more.
    takes: tuple[int, ...] = ()
    drops: tuple[int, ...] = ()


@dataclass(frozen=True)
class Outgoing:
    """A mail ready to leave: envelope and bytes, and what it says."""

    sender: str
    to: str
    data: bytes
    said: tuple[str, str] = ("", "")


def mail_from_templates(
    template: str,
    subject: str,
    *,
    unsubscribe: str | None = None,
    pictures: tuple[Picture, ...] = (),
    to: str | None = None,
    brief: str = "",
    page: str | None = None,
    thread: str | None = None,
    reply: str | None = None,
    kept: bool = False,
    takes: tuple[int, ...] = (),
    drops: tuple[int, ...] = (),
    **context: object,
) -> Mail:
    """A mail from the templates mail/`template`.txt and mail/`template`.html, which extend mail/base.*.

    Besides `context` they know `jurisdiction`, `jurisdiction_name`, `locale`, `subject`, `unsubscribe`, `link(path)`
    (an absolute address), `page` and `day` and `night`, the jurisdiction's colours (see core.colour.Accent).
    """
    jurisdiction = current_jurisdiction()
    accent = _readable_accent(jurisdiction.accent)
    known = {
        "jurisdiction": jurisdiction,
        "jurisdiction_name": jurisdiction.name_in(locale_code()),
        "locale": locale_code(),
        "subject": subject,
        "unsubscribe": unsubscribe,
        "link": urls.absolute_url,
        "day": colour.light_accent(accent),
        "night": colour.dark_accent(accent),
        "page": page,
        **context,
    }
    pages = current_app.jinja_env
    text = re.sub(r"\n{3,}", "\n\n", pages.get_template(f"mail/{template}.txt").render(known))
    return Mail(
        subject=subject,
        text=re.sub(r"\n-- \n+", "\n-- \n", text).strip() + "\n",
        html=pages.get_template(f"mail/{template}.html").render(known),
        to=to,
        unsubscribe=unsubscribe,
        pictures=pictures,
        brief=brief,
        page=page,
        thread=thread,
        reply=reply,
        kept=kept,
        takes=takes,
        drops=drops,
    )


def _readable_accent(accent: str) -> str:
    """The jurisdiction's colour where it can be read, else the default: a mail never fails for a colour."""
    try:
        colour.light_accent(accent)
    except colour.UnreadableColour:
        return "#0A5A6A"
    return accent


def compose_mail(
    mail: Mail, *, to: str, jurisdiction: JurisdictionCopy, message_id: int, recipient: str = ""
) -> Outgoing:
    """The bytes of a mail to the address `to`, from that jurisdiction, in the language spoken now.

    `recipient` ("contact:12") tells the threads of one from another's. Raises UnsendableMail when `to` is not an
    address.
    """
    sender = addresses.sender_address()
    envelope = ascii_address(to)
    made = _body(mail, str(message_id))
    mime.sender(made, one_line(jurisdiction.name_in(locale_code())), sender)
    mime.words(made, "Subject", one_line(mail.subject)[:LONGEST_SUBJECT])
    for name, value in _headers(mail, jurisdiction, message_id, envelope, recipient).items():
        mime.header(made, name, value)
    return Outgoing(
        addresses.bounce_address(message_id) or sender, envelope, mime.as_bytes(made), (mail.subject, mail.text)
    )


def _headers(
    mail: Mail, jurisdiction: JurisdictionCopy, message_id: int, envelope: str, recipient: str
) -> dict[str, str]:
    """The headers besides sender and subject, in their order."""
    found = {
        "To": mime.address(envelope),
        "Date": format_datetime(utcnow()),
        "Message-ID": message_id_header(message_id, jurisdiction),
        # No out-of-office answers to a machine.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        JURISDICTION_HEADER: jurisdiction.slug,
        "Content-Language": locale_code(),
        "MIME-Version": "1.0",
    }
    if mail.thread:
        # A first mail that nobody ever sent: whatever came and went meanwhile, all of a thread hang by it.
        root = _id(f"thread:{mail.thread}:{recipient}", "thread", jurisdiction)
        found |= {"In-Reply-To": root, "References": root}
    answers = addresses.reply_address(mail.reply) if mail.reply else None
    if answers:
        found["Reply-To"] = answers
    if mail.unsubscribe and len(mail.unsubscribe) <= LONGEST_LINK:
        found |= {
            "List-Unsubscribe": f"<{_link(mail.unsubscribe)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return found


def _body(mail: Mail, mark: str) -> Message:
    text = mime.text("plain", mail.text)
    if not mail.html:
        return text
    html = mime.text("html", mail.html)
    if mail.pictures:
        shown = [mime.picture(one.media_type, one.name, one.data) for one in mail.pictures]
        html = mime.several("related", f"{mark}.1", [html, *shown])
    return mime.several("alternative", f"{mark}.0", [text, html])


def _link(address: str) -> str:
    """An address as it may stand between < and >."""
    return re.sub(r"[\s<>]", "", _CONTROL.sub("", address))


def one_line(text: str) -> str:
    """`text` as the value of a header: no line ends that would begin another header."""
    return " ".join(_CONTROL.sub(" ", text).split())


def ascii_address(address: str) -> str:
    """`address` with its domain as the DNS writes it. Raises UnsendableMail when it is not one."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain or _CONTROL.search(address) or " " in domain:
        raise UnsendableMail("not an address")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise UnsendableMail("not an address") from None


def message_id_header(message_id: int, jurisdiction: JurisdictionCopy) -> str:
    """The Message-ID of a message of the outbox: the same at every try, and nobody else's."""
    return _id(f"message:{message_id}", str(message_id), jurisdiction)


def _id(what: str, name: str, jurisdiction: JurisdictionCopy) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    mark = hmac.new(key, what.encode(), hashlib.sha256).hexdigest()[:24]
    return f"<{name}.{mark}@{urlsplit(urls.base_url(jurisdiction)).hostname}>"
