"""Somebody who does not know whether it was heard, and says it again with the same key until there is an answer."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import time
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlencode, urlsplit

#: How long an answer is waited for, and how long somebody keeps asking, in seconds.
PATIENCE, STUBBORN = 10, 240


class Refused(RuntimeError):
    """An answer that is no success and that asking again would not change."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: Message

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class Client:
    """One keep-alive connection at a time; not shared between threads."""

    def __init__(self, url: str, token: str) -> None:
        self._host = urlsplit(url).netloc
        self._token = token
        self._line: http.client.HTTPConnection | None = None
        #: How often something had to be said again.
        self.repeated = 0
        #: Where it is said from: a jurisdiction's residents do not all sit in one place.
        self.place = "192.0.2.1"

    def send(self, path: str, body: dict[str, Any], *, signed: bool = True) -> dict[str, Any]:
        """POST to the API, until it is answered. Raises Refused."""
        return self.ask("POST", path, body, signed=signed).json

    def ask(self, method: str, path: str, body: dict[str, Any], *, signed: bool = True) -> Answer:
        """Ask the API something, until it is answered. Raises Refused."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_urlsafe(12)}
        if signed:
            headers["Authorization"] = f"Bearer {self._token}"
        return self._insist(method, f"/api/v1/{path}", json.dumps(body).encode(), headers)

    def fill(self, path: str, fields: dict[str, str]) -> None:
        """Send a form of a page, until it is answered. Raises Refused."""
        self._insist("POST", path, urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def _insist(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        until, pause = time.monotonic() + STUBBORN, 0.1
        while True:
            try:
                answer = self._ask(method, path, body, headers)
                if answer.status < 400:
                    return answer
                if answer.status < 500 and answer.status not in (408, 429):
                    raise Refused(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
                why = str(answer.status)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                why = type(error).__name__
            if time.monotonic() > until:
                raise Refused(f"{method} {path}: no answer in {STUBBORN} s, {why} at last")
            self.repeated += 1
            time.sleep(pause)
            pause = min(pause * 2, 2)

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        if self._line is None:
            self._line = http.client.HTTPConnection(self._host, timeout=PATIENCE)
            self._line.connect()
            self._line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line.request(method, path, body, headers | {"X-Forwarded-For": self.place})
        answer = self._line.getresponse()
        return Answer(answer.status, answer.read(), answer.headers)

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
