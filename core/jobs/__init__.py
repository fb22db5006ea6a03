"""Jobs: they take ids, may run twice, and leave after the outermost commit.

A failed enqueue is logged and left to the sweep of that job kind: the database, never Redis, remembers.
`python -m core.jobs worker` and `python -m core.jobs clock` are the Procfile's lines; both outlive Redis.
"""

from __future__ import annotations

import logging
import os
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry
from rq import Queue
from sqlalchemy.orm import Session, SessionTransaction

from core.database import db, listen_to_sessions

log = logging.getLogger(__name__)

#: Who serves what, in which order. A process each, so that ten thousand mails never keep a photo waiting, nor a
#: mailbox that hangs anything at all.
WORKER_GROUPS = (("mail", "sweeps"), ("photos", "sweeps"), ("arrivals",))
QUEUES = tuple(dict.fromkeys(queue for group in WORKER_GROUPS for queue in group))
#: The longest that one job may take, in seconds.
LONGEST = 600
_PENDING, _COMMITTED = "alentour.jobs", "alentour.committed"
#: After a Redis that hangs, how long requests do not ask it again, in seconds.
_PAUSE_AFTER_FAILURE = 5.0
_hung_until = 0.0


class JobFailed(RuntimeError):
    """What a failed job leaves in Redis: where it failed, never the values it failed on."""


@dataclass(frozen=True)
class Job:
    """One call to make later: `func(*args)` on `queue`. See `after_commit`."""

    queue: str
    func: Callable[..., Any]
    args: tuple[int | str, ...] = ()
    once: str | None = None
    #: The savepoint in which it was asked for.
    savepoint: SessionTransaction | None = None

    @property
    def name(self) -> str:
        """The dotted name by which a worker finds the function."""
        return f"{self.func.__module__}.{self.func.__qualname__}"

    def inside(self, transaction: SessionTransaction) -> bool:
        """Whether it was asked for inside that transaction."""
        within = self.savepoint
        while within is not None and within is not transaction:
            within = within.parent
        return within is not None


@dataclass(frozen=True)
class Sweep:
    """A job that the clock starts again and again, looking for what was left undone."""

    func: Callable[[], Any]
    seconds: int


#: What the clock starts, in the order in which it was registered.
SWEEPS: list[Sweep] = []


def worker_groups() -> list[tuple[str, ...]]:
    """Who serves what here, in which order: CREWS (arrivals where a mailbox is read), and one process for each other
    channel that is set up."""
    from core.notifications.channels import configured_channels

    served = {queue for group in WORKER_GROUPS for queue in group}
    more = dict.fromkeys(channel.queue for channel in configured_channels(current_app.config))
    # No mailbox, nothing to fetch: one process less.
    always = [group for group in WORKER_GROUPS if group != ("arrivals",) or current_app.config["IMAP_URL"]]
    return [*always, *((queue,) for queue in more if queue not in served)]


@lru_cache
def queues() -> frozenset[str]:
    """Every queue there is, served here or not."""
    from core.notifications.channels import known_channels

    return frozenset(queue for group in WORKER_GROUPS for queue in group) | {
        one.queue for one in known_channels().values()
    }


def register_sweep(func: Callable[[], Any], *, seconds: int) -> None:
    """Let the clock start `func`, which takes no arguments, every `seconds`.

    Called by the `init_app` of the module that declares it. Raises ValueError where it was registered with another
    period.
    """
    for known in SWEEPS:
        if known.func is func:
            if known.seconds != seconds:
                raise ValueError(f"{func.__module__}.{func.__qualname__} is registered with two periods")
            return
    SWEEPS.append(Sweep(func, seconds))


def connection() -> Redis:
    """This application's Redis. Answers or fails within a second: a request never waits for it."""
    app = current_app
    if "redis" not in app.extensions:
        app.extensions["redis"] = Redis.from_url(
            app.config["REDIS_URL"],
            socket_connect_timeout=0.5,
            socket_timeout=1.0,
            retry=Retry(NoBackoff(), 0),
        )
    return app.extensions["redis"]


def enqueue_after_commit(queue: str, func: Callable[..., Any], *args: int | str, once: str | None = None) -> None:
    """Enqueue `func(*args)` once the outermost transaction of this session has been committed.

    `once` names the job: while one of that name waits in the queue, no second one is added. What was asked
    for in a savepoint that is rolled back is forgotten with it. Raises ValueError for an unknown queue.
    """
    if queue not in queues():
        raise ValueError(queue)
    pending: list[Job] = db.session.info.setdefault(_PENDING, [])
    if once is None or all(other.once != once for other in pending):
        pending.append(Job(queue, func, args, once, db.session.get_nested_transaction()))


