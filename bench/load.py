"""A client light enough for the two cores that it shares with what it measures: keep-alive, prepared requests."""

from __future__ import annotations

import itertools
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import crc32

_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_STATEMENTS = re.compile(rb"x-statements:\s*(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Result:
    """What came of a run."""

    per_second: float
    p95_ms: float
    #: The most statements that any answer asked.
    statements: int | None


class Wrong(RuntimeError):
    """An answer was not the one expected: a measure of errors is no measure."""


def get(path: str, cookie: str = "") -> bytes:
    """A prepared GET."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html,application/json\r\n"
        + (f"Cookie: {cookie}\r\n" if cookie else "")
        + "\r\n"
    ).encode()


def post_json(path: str, body: bytes) -> bytes:
    """A prepared POST of JSON, each from an origin of its own: what one origin may send is limited."""
    origin = crc32(body)
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"X-Forwarded-For: 10.{origin >> 16 & 255}.{origin >> 8 & 255}.{origin & 255}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class Line:
    """One connection to the server, kept open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = self._open()

    def _open(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer."""
        self.socket.sendall(request)
        data = self.socket.recv(262_144)
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(262_144)
            if not more:
                raise Wrong("The connection was closed")
            data += more
        head, _blank, body = data.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        if found is None:
            raise Wrong(f"An answer without a length: {head[:200]!r}")
        parts, have = [body], len(body)
        while have < int(found[1]):
            more = self.socket.recv(262_144)
            parts.append(more)
            have += len(more)
        if b"connection: close" in head.lower():
            self.socket.close()
            self.socket = self._open()
        return int(data[9:12]), head, b"".join(parts)


def run(
    port: int,
    requests: Sequence[bytes] | Callable[[int], bytes],
    *,
    seconds: float,
    lines: int = 4,
    expect: int = 200,
) -> Result:
    """Ask for `seconds` over `lines` connections, after a short warm-up. Raises Wrong."""
    number = itertools.count()
    nth = requests if callable(requests) else lambda n: requests[n % len(requests)]
    times: list[float] = []
    asked: list[int] = []
    wrong: list[str] = []

    def work(until: float, keep: bool) -> None:
        line = Line(port)
        while time.perf_counter() < until and not wrong:
            request = nth(next(number))
            begun = time.perf_counter()
            status, head, body = line.ask(request)
            taken = time.perf_counter() - begun
            if status != expect:
                wrong.append(f"{status} for {request.splitlines()[0].decode()}: {body[:300]!r}")
            if keep:
                times.append(taken)
                found = _STATEMENTS.search(head)
                if found:
                    asked.append(int(found[1]))
        line.socket.close()

    def all_lines(length: float, keep: bool) -> float:
        begun = time.perf_counter()
        threads = [threading.Thread(target=work, args=(begun + length, keep)) for _ in range(lines)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - begun

    all_lines(min(2.0, seconds / 2), False)
    taken = all_lines(seconds, True)
    if wrong:
        raise Wrong(wrong[0])
    times.sort()
    return Result(len(times) / taken, times[int(len(times) * 0.95)] * 1000, max(asked) if asked else None)


def direct(work: Callable[[int], None], *, seconds: float) -> float:
    """How often a second `work` is done in a plain loop, one after the other."""
    number = itertools.count()
    for _warm in range(3):
        work(next(number))
    begun, done = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        work(next(number))
        done += 1
    return done / (time.perf_counter() - begun)
