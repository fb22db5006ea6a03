"""What the commands say: headings, the progress of long steps, and one sentence where they stop."""
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from house import paths


class Stop(Exception):
    """The command cannot go on; its text is the one sentence that says why and what to do."""


def line(text: str) -> None:
    """Print one line at once, also where the output is a file or a pipe."""
    print(text, flush=True)


def step(title: str, command: Sequence[str | Path], *, log: str, env: Mapping[str, str] | None = None,
         cwd: Path = paths.ROOT) -> None:
    """Run a long `command`, showing that it advances; its output goes to var/log/`log`.

    Raises Stop, after the last lines of the output, when the command fails.
    """
    began = time.monotonic()
    path = paths.LOGS / log
    over = threading.Event()
    with path.open("wb") as output:
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, env=env, cwd=cwd)
        ticker = threading.Thread(target=_tick, args=(title, path, began, over), daemon=True)
        ticker.start()
        try:
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            over.set()
            ticker.join()
    if code:
        tail = path.read_text(errors="replace").splitlines()[-15:]
        for text in tail:
            print("    " + text, file=sys.stderr)
        raise Stop(f"{title}: this step failed (exit code {code}); all it said is in {paths.shown(path)}.")
    line(f"{title}: done in {time.monotonic() - began:.0f} s")


def _tick(title: str, log: Path, began: float, over: threading.Event) -> None:
    """Show how long a step has taken: on one line of a terminal, elsewhere every ten seconds."""
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if not terminal:
        line(f"{title} …")
    while not over.wait(0.5 if terminal else 10):
        seconds = time.monotonic() - began
        if not terminal:
            line(f"{title} … {seconds:.0f} s")
            continue
        text = f"{title} … {seconds:.0f} s  {_last_line(log)}"
        width = shutil.get_terminal_size().columns
        print("\r\x1b[K" + text[:width - 1], end="", flush=True)
    if terminal:
        print("\r\x1b[K", end="", flush=True)


def _last_line(log: Path) -> str:
    """Return the last line that was written to a log, for people who watch."""
    with log.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(file.tell() - 500, 0))
        lines = file.read().decode(errors="replace").replace("\r", "\n").split("\n")
    return next((text.strip() for text in reversed(lines) if text.strip()), "")
