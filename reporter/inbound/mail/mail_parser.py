"""A mail as it came in, read with suspicion: who, to whom, what is said, which pictures, and whether a machine wrote.

Nothing of it is believed but what is signed by us. Archives and other attachments are not opened.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import Header, decode_header
from email.message import Message
from functools import cached_property
from typing import Any

from imap_tools import MailMessage
from imap_tools.utils import decode_value, parse_email_addresses

from core.text import clean_text
from reporter.inbound.mail import html_text

#: A picture smaller than this belongs to a signature, where the text refers to it.
LOGO = 15_000
#: More parts than this, or parts nested deeper, are no letter of a person.
MOST_PARTS, DEEPEST = 100, 8
MOST_WORDS = 60_000
_RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Cc")
_MACHINES = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|ne-?pas-?repondre|nepasrepondre|bounces?)(?:[+=-].*)?@", re.IGNORECASE
)
#: What a header that was made to break its reader comes to.
BROKEN = (LookupError, ValueError, TypeError, AttributeError, RecursionError, AssertionError)
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif")


@dataclass(frozen=True)
class MailPicture:
    """A picture of a mail: its name and its bytes, not looked at yet."""

    filename: str
    data: bytes = field(repr=False)


class InboundMail:
    """One mail. What it holds is read when it is asked for; nothing of it raises for being badly made."""

    def __init__(self, raw: bytes) -> None:
        self.size = len(raw)
        self._mail = MailMessage.from_bytes(raw)
        self.message: Message = self._mail.obj
        self._raw_digest = hashlib.sha256(raw).hexdigest()
        #: Its pictures as photos, once the storage has them, and remarks on those that it has not.
        self.stored: tuple[list[Any], list[str]] = ([], [])

    def header(self, name: str) -> str:
        """The first header of that name, in one line; empty where there is none."""
        try:
            return " ".join(decode_value(*part) for part in _decoded(self.message.get(name, "")))[:2000].strip()
        except BROKEN:
            return ""

    @cached_property
    def key(self) -> str:
        """What makes this mail the same as another: its Message-ID (with its date and its sender, for machines that
        always write the same one); its bytes where it has none."""
        own = self.header("Message-ID")
        if not own:
            return self._raw_digest
        told = "\n".join((own, self.header("Date"), self.header("From")))
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()

    @cached_property
    def sender(self) -> tuple[str, str]:
        """(name, address) of who says to have written it; anybody may say so."""
        try:
            found = parse_email_addresses(str(self.message.get("From", "")))
        except BROKEN:
            found = ()
        return (found[0].name, found[0].email) if found else ("", "")

    @cached_property
    def recipients(self) -> tuple[str, ...]:
        """Every address it says to be for; the envelope's first."""
        found: dict[str, None] = {}
        for name in _RECIPIENTS:
            for value in self.message.get_all(name, [])[:20]:
                try:
                    for one in parse_email_addresses(str(value))[:50]:
                        found[(one.email or one.full).strip("<> ").lower()] = None
                except BROKEN:
                    continue
        return tuple(found)

    @cached_property
    def subject(self) -> str:
        """The subject, in one line."""
        return clean_text(self.header("Subject"), field="subject", most=2000, lines=False)[:200]

    @cached_property
    def text(self) -> str:
        """What is written in it: its plain text, else the words of its HTML."""
        texts, pages = [], []
        for part in self.parts():
            if part.get_filename() or part.get_content_disposition() == "attachment":
                continue
            if part.get_content_type() == "text/plain":
                texts.append(part_text(part))
            elif part.get_content_type() == "text/html":
                pages.append(part_text(part))
        words = "\n".join(texts)
        if not words.strip():
            words = "\n".join(html_text.html_to_text(page) for page in pages)
        return clean_text(words[:MOST_WORDS], field="text", most=MOST_WORDS + 1)

    @cached_property
    def pictures(self) -> list[MailPicture]:
        """Its pictures, in their order, without the small ones that only adorn it."""
        found = []
        for part in self.parts():
            name = _name_of(part)
            kind = part.get_content_type()
            # Telephones call their photos application/octet-stream: the name says it.
            if not (kind.startswith("image/") or kind == "application/octet-stream") or kind == "image/svg+xml":
                continue
            if kind == "application/octet-stream" and not name.lower().endswith(_PICTURES):
                continue
            data = payload(part)
            adorns = part.get("Content-ID") is not None and len(data) < LOGO
            if data and not adorns:
                found.append(MailPicture(name or "photo", data))
        return found

    @cached_property
    def is_report(self) -> bool:
        """Whether it tells what became of another mail (RFC 3464)."""
        return any(part.get_content_type() == "message/delivery-status" for part in self.parts())

    @cached_property
    def automatic(self) -> str:
        """Why a machine is taken to have written it ("automatic", "list"); empty for a person's mail."""
        told = self.header("Auto-Submitted").lower()
        precedence = self.header("Precedence").lower()
        if (told and not told.startswith("no")) or precedence == "auto_reply":
            return "automatic"
        if any(name in self.message for name in ("X-Autoreply", "X-Autorespond", "X-Mail-Autoreply")):
            return "automatic"
        if self.header("Return-Path") == "<>" or _MACHINES.match(self.sender[1]):
            return "automatic"
        if self.message.get_content_type() == "multipart/report":
            return "automatic"
        if precedence in ("bulk", "list", "junk") or "List-Id" in self.message or "List-Unsubscribe" in self.message:
            return "list"
        return ""

    @property
    def doubtful(self) -> bool:
        """Whether the jurisdiction's own mail server says that the sender is another, or that it is unwanted."""
        believed = self.header("Authentication-Results").lower()
        return "dmarc=fail" in believed or self.header("X-Spam-Flag").lower().startswith("yes")

    def parts(self) -> Iterator[Message]:
        """Its parts that hold something, those of a mail within it left out."""
        return _parts(self.message)


def _parts(message: Message, deep: int = 0, count: list[int] | None = None) -> Iterator[Message]:
    count = count if count is not None else [0]
    count[0] += 1
    if count[0] > MOST_PARTS or deep > DEEPEST:
        return
    inside = message.get_payload()
    if isinstance(inside, list) and message.get_content_maintype() == "multipart":
        for part in inside:
            if isinstance(part, Message):
                yield from _parts(part, deep + 1, count)
    else:
        yield message


def payload(part: Message) -> bytes:
    """The bytes of a part; none where they cannot be had."""
    try:
        found = part.get_payload(decode=True)
    except BROKEN:
        return b""
    return found if isinstance(found, bytes) else b""


def part_text(part: Message) -> str:
    """The text of a part, in whatever it says to be written; what cannot be read is replaced."""
    data = payload(part)[: html_text.LONGEST]
    try:
        charset = part.get_content_charset() or ""
        return data.decode(charset or "utf-8")
    except (LookupError, UnicodeError, ValueError):
        # Said wrongly or not at all: what is no UTF-8 is what Western Europe wrote before.
        try:
            return data.decode("utf-8")
        except UnicodeError:
            return data.decode("cp1252", "replace")


def _name_of(part: Message) -> str:
    try:
        name = "".join(decode_value(*piece) for piece in _decoded(part.get_filename() or ""))
    except BROKEN:
        return ""
    return "".join(sign for sign in name if sign.isprintable())[:200]


def _decoded(value: str | Header | None) -> list[tuple[Any, Any]]:
    return decode_header(value) if value else []
