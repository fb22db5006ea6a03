"""Scenes on wheels: bikes, cars and scooters that are in the way, and their place when they are not."""

import math

from demo.pictures.backdrops import SHUTTERS, STONE, street
from demo.pictures.paint import HEIGHT, WIDTH, Canvas, Colour, mix, shade
from demo.pictures.scenes_road import leaf

SPOKE: Colour = (150, 150, 154)


def rack(canvas: Canvas, fixed: bool) -> None:
    """Bike racks, one bent to the ground; all upright, with a bike."""
    street(canvas)
    foot, steel = 806, (150, 156, 162)
    accent = canvas.rng.choice(SHUTTERS)
    for step in range(4):
        x = 170 + step * 270
        canvas.foot_shadow(x + 90, foot + 4, 120, 12, 0.4)
        if step == 2 and not fixed:
            spots = [
                (x, foot),
                (x + 6, foot - 60),
                (x + 90, foot - 96),
                (x + 230, foot - 40),
                (x + 260, foot + 30),
                (x + 170, foot + 6),
            ]
            canvas.line(spots, 20, shade(steel, 0.72))
            canvas.line([(px - 3, py - 5) for px, py in spots], 6, shade(steel, 1.3))
            continue
        arch = [
            (x, foot),
            (x, foot - 190),
            (x + 12, foot - 214),
            (x + 36, foot - 226),
            (x + 134, foot - 226),
            (x + 158, foot - 214),
            (x + 170, foot - 190),
            (x + 170, foot),
        ]
        canvas.line(arch, 20, steel)
        canvas.line([(px - 4, py - 4) for px, py in arch], 6, shade(steel, 1.3))
    _bike(canvas, 300, foot + 26, accent)


def _bike(canvas: Canvas, x: float, foot: float, colour: Colour) -> None:
    for wheel in (-120, 120):
        canvas.oval(x + wheel, foot - 90, 88, 90, None, (40, 40, 44), 11)
        canvas.oval(x + wheel, foot - 90, 8, 8, (120, 120, 124))
        for step in range(6):
            angle = step * math.pi / 6
            dx, dy = 80 * math.cos(angle), 82 * math.sin(angle)
            canvas.line([(x + wheel + dx, foot - 90 + dy), (x + wheel - dx, foot - 90 - dy)], 1.5, SPOKE)
    saddle, bars, pedals = (x - 60, foot - 216), (x + 86, foot - 210), (x - 6, foot - 84)
    for first, last in (
        ((x - 120, foot - 90), pedals),
        (pedals, saddle),
        (saddle, bars),
        (pedals, bars),
        ((x - 120, foot - 90), saddle),
        (bars, (x + 120, foot - 90)),
    ):
        canvas.line([first, last], 11, colour)
    canvas.line([(saddle[0] - 34, saddle[1] - 18), (saddle[0] + 24, saddle[1] - 18)], 16, (44, 40, 38))
    canvas.line([(bars[0] - 26, bars[1] - 44), bars], 10, (60, 60, 64))
    canvas.line([(bars[0] - 54, bars[1] - 38), (bars[0] - 6, bars[1] - 50)], 11, (44, 40, 38))


def wreck(canvas: Canvas, fixed: bool) -> None:
    """A car left on flat tyres; the parking bay free."""
    street(canvas)
    paint = canvas.rng.choice(((122, 132, 142), (132, 66, 56), (78, 96, 84), (172, 160, 136)))
    for x in (130, 1150):
        canvas.line([(x, 842), (x - 30, 940)], 12, (226, 226, 220))
    canvas.line([(100, 940), (1120, 940)], 12, (226, 226, 220))
    if not fixed:
        car(canvas, 640, 900, paint, broken=True)


def parking(canvas: Canvas, fixed: bool) -> None:
    """A car on the pavement; a row of bollards keeps it off."""
    street(canvas)
    paint = canvas.rng.choice(((196, 198, 200), (60, 80, 120), (150, 44, 44), (50, 52, 56)))
    if not fixed:
        car(canvas, 620, 800, paint, broken=False)
        return
    for step in range(6):
        x = 130 + step * 200
        canvas.foot_shadow(x + 20, 806, 44, 12, 0.5)
        canvas.tube(x, 610, 806, 38, (58, 64, 70))
        canvas.rect(x - 19, 640, 38, 18, (230, 228, 222))


