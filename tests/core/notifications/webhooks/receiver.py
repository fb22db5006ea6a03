"""A program on the loopback that receives webhooks and does what a test tells it to."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

#: Instead of a status: close the connection, or never answer.
CLOSE, HANG = "close", "hang"


@dataclass(frozen=True)
class Got:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    data: bytes

    @property
    def body(self) -> dict[str, Any]:
        """What it says."""
        return json.loads(self.data)

    def signed_with(self, secret: str) -> bool:
        """Whether the signature is that of `secret`, by the convention's own library."""
        try:
            Webhook(secret).verify(self.data, self.headers)
        except Exception:  # noqa: BLE001 - whatever it says: not signed so
            return False
        return True


class Receiver:
    """`with Receiver() as other:` – `other.url`, `other.got` what came; `other.answers` are given in turn, then 200."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: list[int | str] = []
        self.said = b"thank you"
        self.headers: dict[str, str] = {}
        self.over = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                known = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Got(self.path, known, data))
                answer = receiver.answers.pop(0) if receiver.answers else 200
                if answer == HANG:
                    receiver.over.wait(30)
                if isinstance(answer, str):
                    self.close_connection = True
                    return
                self.send_response(answer)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(receiver.said)))
                self.end_headers()
                self.wfile.write(receiver.said)

            def do_GET(self) -> None:
                receiver.got.append(Got(f"GET {self.path}", {}, b"{}"))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/alentour"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
