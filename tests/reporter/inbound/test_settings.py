"""The mailbox and the gateway's secret are set by one setting each, and a wrong one stops the start in words."""

from __future__ import annotations

import ssl

import pytest
from pydantic import ValidationError

from core.settings import Settings
from reporter.inbound.mail import imap

NEEDED = {
    "DATABASE_URL": "postgresql://a@localhost/b",
    "REDIS_URL": "redis://localhost",
    "STORAGE_URL": "file:///tmp/x",
    "SECRET_KEY": "k" * 40,
    "PUBLIC_URL": "http://localhost",
}


def _settings(**more: str) -> Settings:
    return Settings(_env_file=None, **NEEDED, **more)


@pytest.mark.parametrize(
    "url",
    [
        "imaps://boite:secret@mail.example/INBOX",
        "imap://boite:s%40cret@127.0.0.1:1143/INBOX",
        "imap://boite:secret@mail.example/?tls=starttls",
        "imaps://boite%40example.fr:secret@mail.example",
    ],
)
def test_a_mailbox(url):
    assert _settings(IMAP_URL=url).IMAP_URL == url
    assert "secret" not in repr(_settings(IMAP_URL=url))


@pytest.mark.parametrize(
    "wrong",
    [
        {"IMAP_URL": "mail.example"},
        {"IMAP_URL": "imaps://mail.example/INBOX"},
        {"IMAP_URL": "pop3://a:b@mail.example"},
        {"IMAP_URL": "imaps://a:b@mail.example/?tls=starttls"},
        {"IMAP_URL": "imap://a:b@mail.example/?tls=none"},
        {"SMS_INBOUND_SECRET": "court"},
    ],
)
def test_what_cannot_be_used_is_refused(wrong):
    with pytest.raises(ValidationError):
        _settings(**wrong)


@pytest.mark.parametrize(
    ("scheme", "query", "made", "port"),
    [
        ("imaps", "", "MailBox", 993),
        ("imap", "", "MailBoxUnencrypted", 143),
        ("imap", "tls=starttls", "MailBoxStartTls", 143),
    ],
)
def test_a_certificate_is_verified(monkeypatch, scheme, query, made, port):
    asked = {}
    monkeypatch.setattr(imap, made, lambda host, number, **more: asked.update(more, host=host, port=number))
    imap._connected(scheme, "mail.example", None, query)
    assert (asked["host"], asked["port"], asked["timeout"]) == ("mail.example", port, imap.PATIENCE)
    if made != "MailBoxUnencrypted":
        context = asked["ssl_context"]
        assert context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname
