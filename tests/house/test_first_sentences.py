"""What script/server says, at once and in one sentence, when it cannot start."""

import fcntl
import os
import shutil
import socket
import tempfile
from pathlib import Path

import pytest

from tests.house import clone

NOBODY = 65534

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")


@pytest.fixture
def house(tmp_path):
    return clone.make(tmp_path / "alentour")


@pytest.fixture
def open_house():
    """A clone that every user of the machine can reach (pytest's own folders are root's alone)."""
    folder = Path(tempfile.mkdtemp(prefix="alentour-"))
    folder.chmod(0o755)
    yield clone.make(folder / "alentour")
    shutil.rmtree(folder)


def refusal(done):
    """Return the one sentence of a command that has refused to go on."""
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stdout
    return lines[0]


def test_an_occupied_port(house):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        sentence = refusal(clone.run(house, "script/server", PORT=str(port)))
    assert sentence.startswith(f"Port {port} is already used by another program")
    assert not (house / ".venv").exists()


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1", "80.5"])
def test_a_port_that_is_none(house, port):
    assert refusal(clone.run(house, "script/server", PORT=port)).startswith(f"PORT is '{port}'")


@pytest.mark.parametrize("address", ["192.0.2.1", "nowhere.invalid"])
def test_an_address_that_is_not_this_machines(house, address):
    sentence = refusal(clone.run(house, "script/server", LISTEN=address, PORT="29999"))
    assert sentence.startswith(f"LISTEN is '{address}', where this machine cannot listen")


def test_a_second_server_of_the_same_clone(house):
    lock = house / "var" / "lock" / "server"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write("4711 8123")
        held.flush()
        sentence = refusal(clone.run(house, "script/server"))
    assert "already runs from this folder, on http://localhost:8123 (process 4711)" in sentence


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_given_server_that_does_not_answer(house, name):
    address = f"127.0.0.1:{clone.free_port()}"
    sentence = refusal(clone.run(house, "script/server", PORT="29999", **{name: f"x://user:secret@{address}/a"}))
    assert sentence == f"{name} names {address}, where nobody answers."


def test_an_argument_it_does_not_know(house):
    assert "takes no argument" in refusal(clone.run(house, "script/server", "--port=1"))


def test_a_python_that_is_too_old(house, tmp_path):
    old = tmp_path / "bin" / "python3"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for name in ("sh", "dirname"):
        (old.parent / name).symlink_to(shutil.which(name))
    assert "needs Python 3.11 or newer" in refusal(clone.run(house, "script/server", PATH=str(old.parent)))


@as_root
def test_a_folder_of_somebody_else(open_house):
    sentence = refusal(clone.run(open_house, "script/server", user=NOBODY))
    assert sentence.startswith(f"{open_house} belongs to root and you may not write there")
    assert sentence.endswith(f"sudo chown -R {NOBODY}:{NOBODY} {open_house}")


@as_root
def test_what_root_left_behind(open_house):
    os.chown(open_house, NOBODY, NOBODY)
    var = open_house / "var"
    var.mkdir()
    os.chown(var, NOBODY, NOBODY)
    (var / "env").touch(mode=0o600)
    sentence = refusal(clone.run(open_house, "script/server", user=NOBODY))
    assert sentence.startswith(f"{var / 'env'} belongs to root")


@as_root
def test_missing_packages_are_asked_for(open_house, tmp_path):
    """An ordinary user of a bare machine reads the one command to type."""
    os.chown(open_house, NOBODY, NOBODY)
    tools = open_house / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "python3"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    (tools / "apt-get").symlink_to("/bin/false")
    done = clone.run(open_house, "script/server", user=NOBODY, PATH=str(tools), PORT="29999")
    assert done.returncode == 1
    sentence, typed = done.stderr.strip().splitlines()
    assert "Only root may install them" in sentence and "redis-server" in sentence
    assert typed.strip().startswith(f"su -c '{open_house}/script/bootstrap --packages ")
    assert "redis-server" in typed
