"""What Debian has to bring: found missing, installed where that is allowed, asked for where it is not.

Debian starts the services it installs and makes a database cluster of its own. Neither is wanted: the
project runs its own, and whatever the machine runs already is left as it is.
"""
import importlib.util
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from house import paths, postgres, redis, virtualenv
from house.say import Stop, step

_POLICY = Path("/usr/sbin/policy-rc.d")
_POLICY_KEPT = Path("/usr/sbin/policy-rc.d.kept-by-alentour")
_POLICY_TEXT = "#!/bin/sh\n# Alentour, while it installs packages: no service is started.\nexit 101\n"
_CLUSTERS = Path("/etc/postgresql-common/createcluster.d/alentour.conf")


def missing(*, tests: bool, own_postgres: bool, own_redis: bool) -> list[str]:
    """Return the names of Debian's packages that this machine lacks."""
    packages = []
    if not virtualenv.usable() and not importlib.util.find_spec("ensurepip"):
        packages.append("python3-venv")
    if own_postgres and not postgres.binaries():
        packages.append("postgresql-postgis")
    if own_redis and not redis.program():
        packages.append("redis-server")
    if tests and not shutil.which("chromium"):
        packages += ["chromium", "fonts-liberation"]
    return packages


def provide(packages: list[str]) -> None:
    """Install `packages`. Raises Stop, with the command to type, where this user may not."""
    if not packages:
        return
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise Stop(f"This machine lacks what Debian calls {names}, and has no apt-get to install it with: "
                   "install it, then run this again.")
    install = [str(paths.ROOT / "script" / "bootstrap"), "--packages", *packages]
    if os.geteuid() != 0:
        install = ["sudo", *install]
        if not _may_sudo():
            raise Stop(f"Missing on this machine: {names}. Only root may install them: type this once (it "
                       "runs apt-get install, and starts no service), then run this command again:\n"
                       f"    {_to_type(install)}")
        install.insert(1, "-n")
    step(f"Installing Debian's packages {names}", install, log="apt.log")


def install(packages: list[str]) -> int:
    """`script/bootstrap --packages NAME…`, as root: let apt install them and start nothing."""
    if os.geteuid() != 0:
        raise Stop("Only root may install packages: put sudo before this command.")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1",
               "LC_ALL": "C.UTF-8"}
    before = _installed("redis-server")
    with _no_service_started(), _no_cluster_made():
        # Lists that cannot be renewed may still do: the installation itself tells.
        subprocess.run(["apt-get", "update"], env=environ, stdin=subprocess.DEVNULL)
        done = subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *packages],
                              env=environ, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Stop(f"apt-get could not install {' '.join(packages)}; its last lines say why.")
    if "redis-server" in packages and not before:
        # Nor is it to start with the machine: the project starts its own.
        subprocess.run(["update-rc.d", "redis-server", "disable"], env=environ)
    return 0


def check_rights() -> None:
    """Raise Stop, naming the first place of this clone where the user may not write."""
    made = [paths.VAR, paths.VENV, paths.ROOT / "node_modules", paths.ROOT / "core" / "static" / "built"]
    places = [paths.ROOT, *(path for path in made if path.exists())]
    inside = [*paths.VAR.iterdir()] if os.access(paths.VAR, os.R_OK | os.X_OK) else []
    if os.geteuid() != 0:
        places += [path for path in inside if path != paths.POSTGRES or path.stat().st_uid != os.geteuid()]
    for path in places:
        if os.access(path, os.W_OK | (os.X_OK if path.is_dir() else 0)):
            continue
        if os.geteuid() == 0:
            raise Stop(f"{path} may not be written, not even by root: is it mounted read-only?")
        whole = shlex.quote(str(paths.ROOT))
        raise Stop(f"{path} belongs to {path.owner()} and you may not write there: run this as that user, or "
                   f"take the folder over with: sudo chown -R {os.geteuid()}:{os.getegid()} {whole}")


def _may_sudo() -> bool:
    """Tell whether sudo would let this user become root without asking anything."""
    if not shutil.which("sudo"):
        return False
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, stdin=subprocess.DEVNULL)
    return asked.returncode == 0


def _to_type(command: list[str]) -> str:
    """Return a command that begins with sudo as it has to be typed on this machine."""
    if shutil.which("sudo"):
        return shlex.join(command)
    return f"su -c {shlex.quote(shlex.join(command[1:]))}"


def _installed(package: str) -> bool:
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True)
    return asked.stdout.endswith(" installed")


@contextmanager
def _no_service_started() -> Iterator[None]:
    """Refuse the start of every service meanwhile, as Debian lets an administrator do."""
    ours = _POLICY.exists() and _POLICY.read_text(errors="replace") == _POLICY_TEXT
    if os.path.lexists(_POLICY) and not ours:
        _POLICY.rename(_POLICY_KEPT)
    _POLICY.write_text(_POLICY_TEXT)
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        # Also what a run that was killed left behind.
        if os.path.lexists(_POLICY_KEPT):
            _POLICY_KEPT.rename(_POLICY)
        else:
            _POLICY.unlink()


@contextmanager
def _no_cluster_made() -> Iterator[None]:
    """Keep Debian's PostgreSQL packages from making the machine a cluster meanwhile."""
    _CLUSTERS.parent.mkdir(parents=True, exist_ok=True)
    _CLUSTERS.write_text("create_main_cluster = false\n")
    try:
        yield
    finally:
        _CLUSTERS.unlink()
