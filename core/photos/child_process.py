"""Work on a file from anybody, in a process of its own that the system itself stops.

A decoder is C code: it looks at no clock, and one call of it may take seconds and gigabytes for a file of some
kilobytes. A child with limits on processor time and memory is ended by the kernel wherever it is; whoever started it
goes on.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import select
import signal
import time
from collections.abc import Callable
from typing import TypeVar

from core.photos.validation import UnusablePhoto

Result = TypeVar("Result")


def run_limited(
    work: Callable[[bytes], Result], data: bytes, *, cpu_seconds: int, seconds: float, memory: int
) -> Result:
    """What `work(data)` returns, computed in a forked child; the result must be picklable.

    `cpu_seconds`: processor time of all its threads. `seconds`: time on the wall, for a machine that is busy
    elsewhere. `memory`: bytes it may grow by. Raises UnusablePhoto("too_costly") where one of them did not suffice, and
    UnusablePhoto("unreadable") where the child died in another way.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _in_child(work, data, writing, cpu_seconds, memory)
    os.close(writing)
    try:
        answer = _read_all(reading, time.monotonic() + seconds)
    finally:
        os.close(reading)
        # It has answered, or it is too late: either way it may not go on.
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    if answer:
        return pickle.loads(answer)  # noqa: S301 - written by our own child
    if answer is None or _by_limit(status):
        raise UnusablePhoto("too_costly")
    raise UnusablePhoto("unreadable")


def _by_limit(status: int) -> bool:
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)


def _in_child(work: Callable[[bytes], object], data: bytes, writing: int, cpu_seconds: int, memory: int) -> None:
    """Never returns."""
    code = 1
    try:
        for ends in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGXCPU):
            signal.signal(ends, signal.SIG_DFL)
        # A decoder that crashes is a refused photo, not a core file of some resident's picture.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _limit(resource.RLIMIT_CPU, cpu_seconds)
        with open("/proc/self/statm", encoding="ascii") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        _limit(resource.RLIMIT_AS, used + memory)
        answer = pickle.dumps(work(data))
        with open(writing, "wb") as pipe:
            pipe.write(answer)
        code = 0
    finally:
        # Nothing of the parent's is closed, flushed or rolled back by its child.
        os._exit(code)


def _limit(what: int, wanted: int) -> None:
    """Lower a limit of this process; one that is lower already stays."""
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(what, (wanted, wanted))


def _read_all(reading: int, until: float) -> bytes | None:
    """All that the other end writes before it closes; None where it has not by `until` (time.monotonic())."""
    found: list[bytes] = []
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            return None
        piece = os.read(reading, 1 << 16)
        if not piece:
            return b"".join(found)
        found.append(piece)
