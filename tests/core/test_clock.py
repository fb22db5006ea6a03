"""The clock starts every sweep in its time, by its name, and loads nothing of what the sweeps need."""

import os
import subprocess
import sys

import pytest
from redis import Redis
from rq import Queue

from core import clock, jobs
from tests.conftest import ROOT, environment
from tests.faults.services import OwnRedis


@pytest.fixture
def own_redis(tmp_path):
    server = OwnRedis(tmp_path)
    yield server
    server.stop()


def test_the_timetable_is_the_applications(app, migrated, tmp_path, monkeypatch):
    for name, value in environment("postgresql://nobody@localhost/none", tmp_path, LOG_LEVEL="WARNING").items():
        monkeypatch.setenv(name, value)
    told = clock.load()
    assert set(told.sweeps) == {(f"{one.func.__module__}.{one.func.__qualname__}", one.seconds) for one in jobs.SWEEPS}
    assert told.log_level == "WARNING" and told.longest == jobs.LONGEST and len(told.sweeps) > 5


def test_sweeps_are_enqueued_for_the_worker_by_name_without_a_line(own_redis, caplog):
    caplog.set_level("INFO", "core")
    told = clock.Timetable(own_redis.url, "INFO", 600, (("core.photos.jobs.sweep_unprocessed", 15),))
    clock.scheduler(told).enqueue_jobs()
    queue = Queue("sweeps", connection=Redis.from_url(own_redis.url))
    (job,) = queue.jobs
    assert (job.func_name, job.args) == ("core.jobs.run", ("core.photos.jobs.sweep_unprocessed", ()))
    assert (job.timeout, job.ttl, job.result_ttl) == (600, 15, 0)


def test_neither_flask_nor_a_database_is_loaded():
    code = "import sys, core.clock; print(sorted({'flask', 'sqlalchemy', 'pydantic', 'PIL'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == "[]"


def test_a_missing_setting_is_said(tmp_path):
    env = {"PATH": os.environ["PATH"], "ALENTOUR_ENV": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-m", "core.jobs", "clock"], cwd=ROOT, capture_output=True, text=True, env=env, timeout=60
    )
    assert done.returncode == 1 and "Missing setting: DATABASE_URL" in done.stderr
