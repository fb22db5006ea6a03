"""What a test can hold of the look: contrast and names (axe), width, the size of what is touched."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
]
#: Width and height of the two screens that every page is looked at on, CSS pixels.
SIZES = {"phone": (360, 740), "desk": (1280, 800)}
TARGET = 44

#: Controls that a finger would miss. Links in a sentence are not controls of their own; a row's link and a
#: box in its label are touched on the whole row and label.
_SMALL = """(least) => [...document.querySelectorAll("a, button, input, select, textarea, summary, label")]
  .filter((one) => one.getClientRects().length && (!one.matches("label") || one.matches(".tick, .choice")))
  .filter((one) => !one.closest(".skip, .visually-hidden, td, .history, [aria-hidden=true]"))
  .filter((one) => !one.closest("p:not(.cluster, .more)"))
  .filter((one) => !one.closest(".leaflet-control-attribution, .row-what, label > input"))
  .filter((one) => !one.matches(".seen-what, .btn-text"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < least - 0.1 || box.height < least - 0.1)
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def fits(page: Page, least: int = TARGET) -> None:
    """No sideways scroll, no control smaller than `least` pixels."""
    wider = page.evaluate(_WIDER)
    assert wider <= 0, f"{wider} px too wide: {page.url}"
    assert page.evaluate(_SMALL, least) == [], page.url


def reads(page: Page, **options: object) -> None:
    """axe finds nothing on the page as it is shown now."""
    found = Axe().run(page, **options)
    assert found.violations_count == 0, found.generate_report()


def reads_in_both(page: Page) -> None:
    """axe finds nothing, in the dark colours nor in the light ones."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        reads(page)
