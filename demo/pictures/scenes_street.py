"""Scenes at a street's edge: what stands on the pavement, broken and repaired."""

import math

from demo.pictures.backdrops import street
from demo.pictures.paint import HEIGHT, Canvas, Colour, mix, shade
from demo.pictures.scenes_road import cone

IRON: Colour = (62, 70, 74)
WARM_LIGHT: Colour = (255, 206, 120)
NIGHT = (0.62, 0.66, 0.84)


def bag(canvas: Canvas, x: float, foot: float, size: float, colour: Colour = (42, 44, 50)) -> None:
    """A rubbish bag, tied at the top."""
    dice = canvas.detail
    canvas.foot_shadow(x + size * 0.3, foot, size * 1.2, size * 0.25, 0.5)
    canvas.blob(x, foot - size * 0.62, size, size * 0.72, colour, dice, 0.1, 20)
    canvas.poly(
        [
            (x - size * 0.3, foot - size * 1.1),
            (x - size * 0.16, foot - size * 1.5),
            (x, foot - size * 1.34),
            (x + size * 0.2, foot - size * 1.52),
            (x + size * 0.28, foot - size * 1.1),
        ],
        shade(colour, 0.85),
    )
    for lean in (-0.5, -0.1, 0.35):
        canvas.line(
            [(x + lean * size * 0.3, foot - size * 1.1), (x + lean * size * 0.9, foot - size * 0.6)],
            size * 0.06,
            shade(colour, 1.8),
        )


def bin(canvas: Canvas, fixed: bool) -> None:  # the scene is called after what it shows
    """A street bin that overflows; the bin emptied."""
    street(canvas)
    x, foot = canvas.rng.uniform(540, 740), 800
    green = canvas.rng.choice(((56, 104, 78), (70, 82, 94), (120, 78, 50)))
    canvas.foot_shadow(x + 30, foot, 190, 34, 0.55)
    if not fixed:
        for dx, size in ((-190, 74), (170, 62), (-110, 46)):
            bag(canvas, x + dx, foot + 10 + abs(dx) * 0.05, size, (226, 226, 220) if size < 60 else (42, 44, 50))
    canvas.poly([(x - 116, foot - 330), (x + 116, foot - 330), (x + 96, foot), (x - 96, foot)], green)
    canvas.poly([(x + 36, foot - 330), (x + 116, foot - 330), (x + 96, foot), (x + 30, foot)], shade(green, 0.72))
    for step in range(7):
        share = -0.9 + step * 0.3
        canvas.line([(x + 108 * share, foot - 312), (x + 92 * share, foot - 14)], 7, shade(green, 1.25), False)
    canvas.rect(x - 126, foot - 352, 252, 34, shade(green, 0.85), 12)
    canvas.oval(x, foot - 350, 112, 22, (28, 30, 32))
    if not fixed:
        dice = canvas.detail
        for dx, dy, size in ((-60, -360, 62), (50, -372, 58), (0, -420, 54), (-20, -352, 66), (80, -346, 44)):
            canvas.blob(
                x + dx,
                foot + dy,
                size,
                size * 0.72,
                dice.choice(((230, 228, 220), (196, 164, 118), (214, 66, 56), (90, 150, 196))),
                dice,
                0.22,
                12,
            )
        canvas.rect(x - 150, foot - 420, 150, 22, (196, 164, 118))
        for _ in range(9):
            px, py = x + dice.uniform(-360, 380), foot + dice.uniform(-30, 120)
            canvas.blob(px, py, 22, 12, dice.choice(((232, 230, 222), (214, 66, 56), (196, 164, 118))), dice, 0.4, 9)
    else:
        canvas.poly(
            [(x - 118, foot - 346), (x + 118, foot - 346), (x + 110, foot - 318), (x - 112, foot - 312)],
            (206, 212, 216),
        )


