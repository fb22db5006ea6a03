"""The pieces of the pages, measured in a real browser: contrast and names by axe, widths, targets, policy."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from tests.look.gallery import PAGES, make_app
from tests.look.measure import SIZES, fits, reads


@pytest.fixture(scope="module")
def address():
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture(params=list(SIZES))
def page(chromium, request):
    width, height = SIZES[request.param]
    phone = request.param == "phone"
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        has_touch=phone,
        is_mobile=phone,
        reduced_motion="reduce",
        locale="fr-FR",
    )
    yield context.new_page()
    context.close()


def _open(page: Page, address: str, name: str, theme: str, **more: str) -> list[str]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    query = "&".join(f"{key}={value}" for key, value in {"theme": theme, **more}.items())
    page.goto(f"{address}/{name}?{query}", wait_until="networkidle")
    return said


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_reached_and_touched(page, address, name, theme):
    said = _open(page, address, name, theme)
    assert said == []
    fits(page)
    reads(page)


@pytest.mark.parametrize("accent", ["8a1538", "171b1f", "6b6300"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["form", "desk"])
def test_another_towns_colour_reads_as_well(page, address, name, theme, accent):
    _open(page, address, name, theme, accent=accent)
    reads(page, options={"runOnly": ["color-contrast"]})


def test_the_menu_opens_and_closes_without_a_script(chromium, address):
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    for name, label in (("resident", "Menu"), ("desk", "Menu")):
        page.goto(f"{address}/{name}")
        menu = page.locator("#menu")
        assert not menu.is_visible()
        page.get_by_role("button", name=label).click()
        assert menu.is_visible()
        page.keyboard.press("Escape")
        assert not menu.is_visible()
    context.close()


def test_the_focus_is_seen_on_every_control(page, address):
    _open(page, address, "form", "light")
    for _ in range(40):
        page.keyboard.press("Tab")
        ring = page.evaluate("""() => {
          const reached = document.activeElement;
          if (reached === document.body) return null;
          const seen = reached.closest(".choice") ? reached.nextElementSibling : reached;
          const style = getComputedStyle(seen);
          return [style.outlineWidth, style.outlineColor, style.outlineStyle, reached.outerHTML.slice(0, 80)];
        }""")
        if ring is None:
            break
        assert ring[:3] == ["3px", "rgb(245, 183, 0)", "solid"], ring[3]


def test_one_font_file_is_asked_for_and_no_page_is_heavy(page, address):
    asked: dict[str, int] = {}
    page.on("request", lambda request: asked.setdefault(request.url, 0))
    _open(page, address, "form", "light")
    fonts = [url for url in asked if url.endswith(".woff2")]
    assert len(fonts) == 1
    built = Path(make_app().static_folder) / "built"
    weight = sum(
        (built / f"{url.rsplit('/', 1)[1]}.gz").stat().st_size
        for url in asked
        if url.endswith((".js", ".css")) and "/built/" in url
    )
    assert weight < 90_000
