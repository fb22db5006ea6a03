"""Addresses that bring something back: a reply to its report, a bounce to its message.

Where a mailbox is read (IMAP_URL), a mail may be answered to `local+r.WORD@domain` and its bounces come to
`local+b.WORD@domain`: the sender's own address with a signed word behind a plus, which its mail server delivers
to the same mailbox (RFC 5233). Words are in small letters and figures: an address loses its capitals on the way.
"""

from __future__ import annotations

import re
from email.utils import parseaddr

from flask import current_app

from core import signed_numbers
from core.database.scope import current_jurisdiction

REPLY, BOUNCE = "reply", "bounce"
_MARKS = {REPLY: "r", BOUNCE: "b"}
_KINDS = {mark: kind for kind, mark in _MARKS.items()}
_PLUS = re.compile(r"\+([rb])\.([a-z2-7]{10,})@", re.IGNORECASE)
#: What a mail server takes before the @ (RFC 5321 §4.5.3.1.1).
_LONGEST_LOCAL = 64
#: How long a bounce is believed, in days: mail servers give up after five.
BOUNCE_DAYS = 30


def sender_address() -> str:
    """The address that the mails of the jurisdiction being served come from: its own, else MAIL_FROM's."""
    found = current_jurisdiction().sender
    # A jurisdiction's own address that cannot be one never stops a mail.
    if found and re.fullmatch(r"[!-?A-~]+@[\w.-]+", found):
        return found
    return parseaddr(current_app.config["MAIL_FROM"])[1]


def reply_address(word: str) -> str | None:
    """Where a reply that brings that signed word back is sent; None where no mailbox is read."""
    return _plus(REPLY, word)


def bounce_address(message_id: int) -> str | None:
    """Where it is said that a message cannot be delivered; None where no mailbox is read.

    Its word is read by `signed.read("bounce", word)`, which gives the message's id.
    """
    return _plus(BOUNCE, signed_numbers.sign_numbers("bounce", message_id, days=BOUNCE_DAYS))


def parse_return_address(address: str) -> tuple[str, str] | None:
    """(REPLY or BOUNCE, word) of an address that a mail came to; None when it is none of these.

    The word is not checked: see `core.signed_numbers.read_numbers`.
    """
    found = _PLUS.search(parseaddr(address)[1] or address)
    return (_KINDS[found[1].lower()], found[2].lower()) if found else None


def _plus(kind: str, word: str) -> str | None:
    if not current_app.config["IMAP_URL"] or not re.fullmatch(r"[a-z0-9]+", word):
        return None
    local, _at, domain = sender_address().rpartition("@")
    whole = f"{local}+{_MARKS[kind]}.{word}"
    return f"{whole}@{domain}" if len(whole) <= _LONGEST_LOCAL else None
