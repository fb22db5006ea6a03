"""The commands by name, and how each of them ends when it cannot go on."""
import os
import signal
import sys

from house import bootstrap, lock, paths, processes, server, services, testing
from house.say import Stop

_COMMANDS = {
    "bench": testing.bench,
    "bootstrap": bootstrap.command,
    "keep": processes.keep,
    "lock": lock.command,
    "mutate": testing.mutate,
    "server": server.command,
    "services": services.command,
    "test": testing.test,
}


def run(arguments: list[str]) -> int:
    """Run the command named first among `arguments` and return its exit code."""
    name, *rest = arguments
    # A terminal that closes, or a TERM, ends a command as ^C does: everything is put away.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    os.chdir(paths.ROOT)
    try:
        return _COMMANDS[name](rest)
    except Stop as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Nobody reads what is said any more (script/server | head): there is nobody to tell either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _interrupt(number: int, frame: object) -> None:
    """Begin to put everything away, once: what comes after is not to interrupt that."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt(signal.Signals(number))
