"""What came back because it could not be delivered (RFC 3464, and what older servers write)."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from email.message import Message as Part

from sqlalchemy import select

from core.database import db
from core.database.scope import across_jurisdictions
from core.identity import jurisdictions
from core.notifications.mail import message_id_header
from core.notifications.outbox.models import Message
from reporter.inbound.mail.mail_parser import InboundMail, payload

#: The address does not exist, or no longer does (RFC 3463); 5.1.10 is Exchange's.
UNKNOWN_ADDRESS_CODES = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"}
_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_UNKNOWN = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox|address)|does not exist|doesn.t exist|"
    r"unrouteable address|"
    r"unknown (?:recipient|local part|address)|recipient (?:address )?(?:rejected: )?(?:unknown|not found)|"
    r"mailbox (?:unavailable|not found|unknown)|account (?:that you tried to reach )?(?:has been |is )?disabled|"
    r"host (?:or domain name )?not found|adresse (?:inconnue|introuvable)|utilisateur inconnu|n.existe pas",
    re.IGNORECASE,
)
_OURS = re.compile(r"<(\d{1,18})\.[0-9a-f]{24}@[^\s<>]{1,255}>")
_OUTRIGHT = re.compile(r"\b55[0-4]\b")
MOST_TEXT = 100_000


@dataclass(frozen=True)
class DeliveryFailure:
    """What a server said of a mail: whether it gave up, whether the address exists, its code ("5.1.1")."""

    final: bool
    nowhere: bool
    code: str


def read_bounce(letter: InboundMail) -> DeliveryFailure | None:
    """What a returned mail says; None where it says nothing of a failure."""
    if letter.is_report:
        return _status(letter)
    words = letter.text[:MOST_TEXT]
    if not ("X-Failed-Recipients" in letter.message or _CODE.search(words) or _OUTRIGHT.search(words)):
        return None
    found = _CODE.search(words)
    code = ".".join(found.groups()) if found else ""
    final = code.startswith("5") or (not code and bool(_OUTRIGHT.search(words)))
    return DeliveryFailure(final, final and (code in UNKNOWN_ADDRESS_CODES or bool(_UNKNOWN.search(words))), code)


def _status(letter: InboundMail) -> DeliveryFailure | None:
    """The worst of what is said of each recipient; a mail of ours has one."""
    said: list[DeliveryFailure] = []
    for block in _blocks(letter):
        action = str(block.get("Action", "")).strip().lower()
        diagnostic = str(block.get("Diagnostic-Code", ""))[:2000]
        found = _CODE.search(str(block.get("Status", "")))
        code = ".".join(found.groups()) if found else ""
        if not action and not code:
            continue
        final = action == "failed" and not code.startswith(("2", "4"))
        # A server that only says "something failed" tells more in its own words.
        vague = code in ("", "5.0.0", "5.5.0")
        nowhere = final and (code in UNKNOWN_ADDRESS_CODES or (vague and bool(_UNKNOWN.search(diagnostic))))
        said.append(DeliveryFailure(final, nowhere, code))
    return max(said, key=lambda one: (one.final, one.nowhere), default=None)


def _blocks(letter: InboundMail) -> list[Part]:
    for part in letter.parts():
        if part.get_content_type() == "message/delivery-status":
            inside = part.get_payload()
            return [one for one in inside[:50] if isinstance(one, Part)] if isinstance(inside, list) else []
    return []


def original_message(letter: InboundMail) -> Message | None:
    """The message of ours that came back, by the Message-ID that only we can write; None for any other."""
    texts = [str(letter.message.get(name, ""))[:2000] for name in ("In-Reply-To", "References")]
    for part in letter.parts():
        kind, inside = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(inside, list) and inside and isinstance(inside[0], Part):
            texts.append(str(inside[0].get("Message-ID", ""))[:1000])
        elif kind in ("text/rfc822-headers", "message/rfc822-headers", "text/plain"):
            texts.append(payload(part)[:MOST_TEXT].decode("ascii", "replace"))
    for text in texts:
        for found in list(_OURS.finditer(text))[:20]:
            message = own_message(found.group(0))
            if message is not None:
                return message
    return None


def own_message(message_id: str) -> Message | None:
    """The message of the outbox that left with that Message-ID; None where we did not write it."""
    found = _OURS.fullmatch(message_id.strip())
    message = message_by_id(int(found.group(1))) if found else None
    jurisdiction = jurisdictions.by_id(message.jurisdiction_id) if message is not None else None
    if message is None or jurisdiction is None:
        return None
    written = message_id_header(message.id, jurisdiction)
    # The host name in it may have changed since; the mark has not.
    same = hmac.compare_digest(written.split("@")[0].encode(), message_id.strip().split("@")[0].encode())
    return message if same else None


def message_by_id(number: int) -> Message | None:
    """The message of that number, of whatever jurisdiction."""
    with across_jurisdictions():
        return db.session.scalar(select(Message).where(Message.id == number))
