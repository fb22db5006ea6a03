"""Styles and scripts built from core/assets, and translations compiled: only what is out of date."""
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from house import paths, virtualenv
from house.say import Stop, step

PACKAGES = ("core", "reporter", "interventions", "api")
_BUILT = paths.ROOT / "core" / "static" / "built"
_NODE_AT_LEAST = 20


def build() -> None:
    """Run `npm ci` and `npm run build` where the lock or the sources have changed."""
    lock = [paths.ROOT / "package.json", paths.ROOT / "package-lock.json"]
    installed, built = paths.ROOT / "node_modules" / ".alentour", _BUILT / ".alentour"
    sources = _digest([*lock, *_sources()])
    if _says(built) == sources:
        return
    environ = _with_node()
    if _says(installed) != _digest(lock):
        step("Installing the JavaScript packages", ["npm", "ci"], log="npm.log", env=environ)
        installed.write_text(_digest(lock))
    step("Building styles and scripts", ["npm", "run", "build"], log="assets.log", env=environ)
    built.write_text(sources)


def translate() -> None:
    """Compile the catalogues that are newer than what was compiled from them."""
    for package in PACKAGES:
        folder = paths.ROOT / package / "translations"
        stale = [po for po in folder.glob("*/LC_MESSAGES/messages.po") if _newer(po, po.with_suffix(".mo"))]
        if stale:
            step(f"Compiling the translations of {package}",
                 [paths.VENV_PYTHON, "-m", "babel.messages.frontend", "compile", "-d", folder],
                 log="translations.log")


def _sources() -> list[Path]:
    """Return all that the build reads, its own settings included."""
    found = (paths.ROOT / "core" / "assets").rglob("*")
    return sorted(path for path in found if path.is_file() and path.suffix not in (".py", ".pyc"))


def _with_node() -> dict[str, str]:
    """Return an environment where node and npm are new enough: the system's, or those of a Python package."""
    environ = virtualenv.environment(dict(os.environ))
    if not _is_new(environ["PATH"]):
        virtualenv.prepare("requirements-assets.txt")
    if not _is_new(environ["PATH"]):
        raise Stop("Node, which builds the assets, does not run on this machine; install Node "
                   f"{_NODE_AT_LEAST} or newer with npm, then run this again.")
    return environ


def _is_new(path: str) -> bool:
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not (node and npm):
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    version = re.match(r"v(\d+)\.", said)
    return version is not None and int(version[1]) >= _NODE_AT_LEAST


def _digest(files: list[Path]) -> str:
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(paths.ROOT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _says(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


def _newer(source: Path, made: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime
