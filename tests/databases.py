"""The databases of the tests: templates made once for a state of the code, and copies of them.

A template is kept in the cluster of the tests from one run to the next, under a name that holds a digest of what
it was made from: whoever changes a migration gets a new one. Copying one takes a fraction of a second.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

ROOT = Path(__file__).resolve().parent.parent
#: The cluster's advisory lock under which templates are made and copied: one at a time, whoever runs tests.
_LOCK = 0x616C656E
#: How many states of the code keep their templates, of each kind.
_KEPT = 3
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def setting(name: str) -> str:
    """A setting of the tests: the environment's, else what script/services wrote in var/env."""
    if name in os.environ:
        return os.environ[name]
    written = ROOT / "var" / "env"
    for line in written.read_text().splitlines() if written.is_file() else ():
        key, _equals, value = line.partition("=")
        if key == name:
            return value
    raise pytest.UsageError(f"{name} is not set: run script/test, or script/services start")


def redis_url() -> str:
    """The numbered Redis database of this process: workers side by side count on from the one that is set."""
    address, _slash, number = setting("TEST_REDIS_URL").rpartition("/")
    return f"{address}/{int(number) + int(_WORKER.removeprefix('gw') or 0)}"


def own_name(of: str) -> str:
    """A name of a database for this process alone."""
    return f"alentour_test_{of}_{os.getpid()}"


@contextmanager
def fresh_database(name: str, template: str | None = None) -> Iterator[str]:
    """A database of that name (made unique for this process), dropped afterwards; yields its URL.

    It does not wait for the disk at each commit: what a power cut would take is tested in `tests/faults`, on a
    cluster of its own.
    """
    name = own_name(name)
    _make(name, template)
    try:
        yield _cluster().set(database=name).render_as_string(hide_password=False)
    finally:
        _drop(name)


def template(kind: str, make: Callable[[str, Path], None], digest: str) -> str:
    """The name of the template of that kind and digest, made by `make(url, folder)` where it is not there yet.

    `folder` is an empty one, for what the making needs besides. Whoever fails leaves no template.
    """
    name = f"alentour_template_{kind}_{digest}"
    with _admin() as admin:
        admin.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        known = admin.scalars(
            sa.text("SELECT datname FROM pg_database WHERE datname LIKE :names ORDER BY oid DESC"),
            {"names": f"alentour_template_{kind}_%"},
        ).all()
        if name in known:
            return name
        begun = own_name(kind)
        _make(begun)
        try:
            with tempfile.TemporaryDirectory() as folder:
                make(_cluster().set(database=begun).render_as_string(hide_password=False), Path(folder))
        except BaseException:
            _drop(begun)
            raise
        admin.execute(sa.text(f'ALTER DATABASE "{begun}" RENAME TO "{name}"'))
        for old in known[_KEPT - 1 :]:
            _drop(old)
    return name


def of_the_migrations() -> str:
    """A digest of the migrations."""
    return digest_of(sorted((ROOT / "migrations").rglob("*.py")))


def digest_of(files: Iterable[Path]) -> str:
    """A digest of files: of what they are called and of what is in them."""
    found = hashlib.sha256()
    for file in files:
        found.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return found.hexdigest()[:12]


def _cluster() -> URL:
    return make_url(setting("TEST_DATABASE_URL"))


@contextmanager
def _admin() -> Iterator[sa.Connection]:
    engine = sa.create_engine(_cluster(), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def _make(name: str, source: str | None = None) -> None:
    with _admin() as admin:
        admin.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        admin.execute(sa.text(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{source}"' if source else "")))
        admin.execute(sa.text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))


def _drop(name: str) -> None:
    with _admin() as admin:
        admin.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
