"""Mails made to break whoever reads them: each is taken in or put away, and the one after it is read."""

from __future__ import annotations

import pytest

from reporter.inbound.mail.html_text import html_to_text
from reporter.inbound.mail.mail_parser import InboundMail
from reporter.inbound.models import REPORT, UNKNOWN
from tests.reporter.inbound.writing import mail

MANY = 100_000
HOSTILE = {
    "nested comments": b"From: " + b"(" * 30_000 + b"\nSubject: a\n\nx",
    "nested recipients": b"From: j@example.org\nTo: " + b"(" * 30_000 + b"\nSubject: a\n\nx",
    "words upon words": b"From: j@example.org\nSubject: " + b"=?utf-8?q?" * 10_000 + b"\n\nx",
    "no such alphabet": b"From: j@example.org\nSubject: =?martian?b?w6k=?=\n\nx",
    "parts upon parts": b"From: j@example.org\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n\n" * 5000,
    "parts in parts": b"From: j@example.org\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(300)),
    "cut in the middle": mail(photos=(b"\xff\xd8" + b"x" * 20_000,))[:-9000],
    "nulls": b"From: j@example.org\0\nSubject: \0a\0\n\nUn\0 trou\0",
    "surrogates": "From: j@example.org\nSubject: a\nContent-Type: text/plain; charset=utf-8\n\n\ud800".encode(
        "utf-8", "surrogatepass"
    ),
    "nothing": b"\n\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_is_put_away_and_the_next_one_is_read(taken, box, kind):
    found = taken(HOSTILE[kind], mail(subject="Après", text="Un banc"))
    assert found[-1].interpreted_as == REPORT and box.subjects() == []


def test_what_breaks_even_the_note_of_it_is_put_away(taken, box, monkeypatch):
    from reporter.inbound.mail import intake as mail_intake

    real = mail_intake.take_mail
    monkeypatch.setattr(mail_intake, "take_mail", lambda raw: 1 / 0 if b"Mauvais" in raw else real(raw))
    monkeypatch.setattr(mail_intake, "take_broken", lambda headers: 1 / 0)
    found = taken(mail(subject="Mauvais"), mail(subject="Bon", text="Un banc"))
    assert [one.interpreted_as for one in found] == [REPORT] != [UNKNOWN]
    assert box.subjects("Alentour/A voir") == ["Mauvais"]


@pytest.mark.parametrize("piece", ["<", "<a", "<!", "<!--", "<!-- >", "<![x >", "</", "<a b='>", "&#", "<script>"])
def test_html_that_is_never_closed_is_read_all_the_same(piece):
    assert html_to_text("<p>début</p>" + piece * (MANY // len(piece))).startswith("début")


def test_comments_and_declarations_are_no_words():
    page = (
        "<!DOCTYPE html><html><head><style><!-- p{} --></style></head><body><!--[if mso]><p>x</p><![endif]-->"
        "<p>Un &lt;trou&gt; 3 < 4 ici</p><a href='u'>lien</a><br>fin</body></html>"
    )
    assert html_to_text(page) == "Un <trou> 3 < 4 ici\nlien\nfin"


def test_a_letter_of_bytes_has_everything_a_letter_has():
    letter = InboundMail(b"\xff\xfe\x00")
    assert letter.sender == ("", "") and letter.recipients == () and letter.pictures == []
    assert not letter.automatic and not letter.is_report and len(letter.key) == 64
