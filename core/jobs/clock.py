"""The clock: RQ's own cron, kept going across restarts of Redis."""

from __future__ import annotations

import logging
import time

from redis import Redis
from redis.exceptions import RedisError
from rq.cron import CronScheduler
from rq.exceptions import StopRequested

from core.jobs import LONGEST, SWEEPS, run, worker_app

log = logging.getLogger(__name__)


def tick() -> None:
    """Start every sweep in its time until TERM, across restarts of Redis."""
    app = worker_app()
    logging.basicConfig(level=app.config["LOG_LEVEL"])
    # RQ's cron leaves as soon as Redis does, and its signal handler raises wherever we are.
    try:
        while True:
            try:
                _clock(app.config["REDIS_URL"]).start()
                return
            except (RedisError, OSError) as error:
                log.warning("Redis is away, trying again: %s", type(error).__name__)
                time.sleep(1)
    except (StopRequested, KeyboardInterrupt):
        return


def _clock(url: str) -> CronScheduler:
    redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5)
    clock = CronScheduler(redis, logging_level=logging.WARNING)
    for one in SWEEPS:
        name = f"{one.func.__module__}.{one.func.__qualname__}"
        # A sweep nobody had the time to run is dropped when the next one is due.
        clock.register(run, "sweeps", args=(name, ()), interval=one.seconds, job_timeout=LONGEST,
                       result_ttl=0, ttl=one.seconds, failure_ttl=86400, name=name)
    return clock
