"""What lies behind each drawn scene: the ground seen from above, a street, a wall, a park.

A backdrop draws from the canvas's shared dice only, so that the pictures before and after a repair match.
"""

from demo.pictures.paint import HEIGHT, WIDTH, Canvas, Colour, mix, shade

PLASTER: tuple[Colour, ...] = (
    (232, 205, 165),
    (222, 186, 150),
    (238, 222, 190),
    (206, 176, 150),
    (226, 198, 184),
    (214, 204, 190),
    (240, 212, 170),
)
SHUTTERS: tuple[Colour, ...] = ((92, 122, 130), (122, 86, 66), (84, 112, 92), (150, 74, 62), (70, 92, 126))
SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((98, 158, 214), (208, 228, 240)),
    ((146, 176, 204), (226, 230, 232)),
    ((120, 166, 206), (246, 224, 198)),
)
ASPHALT: tuple[Colour, ...] = ((112, 113, 118), (98, 100, 106), (126, 124, 124))
STONE: Colour = (196, 188, 174)
GROUND_TOP = 250  # where the kerb of `ground` lies
PAVEMENT_TOP, ROAD_TOP = 600, 830  # where pavement and road begin in `street`


def asphalt(canvas: Canvas, top: float, colour: Colour, wear: int = 5) -> None:
    """Fill the picture with asphalt from a height down: mottled, with fine cracks."""
    dice = canvas.rng
    canvas.fade(0, top, WIDTH, HEIGHT - top, shade(colour, 0.93), shade(colour, 1.08))
    for _ in range(wear):
        canvas.blob(
            dice.uniform(0, WIDTH),
            dice.uniform(top + 60, HEIGHT),
            dice.uniform(90, 260),
            dice.uniform(20, 60),
            shade(colour, dice.uniform(0.95, 1.05)),
            dice,
            0.3,
        )
    for _ in range(2):
        x, y = dice.uniform(0, WIDTH), dice.uniform(top + 80, HEIGHT)
        crack = [(x + 60 * step, y + dice.uniform(-26, 26)) for step in range(dice.randint(3, 6))]
        canvas.line(crack, 2, shade(colour, 0.72))
    canvas.rough([(0, top), (WIDTH, top), (WIDTH, HEIGHT), (0, HEIGHT)])


def ground(canvas: Canvas) -> Colour:
    """A road seen by somebody who stands on it and looks down, a kerb across the top. Returns its colour."""
    dice = canvas.rng
    colour = dice.choice(ASPHALT)
    slant = dice.uniform(10, 50)
    asphalt(canvas, 0, colour)
    stone = mix(STONE, colour, 0.25)
    canvas.poly([(0, 0), (WIDTH, 0), (WIDTH, GROUND_TOP - slant), (0, GROUND_TOP)], shade(stone, 1.04))
    for x in range(-100, WIDTH + 300, 190):
        canvas.line([(x + 120, 0), (x, GROUND_TOP)], 3, shade(stone, 0.8))
    canvas.line([(0, 118), (WIDTH, 118 - slant * 0.4)], 3, shade(stone, 0.8))
    canvas.rough([(0, 0), (WIDTH, 0), (WIDTH, GROUND_TOP - slant), (0, GROUND_TOP)], 0.45)
    edge = [(0, GROUND_TOP), (WIDTH, GROUND_TOP - slant)]
    canvas.poly([*edge, (WIDTH, GROUND_TOP - slant + 34), (0, GROUND_TOP + 34)], shade(stone, 0.72))
    canvas.line(edge, 10, shade(stone, 1.16), False)
    canvas.shadow(
        [
            [
                (0, GROUND_TOP + 30),
                (WIDTH, GROUND_TOP - slant + 30),
                (WIDTH, GROUND_TOP - slant + 66),
                (0, GROUND_TOP + 66),
            ]
        ],
        0.4,
        12,
    )
    for x in range(dice.randint(-150, 0), WIDTH, 260):
        canvas.line(
            [(x, GROUND_TOP - slant * x / WIDTH), (x, GROUND_TOP + 34 - slant * x / WIDTH)],
            3,
            shade(stone, 0.55),
            False,
        )
    return colour


def slabs(canvas: Canvas, top: float, bottom: float, colour: Colour, rows: int = 4) -> None:
    """Fill a band with paving slabs that grow towards the viewer."""
    canvas.fade(0, top, WIDTH, bottom - top, shade(colour, 0.94), shade(colour, 1.05))
    heights = [((step / rows) ** 1.4) for step in range(rows + 1)]
    for above, below in zip(heights, heights[1:], strict=False):
        y0, y1 = top + (bottom - top) * above, top + (bottom - top) * below
        canvas.line([(0, y1), (WIDTH, y1)], 2, shade(colour, 0.82), False)
        shift = canvas.rng.uniform(0, 1)
        for step in range(-8, 9):
            x = (step + shift) * 150
            canvas.line(
                [(WIDTH / 2 + x * (0.7 + above), y0), (WIDTH / 2 + x * (0.7 + below), y1)],
                2,
                shade(colour, 0.84),
                False,
            )
    canvas.rough([(0, top), (WIDTH, top), (WIDTH, bottom), (0, bottom)], 0.4)