def dumping(canvas: Canvas, fixed: bool) -> None:
    """A mattress, boxes and bags left on the pavement; the pavement cleared and washed."""
    street(canvas)
    x, foot = canvas.rng.uniform(480, 700), 790
    cloth = canvas.rng.choice(((214, 206, 222), (200, 214, 226), (226, 214, 196)))
    if fixed:
        canvas.shadow(
            [[(x - 330, foot - 50), (x + 420, foot - 60), (x + 460, foot + 24), (x - 370, foot + 24)]], 0.3, 26
        )
        return
    canvas.shadow([[(x - 300, foot - 20), (x + 420, foot - 24), (x + 450, foot + 26), (x - 320, foot + 26)]], 0.55, 20)
    canvas.poly([(x - 270, foot - 370), (x + 130, foot - 410), (x + 190, foot - 14), (x - 240, foot)], cloth)
    canvas.poly(
        [(x + 130, foot - 410), (x + 170, foot - 396), (x + 226, foot - 8), (x + 190, foot - 14)], shade(cloth, 0.7)
    )
    for row in range(5):
        for column in range(5):
            px = x - 210 + column * 82 + row * 9
            canvas.oval(px, foot - 340 + row * 76 - column * 7, 7, 7, shade(cloth, 0.8))
    canvas.blob(x - 70, foot - 210, 80, 56, mix(cloth, (150, 120, 70), 0.45), canvas.detail, 0.3)
    for dx, dy, width, height in ((210, 0, 220, 160), (250, -160, 150, 112)):
        left, top = x + dx - 40, foot + dy - height
        canvas.rect(left, top, width, height, (190, 150, 100))
        canvas.rect(left + width * 0.72, top, width * 0.28, height, (158, 122, 80))
        canvas.rect(left + width * 0.3, top, width * 0.1, height, (212, 182, 136))
        canvas.poly([(left, top), (left + width * 0.34, top - 40), (left + width * 0.5, top)], (206, 168, 118))
    for dx, size in ((-330, 92), (-190, 74), (70, 84), (455, 62)):
        bag(canvas, x + dx, foot + 30, size)


def lamp_post(canvas: Canvas, x: float, foot: float, lit: bool, colour: Colour = IRON) -> None:
    """A street light of the old kind, with its lantern at the top."""
    canvas.foot_shadow(x + 14, foot, 70, 15, 0.5)
    canvas.tube(x, 190, foot, 24, colour)
    canvas.rect(x - 34, foot - 90, 68, 90, shade(colour, 0.9), 8)
    canvas.rect(x - 26, 330, 52, 14, shade(colour, 0.8), 4)
    glass = (255, 238, 190) if lit else (92, 102, 108)
    canvas.poly([(x - 52, 80), (x + 52, 80), (x + 34, 190), (x - 34, 190)], glass)
    for share in (-1, -0.35, 0.35, 1):
        canvas.line([(x + 52 * share, 80), (x + 34 * share, 190)], 5, shade(colour, 0.8), False)
    canvas.poly([(x - 66, 82), (x, 26), (x + 66, 82)], shade(colour, 0.85))
    canvas.oval(x, 24, 9, 12, colour)


def streetlight(canvas: Canvas, fixed: bool) -> None:
    """A dark lamp in a dark street; the lamp lit again."""
    street(canvas, night=True)
    x = canvas.rng.uniform(480, 800)
    if fixed:
        canvas.poly([(x - 40, 190), (x + 40, 190), (x + 420, HEIGHT), (x - 420, HEIGHT)], (112, 104, 100))
        canvas.oval(x, 770, 480, 120, (164, 150, 124))
        canvas.oval(x, 772, 330, 80, (196, 178, 142))
        canvas.glow(x, 140, 420, WARM_LIGHT)
        canvas.glow(x, 140, 150, (255, 240, 210))
        canvas.glow(x, 760, 620, (150, 112, 60))
    lamp_post(canvas, x, 770, fixed, (40, 46, 56) if not fixed else (70, 70, 72))
    canvas.light = (0.8, 0.8, 0.86) if fixed else NIGHT


def streetlight_day(canvas: Canvas, fixed: bool) -> None:
    """A lamp burning in broad daylight; the lamp off."""
    street(canvas)
    x = canvas.rng.uniform(480, 800)
    lamp_post(canvas, x, 770, not fixed, canvas.rng.choice((IRON, (48, 84, 74), (92, 88, 84))))
    if not fixed:
        canvas.glow(x, 136, 230, (255, 220, 130))
        canvas.glow(x, 136, 90, (255, 250, 220))


