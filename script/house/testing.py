"""script/test and script/bench: pytest and the measures, with services that are put away afterwards."""
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from house import bootstrap, paths, services, system, virtualenv
from house.say import line

#: What waits more than it works (browsers, processes started and killed) runs beside what works.
WAITING = ("tests/journeys", "tests/faults", "tests/look")
#: The Redis database of the second run: each run empties its own.
SECOND_REDIS = 7
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
            passed, failed, skipped, code = _two_runs(arguments, known)
    line(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else code


def _one_run(arguments: list[str], known: dict) -> tuple[int, int, int, int]:
    """Run pytest once; what it counted, and its exit code."""
    result = _result("run")
    code = _run(["-m", "pytest", f"--junitxml={result}", *arguments], known)
    return *_taken(result, code), code


def _two_runs(options: list[str], known: dict) -> tuple[int, int, int, int]:
    """Run all tests in two runs side by side, the second one's words shown when it is over."""
    second, log = _result("waiting"), paths.LOGS / f"tests.{os.getpid()}.waiting.log"
    command, environ = _python(["-m", "pytest", f"--junitxml={second}", *options, *WAITING], known)
    environ["TEST_REDIS_URL"] = environ["TEST_REDIS_URL"].rpartition("/")[0] + f"/{SECOND_REDIS}"
    with log.open("w") as words:
        beside = subprocess.Popen(
            command, env=environ, cwd=paths.ROOT, stdin=subprocess.DEVNULL, stdout=words, stderr=words)
        try:
            first = _one_run([*options, *(f"--ignore={folder}" for folder in WAITING)], known)
            line(f"The tests of {', '.join(WAITING)} are still running")
            code = beside.wait()
            # A choice (-k) may leave one of the two without any test.
            code = 0 if code == _NOTHING and first[0] else code
        finally:
            if beside.poll() is None:
                beside.send_signal(signal.SIGINT)
                beside.wait()
    sys.stdout.write(log.read_text())
    log.unlink()
    both = [ours + theirs for ours, theirs in zip(first[:3], _taken(second, code), strict=True)]
    return both[0], both[1], both[2], first[3] or code


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


def _run(arguments: list[str], known: dict) -> int:
    """Run .venv's Python with the addresses of the services, and return its exit code."""
    command, environ = _python(arguments, known)
    stdin = subprocess.DEVNULL if os.environ.get("CI") else None
    with subprocess.Popen(command, env=environ, cwd=paths.ROOT, stdin=stdin) as child:
        try:
            return child.wait()
        except KeyboardInterrupt as interrupt:
            # A ^C reached the child too; another signal reached this program alone.
            if interrupt.args != (signal.SIGINT,):
                child.send_signal(signal.SIGINT)
            return child.wait() or 130
