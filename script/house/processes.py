"""Children that end with their parent, and stay when one of their own ends."""
import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def dies_with_parent(number: int) -> Callable[[], None]:
    """Return what a process runs for the kernel to send it a signal when its parent is gone."""
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number)

    return ask


def keep(arguments: list[str]) -> int:
    """Run one shell command and start it again whenever it ends, until a TERM or INT asks for the end.

    honcho stops everything when one of its processes stops; a worker that lost Redis for a moment is no
    reason for that. Only a command that never once lasted is given up, with its own exit code.
    """
    (command,) = arguments
    # honcho itself may be killed, or fall over an output that nobody reads any more.
    dies_with_parent(signal.SIGTERM)()
    stopping = False
    child: subprocess.Popen | None = None

    def stop(number: int, frame: object) -> None:
        nonlocal stopping
        stopping = True
        if child is not None and child.poll() is None:
            child.send_signal(signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    lasted, failures = False, 0
    while not stopping:
        began = time.monotonic()
        child = subprocess.Popen(["/bin/sh", "-c", f"exec {command}"], start_new_session=True,
                                 preexec_fn=dies_with_parent(signal.SIGKILL))
        if stopping:
            child.send_signal(signal.SIGTERM)
        code = child.wait()
        lasted = lasted or time.monotonic() - began > 10
        failures = 0 if time.monotonic() - began > 10 else failures + 1
        if stopping:
            break
        if failures == 5 and not lasted:
            print(f"ended with code {code} five times in a row: given up", file=sys.stderr, flush=True)
            return code or 1
        print(f"ended with code {code}: started again", file=sys.stderr, flush=True)
        time.sleep(min(0.5 * failures, 5))
    return 0
