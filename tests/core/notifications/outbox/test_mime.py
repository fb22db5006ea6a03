"""The bytes of a mail say to the standard library's reader what was meant, whatever was meant."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.notifications.mail import mime, one_line

NAMES = [
    "Villeclaire",
    "Saint-Étienne-de-l’Œuvre",
    'Ville, de "Lyon"',
    "Ville (69)",
    "x" * 200,
    "É" * 150,
    "",
    "=?utf-8?q?evil?=",
    "a@b.example",
    "Ville <eve@example.org>",
]
WORDS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=300)


def written(add, *values: str) -> bytes:
    """A mail to which `add` (one of mime's functions) has added a header."""
    mail = mime.text("plain", "")
    mime.header(mail, "MIME-Version", "1.0")
    add(mail, *values)
    mime.header(mail, "X-After", "1")
    return mime.as_bytes(mail)


def read(data: bytes):
    return message_from_bytes(data, policy=policy.default)


def heads(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[0]


def lines(data: bytes) -> list[bytes]:
    return data.split(b"\r\n")


@given(WORDS)
@example("Réparé : le trou de la rue")
@example("=?utf-8?q?evil?=")
@example("x" * 300)
@example("é" * 200)
def test_a_subject_comes_back(said):
    said = one_line(said)
    data = written(mime.words, "Subject", said)
    assert read(data)["Subject"].replace(" ", "") == said.replace(" ", "") and read(data)["X-After"] == "1"
    assert data.isascii() and b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in lines(data))
    # An encoded word is 75 characters long at the most (RFC 2047 §2).
    assert all(len(word) <= 75 for word in re.findall(rb"=\?\S+\?=", heads(data)))


@pytest.mark.parametrize("name", NAMES)
def test_a_sender_is_one_person(name):
    data = written(mime.sender, name, "ville@example.org")
    (who,) = read(data)["From"].addresses
    assert who.addr_spec == "ville@example.org"
    assert who.display_name.replace(" ", "") == name[:100].replace(" ", "")
    assert data.isascii() and all(len(line) < 200 for line in lines(data))


def test_a_sender_is_never_two():
    with pytest.raises(ValueError):
        written(mime.sender, "Ville\r\nBcc: eve@example.org", "ville@example.org")


@pytest.mark.parametrize(
    "address",
    [
        "marie@example.org",
        "a,b@example.org",
        "a b@example.org",
        "<eve>@example.org",
        '"x@example.org',
        "a\\b@example.org",
        "o'neil+news@example.org",
        "a..b@example.org",
        ".a@example.org",
    ],
)
def test_an_address_is_one_address(address):
    (who,) = read(written(mime.header, "To", mime.address(address)))["To"].addresses
    assert f"{who.username}@{who.domain}" == address


@pytest.mark.parametrize("value", ["a\r\nBcc: eve@example.org", "a\nb", "a\rb", "a\x00b", "x" * 1000])
def test_a_value_never_begins_another_line(value):
    with pytest.raises(ValueError):
        written(mime.header, "X-Value", value)


@pytest.mark.parametrize(
    "value",
    [
        "<https://ville.example/stop?a=1,2;b=" + "x" * 800 + ">",
        "OOF, AutoReply",
        "<1.2@ville.example> <3.4@ville.example>",
    ],
)
def test_a_link_or_an_id_is_never_folded(value):
    assert f"X-Value: {value}\r\n".encode() in written(mime.header, "X-Value", value)


def test_an_address_of_another_alphabet_stands_as_it_is():
    # RFC 6532: with SMTPUTF8 headers are UTF-8; an encoded word within an address is none.
    assert "To: élise@ville.example\r\n".encode() in written(mime.header, "To", "élise@ville.example")


@given(WORDS)
@example("Une ligne très longue " * 60 + "\n.\n\nFrom ici\n  \n=20 fin ")
def test_a_text_comes_back(said):
    data = mime.as_bytes(mime.text("plain", said))
    mail = read(b"MIME-Version: 1.0\r\n" + data)
    wanted = said.replace("\r\n", "\n").replace("\r", "\n")
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == wanted.rstrip("\n")
    assert data.isascii() and all(len(line) <= 998 for line in lines(data))


def test_parts_and_pictures_come_back():
    picture = mime.picture("image/webp", "repair", b"\0" * 999)
    html = mime.several("related", "7.1", [mime.text("html", "<p>é</p>"), picture])
    whole = mime.several("alternative", "7.0", [mime.text("plain", "é"), html])
    data = mime.as_bytes(whole)
    mail = read(b"MIME-Version: 1.0\r\n" + data)
    assert b"\n" not in data.replace(b"\r\n", b"") and b"\r" not in data.replace(b"\r\n", b"")
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/webp",
    ]
    assert not any(part.defects for part in mail.walk())
    picture = list(mail.walk())[-1]
    assert picture.get_content() == b"\0" * 999 and picture["Content-ID"] == "<repair>"