def sky(canvas: Canvas, bottom: float, night: bool = False) -> None:
    """Fill the top of the picture with a sky and a few clouds, or with a night."""
    dice = canvas.rng
    top_colour, bottom_colour = dice.choice(SKIES)
    clouds = [(dice.uniform(0, WIDTH), dice.uniform(30, bottom * 0.5), dice.uniform(90, 200)) for _ in range(3)]
    if night:
        canvas.fade(0, 0, WIDTH, bottom, (22, 30, 56), (70, 74, 104))
        return
    canvas.fade(0, 0, WIDTH, bottom, top_colour, bottom_colour)
    for x, y, size in clouds:
        for part in range(4):
            canvas.oval(
                x + (part - 1.5) * size * 0.5,
                y + (part % 2) * 12,
                size * 0.55,
                size * 0.17,
                mix(bottom_colour, (255, 255, 255), 0.6),
            )


def house(canvas: Canvas, left: float, width: float, top: float, night: bool) -> None:
    """One front of the row: plaster, cornice, windows with shutters, a door or a shop."""
    dice = canvas.rng
    plaster, shutter = dice.choice(PLASTER), dice.choice(SHUTTERS)
    lit = [dice.random() < 0.3 for _ in range(16)]
    shop = dice.random() < 0.4
    bottom = PAVEMENT_TOP
    if night:
        plaster, shutter = mix(plaster, (40, 44, 70), 0.68), mix(shutter, (26, 30, 50), 0.65)
    else:
        shutter = mix(shutter, plaster, 0.3)  # the row stands behind: the eye must go to what is in front
    canvas.fade(left, top, width, bottom - top, shade(plaster, 1.05), shade(plaster, 0.93))
    canvas.rect(left + width - 5, top, 5, bottom - top, shade(plaster, 0.8))
    canvas.rect(left - 4, top - 14, width + 8, 18, shade(plaster, 0.78))
    canvas.rect(left - 4, top - 16, width + 8, 5, (150, 92, 70) if not night else (60, 48, 58))
    dark = (66, 80, 96) if night else (122, 138, 150)
    columns = max(2, round(width / 120))
    for row, y in enumerate(range(round(top) + 44, bottom - 250, 150)):
        for column in range(columns):
            x = left + (column + 0.5) * width / columns
            glass = (255, 214, 140) if night and lit[(row * 4 + column) % 16] else dark
            canvas.rect(x - 25, y, 50, 92, shade(plaster, 1.18))
            canvas.rect(x - 21, y + 4, 42, 84, glass)
            canvas.line([(x, y + 4), (x, y + 88)], 4, (232, 228, 218) if not night else (90, 90, 100), False)
            for side in (-1, 1):
                canvas.rect(x + (25 if side > 0 else -45), y, 20, 92, shutter)
            canvas.rect(x - 30, y + 92, 60, 7, shade(plaster, 0.82))
    if shop:
        canvas.rect(left + 14, bottom - 170, width - 28, 170, shade(shutter, 0.8))
        canvas.rect(left + 28, bottom - 130, width - 56, 116, (255, 222, 160) if night else (140, 158, 168))
        canvas.poly(
            [
                (left + 8, bottom - 172),
                (left + width - 8, bottom - 172),
                (left + width + 6, bottom - 134),
                (left - 6, bottom - 134),
            ],
            shade(shutter, 1.25),
        )
    else:
        canvas.rect(left + width * 0.34, bottom - 152, 66, 152, shade(shutter, 0.9), 4)
        canvas.rect(left + width * 0.34 + 8, bottom - 140, 50, 60, shade(shutter, 0.75))


def street(canvas: Canvas, night: bool = False) -> None:
    """A row of houses, a pavement to stand things on (from PAVEMENT_TOP) and a road (from ROAD_TOP)."""
    dice = canvas.rng
    sky(canvas, PAVEMENT_TOP, night)
    left = -dice.uniform(0, 140)
    while left < WIDTH:
        width = dice.uniform(230, 360)
        house(canvas, left, width, dice.uniform(60, 190), night)
        left += width
    stone = mix(STONE, (40, 44, 66), 0.6) if night else STONE
    slabs(canvas, PAVEMENT_TOP, ROAD_TOP - 24, stone, 4)
    canvas.shadow(
        [[(0, PAVEMENT_TOP - 6), (WIDTH, PAVEMENT_TOP - 6), (WIDTH, PAVEMENT_TOP + 16), (0, PAVEMENT_TOP + 16)]],
        0.4,
        12,
    )
    canvas.rect(0, ROAD_TOP - 24, WIDTH, 9, shade(stone, 1.14))
    canvas.rect(0, ROAD_TOP - 15, WIDTH, 17, shade(stone, 0.66))
    tar = dice.choice(ASPHALT)
    asphalt(canvas, ROAD_TOP, mix(tar, (28, 30, 48), 0.62) if night else tar, 2)


