"""The project's own Redis, on a port of 127.0.0.1 alone, behind a password."""
import shutil
import socket
import subprocess
import time

from house import account, paths, state
from house.say import Stop


def program() -> str | None:
    """Return the path of a Redis or Valkey server, None where this machine has neither."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def start(known: dict) -> None:
    """Start the server unless it runs. Raises Stop where it does not answer."""
    if running(known):
        return
    port = state.port_for(known, "redis")
    paths.REDIS.mkdir(exist_ok=True)
    account.give(paths.REDIS)
    log = paths.LOGS / "redis.log"
    # It keeps nothing on disk: what has to be remembered is in the database. Its settings come by
    # its input, where no list of processes shows the password.
    settings = [f"bind 127.0.0.1\nport {port}\nrequirepass {known['redis_password']}\ndaemonize yes",
                f'dir "{paths.REDIS}"\nlogfile "{log}"\npidfile "{paths.REDIS / "pid"}"',
                'save ""\nappendonly no\n']
    done = subprocess.run([*account.prefix(), program(), "-"], input="\n".join(settings), text=True, cwd="/",
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while not running(known):
        if done.returncode or time.monotonic() > until:
            raise Stop(f"The project's Redis did not start; {paths.shown(log)} says why.")
        time.sleep(0.05)


def stop(known: dict) -> None:
    """Stop the server and wait until it is gone."""
    if not running(known):
        return
    _ask(known, "SHUTDOWN NOSAVE")
    until = time.monotonic() + 10
    while running(known) and time.monotonic() < until:
        time.sleep(0.05)


def running(known: dict) -> bool:
    """Tell whether the server that knows this clone's password answers."""
    return "redis_port" in known and _ask(known, "PING").endswith("+PONG\r\n")


def url(known: dict, database: int) -> str:
    """Return the address of one of its numbered databases."""
    return f"redis://:{known['redis_password']}@127.0.0.1:{known['redis_port']}/{database}"


def _ask(known: dict, command: str) -> str:
    """Return the server's answer to the password and one command; nothing where nobody answers."""
    try:
        with socket.create_connection(("127.0.0.1", known["redis_port"]), timeout=2) as connection:
            connection.sendall(f"AUTH {known['redis_password']}\r\n{command}\r\n".encode())
            answer = ""
            while answer.count("\r\n") < 2:
                more = connection.recv(1024)
                if not more:
                    break
                answer += more.decode(errors="replace")
            return answer
    except OSError:
        return ""
