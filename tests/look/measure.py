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
    """axe finds nothing, in the dark colours nor in the light ones.

    A state that it has read already in this run is not read again (see `_STATE`): journeys come past the same pages
    many times, and what axe judges of them is the same each time.
    """
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        state = (scheme, *page.evaluate(_STATE))
        if state not in _read:
            reads(page)
            _read.add(state)


#: The states that axe has read in this run and found nothing in.
_read: set[tuple] = set()
#: What axe judges by, and what tells two states apart: every element with its attributes (of the numbers in them
#: only that there are some, of addresses and of what was typed only whether there is any), whether it has words,
#: whether it is shown, where the focus is, the page's address without its numbers, the size of the screen. Of
#: neighbours that are alike two count: a list of nine is read as a list of two.
_STATE = """() => {
  const bare = new Set(["href", "src", "srcset", "value", "action", "alt", "title", "datetime", "content", "d",
                        "style", "nonce", "points", "transform", "aria-label", "placeholder"]);
  const named = (one) => [...one.attributes].map(({name, value}) =>
    bare.has(name) || name.startsWith("data-") ? `${name}=${value.trim() ? 1 : 0}`
                                                : `${name}=${value.replace(/[0-9]+/g, "0")}`).sort().join(" ");
  const skeleton = (one) => {
    const inside = [...one.children].map(skeleton);
    const words = [...one.childNodes].some((part) => part.nodeType === 3 && part.data.trim());
    const seen = one.getClientRects().length > 0;
    const states = `${words ? " w" : ""}${seen ? " s" : ""}${one === document.activeElement ? " f" : ""}`;
    const apart = inside.filter((part, at) => part !== inside[at - 1] || (at > 0 && part !== inside[at - 2]));
    return `<${one.localName} ${named(one)}${states}>${apart.join("")}</>`;
  };
  const colours = [...document.styleSheets].map((sheet) => sheet.href).join(" ");
  return [skeleton(document.documentElement), colours, innerWidth, innerHeight,
          location.pathname.replace(/[A-Z0-9]{3}-[A-Z0-9]{3}|[0-9]+/g, "0")];
}"""
