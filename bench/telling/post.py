"""The mail server as the measures see it: its moods, and what it has accepted."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bench.house import ROOT
from bench.telling import smtp


@dataclass
class Accepted:
    """A mail that the server took. `told`: whether it could say so to the sender."""

    at: float
    id: str
    to: str
    told: bool
    links: tuple[str, ...]
    bytes: int


class Post:
    """`with Post(folder, port) as post:` – a mail server in a process of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.journal, self.port = folder / "accepted.jsonl", port
        self.journal.touch()
        self._folder, self._read = folder, 0
        self._reading = threading.Lock()
        self._accepted: list[Accepted] = []
        self._to: dict[str, list[Accepted]] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.telling.smtp", str(port), str(self.journal)],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._process.stdout.readline()

    @property
    def url(self) -> str:
        """The MAIL_URL of this server."""
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Post:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def become(self, mood: str) -> None:
        """Put the server in one of smtp.MOODS; returns once it is."""
        assert mood in smtp.MOODS, mood
        self._order(mood)

    def sample(self) -> Path:
        """Keep the next mail that is accepted; where it will be."""
        path = self._folder / "sample.eml"
        path.unlink(missing_ok=True)
        self._order(f"sample {path}")
        return path

    def _order(self, words: str) -> None:
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()
        self._process.stdout.readline()

    def accepted(self) -> list[Accepted]:
        """All that was accepted, in its order."""
        with self._reading:
            self._catch_up()
            return list(self._accepted)

    def to(self, address: str) -> list[Accepted]:
        """What was accepted for an address, in its order."""
        with self._reading:
            self._catch_up()
            return list(self._to.get(address, ()))

    def count(self) -> int:
        """How many were accepted, those accepted twice counted twice."""
        with self._reading:
            self._catch_up()
            return len(self._accepted)

    def wait_for(self, number: int, seconds: float) -> None:
        """Wait until that many were accepted, that long at the most."""
        until = time.monotonic() + seconds
        while self.count() < number and time.monotonic() < until:
            time.sleep(0.05)

    def _catch_up(self) -> None:
        with self.journal.open("rb") as lines:
            lines.seek(self._read)
            data = lines.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            known = json.loads(line)
            if "unsaid" in known:
                next(mail for mail in reversed(self._to[known["to"]]) if mail.id == known["unsaid"]).told = False
                continue
            one = Accepted(**(known | {"links": tuple(known["links"])}))
            self._accepted.append(one)
            self._to.setdefault(one.to, []).append(one)
