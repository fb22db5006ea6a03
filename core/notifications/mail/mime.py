"""Mails by the standard library's email package (RFC 5322, 2045 to 2047).

With its classes of the compat32 policy, which write the headers that they are given: EmailMessage parses each of them
and takes several times as long (docs/decisions/0024-mails-by-the-standard-library.md).
"""

from __future__ import annotations

import binascii
import re
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.policy import compat32
from email.utils import quote
from io import BytesIO

_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
#: What may stand before the @ without quotes (RFC 6531: letters of any alphabet too).
_LOCAL = re.compile(r"""[^\s()<>@,;:\\".\[\]]+(?:\.[^\s()<>@,;:\\".\[\]]+)*""")
_LONGEST_LINE = 998
_LONGEST_NAME = 100
#: Lines end as SMTP and DKIM want them; headers are not folded but where `words` did so: a link or an id never is.
_POLICY = compat32.clone(linesep="\r\n", max_line_length=None)


def text(kind: str, content: str) -> Message:
    """A part of text ("plain", "html") in quoted-printable."""
    part = Message(_POLICY)
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    lines = content.replace("\r\n", "\n").replace("\r", "\n").encode()
    part.set_payload(binascii.b2a_qp(lines, istext=True).decode("ascii"))
    return part


def picture(media_type: str, name: str, data: bytes) -> Message:
    """A picture that the HTML beside it shows as cid:NAME."""
    part = MIMEImage(data, media_type.partition("/")[2], policy=_POLICY)
    del part["MIME-Version"]
    part["Content-ID"] = f"<{name}>"
    part["Content-Disposition"] = "inline"
    return part


def several(kind: str, mark: str, parts: list[Message]) -> Message:
    """Parts as one ("alternative", "related"). `mark` tells this one's boundary from the others' of the mail.

    A boundary begins with "=_", which neither quoted-printable nor base64 ever makes: it need not be searched for.
    """
    made = MIMEMultipart(kind, f"=_{mark}", parts, policy=_POLICY)
    del made["MIME-Version"]
    return made


def header(message: Message, name: str, value: str) -> None:
    """Add a header whose value is written as it is: addresses, ids, links.

    Raises ValueError where the value holds a line end or is longer than a line may be.
    """
    if _FORBIDDEN.search(value) or len(f"{name}: {value}".encode()) > _LONGEST_LINE:
        raise ValueError(f"not a value of {name}")
    # Letters of other alphabets stand in an address as they are (SMTPUTF8), never as encoded words.
    message[name] = value if value.isascii() else value.encode().decode("ascii", "surrogateescape")


def words(message: Message, name: str, value: str) -> None:
    """Add a header of words that people read, in encoded words where they are not ASCII; folded. Raises ValueError."""
    if _FORBIDDEN.search(value):
        raise ValueError(f"not a value of {name}")
    if not value.isascii() or len(value) + len(name) + 2 > 78 or "=?" in value:
        # What looks like an encoded word is not to be read as one.
        charset = "us-ascii" if value.isascii() and "=?" not in value else "utf-8"
        value = Header(value, charset, maxlinelen=76, header_name=name).encode()
    message[name] = value


def sender(message: Message, name: str, given: str) -> None:
    """Add the From header: a name that people read, and an address. Raises ValueError."""
    name = name[:_LONGEST_NAME]
    if _FORBIDDEN.search(name + given):
        raise ValueError("not a value of From")
    if name.isascii() and "=?" not in name:
        shown = f'"{quote(name)}" ' if name else ""
    else:
        shown = Header(name, "utf-8", maxlinelen=76, header_name="From").encode() + " "
    message["From"] = f"{shown}<{address(given)}>"


def address(given: str) -> str:
    """An address as it stands in a header: what is before the @ in quotes where it needs them."""
    local, _at, domain = given.rpartition("@")
    return given if _LOCAL.fullmatch(local) else f'"{quote(local)}"@{domain}'


def as_bytes(message: Message) -> bytes:
    """The whole mail as it goes out."""
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, policy=_POLICY).flatten(message)
    return written.getvalue()
