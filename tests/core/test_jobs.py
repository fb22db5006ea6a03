"""Jobs leave after the outermost commit, and a Redis that is away or hangs disturbs nobody."""

import logging
import signal
import socket
import threading
import time

import pytest
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import StopRequested
from sqlalchemy import text

from core import jobs
from core.database import db
from core.jobs import Job, JobFailed, connection, describe_error, enqueue, enqueue_after_commit, run
from core.jobs.worker import GroupWorker, _serve
from tests.faults.services import OwnRedis

DONE: list[tuple] = []


def note(*args) -> None:
    """A job: writes down what it was called with."""
    DONE.append(args)


def fail(address: str) -> None:
    """A job that fails, saying too much."""
    raise ValueError(f"cannot write to {address}")


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory):
    """A Redis whose queues nobody else fills or empties."""
    server = OwnRedis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def context(app, acting, database, own_redis, monkeypatch):
    """An application context, with that Redis, empty."""
    DONE.clear()
    own_redis.client().flushall()
    monkeypatch.setattr(jobs, "_hung_until", 0.0)
    use(app, monkeypatch, own_redis.url)
    with acting():
        yield


def use(app, monkeypatch, url: str) -> None:
    """Let the application speak to another Redis until the end of the test."""
    monkeypatch.setitem(app.config, "REDIS_URL", url)
    monkeypatch.setitem(app.extensions, "redis", None)
    del app.extensions["redis"]


def waiting(queue: str = "mail") -> list[tuple]:
    """The calls that wait in a queue."""
    found = Queue(queue, connection=connection()).jobs
    return [(job.args[0].rpartition(".")[2], *job.args[1]) for job in found]


def test_a_job_leaves_when_the_transaction_is_committed():
    enqueue_after_commit("mail", note, 1)
    db.session.execute(text("SELECT 1"))
    assert waiting() == []
    db.session.commit()
    assert waiting() == [("note", 1)]
    db.session.commit()
    assert waiting() == [("note", 1)]


def test_a_job_goes_with_the_transaction_that_is_rolled_back():
    enqueue_after_commit("mail", note, 1)
    db.session.execute(text("SELECT 1"))
    db.session.rollback()
    db.session.commit()
    assert waiting() == []


def test_a_savepoint_is_not_the_end():
    with db.session.begin_nested():
        enqueue_after_commit("mail", note, 1)
        with db.session.begin_nested():
            enqueue_after_commit("photos", note, 2)
        assert waiting() == [] == waiting("photos")
    assert waiting() == [] == waiting("photos")
    db.session.commit()
    assert waiting() == [("note", 1)] and waiting("photos") == [("note", 2)]


def test_what_a_savepoint_asked_for_is_undone_with_it():
    enqueue_after_commit("mail", note, 1)
    outer = db.session.begin_nested()
    enqueue_after_commit("mail", note, 2)
    with db.session.begin_nested():
        enqueue_after_commit("mail", note, 3)
    outer.rollback()
    enqueue_after_commit("mail", note, 4)
    db.session.commit()
    assert waiting() == [("note", 1), ("note", 4)]


def test_a_failed_savepoint_leaves_the_others_alone():
    with pytest.raises(ZeroDivisionError), db.session.begin_nested():
        enqueue_after_commit("mail", note, 1)
        raise ZeroDivisionError
    enqueue_after_commit("mail", note, 2, once="note")
    with pytest.raises(ZeroDivisionError), db.session.begin_nested():
        enqueue_after_commit("mail", note, 2, once="note")
        raise ZeroDivisionError
    db.session.commit()
    assert waiting() == [("note", 2)]


def test_one_of_a_name_waits_at_a_time():
    for _time in range(3):
        enqueue_after_commit("mail", note, once="news")
        enqueue_after_commit("mail", note, once="news")
        db.session.commit()
    assert waiting() == [("note",)]
    run("tests.core.test_jobs.note", (), "news")
    # From the moment it began, what is committed needs another one.
    enqueue_after_commit("mail", note, once="news")
    db.session.commit()
    assert len(waiting()) == 2


def test_the_mark_of_a_lost_job_does_not_last():
    enqueue([Job("mail", note, once="news")])
    assert 0 < connection().ttl("alentour:once:news") <= 30


def test_a_job_that_could_not_be_enqueued_leaves_no_mark():
    # The queue's key is of another type: Redis takes the mark and refuses the job.
    connection().set("rq:queue:mail", "no list")
    enqueue([Job("mail", note, once="news")])
    assert not connection().exists("alentour:once:news")
    connection().delete("rq:queue:mail")
    enqueue([Job("mail", note, once="news")])
    assert waiting() == [("note",)]


def test_a_worker_told_to_stop_takes_no_job_and_loses_none():
    worker = GroupWorker([Queue("mail", connection=connection())], connection=connection())
    enqueue([Job("mail", note)])
    # Wherever the signal comes, nothing is raised there.
    worker.request_stop(signal.SIGTERM, None)
    with pytest.raises(StopRequested):
        worker.dequeue_job_and_maintain_ttl(None)
    assert waiting() == [("note",)]


