"""script/server: Alentour with its demonstration jurisdiction, all of it stopped by one ^C."""
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from house import bootstrap, in_venv, paths, postgres, services, serving, state, system, virtualenv
from house.say import Stop, line, step


def command(arguments: list[str]) -> int:
    """Prepare, start and watch everything; return when it has been stopped."""
    if arguments:
        raise Stop("script/server takes no argument; PORT=8001 script/server chooses another port.")
    port, host = _port(), os.environ.get("LISTEN") or "127.0.0.1"
    own = {"own_postgres": not os.environ.get("DATABASE_URL"), "own_redis": not os.environ.get("REDIS_URL")}
    system.check_rights()
    paths.make_var()
    with _only_server(port):
        _check_port(host, port)
        _check_given("DATABASE_URL", 5432)
        _check_given("REDIS_URL", 6379)
        line(f"Alentour, in {paths.ROOT}")
        bootstrap.prepare(tests=False, **own)
        with services.held(**own) as known:
            environ = _environment(known, host, port)
            empty = not in_venv.has_jurisdiction(environ)
            demonstration = own["own_postgres"] or os.environ.get("ALENTOUR_DEMO") == "1"
            if demonstration and empty:
                _demonstrate(environ, known, own_postgres=own["own_postgres"])
            else:
                _release(environ)
            return serving.serve(environ, known, own, demonstration=demonstration)


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not (given.isdecimal() and 0 < int(given) < 65536):
        raise Stop(f"PORT is {given!r}: it has to be a number from 1 to 65535.")
    return int(given)


def _check_port(host: str, port: int) -> None:
    """Raise Stop where the port cannot be had, before any long work."""
    try:
        free = state.is_free(host, port)
    except PermissionError:
        raise Stop(f"Port {port} is kept for root on this machine: choose one from 1024 up, "
                   "for instance PORT=8000 script/server.") from None
    except OSError as reason:
        raise Stop(f"LISTEN is {host!r}, where this machine cannot listen ({reason.strerror}).") from None
    if not free:
        raise Stop(f"Port {port} is already used by another program: stop it, or choose another port, "
                   f"for instance PORT={port + 1 if port < 65535 else 8000} script/server.")


def _check_given(name: str, default_port: int) -> None:
    """Raise Stop where the environment names a server that nobody answers for."""
    address = os.environ.get(name)
    if not address:
        return
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or default_port
    except ValueError:
        raise Stop(f"{name} cannot be read as an address.") from None
    if host and not state.answers(host, port):
        raise Stop(f"{name} names {host}:{port}, where nobody answers.")


@contextmanager
def _only_server(port: int) -> Iterator[None]:
    """Be the one server of this clone. Raises Stop where there is another."""
    with open(paths.LOCKS / "server", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            other = lock.read().split() or ["?", "?"]
            raise Stop(f"Alentour already runs from this folder, on http://localhost:{other[1]} "
                       f"(process {other[0]}): stop that one first, or use another clone.") from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {port}")
        lock.flush()
        yield


def _environment(known: dict, host: str, port: int) -> dict[str, str]:
    """Write var/env and return what every process of the server is started with."""
    chosen = {"PUBLIC_URL": f"http://localhost:{port}", "PORT": str(port)}
    values = services.record(known, os.environ, chosen, overwrite=True)
    return virtualenv.environment({**values, **os.environ, "LISTEN": host, "PORT": str(port)})


def _release(environ: dict[str, str]) -> None:
    """Run the Procfile's release: the database brought to this version."""
    step("Bringing the database up to date", ["/bin/sh", "-c", serving.procfile()["release"]],
         log="release.log", env=environ)


def _demonstrate(environ: dict[str, str], known: dict, *, own_postgres: bool) -> None:
    """Make the demonstration jurisdiction in a database without a jurisdiction: once, since every later start finds it.

    In the house's own cluster it is made beside, and takes the place of the empty database when it is
    whole: an interrupted one is begun anew, and no jurisdiction of anybody's is ever dropped.
    """
    if own_postgres:
        environ = {**environ, "DATABASE_URL": postgres.begin_anew(known)}
    _release(environ)
    step("Making the demonstration town (this once)", [paths.VENV / "bin" / "flask", "demo"],
         log="demo.log", env=environ)
    if own_postgres:
        postgres.take_place(known)
