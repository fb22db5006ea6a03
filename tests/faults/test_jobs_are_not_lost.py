"""For each kind of job: what Redis forgets, and what dies in the middle, is done all the same."""

import os
import signal
import threading
import time

from core.jobs import WORKER_GROUPS
from tests import factories
from tests.faults.running import eventually
from tests.mail_server import HANG

MARIE = "marie@example.org"


def time_passes(running) -> None:
    """A worker that fell silent is waited for, the queue is given a chance: let that time be over."""
    running.ask("UPDATE message SET due_at = now() WHERE status = 'owed'")
    running.ask(
        "UPDATE photo SET begun_at = begun_at - interval '1 hour', "
        "uploaded_at = uploaded_at - interval '1 hour' WHERE status = 'processing'"
    )


def _parent_and_crews(running) -> list[int]:
    """The worker's processes: its own crews (no mailbox is read here), and one for each other channel that is set up
    (webhooks always are)."""
    crews = [crew for crew in WORKER_GROUPS if crew != ("arrivals",)]
    return sorted(eventually(lambda: len(found := running.pids("worker")) == 1 + len(crews) + 1 and found))


def test_redis_emptied_just_after_the_commit(running, own_redis, post):
    photo = running.photo(factories.jpeg())
    reference = running.report(MARIE, photo)
    assert own_redis.client().llen("rq:queue:mail") == 1 and own_redis.client().llen("rq:queue:photos") == 1
    assert running.ask("SELECT count(*) FROM map_delta") > 0
    own_redis.client().flushall()
    time_passes(running)
    running.start("worker", "clock")
    eventually(lambda: running.statuses(MARIE)[-1:] == ["sent"])
    assert [letter.to for letter in post.letters] == [[MARIE]] and reference in post.letters[0].text
    eventually(lambda: running.shown(reference)["photos"][0]["status"] == "ready")
    eventually(lambda: running.ask("SELECT count(*) FROM map_delta") == 0)


def test_redis_stopped_and_started_again(running, own_redis, post):
    running.start("worker", "clock")
    running.report("first@example.org")
    eventually(lambda: running.statuses("first@example.org") == ["sent"])
    own_redis.stop()
    try:
        photo = running.photo(factories.jpeg())
        reference = running.report(MARIE, photo)
    finally:
        own_redis.start()
    time_passes(running)
    eventually(lambda: running.statuses(MARIE)[-1:] == ["sent"])
    eventually(lambda: running.shown(reference)["photos"][0]["status"] == "ready")
    assert running.runs("worker") and running.runs("clock") and running.runs("web")


def test_the_worker_killed_before_the_mail_was_accepted(running, post):
    post.script["data", MARIE] = [HANG]
    running.start("worker")
    running.report(MARIE)
    eventually(lambda: post.tried)
    running.kill("worker")
    assert post.letters == [] and running.statuses(MARIE)[-1:] == ["owed"]
    time_passes(running)
    running.start("worker", "clock")
    eventually(lambda: running.statuses(MARIE)[-1:] == ["sent"])
    assert [letter.to for letter in post.letters] == [[MARIE]]