def test_an_idle_worker_looks_up_every_few_seconds(monkeypatch):
    monkeypatch.setattr("core.jobs.worker.IDLE_WAIT", 1)
    worker = GroupWorker([Queue("mail", connection=connection())], connection=connection())
    timer = threading.Timer(0.2, setattr, (worker.stop, "received", True))
    timer.start()
    try:
        with pytest.raises(StopRequested):
            worker.dequeue_job_and_maintain_ttl(None)
    finally:
        timer.cancel()


def test_a_worker_told_to_stop_waits_for_no_redis(own_redis):
    worker = GroupWorker([Queue("mail", connection=connection())], connection=connection())
    own_redis.stop()
    timer = threading.Timer(0.2, worker.request_stop, (signal.SIGTERM, None))
    # Without an end to its wait, it would go on as soon as Redis is back, and the test with it.
    rescue = threading.Timer(10, own_redis.start)
    timer.start()
    rescue.start()
    try:
        worker.set_state = lambda *_args: None
        with pytest.raises(StopRequested):
            worker.dequeue_job_and_maintain_ttl(None)
        assert rescue.is_alive()
    finally:
        timer.cancel()
        if rescue.is_alive():
            rescue.cancel()
            own_redis.start()
        rescue.join()


def test_a_worker_told_to_stop_while_redis_goes_is_followed_by_none(own_redis, monkeypatch):
    made = []

    class FailsOnStop(GroupWorker):
        """Redis goes just after the signal: RQ's own leave-taking fails."""

        def work(self, **_options):
            assert not made
            made.append(self)
            self.request_stop(signal.SIGTERM, None)
            raise RedisError

    monkeypatch.setattr("core.jobs.worker.GroupWorker", FailsOnStop)
    _serve(own_redis.url, ("mail",))
    assert len(made) == 1


def test_a_job_begun_by_a_worker_that_was_told_to_stop_knows_it(monkeypatch):
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(jobs, "_stopping", False)
    monkeypatch.setattr(jobs, "_parent", None)
    worker = GroupWorker([Queue("mail", connection=connection())], connection=connection())
    try:
        worker.setup_work_horse_signals()
        assert not jobs.stop_requested()
        worker.stop.received = True
        worker.setup_work_horse_signals()
        assert jobs.stop_requested()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def test_an_unknown_queue_is_a_mistake():
    with pytest.raises(ValueError):
        enqueue_after_commit("letters", note)


def test_every_queue_is_served():
    served = {queue for crew in jobs.worker_groups() for queue in crew}
    assert {"mail", "photos", "sweeps", "webhook"} <= served and served <= jobs.queues()


def test_each_channel_that_is_set_up_has_workers_of_its_own(app, monkeypatch):
    for name in ("SMS_URL", "VAPID_PRIVATE_KEY"):
        monkeypatch.setitem(app.config, name, None)
    few = jobs.worker_groups()
    assert ("webhook",) in few and ("sms",) not in few and ("push",) not in few
    for name in ("SMS_URL", "VAPID_PRIVATE_KEY"):
        monkeypatch.setitem(app.config, name, "x")
    assert {("sms",), ("push",), ("webhook",)} <= set(jobs.worker_groups())
    # Mails and photos wait for no partner's machine.
    assert all(not {"sms", "push", "webhook"} & set(crew) for crew in jobs.worker_groups() if len(crew) > 1)


def test_without_redis_the_work_is_done_and_the_log_says_so(app, monkeypatch, caplog):
    use(app, monkeypatch, "redis://127.0.0.1:1/0")
    enqueue_after_commit("mail", note, 1)
    enqueue_after_commit("mail", note, 2)
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        db.session.commit()
    assert time.monotonic() - began < 2
    assert "left to the sweeps: 2 jobs" in caplog.text


def test_a_redis_that_hangs_is_waited_for_once(app, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use(app, monkeypatch, f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()
        for _request in range(5):
            enqueue_after_commit("mail", note, 1)
            db.session.commit()
        assert time.monotonic() - began < 3


def test_a_failed_job_says_where_and_not_on_what(caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(JobFailed) as failed:
        run("tests.core.test_jobs.fail", ("marie@example.org",))
    assert "ValueError" in str(failed.value) and "test_jobs.py" in str(failed.value)
    assert failed.value.__suppress_context__
    assert "marie" not in caplog.text and "marie" not in str(failed.value)


def test_an_error_is_described_by_our_own_lines():
    try:
        db.session.execute(text("SELECT 1/0 AS secret"))
    except Exception as error:  # noqa: BLE001 - whatever the driver raises
        said = describe_error(error)
    db.session.rollback()
    assert said.startswith("DataError < tests/core/test_jobs.py:") and "secret" not in said
