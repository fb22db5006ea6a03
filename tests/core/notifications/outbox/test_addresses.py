"""What a mail carries besides its words: who it comes from, where answers go, how it is left, what it hangs by."""

from __future__ import annotations

import dataclasses
from email import message_from_bytes, policy

import pytest

from core import signed_numbers
from core.database.scope import serving
from core.i18n import speaking
from core.notifications.mail import Mail, addresses, compose_mail


@pytest.fixture(autouse=True)
def here(jurisdiction, acting, app, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_FROM", "Alentour <bonjour@villeclaire.example>")
    monkeypatch.setitem(app.config, "IMAP_URL", "imaps://user:word@mail.example")
    with acting(jurisdiction), speaking("fr"):
        yield jurisdiction


def made(jurisdiction, mail: Mail, to="marie@example.org", number=7, recipient="contact:1"):
    out = compose_mail(mail, to=to, jurisdiction=jurisdiction, message_id=number, recipient=recipient)
    return out, message_from_bytes(out.data, policy=policy.default)


def test_one_click_leaves(here):
    _out, mail = made(here, Mail("Réparé", "…", unsubscribe="https://town.example/follow/stop/abc"))
    assert mail["List-Unsubscribe"] == "<https://town.example/follow/stop/abc>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert made(here, Mail("Réparé", "…"))[1]["List-Unsubscribe-Post"] is None


def test_mails_of_one_report_hang_together(here):
    _out, first = made(here, Mail("Reçu", "…", thread="report:12"), number=7)
    _out, second = made(here, Mail("Réparé", "…", thread="report:12"), number=8)
    assert first["References"] == second["References"] == second["In-Reply-To"]
    assert first["Message-ID"] != second["Message-ID"] != first["References"]
    assert "12" not in first["References"].partition(".")[0]
    for other in ({"recipient": "contact:2"}, {"mail": Mail("Reçu", "…", thread="report:13")}):
        given = {"mail": Mail("Reçu", "…", thread="report:12")} | other
        assert made(here, **given)[1]["References"] != first["References"]


def test_a_reply_and_a_bounce_come_back_with_their_words(here):
    word = signed_numbers.sign_numbers("reply", 3, 4, days=30)
    out, mail = made(here, Mail("Une question", "…", reply=word))
    answers = mail["Reply-To"].addresses[0].addr_spec
    assert answers == f"bonjour+r.{word}@villeclaire.example"
    assert addresses.parse_return_address(answers.upper()) == ("reply", word)
    kind, found = addresses.parse_return_address(out.sender)
    assert kind == "bounce" and signed_numbers.read_numbers("bounce", found) == (7,)
    assert mail["From"].addresses[0].addr_spec == "bonjour@villeclaire.example"


@pytest.mark.parametrize(
    "address",
    [
        "bonjour@villeclaire.example",
        "bonjour+r.@x.example",
        "bonjour+z.abcdefghijk@x.example",
        "",
        "+r.abcdefghij",
        "bonjour+r.abc!defghijk@x.example",
    ],
)
def test_other_addresses_are_not_understood(address):
    assert addresses.parse_return_address(address) is None


def test_without_a_mailbox_nothing_is_asked_back(here, app, monkeypatch):
    monkeypatch.setitem(app.config, "IMAP_URL", None)
    out, mail = made(here, Mail("Une question", "…", reply=signed_numbers.sign_numbers("reply", 3, days=30)))
    assert mail["Reply-To"] is None and out.sender == "bonjour@villeclaire.example"


def test_a_town_may_have_an_address_of_its_own(here):
    with serving(dataclasses.replace(here, sender="voirie@autre.example")):
        out, mail = made(here, Mail("Reçu", "…", reply="a" * 12))
        assert str(mail["From"]) == "Villeclaire <voirie@autre.example>"
        assert out.sender.startswith("voirie+b.") and mail["Reply-To"].addresses[0].domain == "autre.example"
    with serving(dataclasses.replace(here, sender="no address")):
        assert addresses.sender_address() == "bonjour@villeclaire.example"


def test_an_address_too_long_for_a_plus_stays_as_it_is(here):
    with serving(dataclasses.replace(here, sender="a" * 50 + "@autre.example")):
        assert addresses.bounce_address(7) is None and addresses.reply_address("b" * 20) is None


HOSTILE = [
    "x\r\nBcc: eve@example.org",
    "x\nBcc: eve@example.org",
    "x\u2028Bcc: eve@example.org",
    "x\x00\x0bBcc: e",
    "<b>\r\n\r\n<script>",
    "\r\n.\r\n",
    "x" * 5000,
    "\U0001f600" * 3,
]


@pytest.mark.parametrize("said", HOSTILE)
def test_no_word_of_theirs_becomes_a_header(here, said):
    jurisdiction = dataclasses.replace(here, names={"fr": said})
    with serving(jurisdiction):
        _out, mail = made(
            jurisdiction, Mail(said, "…", unsubscribe="https://x.example/" + said, thread=said, reply=said)
        )
    assert mail["Bcc"] is None and mail["Reply-To"] is None
    assert set(mail.keys()) <= {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "X-Alentour-Town",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Language",
    }
    assert mail["To"].addresses[0].addr_spec == "marie@example.org" and len(mail["To"].addresses) == 1
