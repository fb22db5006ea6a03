"""The project's own PostgreSQL and Redis, in a clone that lies deep and where root alone may go."""

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from house import env_file
from redis import Redis
from redis.exceptions import RedisError

from tests.house import clone

# More than a socket's path may have, with what a shell and a URL would stumble over.
DEEP = "d'été & co/" + "a" * 100


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A clone whose services are stopped at the end, whatever the tests did."""
    above = tmp_path_factory.mktemp("private")
    above.chmod(0o700)
    folder = clone.make(above / DEEP)
    yield folder
    clone.run(folder, "script/services", "stop")


def settings(house):
    return env_file.read(house / "var" / "env")


def connect(address):
    return psycopg.connect(address.replace("+psycopg", ""), connect_timeout=3)


def until(condition, seconds=20):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.1)


def run_python(house, program):
    """Start a program that uses the house of the clone."""
    begin = "import sys; sys.path.insert(0, 'script'); from house import commands, services, serving; "
    return subprocess.Popen(
        [sys.executable, "-c", begin + program],
        cwd=house,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_start_use_and_stop(house):
    assert clone.run(house, "script/services", "start").returncode == 0
    values = settings(house)
    with connect(values["DATABASE_URL"]) as jurisdiction:
        point = jurisdiction.execute("SELECT ST_AsText(ST_Point(3.877, 43.611))").fetchone()
        assert point == ("POINT(3.877 43.611)",)
        role = jurisdiction.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        assert role == (False,)
    with connect(values["TEST_DATABASE_URL"]) as admin:
        assert admin.execute("SHOW fsync").fetchone() == ("on",)
    assert Redis.from_url(values["REDIS_URL"]).ping()
    assert values["REDIS_URL"] != values["TEST_REDIS_URL"]

    assert clone.run(house, "script/services", "stop").returncode == 0
    assert clone.run(house, "script/services", "status").returncode == 3
    with pytest.raises(psycopg.OperationalError):
        connect(values["DATABASE_URL"])


def test_nobody_gets_in_without_the_password(house):
    clone.run(house, "script/services", "start")
    address = settings(house)["DATABASE_URL"].replace("+psycopg", "")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address, password="wrong")
    assert oct((house / "var" / "house.json").stat().st_mode)[-3:] == "600"
    assert oct((house / "var" / "env").stat().st_mode)[-3:] == "600"


def test_the_last_one_to_leave_stops_them(house):
    clone.run(house, "script/services", "start")
    clone.run(house, "script/services", "stop")
    hold = "\nwith services.held():\n    print('in', flush=True)\n    sys.stdin.read()"
    first = run_python(house, hold)
    assert first.stdout.readline() == "in\n"
    second = run_python(house, hold.replace("sys.stdin.read()", "pass"))
    assert second.wait(20) == 0
    assert clone.run(house, "script/services", "status").returncode == 0, "the first one still needs them"
    first.kill()
    first.wait()
    third = run_python(house, hold.replace("sys.stdin.read()", "pass"))
    assert third.wait(20) == 0
    assert clone.run(house, "script/services", "status").returncode == 3


def test_lines_of_a_person_stay_in_var_env(house):
    with (house / "var" / "env").open("a") as file:
        file.write("GEOCODER_URL=https://geocoder.example/\n")
    clone.run(house, "script/services", "start")
    assert settings(house)["GEOCODER_URL"] == "https://geocoder.example/"


def test_served_kept_and_stopped_by_one_signal(house, tmp_path):
    """honcho's processes answer, survive the loss of Redis and end with the services on one TERM."""
    clone.run(house, "script/services", "start")
    clone.run(house, "script/services", "stop")
    port = clone.free_port()
    (house / "Procfile").write_text(
        "web: python -m http.server --bind 127.0.0.1 $PORT\n"
        "worker: sh -c 'echo $$ > var/worker; exec sleep 1000'\n"
        "clock: sleep 1000\n"
    )
    (house / ".venv").symlink_to(os.path.dirname(os.path.dirname(sys.executable)))
    child = run_python(
        house,
        f"""
import os, signal
for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, commands._interrupt)
own = dict(own_postgres=True, own_redis=True)
with services.held(**own) as known:
    environ = {{**os.environ, "LISTEN": "127.0.0.1", "PORT": "{port}", "PUBLIC_URL": "http://localhost:{port}"}}
    sys.exit(serving.serve(environ, known, own, demonstration=True))
""",
    )
    said = iter(child.stdout.readline, "")
    assert any("Alentour is ready: http://localhost:" in text for text in said)
    assert any("accueil@demo.example" in text for text in said)
    redis = Redis.from_url(settings(house)["REDIS_URL"])
    before = redis.info("server")["run_id"]
    os.kill(redis.info("server")["process_id"], signal.SIGKILL)
    assert any("starting it again" in text for text in said)
    until(lambda: _run_id(redis) not in (None, before))
    worker = int((house / "var" / "worker").read_text())
    child.terminate()
    rest = "".join(said)
    assert child.wait(20) == 0, rest
    assert not os.path.exists(f"/proc/{worker}")
    assert clone.run(house, "script/services", "status").returncode == 3


def _run_id(redis):
    try:
        return redis.info("server")["run_id"]
    except RedisError:
        return None
