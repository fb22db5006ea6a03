"""The clock: RQ's own cron, kept going across restarts of Redis, in a process that loads nothing but that.

Which sweeps there are is known to the application alone: a child loads it, says so, and ends. The clock then enqueues
them by their dotted names, in a fifth of the memory that the application takes.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError
from rq.cron import CronScheduler
from rq.exceptions import StopRequested

log = logging.getLogger(__name__)

_LIST = "from core.jobs.timetable import main; main()"


@dataclass(frozen=True)
class Timetable:
    """What the application says: its Redis, its level of logging, how long a job may take (seconds), its sweeps."""

    redis_url: str
    log_level: str
    longest: int
    #: (dotted name, every so many seconds)
    sweeps: tuple[tuple[str, int], ...]


def run(name: str, args: tuple[object, ...]) -> None:
    """Stands for core.jobs.run, which only workers load: enqueued under that name, never called here."""
    raise NotImplementedError(name)


run.__module__ = "core.jobs"


def tick() -> None:
    """Start every sweep in its time until TERM, across restarts of Redis."""
    timetable = load()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("core").setLevel(timetable.log_level)
    # It would say that a sweep was enqueued, eleven times a minute.
    logging.getLogger("rq").setLevel(logging.WARNING)
    # RQ's cron leaves as soon as Redis does, and its signal handler raises wherever we are.
    try:
        while True:
            try:
                scheduler(timetable).start()
                return
            except (RedisError, OSError) as error:
                log.warning("Redis is away, trying again: %s", type(error).__name__)
                time.sleep(1)
    except (StopRequested, KeyboardInterrupt):
        return


def load() -> Timetable:
    """Ask the application, in a child that ends. Exits with the child's code where it cannot say."""
    done = subprocess.run([sys.executable, "-c", _LIST], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    told = json.loads(done.stdout.splitlines()[-1])
    return Timetable(told["redis_url"], told["log_level"], told["longest"], tuple(map(tuple, told["sweeps"])))


def scheduler(timetable: Timetable) -> CronScheduler:
    """RQ's cron with every sweep; none of them is started yet."""
    redis = Redis.from_url(timetable.redis_url, socket_connect_timeout=2, socket_timeout=5)
    clock = CronScheduler(redis, logging_level=logging.WARNING)
    for name, seconds in timetable.sweeps:
        # A sweep nobody had the time to run is dropped when the next one is due.
        clock.register(
            run,
            "sweeps",
            args=(name, ()),
            interval=seconds,
            job_timeout=timetable.longest,
            result_ttl=0,
            ttl=seconds,
            failure_ttl=86400,
            name=name,
        )
    return clock


if __name__ == "__main__":
    tick()
