"""`script/bench memory`: what the whole demonstration takes when nobody asks it anything.

Every process that `script/server` starts is counted by its proportional set size (Pss of /proc/PID/smaps_rollup): a
page that several share counts once in all. PostgreSQL and Redis are included.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.house import ROOT
from bench.measures import Figure

#: How long the first start may take: the demonstration jurisdiction is made in it. Seconds.
LONGEST_START = 1_200
#: How long everything is left alone before it is measured, after some pages were asked for. Seconds.
QUIET = 25
#: What a village's visitors ask for: a process that has never answered takes less than one that has.
PAGES = ("/", "/report/new", "/map.json?bbox=3.8,43.5,3.9,43.7", "/api/v1/reports", "/healthz")
ROUNDS = 20


@dataclass(frozen=True)
class Process:
    """One process: what it is called here, and its proportional set size in MB (1,000,000 bytes)."""

    pid: int
    name: str
    megabytes: float


def memory(_reports: int | None, say: Callable[[str], None]) -> Iterator[Figure]:
    """The whole, after a line for each kind of process: those are for people (`Figure.part`)."""
    with _demonstration(say) as port:
        _visit(port)
        say(f"Left alone for {QUIET} s")
        time.sleep(QUIET)
        found = processes()
    kinds: dict[str, list[float]] = {}
    for one in found:
        kinds.setdefault(one.name, []).append(one.megabytes)
    for name, sizes in sorted(kinds.items(), key=lambda kind: -sum(kind[1])):
        yield Figure(f"  {name} ×{len(sizes)}", sum(sizes), None, None, None, "MB", part=True)
    yield Figure("memory", sum(one.megabytes for one in found), None, None, None, "MB")


def processes() -> list[Process]:
    """Every process of this clone's demonstration; PostgreSQL and Redis are found by where they work."""
    parents = {int(entry): _parent(int(entry)) for entry in os.listdir("/proc") if entry.isdecimal()}
    roots = {pid for pid in parents if _is_root(pid)}
    found = []
    for pid in parents:
        line, at = [pid], pid
        while at in parents and parents[at] and at not in roots:
            at = parents[at]
            line.append(at)
        if at in roots and pid != os.getpid():
            size = _pss(pid)
            if size:
                found.append(Process(pid, _name(pid), size))
    return found


def _is_root(pid: int) -> bool:
    """Whether everything below it is the demonstration's: script/server, its PostgreSQL, its Redis."""
    words, folder = _words(pid), _folder(pid)
    if not words or folder is None:
        return False
    server = any(word.endswith("script/house") for word in words) and "server" in words and folder == ROOT
    return server or folder in (ROOT / "var" / "postgres", ROOT / "var" / "redis")


def _words(pid: int) -> list[str]:
    try:
        return [word for word in Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").split("\0") if word]
    except OSError:
        return []


def _folder(pid: int) -> Path | None:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return None


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _pss(pid: int) -> float:
    """MB; 0 for a process that has ended meanwhile, or has no memory of its own."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass
    return 0.0


def _name(pid: int) -> str:
    """What a process is, in one word."""
    line = " ".join(_words(pid))
    for sign, name in (
        ("script/house keep", "keep"),
        ("gunicorn", "web"),
        ("core.jobs worker", "worker"),
        ("core.clock", "clock"),
        ("core.jobs clock", "clock"),
        ("honcho", "honcho"),
        ("script/house", "script/server"),
        ("postgres", "postgresql"),
        ("redis", "redis"),
        ("valkey", "redis"),
    ):
        if sign in line:
            return name
    return "other"


@contextmanager
def _demonstration(say: Callable[[str], None]) -> Iterator[int]:
    """The running script/server of this clone, or one started for the while; yields its port."""
    running = _running()
    if running:
        say(f"Measuring the server that runs on port {running}")
        yield running
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    say(f"Starting script/server on port {port}; the first time it makes the demonstration town")
    # What script/bench set for itself is not for the demonstration, which has its own.
    mine = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "MAIL_URL", "SECRET_KEY", "PUBLIC_URL", "ALENTOUR_ENV")
    env = {name: value for name, value in os.environ.items() if name not in mine} | {"PORT": str(port)}
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [ROOT / "script" / "server"], cwd=ROOT, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            _wait(port, server)
            yield port
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def _running() -> int | None:
    """The port of this clone's server, where one runs (it writes "PID PORT" into its lock)."""
    try:
        pid, port = (ROOT / "var" / "lock" / "server").read_text().split()
    except (OSError, ValueError):
        return None
    return int(port) if _is_root(int(pid)) and _answers(int(port), "/healthz") else None


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit("script/server did not start: run it by itself, and it says why.")
        if _answers(port, "/healthz"):
            return
        time.sleep(1)
    raise SystemExit(f"script/server did not answer within {LONGEST_START} s.")


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            answer.read()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _visit(port: int) -> None:
    for _round in range(ROUNDS):
        for path in PAGES:
            _answers(port, path)
