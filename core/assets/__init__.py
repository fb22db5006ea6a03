"""What pages load: where each built stylesheet, script, icon and font is, by the name it has in the sources.

`npm run build` (core/assets/build.mjs) writes core/static/built/ with a hash in each name, and manifest.json.
In templates: `asset("desk.css")` is an address, `scripts("report.js")` the tags of a script and of the parts
it shares with others, `icon("camera")` one picture of the sprite.
"""

from __future__ import annotations

import json
from functools import cache, cached_property, lru_cache
from pathlib import Path

from flask import Flask
from markupsafe import Markup

BUILT = Path(__file__).parent.parent / "static" / "built"
#: Where core.web.pages serves them.
ADDRESS = "/static/built"


class NotBuilt(RuntimeError):
    """The assets have not been built, or not this one."""


class Manifest:
    """The account that the build leaves of itself, read once."""

    def __init__(self, folder: Path = BUILT) -> None:
        self.folder = folder

    @cached_property
    def _read(self) -> dict:
        try:
            return json.loads((self.folder / "manifest.json").read_text("utf-8"))
        except FileNotFoundError:
            raise NotBuilt("The stylesheets and scripts are not built: run `npm ci` then `npm run build`.") from None

    def file(self, name: str) -> str:
        """The built file of a source name ("desk.css" → "desk-LJ3K2QWE.css"); NotBuilt when there is none."""
        try:
            return self._read["files"][name]
        except KeyError:
            raise NotBuilt(f"No asset is called {name}: see core/assets/build.mjs.") from None

    def parts(self, name: str) -> list[str]:
        """The built files that a script imports, so that a page can ask for all of them at once."""
        return self._read["imports"].get(name, [])

    @cached_property
    def icons(self) -> frozenset[str]:
        """The names in the sprite."""
        return frozenset(self._read["icons"])


def init_app(app: Flask, folder: Path = BUILT) -> None:
    """Give `app`'s templates `asset`, `scripts` and `icon`; a page has dozens of icons: each is made once."""
    manifest = Manifest(folder)

    def address(file: str) -> str:
        return f"{ADDRESS}/{file}"

    def asset(name: str) -> str:
        return address(manifest.file(name))

    @cache
    def scripts(name: str) -> Markup:
        tags = [Markup('<link rel="modulepreload" href="{}">').format(address(part)) for part in manifest.parts(name)]
        tags.append(Markup('<script type="module" src="{}"></script>').format(asset(name)))
        return Markup("").join(tags)

    @lru_cache(2048)
    def icon(name: str, label: str | None = None, css: str = "") -> Markup:
        """One icon; silent beside words, with a `label` where it is alone. A jurisdiction's unknown one is a tag."""
        known = name if name in manifest.icons else "tag"
        told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        return Markup('<svg class="{}" width="20" height="20" {}><use href="{}#{}"></use></svg>').format(
            f"icon {css}".strip(), told, asset("sprite.svg"), known
        )

    app.jinja_env.globals.update(asset=asset, scripts=scripts, icon=icon)
