"""Under which account the project's own PostgreSQL and Redis run.

PostgreSQL refuses to run as root, and an ordinary account cannot reach a folder under /root. So root
lends its services the account `postgres` (or the one that owns their files) with one capability of
root's, dac_override: they reach their files wherever the clone lies, and may do nothing else.
"""
import os
import pwd
import subprocess
from functools import cache
from pathlib import Path

from house import paths
from house.say import Stop


@cache
def prefix() -> tuple[str, ...]:
    """Return what to write before a command for it to run under the services' account.

    Raises Stop where root has no account to lend or lacks the right to lend it.
    """
    if os.geteuid() != 0:
        return ()
    uid, gid = _lent()
    command = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups",
               "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--")
    # Really writing: access(2), which `test -w` asks, leaves capabilities out.
    probe = subprocess.run([*command, "touch", str(paths.LOCKS / "account")], cwd="/",
                           capture_output=True, text=True)
    if probe.returncode:
        raise Stop("PostgreSQL refuses to run as root, and root may not lend it another account here "
                   f"({probe.stderr.strip()}): "
                   "run this as an ordinary user instead.")
    return command


def give(folder: Path) -> None:
    """Make an existing `folder`, and it alone, belong to the services' account."""
    if os.geteuid() == 0:
        os.chown(folder, *_lent())


@cache
def _lent() -> tuple[int, int]:
    """Return the user and group ids that root lends: those of the data, else those of `postgres`."""
    if paths.POSTGRES.exists() and paths.POSTGRES.stat().st_uid != 0:
        found = paths.POSTGRES.stat()
        return found.st_uid, found.st_gid
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise Stop("PostgreSQL refuses to run as root, and this machine has no account named postgres "
                   "to lend it: run this as an ordinary user instead.") from None
    return entry.pw_uid, entry.pw_gid
