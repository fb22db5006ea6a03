"""axe reads each state of a page once: the same state is not read again, another one is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.look import measure

PAGE = """<!doctype html><html lang="fr"><head><title>Une page</title></head><body><main><h1>Une page</h1>
<ul><li>{}</li><li>deux</li><li>trois</li></ul><label>Nom <input id="name"></label><p>{}</p></main></body></html>"""


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def count(monkeypatch):
    """How often axe has read."""
    monkeypatch.setattr(measure, "_read", set())
    read, found = measure.reads, []

    def counting(of: Page) -> None:
        found.append(1)
        read(of)

    monkeypatch.setattr(measure, "reads", counting)
    return found


def test_a_state_is_read_once_in_each_scheme(page, count):
    for words in ("un", "17"):
        page.set_content(PAGE.format(words, "Le 3 mars"))
        measure.reads_in_both(page)
    assert len(count) == 2


@pytest.mark.parametrize(
    "change",
    [
        "document.querySelector('li').className = 'late'",
        "document.querySelector('p').hidden = true",
        "document.querySelector('p').textContent = ''",
        "document.querySelector('input').focus()",
        "document.querySelector('ul').append(document.createElement('li'))",
        "document.querySelector('p').setAttribute('role', 'note')",
    ],
)
def test_another_state_is_read(page, count, change):
    page.set_content(PAGE.format("un", "deux"))
    measure.reads_in_both(page)
    page.evaluate(change)
    measure.reads_in_both(page)
    assert len(count) == 4


def test_a_state_with_a_fault_is_read_each_time(page, count):
    page.set_content(PAGE.format("un", "deux").replace("<label>Nom ", "").replace("</label>", ""))
    for _time in (1, 2):
        with pytest.raises(AssertionError):
            measure.reads_in_both(page)
    assert len(count) == 2
