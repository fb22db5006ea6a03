"""The project's own PostgreSQL with PostGIS: its files under var/postgres, on a port of 127.0.0.1 alone."""
import os
import shutil
import subprocess
from pathlib import Path

from house import account, paths, state
from house.say import Stop, line

ADMIN, OWNER, DATABASE = "postgres", "alentour", "alentour"
_BESIDE, _LEFT = "alentour_begun", "alentour_left"

# TCP rather than a socket: a socket's path is limited to 107 bytes, and a clone may lie deeper.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL here that has PostGIS, None without one."""
    made_by = _version_of_the_data()
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_number, reverse=True):
        if made_by in (None, folder.parent.name) and _has_postgis(folder):
            return folder
    elsewhere = shutil.which("initdb")
    if elsewhere and made_by is None:
        folder = Path(elsewhere).resolve().parent
        return folder if _has_postgis(folder) else None
    return None


def start(known: dict) -> None:
    """Start the server unless it runs, with its roles and its database. Raises Stop where it cannot."""
    if not running():
        if not paths.POSTGRES.exists():
            _initialise(known)
        _launch(known)
    if not known.get("database_made"):
        _make_database(known)
        known["database_made"] = True
        state.save(known)


def stop() -> None:
    """Stop the server, letting it finish its writing."""
    if running():
        _run("pg_ctl", "stop", "-D", paths.POSTGRES, "-m", "fast", "-w", "-s", "-t", "120")


def begin_anew(known: dict) -> str:
    """Make an empty database beside the jurisdiction's and return its address."""
    _psql(known, "postgres", f"DROP DATABASE IF EXISTS {_BESIDE} WITH (FORCE)")
    _psql(known, "postgres", f"CREATE DATABASE {_BESIDE} OWNER {OWNER}")
    return url(known).removesuffix(DATABASE) + _BESIDE


def take_place(known: dict) -> None:
    """Put the database that was begun beside in the place of the jurisdiction's, in one go, and drop that one."""
    _psql(known, "postgres", f"DROP DATABASE IF EXISTS {_LEFT} WITH (FORCE)")
    _psql(known, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                             f"WHERE datname IN ('{DATABASE}', '{_BESIDE}')")
    _psql(known, "postgres", f"ALTER DATABASE {DATABASE} RENAME TO {_LEFT}; "
                             f"ALTER DATABASE {_BESIDE} RENAME TO {DATABASE}")
    _psql(known, "postgres", f"DROP DATABASE {_LEFT} WITH (FORCE)")


def running() -> bool:
    """Tell whether the server of this very folder runs."""
    try:
        pid = int((paths.POSTGRES / "postmaster.pid").read_text().split("\n", 1)[0])
        # A process id alone says little after the machine was restarted: look where it works.
        return os.path.samefile(f"/proc/{pid}/cwd", paths.POSTGRES)
    except (OSError, ValueError):
        return False


def url(known: dict, *, admin: bool = False) -> str:
    """Return the address of the jurisdiction's database, or of the cluster for who may make databases."""
    user, password, database = ((ADMIN, known["postgres_password"], "postgres") if admin
                                else (OWNER, known["owner_password"], DATABASE))
    return f"postgresql+psycopg://{user}:{password}@127.0.0.1:{known['postgres_port']}/{database}"


def _initialise(known: dict) -> None:
    folder = binaries()
    line(f"Making the project's own database cluster in {paths.shown(paths.POSTGRES)}")
    # Beside its place until it is whole: an interrupted one is begun anew.
    fresh = paths.POSTGRES.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    account.give(fresh)
    done = _run("initdb", "-D", fresh, "-U", ADMIN, "-E", "UTF8", "--locale=C.UTF-8",
                "-A", "scram-sha-256", "--pwfile=/dev/stdin", text=known["postgres_password"] + "\n")
    if done.returncode:
        said = " ".join(done.stderr.split()) or "it did not say why"
        raise Stop(f"PostgreSQL ({folder}) could not make its cluster: {said}")
    fresh.rename(paths.POSTGRES)
    known["database_made"] = False
    state.save(known)


def _launch(known: dict) -> None:
    port = state.port_for(known, "postgres")
    options = " ".join(f"-c {name}='{value}'" for name, value in {**_SETTINGS, "port": str(port)}.items())
    log = paths.LOGS / "postgres.log"
    done = _run("pg_ctl", "start", "-D", paths.POSTGRES, "-l", log, "-o", options, "-w", "-s", "-t", "300")
    if done.returncode:
        raise Stop(f"The project's PostgreSQL did not start; {paths.shown(log)} says why.")


def _make_database(known: dict) -> None:
    """Make the role, the database and the one extension that its owner may not make."""
    exists = _psql(known, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'")
    if exists.strip() == "1":
        return
    # Passwords are drawn from letters, digits, - and _: nothing to quote in them.
    if not _psql(known, "postgres", f"SELECT 1 FROM pg_roles WHERE rolname = '{OWNER}'").strip():
        _psql(known, "postgres", f"CREATE ROLE {OWNER} LOGIN PASSWORD '{known['owner_password']}'")
    _psql(known, "template1", "CREATE EXTENSION IF NOT EXISTS postgis")
    _psql(known, "postgres", f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


def _psql(known: dict, database: str, statement: str) -> str:
    command = [str(binaries() / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
               "-p", str(known["postgres_port"]), "-U", ADMIN, "-d", database, "-c", statement]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/",
                          env={**os.environ, "LC_ALL": "C.UTF-8", "PGPASSWORD": known["postgres_password"]})
    if done.returncode:
        raise Stop(f"The project's PostgreSQL refused a statement: {' '.join(done.stderr.split())}")
    return done.stdout


def _run(program: str, *arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess:
    folder = binaries()
    if folder is None:
        raise Stop(f"{paths.shown(paths.POSTGRES)} was made by PostgreSQL {_version_of_the_data()}, which is "
                   "no longer here with PostGIS: install it again, or delete that folder to begin anew.")
    command = [*account.prefix(), str(folder / program), *(str(part) for part in arguments)]
    # pg_ctl's child keeps what it inherits: only files, never a pipe that somebody waits on.
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} if program == "pg_ctl" else {
        "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    given = {"input": text} if text else {"stdin": subprocess.DEVNULL}
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, text=True, cwd="/", env=environ, **quiet, **given)


def _version_of_the_data() -> str | None:
    version = paths.POSTGRES / "PG_VERSION"
    return version.read_text().strip() if version.exists() else None


def _number(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _has_postgis(folder: Path) -> bool:
    if not all((folder / name).exists() for name in ("initdb", "pg_ctl", "psql")):
        return False
    share = Path("/usr/share/postgresql") / folder.parent.name
    if not share.exists():
        asked = subprocess.run([str(folder / "pg_config"), "--sharedir"], capture_output=True, text=True)
        share = Path(asked.stdout.strip())
    return (share / "extension" / "postgis.control").exists()
