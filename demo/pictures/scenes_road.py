"""Scenes looked down upon: what is wrong with roads and pavements, and the same place repaired."""

import math

from demo.pictures.backdrops import ground
from demo.pictures.paint import HEIGHT, WIDTH, Canvas, Colour, mix, shade

LEAVES: tuple[Colour, ...] = ((158, 104, 46), (182, 132, 52), (120, 92, 48), (140, 120, 60))
WATER: Colour = (128, 154, 176)
BROKEN = ((1, 1), (2, 1), (1, 2), (2, 2))  # row and column of slabs; the last one is gone


def patch(canvas: Canvas, x: float, y: float, rx: float, ry: float) -> None:
    """A fresh rectangle of tarmac with its sealed joint, seen at a slant."""
    lean = ry * 0.5
    outline = [(x - rx + lean, y - ry), (x + rx + lean, y - ry * 0.94), (x + rx, y + ry), (x - rx - lean * 0.4, y + ry)]
    canvas.poly(outline, (52, 52, 56))
    canvas.line([*outline, outline[0]], 9, (28, 28, 31))
    canvas.rough(outline, 1.0)
    canvas.poly(
        [
            (x - rx * 0.6, y - ry * 0.5),
            (x + rx * 0.5, y - ry * 0.6),
            (x + rx * 0.3, y - ry * 0.2),
            (x - rx * 0.7, y - ry * 0.1),
        ],
        (60, 60, 65),
    )


def gravel(canvas: Canvas, x: float, y: float, reach: float, count: int, colour: Colour) -> None:
    """Small stones scattered around a place."""
    dice = canvas.detail
    for _ in range(count):
        angle, far = dice.uniform(0, 6.3), reach * dice.uniform(0.75, 1.35)
        size = dice.uniform(3, 10)
        px, py = x + far * math.cos(angle), y + far * 0.5 * math.sin(angle)
        canvas.oval(px + 2, py + 3, size, size * 0.6, shade(colour, 0.55))
        canvas.oval(px, py, size, size * 0.7, shade(colour, dice.uniform(0.8, 1.3)))


def hole(canvas: Canvas, x: float, y: float, rx: float, ry: float, colour: Colour, water: bool) -> None:
    """A hole with a crumbling rim, water in it or not."""
    dice = canvas.detail
    rim = canvas.blob(x, y, rx * 1.16, ry * 1.16, shade(colour, 1.16), dice, 0.12)
    canvas.rough(rim)
    canvas.blob(x, y + 4, rx, ry, (92, 80, 66), dice, 0.12)
    canvas.blob(x + 4, y + ry * 0.12, rx * 0.86, ry * 0.8, (58, 50, 44), dice, 0.12)
    canvas.shadow(
        [
            [
                (x - rx * 0.8, y - ry * 0.75),
                (x + rx * 0.8, y - ry * 0.75),
                (x + rx * 0.66, y - ry * 0.2),
                (x - rx * 0.7, y - ry * 0.2),
            ]
        ],
        0.7,
        12,
    )
    if water:
        canvas.blob(x + 6, y + ry * 0.26, rx * 0.66, ry * 0.46, WATER, dice, 0.1)
        canvas.blob(x - rx * 0.12, y + ry * 0.2, rx * 0.32, ry * 0.13, (196, 214, 226), dice, 0.2)
    for step in range(5):
        angle = step * 1.3 + dice.uniform(-0.3, 0.3)
        spots = [
            (x + rx * far * math.cos(angle + bend), y + ry * far * math.sin(angle + bend))
            for far, bend in ((1.1, 0), (1.4, dice.uniform(-0.1, 0.1)), (1.75, dice.uniform(-0.2, 0.2)))
        ]
        canvas.line(spots, 4, shade(colour, 0.55))
    gravel(canvas, x, y, rx * 1.1, 34, shade(colour, 1.1))


def pothole(canvas: Canvas, fixed: bool) -> None:
    """A hole in the road; a square of new tarmac."""
    colour = ground(canvas)
    x, y = canvas.rng.uniform(520, 760), canvas.rng.uniform(540, 640)
    rx, ry = canvas.rng.uniform(210, 290), canvas.rng.uniform(105, 150)
    wet = canvas.rng.random() < 0.55
    if fixed:
        patch(canvas, x, y, rx * 1.15, ry * 1.2)
    else:
        hole(canvas, x, y, rx, ry, colour, wet)