def wall(canvas: Canvas) -> Colour:
    """A long plastered wall above a pavement. Returns the colour of the plaster."""
    dice = canvas.rng
    plaster = dice.choice(PLASTER)
    canvas.fade(0, 0, WIDTH, 720, shade(plaster, 1.02), shade(plaster, 0.95))
    for _ in range(7):
        canvas.blob(
            dice.uniform(0, WIDTH),
            dice.uniform(0, 640),
            dice.uniform(120, 300),
            dice.uniform(50, 130),
            shade(plaster, dice.uniform(0.97, 1.02)),
            dice,
            0.3,
        )
    canvas.rough([(0, 0), (WIDTH, 0), (WIDTH, 720), (0, 720)], 0.3)
    canvas.rect(0, 0, WIDTH, 34, shade(plaster, 0.74))
    canvas.rect(0, 34, WIDTH, 6, shade(plaster, 0.6))
    canvas.fade(0, 628, WIDTH, 92, shade(plaster, 0.7), shade(plaster, 0.62))
    for x in range(dice.randint(-60, 0), WIDTH, 170):
        canvas.line([(x, 628), (x, 720)], 3, shade(plaster, 0.52), False)
    slabs(canvas, 720, HEIGHT, STONE, 3)
    canvas.shadow([[(0, 714), (WIDTH, 714), (WIDTH, 738), (0, 738)]], 0.45, 14)
    return plaster


def foliage(canvas: Canvas, x: float, y: float, size: float, green: Colour) -> None:
    """The round head of a tree, in leaves of three greens."""
    dice = canvas.rng
    for factor, share, lift in ((0.68, 1.0, 0.16), (0.9, 0.82, 0.0), (1.12, 0.55, -0.2)):
        for _ in range(9):
            canvas.blob(
                x + dice.uniform(-0.6, 0.6) * size * share,
                y + (lift + dice.uniform(-0.4, 0.4)) * size * share,
                size * 0.4 * share,
                size * 0.34 * share,
                shade(green, factor * dice.uniform(0.95, 1.05)),
                dice,
                0.35,
                18,
            )


def tree(canvas: Canvas, x: float, foot: float, size: float, green: Colour) -> None:
    """A tree with its foot at a height, its head `size` units wide on each side."""
    bark = (104, 84, 66)
    top = foot - size * 1.7
    canvas.poly(
        [(x - size * 0.11, foot), (x - size * 0.07, top), (x + size * 0.07, top), (x + size * 0.13, foot)], bark
    )
    canvas.poly(
        [(x + size * 0.02, foot), (x + size * 0.02, top), (x + size * 0.07, top), (x + size * 0.13, foot)],
        shade(bark, 0.72),
    )
    foliage(canvas, x, top - size * 0.1, size, green)


def park(canvas: Canvas) -> Colour:
    """Sky, trees far off, a lawn and a path in front (from 700 down). Returns the green of the place."""
    dice = canvas.rng
    green = dice.choice(((104, 142, 72), (92, 134, 86), (122, 146, 70)))
    sky(canvas, 480)
    for _ in range(13):
        canvas.blob(
            dice.uniform(0, WIDTH),
            dice.uniform(330, 430),
            dice.uniform(70, 150),
            dice.uniform(80, 130),
            mix(shade(green, dice.uniform(0.75, 0.95)), (180, 200, 205), 0.25),
            dice,
            0.2,
        )
    canvas.fade(0, 440, WIDTH, HEIGHT - 440, shade(green, 0.95), shade(green, 1.15))
    canvas.rough([(0, 440), (WIDTH, 440), (WIDTH, HEIGHT), (0, HEIGHT)], 0.6)
    for x in (dice.uniform(40, 240), dice.uniform(1020, 1240)):
        canvas.foot_shadow(x + 40, 520, 120, 16, 0.4)
        tree(canvas, x, 520, dice.uniform(120, 165), green)
    sand = (214, 196, 160)
    canvas.poly([(0, 720), (WIDTH, 690), (WIDTH, 900), (0, 940)], sand)
    canvas.rough([(0, 720), (WIDTH, 690), (WIDTH, 900), (0, 940)], 0.7)
    return green
