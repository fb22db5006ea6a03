"""script/test, script/bench, script/mutate: pytest, measures and faults, with services put away afterwards."""
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from house import bootstrap, paths, services, system, virtualenv
from house.say import line

#: What waits more than it works (browsers, processes started and killed) runs beside what works, in runs of its own.
WAITING = (("tests/journeys",), ("tests/faults", "tests/look"))
#: The Redis database of those runs: each run empties its own, and these need none of what they share.
SECOND_REDIS = 7
#: The run that works has this many workers, each with a database and a numbered Redis database of its own. A file
#: stays with one worker: what its tests share is made once.
SHARED_OUT = ("-n", "2", "--dist", "loadfile")
#: How far the run that works gives way to those that wait: a browser's patience is short.
GIVES_WAY = 10
#: pytest's exit code for a run without tests.
_NOTHING = 5


def test(arguments: list[str]) -> int:
    """Run the tests (all, or those that `arguments` name to pytest) and close on one line of counts."""
    system.check_rights()
    own = _own()
    bootstrap.prepare(tests=True, **own)
    with services.held(**own) as known:
        if any(not argument.startswith("-") for argument in arguments):
            passed, failed, skipped, code = _one_run(arguments, known)
        else:
            passed, failed, skipped, code = _side_by_side(arguments, known)
    line(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else code


def _one_run(arguments: list[str], known: dict, *, gives_way: int = 0) -> tuple[int, int, int, int]:
    """Run pytest once; what it counted, and its exit code."""
    result = _result("run")
    code = _run(["-m", "pytest", f"--junitxml={result}", *arguments], known, gives_way=gives_way)
    return *_taken(result, code), code


def _side_by_side(options: list[str], known: dict) -> tuple[int, int, int, int]:
    """Run all tests in runs side by side; the words of those that wait are shown when they are over."""
    beside = [_Beside(number, folders, options, known) for number, folders in enumerate(WAITING)]
    try:
        apart = [f"--ignore={folder}" for folders in WAITING for folder in folders]
        passed, failed, skipped, code = _one_run([*SHARED_OUT, *options, *apart], known, gives_way=GIVES_WAY)
        line(f"Still running: {', '.join(folder for folders in WAITING for folder in folders)}")
        for one in beside:
            theirs = one.ended()
            passed, failed, skipped = passed + theirs[0], failed + theirs[1], skipped + theirs[2]
            # A choice (-k) may leave one of them without any test.
            code = code if theirs[3] in (0, _NOTHING) else theirs[3]
    finally:
        for one in beside:
            one.end()
    return passed, failed, skipped, code


class _Beside:
    """A run of its own, whose words go to a file until it is over."""

    def __init__(self, number: int, folders: tuple[str, ...], options: list[str], known: dict) -> None:
        self._result = _result(f"beside{number}")
        self._log = paths.LOGS / f"tests.{os.getpid()}.beside{number}.log"
        command, environ = _python(["-m", "pytest", f"--junitxml={self._result}", *options, *folders], known)
        environ["TEST_REDIS_URL"] = environ["TEST_REDIS_URL"].rpartition("/")[0] + f"/{SECOND_REDIS}"
        with self._log.open("w") as words:
            self._child = subprocess.Popen(
                command, env=environ, cwd=paths.ROOT, stdin=subprocess.DEVNULL, stdout=words, stderr=words)

    def ended(self) -> tuple[int, int, int, int]:
        """Wait for its end, show its words; what it counted, and its exit code."""
        code = self._child.wait()
        sys.stdout.write(self._log.read_text())
        sys.stdout.flush()
        found = _taken(self._result, 0 if code == _NOTHING else code)
        return *found, code

    def end(self) -> None:
        """Leave nothing of it behind."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGINT)
            self._child.wait()
        self._log.unlink(missing_ok=True)


def _result(name: str) -> Path:
    return paths.LOGS / f"tests.{os.getpid()}.{name}.xml"


def _taken(result: Path, code: int) -> tuple[int, int, int]:
    """The counts of a result file, which is not needed any more."""
    found = counts(result, code)
    result.unlink(missing_ok=True)
    return found


def bench(arguments: list[str]) -> int:
    """Run the measures that `arguments` name, or the short ones."""
    system.check_rights()
    own = _own()
    bootstrap.prepare(tests=True, **own)
    with services.held(**own) as known:
        return _run(["-m", "bench", *arguments], known)


def mutate(arguments: list[str]) -> int:
    """Put faults into the modules that `arguments` name, or into a sample of all that are listed."""
    system.check_rights()
    own = _own()
    bootstrap.prepare(tests=True, **own)
    with services.held(**own) as known:
        return _run(["-m", "tests.mutation", *arguments], known, gives_way=GIVES_WAY)


def counts(result: Path, code: int) -> tuple[int, int, int]:
    """Return how many tests passed, failed and were skipped, from pytest's result file.

    A run that ended badly (`code` is pytest's) before it could count has failed once.
    """
    passed = failed = skipped = 0
    if result.exists():
        for suite in ElementTree.parse(result).getroot().iter("testsuite"):
            bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            passed += int(suite.get("tests", 0)) - bad - int(suite.get("skipped", 0))
            failed += bad
            skipped += int(suite.get("skipped", 0))
    return passed, max(failed, 1 if code else 0), skipped


def _own() -> dict[str, bool]:
    """Tell which services are to be the house's own: those whose address is not given."""
    return {"own_postgres": not os.environ.get("TEST_DATABASE_URL"),
            "own_redis": not os.environ.get("TEST_REDIS_URL")}


def _python(arguments: list[str], known: dict) -> tuple[list[str], dict[str, str]]:
    """The command of .venv's Python and its environment, with the addresses of the services."""
    values = services.record(known, os.environ, {}, overwrite=False)
    addresses = {key: values[key] for key in ("TEST_DATABASE_URL", "TEST_REDIS_URL") if key in values}
    return [str(paths.VENV_PYTHON), *arguments], virtualenv.environment({**addresses, **os.environ})


def _run(arguments: list[str], known: dict, *, gives_way: int = 0) -> int:
    """Run .venv's Python with the addresses of the services, and return its exit code."""
    command, environ = _python(arguments, known)
    stdin = subprocess.DEVNULL if os.environ.get("CI") else None
    with subprocess.Popen(command, env=environ, cwd=paths.ROOT, stdin=stdin) as child:
        if gives_way:
            os.setpriority(os.PRIO_PROCESS, child.pid, os.getpriority(os.PRIO_PROCESS, 0) + gives_way)
        try:
            return child.wait()
        except KeyboardInterrupt as interrupt:
            # A ^C reached the child too; another signal reached this program alone.
            if interrupt.args != (signal.SIGINT,):
                child.send_signal(signal.SIGINT)
            return child.wait() or 130