def leaning_post(canvas: Canvas, fixed: bool) -> None:
    """A lamp post hit by a lorry, its wires bare; a new post."""
    street(canvas)
    x, foot = canvas.rng.uniform(500, 700), 790
    if fixed:
        lamp_post(canvas, x, foot, False, (84, 92, 96))
        return
    head = (x + 300, 130)
    canvas.foot_shadow(x + 120, foot + 6, 240, 18, 0.5)
    canvas.line([(x, foot), (x + 40, foot - 210), head], 26, IRON)
    canvas.line([(x - 7, foot), (x + 33, foot - 212), (head[0] - 7, head[1])], 6, shade(IRON, 1.5))
    canvas.poly(
        [
            (head[0] - 46, head[1] - 90),
            (head[0] + 62, head[1] - 46),
            (head[0] + 30, head[1] + 40),
            (head[0] - 34, head[1] + 8),
        ],
        (92, 102, 108),
    )
    canvas.poly(
        [(head[0] - 62, head[1] - 96), (head[0] + 40, head[1] - 150), (head[0] + 80, head[1] - 38)], shade(IRON, 0.85)
    )
    canvas.rect(x - 40, foot - 120, 72, 120, shade(IRON, 0.9), 8)
    canvas.rect(x - 26, foot - 104, 44, 74, (18, 18, 20), 4)
    for colour, lean in (((200, 60, 50), -70), ((60, 110, 190), -30), ((220, 190, 60), 30), ((60, 150, 80), 60)):
        canvas.line(
            [
                (x - 4, foot - 70),
                (x - 4 + lean * 0.7, foot - 30),
                (x + lean * 1.3, foot + 6),
                (x + lean * 1.7, foot - 12),
            ],
            7,
            colour,
        )
    canvas.line([(x - 110, foot + 24), (x - 60, foot - 80)], 14, shade(IRON, 1.3))
    cone(canvas, x - 250, foot + 50, 0.9)
    cone(canvas, x + 330, foot + 60, 0.9)


def bollard(canvas: Canvas, fixed: bool) -> None:
    """A row of bollards, one of them flattened; the row complete."""
    street(canvas)
    foot, colour = 806, canvas.rng.choice(((58, 64, 70), (96, 54, 44), (44, 78, 66)))
    for step in range(5):
        x = 190 + step * 220
        if step == 2 and not fixed:
            canvas.oval(x, foot, 42, 16, (40, 36, 32))
            canvas.blob(x + 14, foot + 4, 62, 20, (150, 140, 122), canvas.detail, 0.4)
            canvas.oval(x, foot, 34, 12, (26, 24, 22))
            canvas.shadow(
                [[(x + 30, foot + 16), (x + 330, foot + 80), (x + 320, foot + 104), (x + 20, foot + 40)]], 0.5, 12
            )
            canvas.line([(x + 40, foot + 6), (x + 300, foot + 66)], 46, colour)
            canvas.line([(x + 44, foot - 6), (x + 300, foot + 52)], 10, shade(colour, 1.5))
            canvas.line([(x + 240, foot + 52), (x + 258, foot + 57)], 48, (230, 228, 222), False)
            continue
        canvas.foot_shadow(x + 24, foot + 2, 54, 14, 0.5)
        canvas.tube(x, foot - 230, foot, 46, colour)
        canvas.oval(x, foot - 230, 23, 16, shade(colour, 1.2))
        canvas.rect(x - 23, foot - 190, 46, 22, (230, 228, 222))