def _remember(session: Session) -> None:
    # It also fires when a savepoint is released, and then nothing has been committed.
    if session.info.get(_PENDING) and not session.in_nested_transaction():
        session.info[_COMMITTED] = True


def _leave(session: Session, transaction: SessionTransaction) -> None:
    # By now the database's connection has been given back: Redis is not waited for with one in hand.
    if transaction.parent is None and session.info.get(_PENDING):
        pending = session.info.pop(_PENDING)
        if session.info.pop(_COMMITTED, False):
            enqueue(pending)


def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested and session.info.get(_PENDING):
        session.info[_PENDING] = [job for job in session.info[_PENDING] if not job.inside(transaction)]


def enqueue(jobs: list[Job]) -> None:
    """Hand jobs to Redis; where that fails, say so in the log and leave them to their sweeps."""
    global _hung_until
    if not jobs:
        return
    if time.monotonic() < _hung_until:
        log.warning("Redis hangs; left to the sweeps: %d jobs", len(jobs))
        return
    for done, job in enumerate(jobs):
        try:
            _enqueue(job)
        except (RedisError, OSError) as error:
            if isinstance(error, RedisTimeout):
                _hung_until = time.monotonic() + _PAUSE_AFTER_FAILURE
            log.warning(
                "Not enqueued (%s); left to the sweeps: %d jobs, the first %s%r",
                type(error).__name__,
                len(jobs) - done,
                job.name,
                job.args,
            )
            return


def _enqueue(job: Job) -> None:
    redis = connection()
    # The mark does not outlive a worker that died with the job in its hands for long.
    if job.once is not None and not redis.set(_mark(job.once), "1", nx=True, ex=30):
        return
    try:
        Queue(job.queue, connection=redis).enqueue_call(
            run, args=(job.name, job.args, job.once), timeout=LONGEST, result_ttl=0, failure_ttl=86400
        )
    except (RedisError, OSError):
        # A mark without its job would keep the next ones, and the sweep's too, away for as long as it lasts.
        if job.once is not None:
            with suppress(RedisError, OSError):
                redis.delete(_mark(job.once))
        raise


def _mark(once: str) -> str:
    return f"alentour:once:{once}"


def run(name: str, args: tuple[Any, ...], once: str | None = None) -> None:
    """What the worker calls: the function of that dotted name, inside an application context of its own.

    The mark of `once` is taken away before the work begins, so that what is committed from then on starts
    another job rather than being overlooked by this one. Raises JobFailed where the function raises.
    """
    module, _dot, function = name.rpartition(".")
    app = worker_app()
    with app.app_context():
        if once is not None:
            connection().delete(_mark(once))
        try:
            getattr(import_module(module), function)(*args)
        except Exception as error:
            # Their own sentences may hold addresses and people's words: they stay out of log and queue.
            where = describe_error(error)
            log.error("Job %s failed: %s", name, where)
            raise JobFailed(where) from None


def describe_error(error: BaseException) -> str:
    """What an error is and where it came from, without its own sentence: that may hold what is private."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    lines = [f"{os.path.relpath(frame.filename)}:{frame.lineno} {frame.name}" for frame in ours[-6:]]
    return " < ".join([type(error).__name__, *reversed(lines)])


_stopping = False
_parent: int | None = None


def stop_requested() -> bool:
    """Whether this process is asked to end, or has lost its parent: a long job then leaves the rest."""
    return _stopping or (_parent is not None and os.getppid() != _parent)


def request_stop(*_signal: object) -> None:
    """Let `stopping` say so from now on (a signal handler)."""
    global _stopping
    _stopping = True


def watch_parent() -> None:
    """Let `stopping` watch this process's parent."""
    global _parent
    _parent = os.getppid()


_app: Flask | None = None


def worker_app() -> Flask:
    """The application of this worker process, made once before it forks (and bound by tests)."""
    global _app
    if _app is None:
        # The composition root sits above every package: it is found by name, like FLASK_APP is.
        _app = import_module("app").create_app()
    return _app


def bind_app(app: Flask) -> None:
    """Let jobs of this process run in `app`."""
    global _app
    _app = app


def init_app(app: Flask) -> None:
    """Let jobs leave after the commit of any session."""
    listen_to_sessions("after_commit", _remember)
    listen_to_sessions("after_transaction_end", _leave)
    listen_to_sessions("after_soft_rollback", _forget)