def sinkhole(canvas: Canvas, fixed: bool) -> None:
    """A road that sinks in rings around a hollow, behind a cone; a wide new surface."""
    colour = ground(canvas)
    x, y = canvas.rng.uniform(560, 720), canvas.rng.uniform(560, 620)
    if fixed:
        patch(canvas, x, y, 430, 220)
        return
    for share, tone in ((1.0, 0.9), (0.82, 0.8), (0.62, 0.68)):
        outline = canvas.blob(x, y, 400 * share, 220 * share, shade(colour, tone), canvas.detail, 0.08, 40)
        canvas.line([*outline[4:22]], 5, shade(colour, 0.45))
        canvas.rough(outline)
    hole(canvas, x + 10, y + 10, 130, 66, colour, False)
    cone(canvas, x + 330, y + 20)


def cone(canvas: Canvas, x: float, foot: float, size: float = 1.0) -> None:
    """A traffic cone standing on the ground."""
    orange = (232, 96, 32)
    canvas.foot_shadow(x + 18 * size, foot, 70 * size, 18 * size, 0.5)
    canvas.poly(
        [
            (x - 62 * size, foot - 8 * size),
            (x + 62 * size, foot - 8 * size),
            (x + 74 * size, foot + 14 * size),
            (x - 74 * size, foot + 14 * size),
        ],
        shade(orange, 0.7),
    )
    canvas.poly(
        [
            (x - 12 * size, foot - 180 * size),
            (x + 12 * size, foot - 180 * size),
            (x + 50 * size, foot),
            (x - 50 * size, foot),
        ],
        orange,
    )
    canvas.poly(
        [
            (x + 2 * size, foot - 180 * size),
            (x + 12 * size, foot - 180 * size),
            (x + 50 * size, foot),
            (x + 16 * size, foot),
        ],
        shade(orange, 0.78),
    )
    for low, high in ((0.32, 0.52), (0.66, 0.82)):
        half_low, half_high = (50 - 38 * low) * size, (50 - 38 * high) * size
        canvas.poly(
            [
                (x - half_high, foot - 180 * high * size),
                (x + half_high, foot - 180 * high * size),
                (x + half_low, foot - 180 * low * size),
                (x - half_low, foot - 180 * low * size),
            ],
            (240, 238, 232),
        )


def barrier(canvas: Canvas) -> None:
    """In front of any scene: a red and white barrier between two cones, put up until the repair."""
    canvas.step_back()
    red, white, foot = (206, 44, 40), (244, 242, 238), 905
    canvas.foot_shadow(660, foot, 420, 22, 0.5)
    for x in (330, 950):
        canvas.line([(x - 46, foot), (x, foot - 250), (x + 46, foot)], 18, (96, 98, 102))
    for top in (foot - 262, foot - 150):
        canvas.rect(270, top, 740, 74, white, 6)
        for step in range(7):
            left = 300 + step * 104
            canvas.poly([(left, top), (left + 52, top), (left + 18, top + 74), (left - 34, top + 74)], red)
        canvas.rect(270, top + 66, 740, 8, shade(red, 0.6))
    cone(canvas, 165, foot + 14, 1.15)
    cone(canvas, 1120, foot + 14, 1.15)


def pavement(canvas: Canvas, fixed: bool) -> None:
    """Slabs broken and sunk, one of them gone; slabs laid anew."""
    _slab_floor(canvas, (190, 184, 172))
    if fixed:
        for row, column in BROKEN:
            canvas.poly(_slab(row, column, 5), (216, 211, 200))
        return
    for row, column in BROKEN:
        canvas.poly(_slab(row, column, -3), (92, 76, 60))
    for row, column in BROKEN[:-1]:
        _shards(canvas, _slab(row, column, 10))
    gone = _slab(*BROKEN[-1], 8)
    canvas.shadow([[gone[0], gone[1], (gone[1][0], gone[1][1] + 60), (gone[0][0], gone[0][1] + 60)]], 0.65, 12)
    middle = (sum(x for x, _ in gone) / 4, sum(y for _, y in gone) / 4)
    canvas.blob(middle[0] - 10, middle[1] + 34, 110, 42, WATER, canvas.detail, 0.2)
    canvas.blob(middle[0] - 40, middle[1] + 26, 46, 12, (188, 208, 222), canvas.detail, 0.3)
    gravel(canvas, middle[0], middle[1], 150, 40, (168, 156, 136))