def shelter(canvas: Canvas, fixed: bool) -> None:
    """A bus shelter with a shattered pane; the pane replaced."""
    street(canvas)
    left, top, foot = 240, 250, 800
    frame = canvas.rng.choice(((66, 74, 82), (58, 90, 100), (120, 116, 110)))
    canvas.foot_shadow(660, foot, 480, 26, 0.4)
    for index, x in enumerate((left, left + 270, left + 540)):
        if index == 1 and not fixed:
            continue
        canvas.poly([(x, top), (x + 260, top), (x + 260, foot - 60), (x, foot - 60)], (172, 200, 208))
        canvas.poly(
            [(x + 30, top), (x + 110, top), (x + 20, foot - 60), (x, foot - 60), (x, top + 120)], (202, 222, 228)
        )
    if not fixed:
        dice = canvas.detail
        for corner in ((left + 272, foot - 62), (left + 528, foot - 62), (left + 274, top + 4)):
            canvas.poly(
                [
                    corner,
                    (corner[0] + dice.uniform(-20, 90), corner[1] - dice.uniform(40, 120)),
                    (corner[0] + dice.uniform(60, 130), corner[1] - 4),
                ],
                (186, 212, 220),
            )
        for _ in range(170):
            px, py = left + 400 + dice.gauss(0, 130), foot - 10 + dice.gauss(0, 34)
            size = dice.uniform(3, 12)
            canvas.poly(
                [(px, py - size * 0.5), (px + size, py), (px - size * 0.4, py + size * 0.5)],
                mix((186, 220, 226), (250, 255, 255), dice.random()),
            )
    canvas.rect(left + 90, foot - 190, 440, 22, (152, 112, 72), 4)
    canvas.rect(left + 90, foot - 168, 440, 8, (104, 76, 48))
    for x in (left + 130, left + 480):
        canvas.rect(x, foot - 162, 14, 150, shade(frame, 0.8))
    for x in (left - 8, left + 258, left + 528, left + 798):
        canvas.tube(x, top - 20, foot, 18, frame)
    canvas.rect(left - 50, top - 54, 910, 46, frame, 8)
    canvas.rect(left - 50, top - 54, 910, 14, shade(frame, 1.3), 6)
    canvas.rect(left + 600, top + 60, 150, 220, (240, 238, 230))
    for step in range(4):
        canvas.line(
            [(left + 620, top + 100 + step * 44), (left + 730, top + 86 + step * 48)],
            7,
            ((200, 60, 50), (60, 110, 190), (70, 150, 90), (230, 160, 50))[step],
        )


def sign(canvas: Canvas, fixed: bool) -> None:
    """A road sign on a bent post; the sign straight again."""
    street(canvas)
    x, foot, kind = canvas.rng.uniform(520, 740), 800, canvas.rng.randrange(3)
    canvas.foot_shadow(x + 20, foot, 70, 14, 0.5)
    if fixed:
        canvas.tube(x, 170, foot, 18, (146, 152, 156))
        _plate(canvas, x, 230, kind, 0)
        return
    canvas.line([(x, foot), (x + 4, foot - 190), (x + 60, foot - 300), (x + 250, foot - 430)], 18, (146, 152, 156))
    canvas.line([(x - 5, foot), (x - 1, foot - 190), (x + 56, foot - 304), (x + 246, foot - 436)], 5, (200, 204, 206))
    _plate(canvas, x + 250, foot - 440, kind, 0.9)


def _plate(canvas: Canvas, x: float, y: float, kind: int, turn: float) -> None:
    def ring(reach: float, corners: int, offset: float = 0.0) -> list[tuple[float, float]]:
        squeeze = 0.72 if turn else 1.0
        angles = [2 * math.pi * step / corners + turn + offset for step in range(corners)]
        return [(x + reach * squeeze * math.cos(angle), y + reach * math.sin(angle)) for angle in angles]

    red, white = (196, 38, 40), (242, 240, 236)
    if kind == 0:
        canvas.poly(ring(124, 8, math.pi / 8), white)
        canvas.poly(ring(112, 8, math.pi / 8), red)
        bar = 64
    elif kind == 1:
        canvas.poly(ring(120, 40), white)
        canvas.poly(ring(112, 40), red)
        bar = 84
    else:
        canvas.poly(ring(140, 3, -math.pi / 2), red)
        canvas.poly(ring(92, 3, -math.pi / 2), white)
        canvas.poly(ring(24, 20), (30, 30, 34))
        return
    cos, sin = math.cos(turn), math.sin(turn)
    canvas.poly(
        [
            (x + (dx * cos - dy * sin) * (0.72 if turn else 1), y + dx * sin + dy * cos)
            for dx, dy in ((-bar, -17), (bar, -17), (bar, 17), (-bar, 17))
        ],
        white,
    )


