"""What the house remembers of its own services from one start to the next: passwords and ports."""
import errno
import json
import random
import secrets
import socket

from house import env_file, paths
from house.say import Stop

_SECRETS = ("postgres_password", "owner_password", "redis_password", "secret_key")


def load() -> dict:
    """Return the state of this clone, with passwords drawn at its first use."""
    state = json.loads(paths.STATE.read_text()) if paths.STATE.exists() else {}
    missing = [name for name in _SECRETS if name not in state]
    if missing:
        state |= {name: secrets.token_urlsafe(32) for name in missing}
        save(state)
    return state


def save(state: dict) -> None:
    """Keep the state, readable by its owner alone."""
    env_file.write_private(paths.STATE, json.dumps(state, indent=1) + "\n")


def port_for(state: dict, name: str) -> int:
    """Return a port of 127.0.0.1 that is free for the service `name`: the last one if it still is."""
    last = state.get(f"{name}_port")
    # Below the ports that the kernel hands out for outgoing connections.
    candidates = ([last] if last else []) + random.sample(range(20000, 32000), 50)
    for port in candidates:
        if is_free("127.0.0.1", port):
            state[f"{name}_port"] = port
            save(state)
            return port
    raise Stop("No free port was found on 127.0.0.1 between 20000 and 32000 for the project's own services.")


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there, or another one does already.

    Raises OSError for an address that is not this machine's, PermissionError for a port kept for root.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as reason:
            if reason.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def answers(host: str, port: int) -> bool:
    """Tell whether anybody accepts a connection there within three seconds."""
    try:
        with socket.create_connection((host, port), timeout=3):
            return True
    except OSError:
        return False
