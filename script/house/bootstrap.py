"""script/bootstrap: whatever a command needs before it can start, each step only where it is wanted."""
import fcntl

from house import assets, paths, system, virtualenv
from house.say import Stop, line


def command(arguments: list[str]) -> int:
    """`script/bootstrap [--tests]` prepares the clone; `--packages NAME…`, as root, installs from Debian."""
    if arguments[:1] == ["--packages"] and len(arguments) > 1:
        return system.install(arguments[1:])
    if arguments not in ([], ["--tests"]):
        raise Stop("Say script/bootstrap, or script/bootstrap --tests for what the tests need besides.")
    system.check_rights()
    prepare(tests=arguments == ["--tests"])
    line("Everything is there: script/server starts Alentour.")
    return 0


def prepare(*, tests: bool, own_postgres: bool = True, own_redis: bool = True) -> None:
    """Install and build what is missing or out of date, one command of this clone at a time."""
    paths.make_var()
    with open(paths.LOCKS / "bootstrap", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            line("Another command is preparing this clone: waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        system.provide(system.missing(tests=tests, own_postgres=own_postgres, own_redis=own_redis))
        virtualenv.prepare("requirements-test.txt" if tests else "requirements.txt")
        assets.build()
        assets.translate()
