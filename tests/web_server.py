"""A web server of this machine for tests: what it was sent, and answers that a test chooses."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


class WebServer:
    """`with WebServer() as server:` – `server.url` is its address, `server.asked` what it was sent.

    `server.script` holds the statuses of the next answers, 201 after that; a number below 100 is a pause in
    seconds before 201, a threading.Event is waited for. `server.paths["/a"]` does the same for one path.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.script: list[int | float | threading.Event] = []
        self.paths: dict[str, list[int | float | threading.Event]] = {}
        self.headers: dict[str, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.asked.append(Asked(self.command, self.path, headers, body, time.monotonic()))
                status = outer._next(self.path.partition("?")[0])
                try:
                    self.send_response(status)
                    for name, value in outer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass

            do_GET = do_POST

            def log_message(self, *_args: object) -> None:
                """Silence."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: object) -> None:
                """A client that left."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def _next(self, path: str) -> int:
        script = self.paths.get(path, self.script)
        told = script.pop(0) if script else 201
        if isinstance(told, threading.Event):
            told.wait(60)
            return 201
        if told < 100:
            time.sleep(told)
            return 201
        return int(told)

    def __enter__(self) -> WebServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
