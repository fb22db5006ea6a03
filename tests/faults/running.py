"""What the Procfile starts, as processes of their own, to be killed."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import requests
import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[2]
Found = TypeVar("Found")


def eventually(check: Callable[[], Found], seconds: float = 45) -> Found:
    """What `check` returns, once that is true; the assertion it fails with when time is over."""
    until = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < until, f"not within {seconds:.0f} s"
        time.sleep(0.1)


def commands() -> dict[str, str]:
    """The Procfile: name → command."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines if re.match(r"\w+: ", line))


class Running:
    """The processes of one jurisdiction, on a database and a Redis of their own."""

    def __init__(self, environ: dict[str, str], folder: Path, database_url: str) -> None:
        self.environ, self.folder = environ, folder
        self.url = environ["PUBLIC_URL"]
        self.engine = sa.create_engine(database_url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._processes: dict[str, subprocess.Popen] = {}

    def start(self, *names: str) -> None:
        """Start processes by their names in the Procfile, and wait until the web answers."""
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    ["/bin/sh", "-c", f"exec {commands()[name]}"],
                    cwd=ROOT,
                    env=self.environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        if "web" in names:
            eventually(lambda: self._answers("/healthz"), 60)

    def _answers(self, path: str) -> bool:
        try:
            return requests.get(self.url + path, timeout=5).ok
        except requests.RequestException:
            return False

    def pids(self, name: str) -> list[int]:
        """A process and all its descendants, those that made a process group of their own included."""
        session = self._processes[name].pid
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    after_name = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if int(after_name[3]) == session and after_name[0] != "Z":
                    found.append(int(entry.name))
        return found

    def kill(self, name: str) -> None:
        """kill -9: nobody has the time to say anything."""
        for pid in self.pids(name):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._processes.pop(name).wait()

    def kill_parent(self, name: str) -> None:
        """kill -9, to the process that was started alone: its children find out by themselves."""
        started = self._processes.pop(name)
        started.kill()
        started.wait()

    def kill_children(self, name: str) -> None:
        """kill -9, to all but the process that was started."""
        for pid in self.pids(name):
            if pid != self._processes[name].pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def ask_to_stop(self, name: str) -> None:
        """TERM, to the process that was started."""
        self._processes[name].send_signal(signal.SIGTERM)

    def end(self, name: str, seconds: float = 30) -> None:
        """TERM, and wait until it has ended."""
        self.ask_to_stop(name)
        self._processes.pop(name).wait(seconds)

    def runs(self, name: str) -> bool:
        """Whether the process that was started still runs."""
        return name in self._processes and self._processes[name].poll() is None

    def close(self) -> None:
        """Stop all of it."""
        for name in list(self._processes):
            self.kill(name)
        self.engine.dispose()

    def log(self) -> str:
        """All that was logged."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def ask(self, statement: str, **values: Any) -> Any:
        """The first column of the first row, or None."""
        with self.engine.connect() as connection:
            found = connection.execute(sa.text(statement), values)
            return found.scalar() if found.returns_rows else None

    def report(self, email: str, *photos: str) -> str:
        """Send a report as a phone would; its reference, once the jurisdiction has said 201."""
        answer = requests.post(
            f"{self.url}/api/v1/reports",
            timeout=20,
            json={
                "category": "nid-de-poule",
                "location": {"type": "Point", "coordinates": [3.877, 43.611]},
                "description": "Un trou devant l’école",
                "contact": {"email": email, "locale": "fr"},
                "photos": list(photos),
            },
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["reference"]

    def photo(self, data: bytes) -> str:
        """Send a photo; its id."""
        answer = requests.post(
            f"{self.url}/api/v1/photos", timeout=20, files={"photo": ("photo.jpg", data, "image/jpeg")}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def shown(self, reference: str) -> dict[str, Any]:
        """A report as the API shows it."""
        answer = requests.get(f"{self.url}/api/v1/reports/{reference}", timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def statuses(self, email: str) -> list[str]:
        """What has become of the messages to an address, in their order."""
        with self.engine.connect() as connection:
            return list(
                connection.scalars(
                    sa.text(
                        "SELECT status FROM message JOIN contact ON contact.id = contact_id WHERE email = :email "
                        "ORDER BY message.id"
                    ),
                    {"email": email},
                )
            )


SEED = """
from app import create_app
from core.database.scope import serving
from tests import factories
with create_app().app_context():
    factories.jurisdiction()
"""


def make_jurisdiction(environ: dict[str, str]) -> None:
    """Migrate an empty database and make a jurisdiction in it."""
    for command in (["-m", "flask", "db", "upgrade"], ["-c", SEED]):
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr[-3000:]
