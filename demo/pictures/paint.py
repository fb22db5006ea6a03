"""A small painter: shapes on a picture of 1280 by 960 units, then light, grain and glow as in a photo.

Shapes are drawn twice as large and reduced, which smooths their edges. Everything comes from the seed.
"""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

WIDTH, HEIGHT = 1280, 960
SCALE = 2
SHADOW_SCALE = 0.25  # shadows are soft: a small mask is enough

Colour = tuple[int, int, int]
Spot = tuple[float, float]


def shade(colour: Colour, factor: float) -> Colour:
    """Return a colour made lighter (factor over 1) or darker (under 1)."""
    red, green, blue = (max(0, min(255, round(part * factor))) for part in colour)
    return red, green, blue


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour between two: the first at 0, the second at 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


@lru_cache(maxsize=4)
def _grain(variant: int, strength: int) -> Image.Image:
    """Noise around mid-grey, one picture in size; strength is its largest departure."""
    dice = Random(variant)
    fine = Image.frombytes("L", (WIDTH // 2, HEIGHT // 2), dice.randbytes(WIDTH * HEIGHT // 4))
    fine = fine.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    fine = fine.point([128 + round((value - 128) * strength / 128) for value in range(256)])
    return Image.merge("RGB", [fine] * 3)


@lru_cache(maxsize=1)
def _vignette() -> Image.Image:
    """A picture to multiply by: white in the middle, a little darker in the corners."""
    radial = Image.radial_gradient("L").resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    radial = radial.point([255 - max(0, value - 120) * 55 // 135 for value in range(256)])
    return Image.merge("RGB", [radial] * 3)


@lru_cache(maxsize=1)
def _halo() -> Image.Image:
    """A round glow in grey: bright in the middle, nothing at the rim."""
    fall = [round(255 * max(0, 1 - value / 180) ** 2.2) for value in range(256)]
    return Image.radial_gradient("L").point(fall)


class Canvas:
    """A picture being painted.

    The camera looks at `focus` and enlarges by `zoom` (1 or more), never past the picture's edges.
    `rng` is for what the pictures before and after a repair have in common and must be drawn first;
    `detail` is for the defect or the repair alone.
    """

    def __init__(self, seed: str, focus: Spot = (WIDTH / 2, HEIGHT / 2), zoom: float = 1.0):
        self._zoom = zoom
        self._left, self._top = (
            max(0, min(size - size / zoom, middle - size / zoom / 2))
            for size, middle in ((WIDTH, focus[0]), (HEIGHT, focus[1]))
        )
        self.rng = Random(seed)
        self.detail = Random(seed + "/detail")
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
        self._pen = ImageDraw.Draw(self.image)
        self._rough = Image.new("L", (WIDTH // 2, HEIGHT // 2), 0)
        self._glows: list[tuple[float, float, float, Colour]] = []
        self.light: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def _at(self, x: float, y: float, scale: float = SCALE) -> Spot:
        """Where a spot comes to lie, in pixels of a picture drawn at that scale."""
        return (x - self._left) * self._zoom * scale, (y - self._top) * self._zoom * scale

    def step_back(self) -> None:
        """Draw from now on upon the picture itself, whatever the camera looked at: what stands in front."""
        self._zoom, self._left, self._top = 1.0, 0.0, 0.0

    # --- shapes ---

    def poly(self, spots: Iterable[Spot], fill: Colour) -> None:
        """Fill a polygon."""
        self._pen.polygon([self._at(x, y) for x, y in spots], fill=fill)

    def rect(self, x: float, y: float, width: float, height: float, fill: Colour, radius: float = 0) -> None:
        """Fill a rectangle from its top left corner, with round corners if asked."""
        box = (*self._at(x, y), *self._at(x + width, y + height))
        if radius:
            self._pen.rounded_rectangle(box, radius=radius * SCALE * self._zoom, fill=fill)
        else:
            self._pen.rectangle(box, fill=fill)

    def oval(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        fill: Colour | None,
        edge: Colour | None = None,
        width: float = 0,
    ) -> None:
        """Draw an ellipse around its middle."""
        box = (*self._at(x - rx, y - ry), *self._at(x + rx, y + ry))
        self._pen.ellipse(box, fill=fill, outline=edge, width=round(width * SCALE * self._zoom) if edge else 0)

    def line(self, spots: Sequence[Spot], width: float, fill: Colour, round_ends: bool = True) -> None:
        """Draw a line of some width, with round joints and ends."""
        self._pen.line(
            [self._at(x, y) for x, y in spots],
            fill=fill,
            width=max(1, round(width * SCALE * self._zoom)),
            joint="curve",
        )
        if round_ends:
            for x, y in (spots[0], spots[-1]):
                self.oval(x, y, width / 2, width / 2, fill)

    def blob(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        fill: Colour,
        dice: Random,
        rough: float = 0.15,
        corners: int = 26,
    ) -> list[Spot]:
        """Fill an irregular round shape and return its outline."""
        first, second = dice.uniform(0, 6.3), dice.uniform(0, 6.3)
        outline = []
        for step in range(corners):
            angle = 2 * math.pi * step / corners
            reach = 1 + rough * (
                math.sin(2 * angle + first) * 0.6 + math.sin(3 * angle + second) * 0.5 + dice.uniform(-0.5, 0.5)
            )
            outline.append((x + rx * reach * math.cos(angle), y + ry * reach * math.sin(angle)))
        self.poly(outline, fill)
        return outline

    def fade(self, x: float, y: float, width: float, height: float, top: Colour, bottom: Colour) -> None:
        """Fill a rectangle with colours from top to bottom."""
        ramp = Image.linear_gradient("L").resize((1, 64))
        strip = ImageOps.colorize(ramp, top, bottom)
        size = (round(width * SCALE * self._zoom), round(height * SCALE * self._zoom))
        left, upper = (round(part) for part in self._at(x, y))
        self.image.paste(strip.resize(size, Image.Resampling.BILINEAR), (left, upper))

    def tube(self, x: float, top: float, bottom: float, width: float, colour: Colour) -> None:
        """Draw an upright post around x, lit from the left."""
        self.rect(x - width / 2, top, width, bottom - top, colour)
        self.rect(x - width * 0.34, top, width * 0.2, bottom - top, shade(colour, 1.35))
        self.rect(x + width * 0.2, top, width * 0.3, bottom - top, shade(colour, 0.7))

    # --- light ---

    def shadow(self, shapes: Iterable[Sequence[Spot]], darkness: float = 0.45, blur: float = 14) -> None:
        """Darken softly under polygons. Darkness is 0 to 1, blur in units."""
        shapes = [[self._at(x, y, 1) for x, y in shape] for shape in shapes]
        blur *= self._zoom
        pad = blur * 3
        xs, ys = [x for shape in shapes for x, _ in shape], [y for shape in shapes for _, y in shape]
        left, top = max(0, min(xs) - pad), max(0, min(ys) - pad)
        right, bottom = min(WIDTH, max(xs) + pad), min(HEIGHT, max(ys) + pad)
        if right <= left or bottom <= top:
            return
        small = (max(1, round((right - left) * SHADOW_SCALE)), max(1, round((bottom - top) * SHADOW_SCALE)))
        mask = Image.new("L", small, 0)
        pen = ImageDraw.Draw(mask)
        for shape in shapes:
            pen.polygon(
                [((x - left) * SHADOW_SCALE, (y - top) * SHADOW_SCALE) for x, y in shape], fill=round(255 * darkness)
            )
        mask = mask.filter(ImageFilter.GaussianBlur(blur * SHADOW_SCALE))
        mask = mask.resize((round((right - left) * SCALE), round((bottom - top) * SCALE)), Image.Resampling.BILINEAR)
        self.image.paste((18, 20, 28), (round(left * SCALE), round(top * SCALE)), mask)

    def foot_shadow(self, x: float, y: float, rx: float, ry: float, darkness: float = 0.5) -> None:
        """Darken softly an ellipse on the ground, under something that stands there."""
        self.shadow(
            [[(x + rx * math.cos(a), y + ry * math.sin(a)) for a in (2 * math.pi * step / 24 for step in range(24))]],
            darkness,
            max(6, ry * 0.6),
        )

    def rough(self, spots: Iterable[Spot], strength: float = 1.0) -> None:
        """Give a part of the picture the grain of asphalt or earth. Strength is 0 to 1."""
        ImageDraw.Draw(self._rough).polygon([self._at(x, y, 0.5) for x, y in spots], fill=round(255 * strength))

    def glow(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Add a round light, on top of everything and of the light of day."""
        self._glows.append((*self._at(x, y, 1), radius * self._zoom, colour))

    def finish(self, mirrored: bool, grain: int) -> Image.Image:
        """Return the finished picture, WIDTH by HEIGHT, RGB."""
        picture = self.image.reduce(SCALE)
        rough = self._rough.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
        picture = Image.composite(ImageChops.add(picture, _grain(1, 34), 1, -128), picture, rough)
        if self.light != (1.0, 1.0, 1.0):
            lit = [min(255, round(value * part)) for part in self.light for value in range(256)]
            picture = picture.point(lit)
        for x, y, radius, colour in self._glows:
            self._add_glow(picture, x, y, radius, colour)
        picture = ImageChops.multiply(ImageChops.add(picture, _grain(2, grain), 1, -128), _vignette())
        return ImageOps.mirror(picture) if mirrored else picture

    @staticmethod
    def _add_glow(picture: Image.Image, x: float, y: float, radius: float, colour: Colour) -> None:
        size = round(radius * 2)
        corner = (round(x - radius), round(y - radius))
        halo = ImageOps.colorize(_halo().resize((size, size), Image.Resampling.BILINEAR), (0, 0, 0), colour)
        patch = picture.crop((*corner, corner[0] + size, corner[1] + size))
        picture.paste(ImageChops.screen(patch, halo), corner)
