"""A PostgreSQL and a Redis of the tests' own, to be stopped, emptied and killed: no other is touched."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from pathlib import Path

from house import account, postgres, redis
from redis import Redis

PASSWORD = secrets.token_hex(12)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Postgres:
    """A cluster in a folder, which writes durably: what a restart must not lose is asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "postgres", free_port()
        self.folder.mkdir(mode=0o700)
        account.give(self.folder)
        self._run(
            "initdb",
            "-D",
            self.folder,
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-A",
            "scram-sha-256",
            "--pwfile=/dev/stdin",
            "--no-sync",
            given=PASSWORD + "\n",
        )
        self.start()

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c jit=off"
        self._run("pg_ctl", "start", "-D", self.folder, "-l", self.folder / "log", "-o", options, "-w", "-s")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; "immediate" is what a power cut would do."""
        self._run("pg_ctl", "stop", "-D", self.folder, "-m", mode, "-w", "-s")

    def _run(self, program: str, *arguments: object, given: str | None = None) -> None:
        # pg_ctl's child keeps what it inherits: no pipe that somebody would wait on.
        output = subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE
        done = subprocess.run(
            [*account.prefix(), str(postgres.binaries() / program), *map(str, arguments)],
            cwd="/",
            text=True,
            stdout=output,
            stderr=output,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            **({"input": given} if given else {"stdin": subprocess.DEVNULL}),
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"


class OwnRedis:
    """A Redis that keeps nothing on disk, as the house's."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [redis.program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 10
        while True:
            try:
                self.client().ping()
                return
            except OSError as error:
                assert time.monotonic() < until, error
            except Exception:  # noqa: BLE001 - redis.exceptions.ConnectionError is no OSError
                assert time.monotonic() < until
            time.sleep(0.05)

    def stop(self) -> None:
        """Kill it: everything in it is lost."""
        self._process.kill()
        self._process.wait()

    def client(self) -> Redis:
        """Somebody asking it."""
        return Redis.from_url(self.url, socket_timeout=5)