def _shards(canvas: Canvas, corners: list[tuple[float, float]]) -> None:
    """One slab in four pieces, each lying askew and showing its thickness."""
    dice = canvas.detail
    middle = (
        sum(x for x, _ in corners) / 4 + dice.uniform(-50, 50),
        sum(y for _, y in corners) / 4 + dice.uniform(-24, 24),
    )
    edges = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        share = dice.uniform(0.3, 0.7)
        edges.append((x0 + (x1 - x0) * share, y0 + (y1 - y0) * share))
    for index, corner in enumerate(corners):
        piece = [edges[index - 1], corner, edges[index], middle]
        cx, cy = sum(x for x, _ in piece) / 4, sum(y for _, y in piece) / 4
        turn, lift = dice.uniform(-0.07, 0.07), dice.uniform(-16, 12)
        laid = [
            (cx + (x - cx) * 0.95 - (y - cy) * turn, cy + (y - cy) * 0.93 + (x - cx) * turn + lift) for x, y in piece
        ]
        colour = shade((198, 191, 178), dice.uniform(0.88, 1.08))
        canvas.poly([(x + 2, y + 13) for x, y in laid], shade(colour, 0.5))
        canvas.poly(laid, colour)


def _slab(row: int, column: int, inset: float) -> list[tuple[float, float]]:
    rows = (60, 250, 480, 760, 1100)
    wide = (190, 225, 268, 320, 384)
    top, bottom = rows[row], rows[row + 1]
    corners = []
    for y, width, side in (
        (top + inset, wide[row], 0),
        (top + inset, wide[row], 1),
        (bottom - inset, wide[row + 1], 1),
        (bottom - inset, wide[row + 1], 0),
    ):
        x = WIDTH / 2 + (column - 1.9 + side) * width * 1.35
        corners.append((x + (inset if side == 0 else -inset), y))
    return corners


def _slab_floor(canvas: Canvas, colour: Colour) -> None:
    canvas.fade(0, 0, WIDTH, HEIGHT, shade(colour, 0.72), shade(colour, 0.8))
    canvas.poly([(0, 0), (WIDTH, 0), (WIDTH, 60), (0, 60)], (96, 110, 62))
    for row in range(4):
        for column in range(-3, 7):
            canvas.poly(_slab(row, column, 4), shade(colour, canvas.rng.uniform(0.94, 1.06)))
    canvas.rough([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], 0.55)


def paving(canvas: Canvas, fixed: bool) -> None:
    """Cobbles, three of them gone and one lying aside; all in place."""
    canvas.fade(0, 0, WIDTH, HEIGHT, (108, 98, 84), (122, 110, 94))
    missing = {(4, 5), (4, 6), (5, 5), (5, 6), (3, 6)}
    for row in range(-1, 9):
        y, size = 30 + 62 * row + 5.2 * row * row, 50 + 9 * row
        for column in range(-1, 15):
            width = size * 1.75
            x = WIDTH / 2 + (column - 6.2 + (row % 2) * 0.5) * width
            colour = shade((168, 158, 142), canvas.rng.uniform(0.84, 1.14))
            gone = (row, column) in missing
            if gone and not fixed:
                continue
            if gone:
                colour = shade((188, 178, 160), 1.04)
            canvas.rect(x + 4, y + 6, width - 9, size - 5, shade(colour, 0.62), size * 0.24)
            canvas.rect(x + 4, y + 2, width - 9, size - 7, colour, size * 0.24)
            canvas.rect(x + 10, y + 5, width - 26, size * 0.24, shade(colour, 1.08), size * 0.1)
    canvas.rough([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], 0.5)
    if fixed:
        return
    canvas.shadow([[(472, 368), (752, 368), (752, 396), (472, 396)]], 0.6, 9)
    for x, y in ((330, 640), (880, 650)):
        canvas.foot_shadow(x + 20, y + 34, 90, 26, 0.6)
        canvas.poly([(x - 70, y - 14), (x + 60, y - 34), (x + 78, y + 10), (x - 54, y + 34)], (198, 188, 170))
        canvas.poly([(x - 54, y + 34), (x + 78, y + 10), (x + 76, y + 44), (x - 50, y + 66)], (138, 128, 112))
    gravel(canvas, 650, 500, 210, 40, (178, 158, 120))