def signal(canvas: Canvas, fixed: bool) -> None:
    """A dead traffic light; the light green."""
    street(canvas)
    x, foot = canvas.rng.uniform(500, 760), 800
    canvas.foot_shadow(x + 20, foot, 70, 14, 0.5)
    canvas.tube(x, 100, foot, 26, (58, 62, 64))
    canvas.rect(x - 88, 60, 176, 430, (24, 26, 28), 24)
    canvas.rect(x - 76, 72, 152, 406, (38, 42, 44), 18)
    lamps = (((70, 30, 30), None), ((74, 60, 30), None), ((30, 60, 44), (60, 230, 140)))
    for index, (dark, bright) in enumerate(lamps):
        y = 140 + index * 134
        canvas.oval(x, y, 58, 58, (16, 18, 20))
        canvas.oval(x, y, 50, 50, bright if fixed and bright else dark)
        canvas.oval(x - 14, y - 18, 14, 9, mix(bright if fixed and bright else dark, (255, 255, 255), 0.35))
        canvas.poly(
            [
                (x - 62, y - 18),
                (x - 54, y - 56),
                (x + 54, y - 56),
                (x + 62, y - 18),
                (x + 48, y - 46),
                (x - 48, y - 46),
            ],
            (14, 15, 17),
        )
    if fixed:
        canvas.glow(x, 408, 190, (40, 220, 130))
    else:
        cone(canvas, x - 230, foot + 30, 0.95)
        cone(canvas, x + 230, foot + 40, 0.95)


def leak(canvas: Canvas, fixed: bool) -> None:
    """A hydrant spraying water over the pavement; the hydrant tight and the ground drying."""
    street(canvas)
    x, foot, red = canvas.rng.uniform(480, 700), 800, (190, 44, 40)
    dice = canvas.detail
    if not fixed:
        canvas.blob(x + 110, foot + 30, 430, 74, (126, 150, 170), dice, 0.12, 40)
        canvas.blob(x + 190, foot + 18, 200, 22, (186, 206, 220), dice, 0.3)
        canvas.poly([(x + 60, foot + 60), (x + 380, foot + 60), (x + 520, HEIGHT), (x + 120, HEIGHT)], (120, 142, 160))
    canvas.foot_shadow(x + 30, foot, 110, 18, 0.5)
    canvas.tube(x, foot - 250, foot, 108, red)
    canvas.oval(x, foot - 250, 54, 40, shade(red, 1.12))
    canvas.rect(x - 68, foot - 26, 136, 26, shade(red, 0.7), 6)
    canvas.rect(x - 68, foot - 222, 136, 20, shade(red, 0.8), 6)
    canvas.oval(x, foot - 300, 18, 18, shade(red, 0.8))
    canvas.rect(x + 50, foot - 180, 36, 62, shade(red, 0.85), 8)
    canvas.oval(x - 6, foot - 142, 26, 30, (206, 206, 200))
    if fixed:
        canvas.shadow([[(x - 60, foot + 8), (x + 330, foot + 2), (x + 300, foot + 70), (x, foot + 70)]], 0.2, 30)
        return
    for step in range(26):
        speed = dice.uniform(0.6, 1.25)
        arc = [
            (x + 86 + 330 * speed * t, foot - 150 - 230 * t * speed + 390 * t * t + dice.uniform(-5, 5))
            for t in (0, 0.2, 0.4, 0.6, 0.8, 1.0)
        ]
        canvas.line(arc, dice.uniform(3, 9), mix((150, 190, 220), (250, 254, 255), step / 26))
    for _ in range(70):
        canvas.oval(
            x + dice.uniform(120, 470),
            foot - dice.uniform(-40, 250),
            dice.uniform(2, 6),
            dice.uniform(3, 8),
            (226, 240, 248),
        )
