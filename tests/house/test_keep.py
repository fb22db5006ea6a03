"""A process that is kept: started again when it ends, given up only when it never ran."""

import os
import shlex
import signal
import subprocess
import time

from tests.house import clone

SLEEPS = "sh -c 'echo $$ >> \"$OUT/pids\"; exec sleep 60'"


def kept(command, folder):
    program = [str(clone.ROOT / "script" / "house" / "start"), "keep", command]
    return subprocess.Popen(
        program, cwd=folder, stderr=subprocess.PIPE, text=True, env={**os.environ, "OUT": str(folder)}
    )


def until(condition, seconds=10):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_it_is_started_again_and_ends_on_term(tmp_path):
    child = kept(SLEEPS, tmp_path)
    pids = tmp_path / "pids"
    until(lambda: pids.exists() and pids.read_text().strip())
    os.kill(int(pids.read_text()), signal.SIGKILL)
    until(lambda: len(pids.read_text().split()) == 2)
    child.terminate()
    assert child.wait(10) == 0
    second = int(pids.read_text().split()[1])
    assert not os.path.exists(f"/proc/{second}")


def test_its_command_dies_with_it(tmp_path):
    child = kept(SLEEPS, tmp_path)
    pids = tmp_path / "pids"
    until(lambda: pids.exists() and pids.read_text().strip())
    child.kill()
    child.wait()
    until(lambda: not os.path.exists(f"/proc/{pids.read_text().strip()}"))


def test_it_ends_with_what_started_it(tmp_path):
    keep = f"{clone.ROOT}/script/house/start keep {shlex.quote(SLEEPS)} & wait"
    parent = subprocess.Popen(["/bin/sh", "-c", keep], env={**os.environ, "OUT": str(tmp_path)})
    pids = tmp_path / "pids"
    until(lambda: pids.exists() and pids.read_text().strip())
    parent.kill()
    parent.wait()
    until(lambda: not os.path.exists(f"/proc/{pids.read_text().strip()}"))


def test_a_command_that_never_runs_is_given_up(tmp_path):
    child = kept("sh -c 'exit 7'", tmp_path)
    assert child.wait(30) == 7
    assert child.stderr.read().splitlines()[-1] == "ended with code 7 five times in a row: given up"