def car(canvas: Canvas, x: float, foot: float, paint: Colour, broken: bool) -> None:
    """A car seen from the side, well kept or left to rust."""
    dice = canvas.detail
    body = mix(paint, (120, 108, 92), 0.35) if broken else paint
    canvas.foot_shadow(x, foot, 470, 26, 0.65)
    canvas.poly(
        [
            (x - 450, foot - 70),
            (x - 440, foot - 190),
            (x - 380, foot - 224),
            (x - 230, foot - 246),
            (x - 110, foot - 372),
            (x + 160, foot - 376),
            (x + 290, foot - 246),
            (x + 420, foot - 212),
            (x + 456, foot - 140),
            (x + 450, foot - 62),
        ],
        body,
    )
    canvas.poly(
        [(x - 450, foot - 70), (x - 446, foot - 130), (x + 454, foot - 130), (x + 450, foot - 62)], shade(body, 0.78)
    )
    for window in (
        [(x - 200, foot - 244), (x - 98, foot - 352), (x + 10, foot - 354), (x + 10, foot - 244)],
        [(x + 34, foot - 244), (x + 34, foot - 354), (x + 148, foot - 354), (x + 252, foot - 244)],
    ):
        canvas.poly(window, (70, 84, 96) if not broken else (34, 38, 42))
    if broken:
        canvas.poly(
            [
                (x + 34, foot - 244),
                (x + 34, foot - 300),
                (x + 70, foot - 262),
                (x + 104, foot - 310),
                (x + 140, foot - 244),
            ],
            (150, 172, 180),
        )
        for _ in range(14):
            canvas.blob(
                x + dice.uniform(-400, 400),
                foot - dice.uniform(80, 210),
                dice.uniform(10, 46),
                dice.uniform(6, 20),
                (128, 78, 48),
                dice,
                0.4,
                12,
            )
        for _ in range(24):
            leaf(canvas, x + dice.uniform(-420, 420), foot + dice.uniform(-10, 40), 15)
    else:
        canvas.poly(
            [(x - 170, foot - 250), (x - 96, foot - 340), (x - 60, foot - 340), (x - 130, foot - 250)], (120, 140, 152)
        )
    canvas.line([(x + 22, foot - 350), (x + 26, foot - 90)], 4, shade(body, 0.6), False)
    canvas.rect(x + 50, foot - 214, 46, 10, shade(body, 0.55), 4)
    canvas.oval(x + 436, foot - 170, 18, 24, (236, 226, 190))
    canvas.oval(x - 438, foot - 168, 12, 26, (176, 44, 40))
    for wheel in (-280, 290):
        drop = 14 if broken else 0
        canvas.oval(x + wheel, foot - 62, 86, 84, shade(body, 0.35))
        canvas.oval(x + wheel, foot - 56 + drop * 0.6, 74 + drop, 68 - drop * 0.9, (28, 28, 30))
        canvas.oval(x + wheel, foot - 60 + drop, 40, 38, (150, 152, 156) if not broken else (112, 92, 78))
        canvas.oval(x + wheel, foot - 60 + drop, 12, 12, (60, 60, 62))


def scooter(canvas: Canvas, fixed: bool) -> None:
    """Hire scooters lying across the pavement; the pavement clear, with its painted bay."""
    canvas.fade(0, 0, WIDTH, HEIGHT, shade(STONE, 0.92), shade(STONE, 1.06))
    for step in range(-2, 9):
        canvas.line([(step * 190 + 60, 0), (step * 230 - 120, HEIGHT)], 3, shade(STONE, 0.8), False)
    for y in (120, 290, 500, 760):
        canvas.line([(0, y), (WIDTH, y - 20)], 3, shade(STONE, 0.8), False)
    canvas.rough([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], 0.45)
    accent = canvas.rng.choice(((46, 170, 120), (230, 120, 40), (70, 120, 210)))
    bay = [(250, 300), (1010, 280), (1090, 740), (180, 770)]
    canvas.line([*bay, bay[0]], 14, (240, 238, 230) if fixed else mix(STONE, (240, 238, 230), 0.4))
    if fixed:
        for step in range(3):
            _standing_scooter(canvas, 400 + step * 200, 640, accent)
        return
    for x, y, lean in ((420, 360, 0.15), (620, 520, -0.25), (560, 700, 0.05)):
        _lying_scooter(canvas, x, y, lean, accent)


def _lying_scooter(canvas: Canvas, x: float, y: float, lean: float, accent: Colour) -> None:
    along, across = (math.cos(lean), math.sin(lean)), (-math.sin(lean), math.cos(lean))

    def at(forward: float, aside: float) -> tuple[float, float]:
        return x + forward * along[0] + aside * across[0], y + forward * along[1] + aside * across[1]

    canvas.shadow([[at(-230, 20), at(330, 20), at(330, 60), at(-230, 60)]], 0.5, 16)
    canvas.line([at(-170, 0), at(120, 0)], 34, (46, 48, 54))
    canvas.line([at(-150, -6), at(100, -6)], 10, accent)
    canvas.line([at(130, 0), at(330, -100)], 16, accent)
    canvas.line([at(300, -160), at(352, -50)], 14, (40, 42, 46))
    for forward in (-200, 150):
        cx, cy = at(forward, 6)
        canvas.oval(cx, cy, 48, 40, (34, 34, 38))
        canvas.oval(cx, cy, 22, 18, (150, 152, 156))


def _standing_scooter(canvas: Canvas, x: float, foot: float, accent: Colour) -> None:
    canvas.foot_shadow(x + 30, foot + 10, 100, 20, 0.5)
    for wheel in (-62, 66):
        canvas.oval(x + wheel, foot - 16, 26, 27, (34, 34, 38))
        canvas.oval(x + wheel, foot - 16, 11, 12, (160, 162, 166))
    canvas.line([(x - 60, foot - 28), (x + 50, foot - 28)], 16, (46, 48, 54))
    canvas.line([(x + 62, foot - 20), (x + 36, foot - 240)], 14, accent)
    canvas.line([(x + 6, foot - 250), (x + 66, foot - 238)], 12, (40, 42, 46))