def test_the_worker_killed_after_the_mail_was_accepted(running, post):
    accept = threading.Event()
    post.script["data", MARIE] = [accept]
    running.start("worker")
    running.report(MARIE)
    eventually(lambda: post.tried)
    with running.engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
        # While this row is held, the sender cannot note that the mail was accepted.
        with connection.begin():
            connection.exec_driver_sql("SELECT 1 FROM message WHERE status = 'owed' FOR UPDATE")
            accept.set()
            eventually(lambda: len(post.letters) == 1)
            eventually(lambda: running.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
            running.kill("worker")
    assert running.statuses(MARIE)[-1:] == ["owed"]
    time_passes(running)
    running.start("worker", "clock")
    eventually(lambda: running.statuses(MARIE)[-1:] == ["sent"])
    # Nobody could know: it is told twice, and a mail program sees that it is the same.
    first, second = post.letters
    assert first.message["Message-ID"] == second.message["Message-ID"]


def test_the_worker_killed_in_the_middle_of_a_photo(running):
    reference = running.report(MARIE, running.photo(factories.jpeg(3000, 2000)))
    running.start("worker")
    eventually(lambda: running.ask("SELECT max(tries) FROM photo WHERE status = 'processing'") == 1)
    with running.engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
        with connection.begin():
            connection.exec_driver_sql("SELECT 1 FROM photo WHERE status = 'processing' FOR UPDATE")
            assert running.shown(reference)["photos"][0]["status"] == "processing"
            running.kill("worker")
    assert running.shown(reference)["photos"][0]["status"] == "processing"
    time_passes(running)
    running.start("worker", "clock")
    eventually(lambda: running.shown(reference)["photos"][0]["status"] == "ready")


def test_the_database_cut_off_while_a_mail_is_on_its_way(running, own_postgres, post):
    accept = threading.Event()
    post.script["data", MARIE] = [accept]
    running.start("worker", "clock")
    photo = running.photo(factories.jpeg())
    reference = running.report(MARIE, photo)
    eventually(lambda: post.tried)
    own_postgres.stop("immediate")
    accept.set()
    eventually(lambda: len(post.letters) == 1)
    own_postgres.start()
    eventually(lambda: running.statuses(MARIE)[-1:] == ["sent"])
    assert running.shown(reference)["reference"] == reference
    eventually(lambda: running.shown(reference)["photos"][0]["status"] == "ready")
    # The sender waited to note it: nobody is told twice.
    assert len(post.letters) == 1
    assert running.runs("worker") and running.runs("clock") and running.runs("web")
    running.report("after@example.org")
    eventually(lambda: running.statuses("after@example.org") == ["sent"])


def test_the_database_is_away_for_long_while_a_mail_is_on_its_way(running, own_postgres, post):
    accept = threading.Event()
    post.script["data", MARIE] = [accept]
    running.start("worker")
    running.report(MARIE)
    eventually(lambda: post.tried)
    own_postgres.stop("immediate")
    # The sender looks for more meanwhile, in vain: that must not make it forget what it has handed over.
    time.sleep(4)
    accept.set()
    eventually(lambda: len(post.letters) == 1)
    own_postgres.start()
    eventually(lambda: running.statuses(MARIE)[-1:] == ["sent"])
    assert len(post.letters) == 1


def test_the_web_process_killed_right_after_its_answer(running, post):
    reference = running.report(MARIE, running.photo(factories.jpeg()))
    running.kill("web")
    running.start("web", "worker", "clock")
    assert running.shown(reference)["reference"] == reference
    eventually(lambda: running.statuses(MARIE)[-1:] == ["sent"])
    eventually(lambda: running.shown(reference)["photos"][0]["status"] == "ready")


def test_the_worker_s_own_children_are_started_again(running, post):
    running.start("worker")
    parent, *children = _parent_and_crews(running)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    running.report(MARIE)
    eventually(lambda: running.statuses(MARIE)[-1:] == ["sent"])
    assert running.runs("worker") and parent in running.pids("worker")


def test_term_ends_the_worker_between_two_mails(running, post):
    accept = threading.Event()
    for number in range(5):
        post.script["data", f"p{number}@example.org"] = [accept]
        running.report(f"p{number}@example.org")
    # A busy Redis may miss what the web process enqueues; that is the sweep's to find, and the clock's to start.
    running.start("worker", "clock")
    eventually(lambda: post.tried)
    running.ask_to_stop("worker")
    # What is under way, over one connection or a few, is finished and noted; the others are given back, and not
    # counted as tried.
    accept.set()
    eventually(lambda: not running.runs("worker"), 10)
    eventually(lambda: not running.pids("worker"), 5)
    arrived = {to for letter in post.letters for to in letter.to}
    assert 1 <= len(arrived) < 5
    for one in (f"p{n}@example.org" for n in range(5)):
        assert running.statuses(one) == (["sent"] if one in arrived else ["owed"])
    untouched = "SELECT count(*) FROM message WHERE status = 'owed' AND tries = 0 AND due_at <= now()"
    assert running.ask(untouched) == 5 - len(arrived)


def test_term_ends_the_worker_while_redis_is_away(running, own_redis):
    running.start("worker")
    _parent_and_crews(running)
    # Each crew waits for its jobs: it is there that Redis fails it.
    eventually(lambda: len(own_redis.client().smembers("rq:workers")) == len(running.pids("worker")) - 1)
    own_redis.stop()
    try:
        time.sleep(2)
        running.ask_to_stop("worker")
        eventually(lambda: not running.runs("worker"), 15)
        eventually(lambda: not running.pids("worker"), 5)
    finally:
        own_redis.start()


def test_term_ends_the_clock(running):
    running.start("clock")
    eventually(lambda: running.pids("clock"))
    running.ask_to_stop("clock")
    eventually(lambda: not running.runs("clock"), 10)


def test_the_crews_leave_with_a_killed_worker(running):
    running.start("worker")
    parent, *_crews = _parent_and_crews(running)
    os.kill(parent, signal.SIGKILL)
    eventually(lambda: not running.pids("worker"), 10)
