"""One word for one thing: the code is held to docs/glossary.md."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("core", "reporter", "interventions", "api", "demo")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
#: Published names that are kept, and what is no name of ours: (file, word).
KEPT = {
    ("api/v1/schemas/responses.py", "door"),  # a field of API v1
}
#: Calls whose keywords are placeholders of a sentence, not names.
SENTENCES = {"_", "gettext", "ngettext", "lazy_gettext"}


def sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", GLOSSARY, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def first_cells(section: str) -> list[str]:
    rows = [line for line in sections()[section].splitlines() if line.startswith("| `")]
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row.split("|")[1])]


def sources() -> Iterator[tuple[str, ast.Module]]:
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def names_of(tree: ast.Module) -> Iterator[str]:
    placeholders = {
        id(keyword)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in SENTENCES
        for keyword in call.keywords
    }
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.arg(arg=name):
                yield name
            case ast.keyword(arg=str(name)) if id(node) not in placeholders:
                yield name


@pytest.fixture(scope="module")
def names() -> dict[str, set[str]]:
    """Every name that the code uses, module and package names included, with the files that use it."""
    found: dict[str, set[str]] = defaultdict(set)
    for file, tree in sources():
        for part in Path(file).with_suffix("").parts:
            found[part].add(file)
        for name in names_of(tree):
            found[name].add(file)
    return found


@pytest.mark.parametrize("section", ["The things", "The words between them"])
def test_what_the_glossary_names_exists(names, section):
    words = first_cells(section)
    assert len(words) > 10
    assert not [word for word in words if word not in names and word.lower() not in names]


def test_what_it_says_is_not_used_is_not_used(names):
    forbidden = first_cells("Not used in code")
    assert "town" in forbidden
    used = {
        (file, word)
        for name, files in names.items()
        for word in forbidden
        if word in name.strip("_").lower().split("_")
        for file in files
    }
    assert not used - KEPT


def test_no_two_classes_of_a_floor_share_a_name():
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for file, tree in sources():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[file.partition("/")[0], node.name].append(file)
    assert not {name: files for name, files in found.items() if len(files) > 1}
