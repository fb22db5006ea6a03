"""The jurisdiction's accent: readable wherever it is used, in both palettes, or refused with a sentence."""

import re
from pathlib import Path

import pytest

from core import colour

STYLE = Path(colour.__file__).parent / "assets" / "style" / "_tokens.scss"
TOWNS = [
    "#0A5A6A",
    "#8a1538",
    "#1b4fa0",
    "#2f6b2f",
    "#5b3a8c",
    "#171b1f",
    "#000",
    "#9c3d00",
    "#6b6300",
    "#b00020",
]


def test_contrast_is_wcags():
    assert colour.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colour.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert colour.contrast("#ffffff", "#777777") == colour.contrast("#777777", "#ffffff")


@pytest.mark.parametrize("jurisdiction", TOWNS)
@pytest.mark.parametrize(
    ("palette", "ground"), [(colour.light_accent, colour.LIGHT), (colour.dark_accent, colour.DARK)]
)
def test_every_pair_that_is_written_reads(jurisdiction, palette, ground):
    made = palette(jurisdiction)
    ink = "#171b1f" if palette is colour.light_accent else "#f3f0e9"
    for under in (ground.paper, ground.surface, ground.sunk, made.accent_soft):
        assert colour.contrast(made.accent, under) >= 4.5, under
    assert colour.contrast(made.accent_strong, ground.surface) >= 4.5
    assert colour.contrast(made.on_accent, made.accent) >= 4.5
    assert colour.contrast(made.on_accent, made.accent_strong) >= 4.5
    assert colour.contrast(ink, made.accent_soft) >= 4.5
    for under in (made.nav, made.nav_on):
        assert colour.contrast(made.on_nav, under) >= 4.5
        assert colour.contrast(made.on_nav_2, under) >= 4.5


def test_the_town_keeps_its_own_colour_by_day():
    assert colour.light_accent("#8A1538").accent == "#8a1538"


@pytest.mark.parametrize("pale", ["#ffe600", "#7fd4e6", "#fff", "#e08a3c"])
def test_a_pale_colour_is_refused_with_one_that_would_do(pale):
    with pytest.raises(colour.UnreadableColour, match="too pale") as refused:
        colour.light_accent(pale)
    assert colour.light_accent(refused.value.suggestion).accent == refused.value.suggestion


@pytest.mark.parametrize("nonsense", ["", "blue", "#12345", "#gggggg", "url(x)", "#0a5a6a;}"])
def test_what_is_no_colour_is_refused(nonsense):
    with pytest.raises(ValueError, match="six digits"):
        colour.light_accent(nonsense)


def _properties(palette):
    block = re.search(rf"@mixin {palette} \{{(.*?)\n\}}", STYLE.read_text("utf-8"), re.DOTALL)[1]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))


@pytest.mark.parametrize(
    ("palette", "ground", "made"),
    [
        ("light", colour.LIGHT, colour.light_accent("#0A5A6A")),
        ("dark", colour.DARK, colour.dark_accent("#0A5A6A")),
    ],
)
def test_the_sheet_of_tokens_says_the_same(palette, ground, made):
    tokens = _properties(palette)
    assert (tokens["paper"], tokens["surface"], tokens["sunk"]) == (ground.paper, ground.surface, ground.sunk)
    for name, value in vars(made).items():
        assert tokens[name.replace("_", "-")] == value, name


@pytest.mark.parametrize("palette", ["light", "dark"])
def test_inks_states_and_edges_read_on_every_surface(palette):
    tokens = _properties(palette)
    surfaces = [tokens[name] for name in ("paper", "surface", "sunk")]
    states = ("received", "acknowledged", "waiting", "planned", "in-progress", "resolved", "danger")
    for name in ("ink", "ink-2", *states):
        for under in surfaces:
            assert colour.contrast(tokens[name], under) >= 4.5, (name, under)
    for name in states:
        assert colour.contrast(tokens["on-state"], tokens[name]) >= 4.5, name
    for soft in ("danger-soft", "resolved-soft", "waiting-soft"):
        assert colour.contrast(tokens["ink"], tokens[soft]) >= 4.5
        assert colour.contrast(tokens[soft.removesuffix("-soft")], tokens[soft]) >= 4.5
    for under in surfaces:
        assert colour.contrast(tokens["edge"], under) >= 3, under


def test_the_stylesheet_sets_both_palettes_and_both_ways_to_choose_one():
    sheet = colour.stylesheet("#0A5A6A")
    assert sheet.startswith(":root{--accent:#0a5a6a;")
    assert sheet.count(colour.dark_accent("#0A5A6A").accent) == 2
    assert '[data-theme="dark"]' in sheet and "prefers-color-scheme:dark" in sheet
