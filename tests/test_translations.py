"""Every sentence on the screen is in French and in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "reporter", "interventions", "api")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_gettext": None,
    "N_": None,
}


def used(package: str) -> dict[str, str]:
    """Every msgid that the sources of a package use, with a place where they do."""
    options = {"jinja2": {}}
    found = {}
    for name, line, message, _comments, _context in extract_from_dir(
        ROOT / package,
        METHODS,
        options,
        KEYWORDS,
        directory_filter=lambda d: "node_modules" not in d,
    ):
        first = message[0] if isinstance(message, tuple) else message
        if first:
            found[first] = f"{package}/{name}:{line}"
    return found


def french() -> dict[str, object]:
    """Every translated msgid of every catalogue."""
    known = {}
    for package in PACKAGES:
        path = ROOT / package / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
        with path.open("rb") as lines:
            for message in read_po(lines, locale="fr"):
                if message.id and not message.fuzzy:
                    msgid = message.id[0] if isinstance(message.id, tuple) else message.id
                    translated = message.string if isinstance(message.string, tuple) else (message.string,)
                    if all(translated):
                        known[msgid] = message
    return known


@pytest.mark.parametrize("package", PACKAGES)
def test_every_sentence_is_in_french(package):
    known = french()
    missing = {msgid: place for msgid, place in used(package).items() if msgid not in known}
    assert not missing, "\n".join(f"{place}: {msgid!r}" for msgid, place in missing.items())


def test_a_translation_keeps_what_it_is_given():
    names = re.compile(r"%\((\w+)\)")
    for msgid, message in french().items():
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            assert set(names.findall(text)) <= set(names.findall(str(message.id))), msgid


def test_one_sentence_has_one_french():
    """The catalogues are one for the reader: of two translations, one would silently win everywhere."""
    said: dict[object, dict[str, object]] = {}
    for package in PACKAGES:
        with (ROOT / package / "translations" / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as file:
            for message in read_po(file, locale="fr"):
                if message.id:
                    said.setdefault(message.id, {})[package] = message.string
    twice = {sentence: by for sentence, by in said.items() if len(set(map(str, by.values()))) > 1}
    assert not twice
