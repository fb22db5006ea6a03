"""The bytes of a mail (RFC 5322, 2045 to 2047), made in a third of a millisecond.

The standard library's EmailMessage parses every header that it is given and takes ten times as long: with it, ten
thousand followers would wait a minute longer. What is hard is the library's still: encoded words, quoted-printable.
"""

from __future__ import annotations

import binascii
import re
from base64 import encodebytes
from email.header import Header
from email.utils import quote

_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
#: What may stand before the @ without quotes (RFC 6531: letters of any alphabet too).
_LOCAL = re.compile(r"""[^\s()<>@,;:\\".\[\]]+(?:\.[^\s()<>@,;:\\".\[\]]+)*""")
_LONGEST_LINE = 998
_LONGEST_NAME = 100


def header(name: str, value: str) -> bytes:
    """One header whose value is written as it is: addresses, ids, links. Raises ValueError on a line end in it."""
    line = f"{name}: {value}".encode()
    if _FORBIDDEN.search(value) or len(line) > _LONGEST_LINE:
        raise ValueError(f"not a value of {name}")
    return line


def words(name: str, value: str) -> bytes:
    """One header of words that people read, in encoded words where they are not ASCII; folded."""
    if _FORBIDDEN.search(value):
        raise ValueError(f"not a value of {name}")
    return f"{name}: {_encoded(value, len(name) + 2)}".encode("ascii")


def sender(name: str, given: str) -> bytes:
    """The From header: a name that people read, and an address."""
    name = name[:_LONGEST_NAME]
    if _FORBIDDEN.search(name + given):
        raise ValueError("not a value of From")
    if name and name.isascii() and "=?" not in name:
        shown = name if _ATOMS.fullmatch(name) else f'"{quote(name)}"'
    else:
        shown = Header(name, "utf-8", maxlinelen=76).encode(linesep="\r\n") if name else ""
    return f"From: {shown} <{address(given)}>".encode()


def address(given: str) -> str:
    """An address as it stands in a header: what is before the @ in quotes where it needs them."""
    local, _at, domain = given.rpartition("@")
    return given if _LOCAL.fullmatch(local) else f'"{quote(local)}"@{domain}'


def _encoded(value: str, before: int) -> str:
    if value.isascii() and len(value) + before <= 78 and "=?" not in value:
        return value
    # What looks like an encoded word is not to be read as one.
    charset = "us-ascii" if value.isascii() and "=?" not in value else "utf-8"
    return Header(value, charset, maxlinelen=76).encode(linesep="\r\n")


def text(kind: str, content: str) -> bytes:
    """A part of text ("plain", "html") in quoted-printable, its headers first."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode()
    return (
        f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode()
        + binascii.b2a_qp(lines, istext=True)
    )


def picture(media_type: str, name: str, data: bytes) -> bytes:
    """A picture that the HTML beside it shows as cid:NAME."""
    return (
        f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-ID: <{name}>\r\nContent-Disposition: inline\r\n\r\n".encode()
        + encodebytes(data).replace(b"\n", b"\r\n")
    )


def several(kind: str, mark: str, parts: list[bytes]) -> bytes:
    """Parts as one ("alternative", "related"). `mark` tells this one's boundary from the others' of the mail.

    A boundary begins with "=_", which neither quoted-printable nor base64 ever makes.
    """
    boundary = f"=_{mark}"
    rows = [f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()]
    for part in parts:
        rows += [b"--", boundary.encode(), b"\r\n", part, b"\r\n"]
    rows += [b"--", boundary.encode(), b"--\r\n"]
    return b"".join(rows)
