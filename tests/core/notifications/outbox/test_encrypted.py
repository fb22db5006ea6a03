"""Sending over TLS, to a server whose certificate we trust or not."""

import ssl
import subprocess

import pytest

from core.notifications.outbox.models import OWED
from core.notifications.outbox.sender import send_due
from core.settings import Settings
from tests.core.notifications.outbox.conftest import due_now, found, owed
from tests.mail_server import MailServer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made = subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-keyout",
            folder / "key.pem",
            "-out",
            folder / "cert.pem",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ],
        capture_output=True,
    )
    assert made.returncode == 0, made.stderr
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def context(certificate):
    """What a mail server needs to speak TLS."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificate)
    return made


@pytest.fixture(autouse=True)
def jurisdiction(jurisdiction, acting):
    with acting(jurisdiction):
        yield jurisdiction


def test_starttls_to_a_server_we_trust(app, monkeypatch, context, certificate):
    with MailServer(tls_context=context, require_starttls=True) as post:
        number = owed(source="event:1")
        monkeypatch.setitem(app.config, "MAIL_URL", f"{post.url}?tls=starttls")
        # Nobody we know vouches for it: nothing is sent in the clear instead.
        assert send_due() == 0
        assert found(number).status == OWED and found(number).error.startswith("cannot sign in: SSLCert")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        due_now(number)
        assert send_due() == 1 and len(post.letters) == 1


def test_tls_from_the_first_byte(app, monkeypatch, context, certificate):
    with MailServer(ssl_context=context) as post:
        number = owed(source="event:1")
        monkeypatch.setitem(app.config, "MAIL_URL", post.url.replace("smtp:", "smtps:"))
        assert send_due() == 0
        assert found(number).error.startswith("cannot connect: SSLCert")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        due_now(number)
        assert send_due() == 1 and len(post.letters) == 1


def test_a_server_without_starttls_gets_nothing_in_the_clear(app, monkeypatch):
    with MailServer() as post:
        number = owed(source="event:1")
        monkeypatch.setitem(app.config, "MAIL_URL", f"{post.url}?tls=starttls")
        assert send_due() == 0
        assert found(number).error == "cannot sign in: SMTPNotSupportedError" and post.letters == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_URL", "smtp://mail.example?tls=startls"),
        ("MAIL_URL", "smtp://mail.example?tls="),
        ("MAIL_URL", "pop3://mail.example"),
        ("MAIL_FROM", "Ville de Villeclaire"),
        ("MAIL_FROM", "Ville <@>"),
    ],
)
def test_a_setting_we_would_misread_stops_the_start(name, value):
    with pytest.raises(ValueError, match=name):
        Settings(
            _env_file=None,
            DATABASE_URL="postgresql://x",
            REDIS_URL="redis://x",
            SECRET_KEY="k" * 40,
            STORAGE_URL="file:///x",
            PUBLIC_URL="http://localhost",
            **{name: value},
        )
