"""The bytes of a mail say to the standard library's reader what was meant, whatever was meant."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.mail import mime, one_line

NAMES = ["Villeclaire", "Saint-Étienne-de-l’Œuvre", "Ville, de \"Lyon\"", "Ville (69)", "x" * 200, "É" * 150, "",
         "=?utf-8?q?evil?=", "a@b.example", "Ville <eve@example.org>"]
WORDS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=300)


def read(*rows: bytes, body: bytes = b"Content-Type: text/plain\r\n\r\n"):
    return message_from_bytes(b"\r\n".join([*rows, body]), policy=policy.default)


def lines(data: bytes) -> list[bytes]:
    return data.split(b"\r\n")


@given(WORDS)
@example("Réparé : le trou de la rue")
@example("=?utf-8?q?evil?=")
@example("x" * 300)
@example("é" * 200)
def test_a_subject_comes_back(said):
    said = one_line(said)
    row = mime.words("Subject", said)
    assert read(row, mime.header("X-After", "1"))["Subject"].replace(" ", "") == said.replace(" ", "")
    assert row.isascii() and b"\n" not in row.replace(b"\r\n ", b"")
    assert all(len(line) <= 998 for line in lines(row))


@pytest.mark.parametrize("name", NAMES)
def test_a_sender_is_one_person(name):
    row = mime.sender(name, "ville@example.org")
    (who,) = read(row)["From"].addresses
    assert who.addr_spec == "ville@example.org"
    assert who.display_name.replace(" ", "") == name[:100].replace(" ", "")
    assert row.isascii() and all(len(line) < 200 for line in lines(row))


def test_a_sender_is_never_two():
    with pytest.raises(ValueError):
        mime.sender("Ville\r\nBcc: eve@example.org", "ville@example.org")


@pytest.mark.parametrize("address", [
    "marie@example.org", "a,b@example.org", "a b@example.org", "<eve>@example.org", '"x@example.org',
    "a\\b@example.org", "o'neil+news@example.org", "a..b@example.org", ".a@example.org"])
def test_an_address_is_one_address(address):
    (who,) = read(mime.header("To", mime.address(address)))["To"].addresses
    assert f"{who.username}@{who.domain}" == address


@pytest.mark.parametrize("value", ["a\r\nBcc: eve@example.org", "a\nb", "a\rb", "a\x00b", "x" * 1000])
def test_a_value_never_begins_another_line(value):
    with pytest.raises(ValueError):
        mime.header("X-Value", value)


@given(WORDS)
@example("Une ligne très longue " * 60 + "\n.\n\nFrom ici\n  \n=20 fin ")
def test_a_text_comes_back(said):
    data = mime.text("plain", said)
    mail = message_from_bytes(b"MIME-Version: 1.0\r\n" + data, policy=policy.default)
    wanted = said.replace("\r\n", "\n").replace("\r", "\n")
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == wanted.rstrip("\n")
    assert data.isascii() and all(len(line) <= 998 for line in lines(data))


def test_parts_and_pictures_come_back():
    picture = mime.picture("image/webp", "repair", b"\0" * 999)
    html = mime.several("related", "7.1", [mime.text("html", "<p>é</p>"), picture])
    mail = message_from_bytes(
        b"MIME-Version: 1.0\r\n" + mime.several("alternative", "7.0", [mime.text("plain", "é"), html]),
        policy=policy.default)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/webp"]
    assert not any(part.defects for part in mail.walk())
    picture = list(mail.walk())[-1]
    assert picture.get_content() == b"\0" * 999 and picture["Content-ID"] == "<repair>"
