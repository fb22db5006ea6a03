"""Trying faults: each worker has a copy of the code, puts one in, runs the tests that are to notice, takes it out."""

from __future__ import annotations

import difflib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

from tests.databases import ROOT, setting
from tests.mutation.session import Fault, Session
from tests.mutation.targets import TARGETS

#: What a copy of the code consists of.
_PARTS = (
    "app.py",
    "core",
    "reporter",
    "interventions",
    "api",
    "migrations",
    "tests",
    "script",
    "docs",
    "setup.cfg",
    "pyproject.toml",
    "Procfile",
    "gunicorn/conf.py",
    "babel.cfg",
    "package.json",
    "README.md",
)
#: How many faults are tried side by side.
WORKERS = 2
#: The numbered Redis databases of the workers begin there: none of script/test's.
_REDIS = 12
#: A run with a fault may take so many times as long as one without, and so many seconds more: then it hangs, and is
#: counted as killed.
_PATIENCE, _GRACE = 3.0, 30.0


class Unfit(RuntimeError):
    """The tests of a module fail without a fault: nothing can be said of it."""


class Worker:
    """A copy of the code with faults in it."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._child: subprocess.Popen[str] | None = None
        self._environ = os.environ | {
            "TEST_DATABASE_URL": setting("TEST_DATABASE_URL"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TEST_REDIS_URL": f"{setting('TEST_REDIS_URL').rpartition('/')[0]}/{_REDIS + number}",
        }
        folder.mkdir()
        for part in _PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(ROOT / part, folder / part)

    def run(self, tests: tuple[str, ...], timeout: float) -> tuple[bool, str]:
        """Run tests until the first that fails: whether all passed, and the end of what was said.

        Raises subprocess.TimeoutExpired; all that was started has ended then.
        """
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
        with subprocess.Popen(
            command,
            cwd=self._folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as child:
            self._child = child
            try:
                said, _nothing = child.communicate(timeout=timeout)
            except BaseException:
                self.stop()
                raise
        return child.returncode == 0, said[-4000:]

    def stop(self) -> None:
        """End the run that is under way, with all that it started."""
        if self._child is not None and self._child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)

    def attempt(self, fault: Fault, source: str, timeout: float) -> WorkResult:
        """Put a fault in, run the module's tests, take it out again."""
        path, code = self._folder / fault.module, fault.code(source)
        diff = "\n".join(
            difflib.unified_diff(source.splitlines(), code.splitlines(), fault.module, fault.module, lineterm="", n=1)
        )
        path.write_text(code)
        try:
            passed, said = self.run(TARGETS[fault.module], timeout)
        except subprocess.TimeoutExpired:
            passed, said = False, "timeout"
        finally:
            path.write_text(source)
        return WorkResult(WorkerOutcome.NORMAL, said, TestOutcome.SURVIVED if passed else TestOutcome.KILLED, diff)


def try_all(wanted: list[tuple[Session, list[Fault]]], say: Callable[[str], None]) -> None:
    """Try the faults of several modules, two side by side, each result kept at once. Raises Unfit."""
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        workers = [Worker(Path(folder) / str(number), number) for number in range(WORKERS)]
        for session, faults in wanted:
            if faults:
                say(f"{session.module}: {len(faults)} faults to try")
                _try(session, faults, workers, _usual(session.module, workers[0]))


def _usual(module: str, worker: Worker) -> float:
    """How long a run with a fault may take, after one without. Raises Unfit."""
    begun = time.monotonic()
    passed, said = worker.run(TARGETS[module], 1800)
    if not passed:
        raise Unfit(f"The tests of {module} fail without a fault:\n{said}")
    return (time.monotonic() - begun) * _PATIENCE + _GRACE


def _try(session: Session, faults: list[Fault], workers: list[Worker], timeout: float) -> None:
    pending: queue.SimpleQueue[Fault] = queue.SimpleQueue()
    for fault in faults:
        pending.put(fault)
    keeping, failed = threading.Lock(), []

    def work(worker: Worker) -> None:
        try:
            while not failed:
                fault = pending.get_nowait()
                result = worker.attempt(fault, session.source, timeout)
                with keeping:
                    # A run that was stopped says nothing of its fault.
                    if not failed:
                        session.keep(fault, result)
        except queue.Empty:
            return
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException as error:
        failed.append(error)
        for worker in workers:
            worker.stop()
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]
