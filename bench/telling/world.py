"""A jurisdiction to be mistreated: PostgreSQL, Redis and a mail server of its own, and what the Procfile starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench import jurisdiction
from bench.house import ROOT
from bench.telling.post import Post

# The services are started by the hands that start the house's own.
sys.path.append(str(ROOT / "script"))

from tests.faults.running import Running  # noqa: E402
from tests.faults.services import OwnRedis, Postgres, free_port  # noqa: E402

SEED = """
import sys
from app import create_app
from bench import jurisdiction
with create_app().app_context():
    jurisdiction.make(int(sys.argv[1]))
"""
LEFT = "SELECT count(*) FROM message WHERE channel = 'mail' AND status IN ('owed', 'gathered')"


@dataclass
class World:
    """The jurisdiction, what it stands on, and where its mail goes."""

    running: Running
    postgres: Postgres
    redis: OwnRedis
    post: Post
    #: A supervisor's, for the API.
    token: str

    def pass_time(self) -> None:
        """Let the pauses between two tries be over, and the leases of senders that were killed.

        The worker is asked to end first: nobody is sending while what is owed becomes due.
        """
        if self.running.runs("worker"):
            self.running.end("worker")
        self.running.ask("UPDATE message SET due_at = now() WHERE channel = 'mail' AND status = 'owed'")
        self.running.start("worker")

    def quiet(self, seconds: float) -> int:
        """Wait until no mail is owed; how many still are after that time."""
        until = time.monotonic() + seconds
        while True:
            left = self.running.ask(LEFT)
            if not left or time.monotonic() > until:
                return left
            time.sleep(0.25)


@contextmanager
def world(folder: Path, *, reports: int = 0, **more: str) -> Iterator[World]:
    """Make one in an empty folder, with old reports; the web process answers, worker and clock run.

    `more`: further settings of the jurisdiction.
    """
    with ExitStack() as held:
        postgres = Postgres(folder)
        held.callback(postgres.stop)
        redis = OwnRedis(folder)
        held.callback(redis.stop)
        post = held.enter_context(Post(folder, free_port()))
        _make_database(postgres)
        environ = _environment(folder, postgres, redis, post) | more
        _python(["-m", "flask", "db", "upgrade"], environ)
        _python(["-c", SEED, str(reports)], environ)
        token = _python(["-m", "flask", "token", jurisdiction.EMAIL], environ).strip()
        running = Running(environ, folder, postgres.url("jurisdiction"))
        held.callback(running.close)
        running.start("web", "worker", "clock")
        yield World(running, postgres, redis, post, token)


def _make_database(postgres: Postgres) -> None:
    admin = sa.create_engine(postgres.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE jurisdiction"))
    admin.dispose()


def _environment(folder: Path, postgres: Postgres, redis: OwnRedis, post: Post) -> dict[str, str]:
    port = free_port()
    return os.environ | {
        "DATABASE_URL": postgres.url("jurisdiction"),
        "REDIS_URL": redis.url,
        "STORAGE_URL": f"file://{folder}/storage",
        "MAIL_URL": post.url,
        "SECRET_KEY": "b" * 40,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "TILES_URL": "",
        # The clients say where they write from, as a proxy would.
        "TRUSTED_PROXIES": "1",
        "ALENTOUR_ENV": "/nonexistent",
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def _python(arguments: list[str], environ: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=180
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return done.stdout
