"""How mails leave: over SMTP, on one connection kept while there is something to send, or into a Maildir.

MAIL_URL: `smtp://user:password@host:587?tls=starttls`, `smtps://user:password@host`, `file:///folder`.
"""

from __future__ import annotations

import mailbox
import os
import smtplib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from core.database.transactions import must_not_write
from core.notifications.mail import Outgoing
from core.outbound import Refusal, Unavailable
from core.text import without_contacts

#: How long one answer of the other side is waited for, in seconds.
PATIENCE = 20
#: And its answer to a whole mail, which it may look at for long: asking again too soon sends it twice.
PATIENCE_FOR_MAIL = 60
LONGEST_ANSWER = 200
_CLOSING = 421
_TOO_LARGE = 552

Answer = TypeVar("Answer")


class MailTransport(Protocol):
    """A way out."""

    def send(self, mail: Outgoing) -> None:
        """Return once the other side has accepted the mail. Raises Refusal or Unavailable."""

    def close(self) -> None:
        """Leave politely."""


def open_transport(url: str, *, hello: str) -> MailTransport:
    """The way out that MAIL_URL names; `hello` is the host name we present ourselves with."""
    if url.startswith("file://"):
        return Folder(Path(unquote(urlsplit(url).path)))
    return Smtp(url, hello=hello)


class Folder:
    """A Maildir: each mail is a file, whole and on the disk before anybody sees it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, mail: Outgoing) -> None:
        """Add the mail to the folder. Raises Unavailable when the disk refuses it."""
        must_not_write("mailbox")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not (self.path / "new").is_dir():
                # What is missing of the three folders is made: the path itself may be there already.
                for part in ("tmp", "new", "cur"):
                    (self.path / part).mkdir(parents=True, exist_ok=True, mode=0o700)
            mailbox.Maildir(self.path, create=False).add(mail.data)
            self._settle()
        except OSError as error:
            raise Unavailable(f"the mailbox cannot be written: {type(error).__name__}", begun=False) from None

    def _settle(self) -> None:
        folder = os.open(self.path / "new", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Nothing is kept open."""


class Smtp:
    """An SMTP server. The connection is opened at the first mail and again whenever it was lost."""

    def __init__(self, url: str, *, hello: str) -> None:
        parts = urlsplit(url)
        self.tls = "always" if parts.scheme == "smtps" else parse_qs(parts.query).get("tls", ["never"])[0]
        self.host = parts.hostname or "localhost"
        self.port = parts.port or {"always": 465, "starttls": 587}.get(self.tls, 25)
        self.user = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password or "")
        self.hello = hello
        self._smtp: smtplib.SMTP | None = None

    def send(self, mail: Outgoing) -> None:
        """Hand the mail over. Raises Refusal or Unavailable."""
        must_not_write("mail server")
        kept = self._smtp is not None
        try:
            self._begin(mail)
        except Unavailable:
            if not kept:
                raise
            # It closed the connection while we were silent, or had enough of it: once more on a new one.
            self._begin(mail)
        self._recipient(mail)
        self._content(mail)

    def close(self) -> None:
        """Say goodbye."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        try:
            if self.tls == "always":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    self.host, self.port, self.hello, timeout=PATIENCE, context=ssl.create_default_context()
                )
            else:
                smtp = smtplib.SMTP(self.host, self.port, self.hello, timeout=PATIENCE)
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(f"cannot connect: {_why(error)}", begun=False) from None
        try:
            if self.tls == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if self.user:
                smtp.login(self.user, self.password)
        except (smtplib.SMTPException, OSError) as error:
            smtp.close()
            raise Unavailable(f"cannot sign in: {_why(error)}", begun=False) from None
        return smtp

    def _begin(self, mail: Outgoing) -> None:
        if self._smtp is None:
            self._smtp = self._connect()
        options = []
        if self._smtp.has_extn("size"):
            options.append(f"SIZE={len(mail.data)}")
        if not mail.to.isascii():
            if not self._smtp.has_extn("smtputf8"):
                raise Refusal("this server takes no such address (SMTPUTF8)", permanent=True)
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        smtp = self._smtp
        code, said = self._ask(lambda: smtp.mail(mail.sender, options), begun=False)
        if code != 250:
            # Our own address is refused: that is for the administrator to mend, no fault of the recipient.
            self._refused(code, said, mail, permanent=code == _TOO_LARGE, begun=False)

    def _opened(self) -> smtplib.SMTP:
        assert self._smtp is not None  # `_begin` opened it; whoever drops it raises
        return self._smtp

    def _recipient(self, mail: Outgoing) -> None:
        smtp = self._opened()
        code, said = self._ask(lambda: smtp.rcpt(mail.to), begun=True)
        if code not in (250, 251):
            self._refused(code, said, mail, permanent=code >= 500)

    def _content(self, mail: Outgoing) -> None:
        smtp = self._opened()
        if smtp.sock is not None:
            smtp.sock.settimeout(PATIENCE_FOR_MAIL)
        try:
            code, said = self._ask(lambda: smtp.data(mail.data), begun=True)
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, _octets(error.smtp_error)
        if code != 250:
            self._refused(code, said, mail, permanent=code >= 500)
        if smtp.sock is not None:
            smtp.sock.settimeout(PATIENCE)

    def _ask(self, question: Callable[[], Answer], *, begun: bool) -> Answer:
        try:
            return question()
        except smtplib.SMTPDataError:
            raise
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Unavailable(f"the conversation broke off: {_why(error)}", begun=begun) from None

    def _refused(self, code: int, said: bytes, mail: Outgoing, *, permanent: bool, begun: bool = True) -> None:
        reason = f"{code} {_shown(said, mail)}"
        if code == _CLOSING:
            self._drop()
            raise Unavailable(reason, begun=begun)
        try:
            self._opened().rset()
        except (smtplib.SMTPException, OSError):
            self._drop()
        raise Refusal(reason, permanent=permanent)

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _octets(said: bytes | str) -> bytes:
    """An answer as the server wrote it; smtplib keeps some as text."""
    return said if isinstance(said, bytes) else said.encode()


def _why(error: Exception) -> str:
    """An error of the conversation, without what the other side may have quoted."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _shown(said: bytes, mail: Outgoing) -> str:
    """An answer, shortened and without addresses."""
    text = " ".join(said.decode("utf-8", "replace").split())
    local = mail.to.rpartition("@")[0]
    for private in (mail.to, local):
        text = text.replace(private, "[…]")
    return without_contacts(text)[:LONGEST_ANSWER]
