"""What the measures stand on: a database of their own, gunicorn as the Procfile starts it, dropped and ended after."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 8


def setting(name: str) -> str:
    """A setting of script/bench: the environment's, else what the services wrote in var/env."""
    if os.environ.get(name):
        return os.environ[name]
    for line in (ROOT / "var" / "env").read_text().splitlines():
        key, _equals, value = line.partition("=")
        if key == name:
            return value
    raise SystemExit(f"{name} is not set: run script/bench.")


@contextmanager
def database() -> Iterator[str]:
    """A migrated database of the measures' own; yields its URL."""
    admin = make_url(setting("TEST_DATABASE_URL"))
    name = f"alentour_bench_{secrets.token_hex(3)}"
    engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    try:
        yield admin.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for storage and mail, removed after."""
    made = Path(tempfile.mkdtemp(prefix="alentour-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def environment(url: str, where: Path) -> dict[str, str]:
    """The settings of the application measured: production's, on this database."""
    redis = setting("TEST_REDIS_URL").rsplit("/", 1)[0] + "/11"
    known = {
        "DATABASE_URL": url,
        "REDIS_URL": redis,
        "STORAGE_URL": f"file://{where}/storage",
        "MAIL_URL": f"file://{where}/mail",
        "SECRET_KEY": "b" * 40,
        "PUBLIC_URL": "http://localhost",
        "TILES_URL": "",
        # The client says from where each request comes: see bench.load.
        "TRUSTED_PROXIES": "1",
        "ALENTOUR_ENV": "/nonexistent",
        "PYTHONPATH": str(ROOT),
    }
    os.environ.update(known)
    return os.environ | known


def flask(*arguments: str, env: dict[str, str]) -> None:
    """Run a command of the application."""
    subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def served(target: str, env: dict[str, str]) -> Iterator[int]:
    """gunicorn with two workers and threads, on a free port of the loopback; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            target,
            "--bind",
            f"127.0.0.1:{port}",
            "--worker-class",
            "gthread",
            "--workers",
            str(WORKERS),
            "--threads",
            str(THREADS),
            "--log-level",
            "error",
            "--keep-alive",
            "30",
            "--no-control-socket",
        ],
        cwd=ROOT,
        env=env,
    )
    try:
        _wait(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait(port: int, process: subprocess.Popen) -> None:
    for _attempt in range(300):
        if process.poll() is not None:
            raise SystemExit("gunicorn did not start.")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                time.sleep(1)
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("gunicorn does not answer.")
