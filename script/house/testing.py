"""script/test and script/bench: pytest and the measures, with services that are put away afterwards."""
import os
import signal
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from house import bootstrap, paths, services, system, virtualenv
from house.say import line


def test(arguments: list[str]) -> int:
    """Run the tests (all, or those that `arguments` name to pytest) and close on one line of counts."""
    system.check_rights()
    own = _own()
    bootstrap.prepare(tests=True, **own)
    result = paths.LOGS / f"tests.{os.getpid()}.xml"
    with services.held(**own) as known:
        code = _run(["-m", "pytest", f"--junitxml={result}", *arguments], known)
    passed, failed, skipped = counts(result, code)
    result.unlink(missing_ok=True)
    line(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else code


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


def _run(arguments: list[str], known: dict) -> int:
    """Run .venv's Python with the addresses of the services, and return its exit code."""
    values = services.record(known, os.environ, {}, overwrite=False)
    addresses = {key: values[key] for key in ("TEST_DATABASE_URL", "TEST_REDIS_URL") if key in values}
    environ = virtualenv.environment({**addresses, **os.environ})
    stdin = subprocess.DEVNULL if os.environ.get("CI") else None
    command = [str(paths.VENV_PYTHON), *arguments]
    with subprocess.Popen(command, env=environ, cwd=paths.ROOT, stdin=stdin) as child:
        try:
            return child.wait()
        except KeyboardInterrupt as interrupt:
            # A ^C reached the child too; another signal reached this program alone.
            if interrupt.args != (signal.SIGINT,):
                child.send_signal(signal.SIGINT)
            return child.wait() or 130
