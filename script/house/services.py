"""The project's own PostgreSQL and Redis together, shared by the commands that run at the same time.

Each command that uses them holds a shared lock meanwhile; the last one to leave stops them. After
`script/services start` they stay until `script/services stop`.
"""
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from house import env_file, paths, postgres, redis, state
from house.say import Stop, line

_KEPT = paths.LOCKS / "kept"
# The tests' own numbered database of Redis: the jurisdiction's is 0.
_TEST_REDIS = 9


@contextmanager
def held(*, own_postgres: bool = True, own_redis: bool = True) -> Iterator[dict]:
    """Start what is wanted of the two, yield the house's state, and stop them when nobody holds them."""
    paths.make_var()
    with open(paths.LOCKS / "holders", "a") as holders:
        try:
            with _alone():
                fcntl.flock(holders, fcntl.LOCK_SH)
                known = _start(own_postgres, own_redis)
            yield known
        finally:
            with _alone():
                if not _KEPT.exists():
                    _stop_unless_held(holders)


def revive(known: dict, *, own_postgres: bool, own_redis: bool) -> None:
    """Start again what has stopped of the two."""
    with _alone():
        if own_postgres:
            postgres.start(known)
        if own_redis:
            redis.start(known)


def record(known: dict, environ: Mapping[str, str], chosen: Mapping[str, str], *,
           overwrite: bool) -> dict[str, str]:
    """Write var/env and return what it says.

    The environment comes first, then `chosen`, then the house's own services. Without `overwrite` what a
    server has set stays as it is, save the addresses of the house's own services and of the tests.
    """
    there = env_file.read(paths.ENV)
    own, tests = {}, {}
    if "postgres_port" in known:
        own["DATABASE_URL"] = postgres.url(known)
        tests["TEST_DATABASE_URL"] = postgres.url(known, admin=True)
    if "redis_port" in known:
        own["REDIS_URL"] = redis.url(known, 0)
        tests["TEST_REDIS_URL"] = redis.url(known, _TEST_REDIS)
    jurisdiction = {"SECRET_KEY": known["secret_key"], "STORAGE_URL": paths.STORAGE.as_uri(),
            "MAIL_URL": paths.MAIL.as_uri(), "PUBLIC_URL": "http://localhost:8000", **own, **chosen}
    given = ("DATABASE_URL", "REDIS_URL", *jurisdiction)
    jurisdiction |= {key: environ[key] for key in given if environ.get(key)}
    if overwrite:
        values = {**there, **jurisdiction, **tests}
    else:
        # Told by their passwords: a port may have changed since.
        secret = (known["owner_password"], known["redis_password"])
        moved = {key: own[key] for key in own if any(each in there.get(key, "") for each in secret)}
        values = {**jurisdiction, **there, **moved, **tests}
    env_file.write(paths.ENV, values)
    return values


def command(arguments: list[str]) -> int:
    """`script/services start|stop|status`: the two in the background, for who works on Alentour."""
    actions: dict[str, Callable[[], int]] = {"start": _keep, "stop": _release, "status": _status}
    if len(arguments) != 1 or arguments[0] not in actions:
        raise Stop("Say one of: script/services start, script/services stop, script/services status.")
    paths.make_var()
    return actions[arguments[0]]()


def _keep() -> int:
    with _alone():
        known = _start(True, True)
        _KEPT.touch()
    record(known, os.environ, {}, overwrite=False)
    return _status()


def _release() -> int:
    with _alone(), open(paths.LOCKS / "holders", "a") as holders:
        _KEPT.unlink(missing_ok=True)
        if not _stop_unless_held(holders):
            line("Another command of this clone uses them: they stop with it.")
    return 0


def _status() -> int:
    known = state.load()
    states = {"PostgreSQL": (postgres.running(), known.get("postgres_port")),
              "Redis": (redis.running(known), known.get("redis_port"))}
    for name, (runs, port) in states.items():
        line(f"{name}: " + (f"running, 127.0.0.1:{port}" if runs else "stopped"))
    return 0 if all(runs for runs, _ in states.values()) else 3


def _start(own_postgres: bool, own_redis: bool) -> dict:
    known = state.load()
    if own_postgres:
        postgres.start(known)
    if own_redis:
        redis.start(known)
    return known


def _stop_unless_held(holders) -> bool:
    """Stop both services unless another command still holds them; tell whether they were stopped."""
    try:
        fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    redis.stop(state.load())
    postgres.stop()
    return True


@contextmanager
def _alone() -> Iterator[None]:
    """Let one command at a time start or stop services."""
    with open(paths.LOCKS / "services", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
