"""The worker: one process that keeps one RQ worker per crew alive, across restarts of Redis."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

from flask import Flask
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.job import Job

from core.database import db
from core.jobs import request_stop as stop_soon
from core.jobs import watch_parent, worker_app, worker_groups
from core.notifications.channels import known_channels

log = logging.getLogger(__name__)
_ENDS = (signal.SIGTERM, signal.SIGINT)
#: How long an idle worker waits in one question to Redis, in seconds: so long a request to stop goes unseen at most.
IDLE_WAIT = 2
#: How often the parent looks for children that have ended, in seconds.
_LOOK = 0.2


@dataclass
class StopRequest:
    """Whether this process was told to stop. While Redis comes and goes, one worker is made after the other: what one
    of them was told, the next one knows."""

    received: bool = False


class GroupWorker(Worker):
    """RQ's worker, which says whether it was told to stop and lets the job under way know of it."""

    #: A Redis that comes back is found again within seconds, however long it was away.
    max_connection_wait_time = 4.0

    def __init__(self, queues: Sequence[Queue], *, connection: Redis, stop: StopRequest | None = None) -> None:
        self.stop = stop or StopRequest()
        super().__init__(queues, connection=connection)

    @property
    def dequeue_timeout(self) -> int:
        """How long one wait for a job lasts, in seconds; RQ's own default is some seven minutes."""
        return IDLE_WAIT

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Wait for a job in short turns: a worker that was told to stop takes none any more. Raises StopRequested."""
        while True:
            if self.stop.received:
                raise StopRequested
            found = super().dequeue_job_and_maintain_ttl(self.dequeue_timeout, self.dequeue_timeout)
            if found is not None:
                return found

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Tell Redis that this worker lives. Raises StopRequested where Redis is away and nobody waits for it any more.

        RQ's wait for a job begins each turn with it, and repeats it for as long as Redis is away.
        """
        try:
            super().heartbeat(timeout, pipeline)
        except RedisError:
            if self.stop.received:
                raise StopRequested from None
            raise

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish what is under way and leave; a long job is asked to be brief (see core.jobs.stop_requested).

        A signal handler: it raises nothing, unlike RQ's own. Where its exception came between a job's being taken and
        its being begun, the job was lost; where it came inside one of redis-py's `except Exception: pass`, or just
        before a wait of seven minutes, the request was.
        """
        self.stop.received = True
        if self.horse_pid:
            # It may have ended a moment ago.
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        """The process of one job ends by itself when it is asked to."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, stop_soon)
        watch_parent()
        # It was told between the job's being taken and these lines: the handler that ran was the parent's.
        if self.stop.received:
            stop_soon()


def run_worker() -> None:
    """Serve the queues until TERM: one child per crew, made again when it dies."""
    app = worker_app()
    # What is loaded by now is shared with every child; a collection that walked over it would copy each page.
    gc.collect()
    gc.freeze()
    os.register_at_fork(after_in_child=lambda: _forget_connections(app))
    children: dict[int, tuple[str, ...]] = {}
    ending = False

    def end(*_signal: object) -> None:
        nonlocal ending
        ending = True
        for pid in list(children):
            os.kill(pid, signal.SIGTERM)

    for one in _ENDS:
        signal.signal(one, end)
    with app.app_context():
        waiting = worker_groups()
    while children or not ending:
        while waiting and not ending:
            _start(app, waiting.pop(), children)
        try:
            # No wait without an end: a signal that comes just before it would be seen after it only.
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            continue
        if pid == 0:
            time.sleep(_LOOK)
            continue
        group = children.pop(pid, None)
        if group is not None and not ending:
            log.warning("The worker for %s died and is started again", ", ".join(group))
            waiting.append(group)
            time.sleep(1)


def _start(app: Flask, group: tuple[str, ...], children: dict[int, tuple[str, ...]]) -> None:
    # No signal between the birth of a child and the note of it: it would outlive us.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            for one in _ENDS:
                signal.signal(one, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
            threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
            _prepare(group)
            _serve(app.config["REDIS_URL"], group)
            code = 0
        finally:
            os._exit(code)
    children[pid] = group
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


def _prepare(group: tuple[str, ...]) -> None:
    """What the jobs of these queues would each have to load is loaded before they are forked."""
    for channel in known_channels().values():
        if channel.queue in group:
            channel.prepare()


def _leave_with(parent: int) -> None:
    """End this process when its parent was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _serve(url: str, queues: tuple[str, ...]) -> None:
    """Serve `queues` until told to stop. RQ's worker leaves when Redis fails it at a bad moment."""
    stop = StopRequest()
    while not stop.received:
        try:
            redis = Redis.from_url(url, socket_connect_timeout=2)
            GroupWorker([Queue(name, connection=redis) for name in queues], connection=redis, stop=stop).work(
                logging_level="WARNING"
            )
        except (RedisError, OSError) as error:
            log.warning("Redis is away, trying again: %s", type(error).__name__)
        except (StopRequested, KeyboardInterrupt):
            return
        if not stop.received:
            time.sleep(1)


def _forget_connections(app: Flask) -> None:
    """A forked process opens its own connections: those of its parent are not its to use or to close."""
    app.extensions.pop("redis", None)
    with app.app_context():
        db.engine.dispose(close=False)