def manhole(canvas: Canvas, fixed: bool) -> None:
    """An open manhole with its cover aside; the cover locked in its frame."""
    ground(canvas)
    x, y = canvas.rng.uniform(540, 700), canvas.rng.uniform(560, 620)
    canvas.oval(x, y, 262, 152, (64, 64, 68))
    canvas.oval(x, y - 3, 250, 143, (98, 98, 102))
    if fixed:
        _cover(canvas, x, y, 1.0)
        return
    canvas.oval(x, y, 226, 124, (20, 20, 24))
    canvas.oval(x, y + 34, 196, 84, (44, 40, 38))
    canvas.oval(x, y + 56, 170, 60, (10, 10, 12))
    for step in range(3):
        canvas.line([(x - 30, y - 66 + step * 44), (x + 30, y - 66 + step * 44)], 8, (112, 90, 70))
    canvas.foot_shadow(x + 330, y + 74, 210, 90, 0.6)
    _cover(canvas, x + 320, y + 50, 0.9)


def _cover(canvas: Canvas, x: float, y: float, size: float) -> None:
    iron: Colour = (104, 98, 94)
    canvas.oval(x, y + 10 * size, 226 * size, 126 * size, shade(iron, 0.5))
    canvas.oval(x, y, 226 * size, 126 * size, iron)
    canvas.oval(x, y, 196 * size, 108 * size, None, shade(iron, 0.7), 8)
    for row in range(-4, 5):
        for column in range(-6, 7):
            px, py = x + column * 30 * size + (row % 2) * 15 * size, y + row * 22 * size
            if ((px - x) / (180 * size)) ** 2 + ((py - y) / (96 * size)) ** 2 < 1:
                canvas.rect(px - 9 * size, py - 6 * size, 18 * size, 11 * size, shade(iron, 1.28), 3)


def drain(canvas: Canvas, fixed: bool) -> None:
    """A gully under leaves and a wide puddle; the clean grate."""
    ground(canvas)
    x, y = canvas.rng.uniform(460, 780), 420
    dice = canvas.detail
    if not fixed:
        canvas.blob(x, y + 120, 560, 190, (92, 104, 116), dice, 0.1, 50)
        canvas.blob(x + 20, y + 110, 520, 168, WATER, dice, 0.1, 50)
        canvas.blob(x - 170, y + 80, 190, 40, (186, 206, 220), dice, 0.3)
        canvas.blob(x + 260, y + 170, 120, 22, (170, 192, 208), dice, 0.3)
    canvas.rect(x - 190, y - 80, 380, 170, (52, 52, 56), 10)
    canvas.rect(x - 176, y - 68, 352, 146, (18, 18, 20))
    for step in range(10):
        canvas.rect(x - 172 + step * 36, y - 70, 19, 150, (108, 108, 112))
        canvas.rect(x - 172 + step * 36, y - 70, 6, 150, (146, 146, 150))
    if fixed:
        return
    for _ in range(150):
        px, py = x + dice.gauss(0, 130), y + 10 + dice.gauss(0, 46)
        leaf(canvas, px, py, dice.uniform(14, 26))
    canvas.blob(x + 40, y + 20, 120, 44, (94, 76, 54), dice, 0.3)
    for _ in range(40):
        leaf(canvas, x + dice.gauss(0, 110), y + 10 + dice.gauss(0, 36), dice.uniform(14, 24))


def leaf(canvas: Canvas, x: float, y: float, size: float) -> None:
    """One fallen leaf."""
    dice = canvas.detail
    angle = dice.uniform(0, 6.3)
    dx, dy = size * math.cos(angle), size * 0.6 * math.sin(angle)
    colour = dice.choice(LEAVES)
    canvas.poly(
        [(x - dx, y - dy), (x + dy * 0.6, y - dx * 0.4), (x + dx, y + dy), (x - dy * 0.6, y + dx * 0.4)], colour
    )
    canvas.line([(x - dx, y - dy), (x + dx, y + dy)], 2, shade(colour, 0.7), False)


