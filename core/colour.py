"""The jurisdiction's own colour: one accent made into all that pages need, light and dark, readable (WCAG).

Colours are "#rrggbb" strings; contrast is WCAG 2's ratio, from 1 to 21. The surfaces are those of
core/assets/style/_tokens.scss, which a test compares.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import asdict, dataclass
from functools import lru_cache

TEXT = 4.5
WHITE = "#ffffff"
INK = "#101416"


@dataclass(frozen=True)
class Surfaces:
    """The surfaces that the accent is written on, in one palette."""

    paper: str
    surface: str
    sunk: str


LIGHT = Surfaces(paper="#faf8f4", surface="#ffffff", sunk="#f2efe8")
DARK = Surfaces(paper="#15191c", surface="#1d2327", sunk="#262d32")


@dataclass(frozen=True)
class Accent:
    """What /jurisdiction.css sets, in one palette; each field is the custom property of that name."""

    accent: str
    accent_strong: str
    on_accent: str
    accent_soft: str
    nav: str
    nav_on: str
    on_nav: str
    on_nav_2: str


class UnreadableColour(ValueError):
    """The colour cannot be written on paper; `suggestion` is the nearest one of its hue that can."""

    def __init__(self, sentence: str, suggestion: str | None = None) -> None:
        super().__init__(sentence)
        self.suggestion = suggestion


def parse(colour: str) -> str:
    """`colour` as "#rrggbb"; Unreadable when it is not "#rgb" or "#rrggbb"."""
    found = re.fullmatch(r"#?([0-9a-f]{6}|[0-9a-f]{3})", colour.strip().lower())
    if not found:
        raise UnreadableColour("A colour is written as # and six digits or letters from a to f, such as #0A5A6A.")
    digits = found[1]
    return "#" + (digits if len(digits) == 6 else "".join(d * 2 for d in digits))


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _hex(rgb: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in rgb)


def _luminance(colour: str) -> float:
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in _rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two "#rrggbb" colours, whichever is the darker."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`share` (0 to 1) of the first colour laid over the second."""
    return _hex(tuple(a * share + b * (1 - share) for a, b in zip(_rgb(one), _rgb(other), strict=True)))


def _with_lightness(colour: str, lightness: float, most_saturated: float = 1.0) -> str:
    hue, _lightness, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    return _hex(colorsys.hls_to_rgb(hue, lightness, min(saturation, most_saturated)))


def _lightness(colour: str) -> float:
    return colorsys.rgb_to_hls(*_rgb(colour))[1]


def _readable(colour: str, grounds: tuple[str, ...], ratio: float = TEXT) -> bool:
    return all(contrast(colour, ground) >= ratio for ground in grounds)


def _soft(accent: str, ground: Surfaces, share: float) -> str:
    """The accent as a tint that accent and ink can both be written on."""
    while share > 0.02:
        tint = mix(accent, ground.surface, share)
        if _readable(accent, (tint,)):
            return tint
        share -= 0.01
    return ground.surface


def _step(colour: str, grounds: tuple[str, ...], step: float) -> str:
    """`colour`, made lighter or darker (`step` of HLS lightness at a time) until it reads on every ground."""
    while not _readable(colour, grounds):
        lightness = _lightness(colour) + step
        if not 0 < lightness < 1:
            return WHITE if step > 0 else INK
        colour = _with_lightness(colour, lightness)
    return colour


def light_accent(jurisdiction: str) -> Accent:
    """The accent by day: the jurisdiction's colour itself. Unreadable when it is under 4.5:1 with paper."""
    accent = parse(jurisdiction)
    grounds = (LIGHT.surface, LIGHT.paper, LIGHT.sunk)
    if not _readable(accent, grounds):
        darker = _step(accent, grounds, -0.005)
        raise UnreadableColour(
            f"{accent.upper()} is too pale to be read on paper: choose a darker one, as {darker.upper()}.",
            darker,
        )
    nav = _with_lightness(accent, 0.125, 0.6)
    return Accent(
        accent=accent,
        accent_strong=_with_lightness(accent, max(0.0, _lightness(accent) - 0.06)),
        on_accent=WHITE,
        accent_soft=_soft(accent, LIGHT, 0.12),
        nav=nav,
        nav_on=mix(WHITE, nav, 0.13),
        on_nav=WHITE,
        on_nav_2=mix(WHITE, nav, 0.75),
    )


def dark_accent(jurisdiction: str) -> Accent:
    """The accent by night: the same hue, lighter and calmer, until it reads on the dark surfaces."""
    grounds = (DARK.surface, DARK.paper, DARK.sunk)
    accent = _step(_with_lightness(parse(jurisdiction), 0.62, 0.55), grounds, 0.01)
    nav = _with_lightness(parse(jurisdiction), 0.1, 0.42)
    return Accent(
        accent=accent,
        accent_strong=_with_lightness(accent, min(0.95, _lightness(accent) + 0.1)),
        on_accent=INK,
        accent_soft=_soft(accent, DARK, 0.17),
        nav=nav,
        nav_on=mix(WHITE, nav, 0.15),
        on_nav=WHITE,
        on_nav_2=mix(WHITE, nav, 0.75),
    )


def _properties(palette: Accent) -> str:
    return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in asdict(palette).items())


@lru_cache(256)
def stylesheet(jurisdiction: str) -> str:
    """The text of /jurisdiction.css for a jurisdiction's accent; Unreadable as `light`."""
    day, night = _properties(light_accent(jurisdiction)), _properties(dark_accent(jurisdiction))
    return (
        f":root{{{day}}}\n"
        f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{night}}}}}\n'
        f':root[data-theme="dark"]{{{night}}}\n'
    )
