"""A whole jurisdiction in processes of its own, on a PostgreSQL and a Redis of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import environment
from tests.faults.running import Running, make_jurisdiction
from tests.faults.services import OwnRedis, Postgres, free_port
from tests.mail_server import MailServer


@pytest.fixture(scope="session")
def own_postgres(tmp_path_factory):
    """A PostgreSQL that may be stopped, with an empty database "jurisdiction"."""
    folder = tmp_path_factory.mktemp("cluster")
    server = Postgres(folder)
    try:
        admin = sa.create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE jurisdiction"))
        admin.dispose()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def own_redis(tmp_path_factory):
    """A Redis that may be emptied and killed."""
    server = OwnRedis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mail_server():
    """The mail server that the jurisdiction sends to."""
    with MailServer() as server:
        yield server


@pytest.fixture(scope="session")
def running_jurisdiction(own_postgres, own_redis, mail_server, tmp_path_factory):
    """The jurisdiction, its web process answering."""
    folder, port = tmp_path_factory.mktemp("town"), free_port()
    environ = environment(
        own_postgres.url("jurisdiction"),
        folder,
        REDIS_URL=own_redis.url,
        MAIL_URL=mail_server.url,
        PORT=str(port),
        PUBLIC_URL=f"http://127.0.0.1:{port}",
        WEB_CONCURRENCY="1",
        PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    )
    make_jurisdiction(environ)
    jurisdiction = Running(environ, folder, own_postgres.url("jurisdiction"))
    try:
        jurisdiction.start("web")
        yield jurisdiction
    except BaseException:
        print(jurisdiction.log()[-4000:])
        raise
    finally:
        jurisdiction.close()


@pytest.fixture
def post(mail_server):
    """The mail server, having forgotten the test before."""
    mail_server.forget()
    return mail_server


@pytest.fixture
def running(running_jurisdiction, own_redis, post):
    """The jurisdiction with nothing to do, no worker and no clock: who needs them starts them."""
    running_jurisdiction.ask("UPDATE message SET status = 'dropped' WHERE status = 'owed'")
    # Who reports in test after test has confirmed: the few reports a day of who has not are no matter here.
    running_jurisdiction.ask("UPDATE contact SET confirmed_at = now() WHERE confirmed_at IS NULL AND email IS NOT NULL")
    own_redis.client().flushall()
    yield running_jurisdiction
    for name in ("worker", "clock"):
        if running_jurisdiction.runs(name):
            running_jurisdiction.kill(name)