def glass(canvas: Canvas, fixed: bool) -> None:
    """A broken bottle; the clean ground."""
    ground(canvas)
    x, y = canvas.rng.uniform(520, 740), canvas.rng.uniform(560, 640)
    if fixed:
        _washed(canvas, x, y)
        return
    dice, green = canvas.detail, (74, 132, 84)
    for _ in range(80):
        px, py = x + dice.gauss(0, 210), y + dice.gauss(0, 80)
        size, turn = dice.uniform(8, 34), dice.uniform(0, 6.3)
        corners = [
            (
                px + size * dice.uniform(0.5, 1) * math.cos(turn + step * 2.1),
                py + size * 0.6 * math.sin(turn + step * 2.1),
            )
            for step in range(3)
        ]
        canvas.poly([(cx + 4, cy + 6) for cx, cy in corners], (60, 64, 66))
        canvas.poly(corners, mix(green, (214, 238, 224), dice.random()))
    canvas.foot_shadow(x, y + 40, 170, 36, 0.5)
    canvas.poly(
        [
            (x - 190, y - 10),
            (x - 60, y - 44),
            (x - 30, y - 70),
            (x + 6, y - 26),
            (x + 40, y - 60),
            (x + 52, y),
            (x + 20, y + 44),
            (x - 20, y + 22),
            (x - 46, y + 40),
            (x - 176, y + 20),
        ],
        green,
    )
    canvas.poly([(x - 180, y - 4), (x - 40, y - 40), (x - 36, y - 20), (x - 178, y + 4)], (168, 214, 180))
    canvas.oval(x - 186, y + 5, 10, 17, shade(green, 0.6))


def _washed(canvas: Canvas, x: float, y: float) -> None:
    """Ground still wet from washing, with a soft shine."""
    canvas.shadow([[(x - 420, y - 110), (x + 430, y - 150), (x + 480, y + 130), (x - 380, y + 170)]], 0.28, 40)
    canvas.shadow([[(x - 300, y - 60), (x + 320, y - 84), (x + 340, y + 70), (x - 260, y + 96)]], 0.2, 36)


def litter(canvas: Canvas, fixed: bool) -> None:
    """Papers, cups and leaves in the gutter; the gutter washed."""
    ground(canvas)
    x, y = canvas.rng.uniform(520, 760), 540
    if fixed:
        _washed(canvas, x, y)
        return
    dice = canvas.detail
    for _ in range(50):
        leaf(canvas, dice.uniform(0, WIDTH), dice.uniform(290, 480), dice.uniform(12, 22))
    for _ in range(16):
        px, py = dice.uniform(80, 1200), dice.uniform(320, 820)
        size = 26 + (py - 300) * 0.07
        kind = dice.randrange(4)
        canvas.foot_shadow(px + 6, py + size * 0.5, size * 1.3, size * 0.5, 0.5)
        if kind == 0:
            canvas.blob(px, py, size * 1.1, size * 0.7, (236, 232, 222), dice, 0.4, 9)
            canvas.line([(px - size * 0.5, py), (px + size * 0.4, py - size * 0.2)], 3, (190, 186, 178))
        elif kind == 1:
            canvas.poly(
                [
                    (px - size, py - size * 0.5),
                    (px + size * 0.9, py - size * 0.35),
                    (px + size * 0.9, py + size * 0.3),
                    (px - size, py + size * 0.5),
                ],
                (206, 60, 52),
            )
            canvas.oval(px - size, py, size * 0.25, size * 0.5, (246, 240, 230))
        elif kind == 2:
            canvas.rect(px - size * 1.2, py - size * 0.8, size * 2.4, size * 1.5, (196, 164, 118), 4)
            canvas.line([(px - size * 1.2, py), (px + size * 1.2, py)], 3, (160, 130, 90), False)
        else:
            canvas.rect(px - size, py - size * 0.4, size * 2, size * 0.8, (90, 150, 200), size * 0.3)
            canvas.rect(px - size * 0.8, py - size * 0.3, size * 1.6, size * 0.2, (190, 220, 240), 3)


def crossing(canvas: Canvas, fixed: bool) -> None:
    """A zebra crossing worn away; the same, painted again."""
    colour = ground(canvas)
    dice = canvas.detail
    white: Colour = (238, 238, 232) if fixed else mix(colour, (226, 226, 220), 0.42)
    for step in range(-3, 4):
        top_x, low_x = WIDTH / 2 + step * 176, WIDTH / 2 + step * 262
        canvas.poly([(top_x - 46, 330), (top_x + 46, 330), (low_x + 70, 900), (low_x - 70, 900)], white)
        if fixed:
            continue
        for _ in range(22):
            share = dice.random()
            middle = top_x + (low_x - top_x) * share
            worn = canvas.blob(
                middle + dice.uniform(-74, 74),
                330 + 570 * share,
                dice.uniform(12, 46),
                dice.uniform(10, 40),
                shade(colour, dice.uniform(0.95, 1.06)),
                dice,
                0.5,
                11,
            )
            canvas.rough(worn)
