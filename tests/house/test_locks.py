"""The locks hold what setup.cfg asks for, with hashes, and name no place to fetch it from."""

import configparser
import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.clone import ROOT

LOCKS = ("requirements.txt", "requirements-test.txt", "requirements-assets.txt")


def wanted(section, option):
    """Return the canonical names that a list of setup.cfg asks for."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    lines = (line for line in settings[section][option].splitlines() if line and not line.startswith("#"))
    return {canonicalize_name(Requirement(line).name) for line in lines}


def locked(name):
    """Return the versions of a lock by canonical name."""
    pairs = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pairs}


def test_all_that_is_asked_for_is_locked():
    runtime = wanted("options", "install_requires")
    assert runtime <= locked("requirements.txt").keys()
    assert runtime | wanted("options.extras_require", "test") <= locked("requirements-test.txt").keys()


def test_tests_run_what_is_installed():
    assert locked("requirements.txt").items() <= locked("requirements-test.txt").items()


@pytest.mark.parametrize("name", LOCKS)
def test_each_package_has_its_hashes(name):
    text = (ROOT / name).read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)[1:]
    assert entries and all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("name", LOCKS)
def test_no_registry_is_named(name):
    assert not re.search(r"https?://|--index-url|--find-links|file:", (ROOT / name).read_text())
