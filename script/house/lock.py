"""script/lock: the versions and hashes of every Python package, written again from setup.cfg."""
import os

from house import paths, virtualenv
from house.say import step

_LOCKS = {
    "requirements.txt": ["setup.cfg"],
    "requirements-test.txt": ["--extra", "test", "--constraint", "requirements.txt", "setup.cfg"],
    "requirements-assets.txt": ["requirements-assets.in"],
}
# An address of a registry is a matter of the machine, never of the lock.
_OPTIONS = ["--generate-hashes", "--strip-extras", "--allow-unsafe", "--no-emit-index-url",
            "--no-emit-find-links", "--no-emit-trusted-host", "--quiet"]


def command(arguments: list[str]) -> int:
    """Write the three locks; `--upgrade` goes to pip-compile and takes the newest versions."""
    paths.make_var()
    virtualenv.prepare("requirements-test.txt")
    step("The tool that writes locks", [paths.VENV_PYTHON, "-m", "pip", "install", "pip-tools"],
         log="pip.log")
    environ = {**os.environ, "CUSTOM_COMPILE_COMMAND": "script/lock"}
    for name, inputs in _LOCKS.items():
        write = [paths.VENV_PYTHON, "-m", "piptools", "compile", *_OPTIONS, *arguments, "-o", name, *inputs]
        step(name, write, log="lock.log", env=environ)
    return 0
