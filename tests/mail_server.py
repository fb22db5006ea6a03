"""A mail server on the loopback that speaks real SMTP and does what a test tells it to."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import defaultdict
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

#: Instead of an answer: break the connection off, or never answer.
CLOSE, HANG = "close", "hang"


class Letter:
    """A mail as it arrived."""

    def __init__(self, sender: str, to: list[str], data: bytes) -> None:
        self.sender, self.to, self.data = sender, to, data
        self.message: EmailMessage = message_from_bytes(data, policy=default)

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """What is read without HTML."""
        return self.message.get_body(("plain",)).get_content()


class MailServer:
    """`with MailServer() as post:` – `post.url` is a MAIL_URL, `post.letters` what was accepted.

    `post.script["rcpt", "a@example.org"] = ["450 Later", "250 OK"]` answers the next conversations about that
    address so; likewise "mail" (by the sender's address) and "data" (by the recipient's). "*" is everybody.
    A threading.Event instead of an answer is waited for, and the mail is accepted then.
    """

    def __init__(self, **controller) -> None:
        self.letters: list[Letter] = []
        self.script: dict[tuple[str, str], list[str | threading.Event]] = defaultdict(list)
        self.connections = 0
        self.tried: list[str] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port, **controller)

    @property
    def url(self) -> str:
        """The MAIL_URL of this server."""
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> MailServer:
        self._controller.start()
        # The controller asks itself whether it answers.
        self.connections = 0
        return self

    def __exit__(self, *_error: object) -> None:
        self._controller.stop()

    def forget(self) -> None:
        """Begin anew: nothing arrived, nothing is to be answered but yes."""
        self.letters.clear()
        self.tried.clear()
        self.script.clear()
        self.connections = 0

    def _next(self, step: str, address: str) -> str | threading.Event | None:
        for key in ((step, address), (step, "*")):
            if self.script[key]:
                return self.script[key].pop(0)
        return None

    async def _answer(self, step: str, address: str, server: SMTP) -> str | None:
        told = self._next(step, address)
        if told == CLOSE:
            server.transport.abort()
            await asyncio.sleep(3600)
        if told == HANG:
            await asyncio.sleep(3600)
        if isinstance(told, threading.Event):
            while not told.is_set():
                await asyncio.sleep(0.02)
            return None
        return None if told is None or told.startswith("250") else told

    async def handle_MAIL(self, server, session, envelope, address, options):
        """Answer MAIL FROM."""
        told = await self._answer("mail", address, server)
        if told:
            return told
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        """Answer RCPT TO."""
        self.tried.append(address)
        told = await self._answer("rcpt", address, server)
        if told:
            return told
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        """Accept a mail, or not."""
        told = await self._answer("data", envelope.rcpt_tos[0], server)
        if told:
            return told
        data = bytes(envelope.original_content)
        self.letters.append(Letter(envelope.mail_from, list(envelope.rcpt_tos), data))
        return "250 OK"


class _Controller(Controller):
    def __init__(self, server: MailServer, **options) -> None:
        self._server = server
        super().__init__(server, **options)

    def factory(self) -> SMTP:
        """One conversation."""
        self._server.connections += 1
        return super().factory()
