"""The processes of the Procfile under honcho, and what is watched while they serve."""
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from house import paths, postgres, processes, redis, services
from house.say import Stop, line

_LONG_RUNNING = ("web", "worker", "clock")
_ACCOUNTS = ("accueil", "superviseur", "agent", "admin")
# Shorter absences are left to whoever restarts a service on purpose.
_PATIENCE = 3.0


def procfile() -> dict[str, str]:
    """Return the commands of the Procfile by the name of their process."""
    lines = (paths.ROOT / "Procfile").read_text().splitlines()
    parts = (text.partition(":") for text in lines if ":" in text and not text.startswith("#"))
    return {name: command.strip() for name, _, command in parts}


def serve(environ: dict[str, str], known: dict, own: dict[str, bool], *, demonstration: bool) -> int:
    """Run web, worker and clock until they are told to stop; return the exit code of the command."""
    child = _honcho(environ)
    try:
        _watch(child, environ, known, own, demonstration)
    except KeyboardInterrupt:
        line("Stopping …")
        return 0
    finally:
        _end(child)
    raise Stop("Alentour stopped because one of its processes cannot run; the lines above say why.")


def _honcho(environ: dict[str, str]) -> subprocess.Popen:
    """Start honcho on the Procfile's lines, each kept running; TERM reaches it if this program is killed."""
    commands = procfile()
    keep = f"exec {shlex.quote(sys.executable)} script/house keep"
    kept = "".join(f"{name}: {keep} {shlex.quote(commands[name])}\n" for name in _LONG_RUNNING)
    path = paths.VAR / "Procfile"
    path.write_text(kept)
    # A session of its own: a ^C in the terminal reaches this program alone, which then says TERM once.
    honcho = [str(paths.VENV_PYTHON), "-m", "honcho", "-d", str(paths.ROOT), "-f", str(path), "start"]
    return subprocess.Popen(honcho, env=environ, cwd=paths.ROOT, stdin=subprocess.DEVNULL,
                            start_new_session=True, preexec_fn=processes.dies_with_parent(signal.SIGTERM))


def _watch(child: subprocess.Popen, environ: dict[str, str], known: dict, own: dict[str, bool],
           demonstration: bool) -> None:
    """Announce the address once the web answers, and bring back a service that went away."""
    announced, absent_since = False, None
    while child.poll() is None:
        time.sleep(0.3)
        if not announced and _answers(environ):
            _announce(environ["PUBLIC_URL"], demonstration)
            announced = True
        here = ((not own["own_postgres"] or postgres.running())
                and (not own["own_redis"] or redis.running(known)))
        now = time.monotonic()
        absent_since = None if here else absent_since or now
        if absent_since and now - absent_since > _PATIENCE:
            _revive(known, own)
            absent_since = None


def _revive(known: dict, own: dict[str, bool]) -> None:
    line("PostgreSQL or Redis went away: starting it again")
    try:
        services.revive(known, **own)
    except Stop as reason:
        print(reason, file=sys.stderr, flush=True)


def _answers(environ: dict[str, str]) -> bool:
    """Tell whether the web process answers at all, whatever it says."""
    host = environ["LISTEN"] if environ["LISTEN"] not in ("0.0.0.0", "::") else "127.0.0.1"
    try:
        urllib.request.urlopen(f"http://{host}:{environ['PORT']}/healthz", timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _announce(address: str, demonstration: bool) -> None:
    """Print where Alentour is and, in the demonstration, who may sign in."""
    line("")
    line(f"  Alentour is ready: {address}")
    if demonstration:
        accounts = ", ".join(f"{name}@demo.example" for name in _ACCOUNTS)
        line(f"  Desk and field:    {address}/desk/ and {address}/field/")
        line(f"  Accounts:          {accounts}")
        line("  Password of each:  demonstration")
        line(f"  All its mail:      {address}/dev/mailbox")
    line("  ^C stops it.")
    line("")


def _end(child: subprocess.Popen) -> None:
    """Stop honcho and what it started; honcho itself insists after five seconds."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(timeout=12)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
