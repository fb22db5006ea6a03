"""Scenes among trees and along walls: parks, hedges, weeds, animals, paint and paper."""

import math

from demo.pictures.backdrops import park, sky, slabs, tree, wall
from demo.pictures.paint import HEIGHT, WIDTH, Canvas, Colour, Spot, mix, shade
from demo.pictures.scenes_road import gravel, leaf

WOOD: Colour = (166, 112, 64)
BARK: Colour = (104, 84, 66)
EARTH: Colour = (112, 86, 62)


def bench(canvas: Canvas, fixed: bool) -> None:
    """A bench with broken slats; the slats replaced."""
    park(canvas)
    left, seat, foot = canvas.rng.uniform(280, 420), 640, 800
    iron, wood = (52, 58, 60), canvas.rng.choice((WOOD, (128, 92, 62), (92, 116, 88)))
    dice = canvas.detail
    canvas.foot_shadow(left + 330, foot + 4, 380, 26, 0.5)
    for x in (left + 50, left + 560):
        canvas.line([(x - 26, foot), (x, seat), (x + 96, seat + 4), (x + 110, foot + 8)], 20, iron)
        canvas.line([(x, seat), (x - 34, seat - 230)], 20, iron)
    for row in range(4):
        y = seat - 218 + row * 56
        lean = -32 + row * 8
        if row == 1 and not fixed:
            canvas.poly(
                [
                    (left + lean, y),
                    (left + 210 + lean, y - 6),
                    (left + 180 + lean, y + 14),
                    (left + 222 + lean, y + 30),
                    (left + lean, y + 34),
                ],
                wood,
            )
            continue
        if row == 2 and not fixed:
            canvas.poly(
                [
                    (left + 400 + lean, y + 10),
                    (left + 640 + lean, y),
                    (left + 640 + lean, y + 36),
                    (left + 416 + lean, y + 44),
                    (left + 432 + lean, y + 26),
                ],
                shade(wood, 0.94),
            )
            continue
        _slat(canvas, left + lean, y, 640, 36, shade(wood, 1.18) if fixed and row in (1, 2) else wood)
    for row in range(3):
        if row == 1 and not fixed:
            canvas.poly(
                [
                    (left, seat + 30),
                    (left + 250, seat + 34),
                    (left + 330, seat + 128),
                    (left + 286, seat + 136),
                    (left + 220, seat + 62),
                    (left + 6, seat + 56),
                ],
                shade(wood, 0.9),
            )
            continue
        _slat(
            canvas, left - 4 + row * 12, seat - 4 + row * 32, 640, 28, shade(wood, 1.14 if fixed and row == 1 else 0.95)
        )
    if not fixed:
        canvas.line([(left + 330, foot + 40), (left + 560, foot + 66)], 26, shade(wood, 0.85))
        for _ in range(12):
            canvas.line(
                [
                    (px := left + dice.uniform(200, 520), py := foot + dice.uniform(-10, 50)),
                    (px + dice.uniform(8, 30), py + dice.uniform(-6, 6)),
                ],
                5,
                shade(wood, 1.2),
            )


def _slat(canvas: Canvas, x: float, y: float, width: float, height: float, wood: Colour) -> None:
    canvas.rect(x, y, width, height, wood, 5)
    canvas.rect(x + 4, y + 3, width - 8, height * 0.22, shade(wood, 1.18))
    canvas.rect(x + 2, y + height - 6, width - 4, 6, shade(wood, 0.7))


def swing(canvas: Canvas, fixed: bool) -> None:
    """A swing hanging by one chain; a swing in order."""
    park(canvas)
    canvas.poly([(120, 790), (1160, 770), (1240, 900), (60, 920)], (150, 84, 66))
    paint = canvas.rng.choice(((52, 120, 180), (210, 90, 50), (70, 140, 90)))
    canvas.foot_shadow(640, 836, 470, 24, 0.35)
    for x, lean in ((220, 70), (1060, -70)):
        canvas.line([(x - lean, 860), (x + lean * 0.5, 200)], 26, shade(paint, 0.75))
        canvas.line([(x + lean * 2, 830), (x + lean * 0.5, 200)], 26, paint)
    canvas.line([(230, 200), (1050, 200)], 28, shade(paint, 1.1))
    for x, whole in ((440, True), (800, fixed)):
        ends = [(x, 640), (x + 130, 640)] if whole else [(x + 20, 770), (x + 130, 640)]
        _chain(canvas, (x + 130, 212), ends[1])
        if whole:
            _chain(canvas, (x, 212), ends[0])
        else:
            _chain(canvas, (x, 212), (x + 6, 420))
        canvas.line(ends, 30, (40, 42, 46))
        canvas.line([(ends[0][0], ends[0][1] - 8), (ends[1][0], ends[1][1] - 8)], 7, (96, 98, 104))


def _chain(canvas: Canvas, first: Spot, last: Spot) -> None:
    links = max(2, round(math.dist(first, last) / 22))
    for step in range(links):
        x, y = (first[axis] + (last[axis] - first[axis]) * (step + 0.5) / links for axis in (0, 1))
        canvas.oval(x, y, 7 if step % 2 else 4, 14, None, (122, 126, 130), 4)


def branch(canvas: Canvas, fixed: bool) -> None:
    """A big branch across the path; the path clear and the cut clean."""
    green = park(canvas)
    x = canvas.rng.uniform(300, 420)
    canvas.foot_shadow(x + 60, 690, 240, 26, 0.4)
    tree(canvas, x, 690, 260, green)
    torn = (x + 40, 420)
    if fixed:
        canvas.oval(torn[0] - 18, torn[1], 26, 32, (214, 178, 124))
        canvas.oval(torn[0] - 18, torn[1], 12, 16, (190, 150, 98))
        for _ in range(90):
            canvas.oval(x + 300 + canvas.detail.gauss(0, 110), 800 + canvas.detail.gauss(0, 26), 6, 3, (222, 190, 138))
        return
    canvas.poly(
        [(x + 8, 390), (x + 60, 380), (x + 76, 420), (x + 40, 430), (x + 56, 452), (x + 14, 470)], (222, 186, 130)
    )
    canvas.shadow([[(x + 100, 770), (1180, 760), (1200, 860), (x + 120, 850)]], 0.5, 24)
    trunk = [(x + 110, 790), (x + 330, 760), (x + 560, 800), (x + 780, 770)]
    canvas.line(trunk, 54, BARK)
    canvas.line([(px, py - 14) for px, py in trunk], 14, shade(BARK, 1.3))
    canvas.oval(x + 104, 790, 20, 30, (222, 186, 130))
    dice = canvas.detail
    for start, end in (((330, 760), (470, 650)), ((560, 800), (690, 880)), ((560, 790), (700, 680))):
        canvas.line([(x + start[0], start[1]), (x + end[0], end[1])], 24, BARK)
    for _ in range(34):
        px, py = x + 400 + dice.uniform(0, 430), 770 + dice.gauss(0, 66)
        canvas.blob(
            px, py, dice.uniform(36, 78), dice.uniform(26, 54), shade(green, dice.uniform(0.62, 1.05)), dice, 0.4, 14
        )
    for _ in range(40):
        leaf(canvas, x + dice.uniform(80, 860), 800 + dice.gauss(30, 50), 15)


def hedge(canvas: Canvas, fixed: bool) -> None:
    """A hedge that takes the pavement; the hedge cut straight."""
    dice = canvas.rng
    sky(canvas, 420)
    green = dice.choice(((74, 118, 62), (92, 126, 60), (66, 104, 74)))
    fence = dice.choice(((206, 196, 178), (180, 172, 160)))
    canvas.rect(0, 400, WIDTH, 240, fence)
    canvas.rect(0, 388, WIDTH, 20, shade(fence, 1.15))
    slabs(canvas, 640, HEIGHT, (196, 188, 174), 4)
    if fixed:
        canvas.shadow([[(0, 640), (WIDTH, 640), (WIDTH, 690), (0, 690)]], 0.45, 16)
        canvas.fade(0, 250, WIDTH, 400, shade(green, 1.08), shade(green, 0.7))
        for _ in range(420):
            x, y = canvas.detail.uniform(0, WIDTH), canvas.detail.uniform(262, 640)
            canvas.blob(
                x,
                y,
                17,
                11,
                shade(green, canvas.detail.uniform(0.72, 1.22) * (1.15 - (y - 250) / 1100)),
                canvas.detail,
                0.3,
                8,
            )
        canvas.rect(0, 246, WIDTH, 14, shade(green, 1.28))
        return
    canvas.shadow([[(0, 640), (WIDTH, 640), (WIDTH, 850), (0, 850)]], 0.5, 30)
    for layer in range(5):
        for step in range(26):
            x = step * 54 + canvas.detail.uniform(-30, 30)
            y = 300 + layer * 105 + canvas.detail.gauss(0, 44)
            canvas.blob(
                x,
                y,
                canvas.detail.uniform(46, 88),
                canvas.detail.uniform(40, 70),
                shade(green, canvas.detail.uniform(0.85, 1.15) * (1.12 - layer * 0.1)),
                canvas.detail,
                0.45,
                15,
            )
    for _ in range(46):
        x, y = canvas.detail.uniform(0, WIDTH), canvas.detail.uniform(180, 860)
        reach, turn = canvas.detail.uniform(50, 130), canvas.detail.uniform(-2.6, -0.5)
        tip = (x + reach * math.cos(turn), y + reach * math.sin(turn))
        canvas.line([(x, y), tip], 5, shade(green, 0.6))
        for share in (0.5, 0.75, 1.0):
            canvas.blob(
                x + (tip[0] - x) * share, y + (tip[1] - y) * share, 18, 12, shade(green, 1.25), canvas.detail, 0.3, 9
            )


def weeds(canvas: Canvas, fixed: bool) -> None:
    """Weeds as high as a child along a wall; the foot of the wall clean."""
    wall(canvas)
    if fixed:
        for _ in range(60):
            canvas.line([(x := canvas.detail.uniform(0, WIDTH), 738), (x + 10, 730)], 4, (150, 150, 96))
        return
    dice = canvas.detail
    canvas.shadow([[(60, 730), (1220, 730), (1220, 800), (60, 800)]], 0.4, 24)
    for depth in range(3):
        for _ in range(90):
            x, foot = dice.uniform(20, 1260), 742 + depth * 34 + dice.uniform(-10, 10)
            height = dice.uniform(90, 330) * (0.75 + 0.25 * math.sin(x / 190))
            bow = dice.uniform(-70, 70)
            colour = shade((112, 142, 64), dice.uniform(0.65, 1.25))
            canvas.line(
                [(x, foot), (x + bow * 0.25, foot - height * 0.55), (x + bow, foot - height)],
                dice.uniform(5, 11),
                colour,
            )
            if dice.random() < 0.22:
                canvas.oval(
                    x + bow, foot - height, 11, 11, dice.choice(((232, 206, 74), (226, 222, 214), (168, 120, 180)))
                )
    for _ in range(70):
        x, foot = dice.uniform(0, WIDTH), dice.uniform(800, 940)
        for lean in (-24, 0, 24):
            canvas.line(
                [(x, foot), (x + lean, foot - dice.uniform(20, 46))], 6, shade((112, 142, 64), dice.uniform(0.7, 1.1))
            )


def burrow(canvas: Canvas, fixed: bool) -> None:
    """Burrows in a flower bed and who dug them; the bed filled and planted."""
    park(canvas)
    canvas.poly([(0, 640), (WIDTH, 610), (WIDTH, HEIGHT), (0, HEIGHT)], EARTH)
    canvas.rough([(0, 640), (WIDTH, 610), (WIDTH, HEIGHT), (0, HEIGHT)])
    dice = canvas.detail
    if fixed:
        for row in range(3):
            for step in range(9):
                x, y = 90 + step * 142 + (row % 2) * 70, 700 + row * 90
                for lean in (-30, -12, 12, 30):
                    canvas.line([(x, y), (x + lean, y - 48)], 8, shade((84, 130, 66), dice.uniform(0.8, 1.1)))
                canvas.oval(x, y - 56, 20, 18, ((214, 80, 96), (236, 196, 80), (232, 226, 220))[(row + step) % 3])
        return
    for x, y, size in ((330, 750, 110), (640, 840, 90), (990, 730, 84)):
        canvas.blob(x + 30, y + 40, size * 1.7, size * 0.6, shade(EARTH, 1.25), dice, 0.3)
        canvas.blob(x, y, size, size * 0.52, shade(EARTH, 0.5), dice, 0.12)
        canvas.blob(x, y + 6, size * 0.8, size * 0.38, (24, 18, 14), dice, 0.12)
    gravel(canvas, 640, 800, 380, 40, EARTH)
    x, y, fur = 730, 700, (110, 98, 90)
    canvas.foot_shadow(x + 10, y + 62, 170, 18, 0.55)
    canvas.line([(x - 130, y + 40), (x - 230, y + 50), (x - 300, y + 10), (x - 350, y + 24)], 10, (186, 146, 136))
    canvas.oval(x - 20, y + 8, 140, 62, fur)
    canvas.poly([(x + 60, y - 30), (x + 190, y + 22), (x + 200, y + 34), (x + 176, y + 50), (x + 60, y + 56)], fur)
    canvas.oval(x + 84, y - 34, 24, 26, shade(fur, 0.85))
    canvas.oval(x + 84, y - 32, 14, 16, (196, 152, 142))
    canvas.oval(x + 140, y + 2, 7, 7, (16, 14, 14))
    canvas.oval(x + 198, y + 32, 8, 7, (60, 44, 44))
    for lean in (-8, 4, 14):
        canvas.line([(x + 180, y + 36), (x + 236, y + 36 + lean)], 2, (60, 54, 50))
    for foot in (-70, 20, 96):
        canvas.oval(x + foot, y + 62, 24, 9, (186, 146, 136))


def nest(canvas: Canvas, fixed: bool) -> None:
    """A hornets' nest in a tree; the tree without it."""
    green = park(canvas)
    canvas.poly([(0, 120), (420, 190), (880, 250), (WIDTH, 230), (WIDTH, 300), (860, 320), (400, 262), (0, 220)], BARK)
    canvas.poly(
        [(0, 120), (420, 190), (880, 250), (WIDTH, 230), (WIDTH, 246), (880, 268), (400, 210), (0, 140)],
        shade(BARK, 1.3),
    )
    for _ in range(26):
        x = canvas.rng.uniform(-40, WIDTH)
        canvas.blob(
            x,
            120 + x * 0.1 + canvas.rng.gauss(0, 70),
            canvas.rng.uniform(60, 110),
            canvas.rng.uniform(36, 60),
            shade(green, canvas.rng.uniform(0.7, 1.1)),
            canvas.rng,
            0.4,
            15,
        )
    if fixed:
        return
    x, y, paper = 640, 470, (196, 166, 120)
    canvas.rect(x - 24, 236, 48, 90, shade(paper, 0.8))
    canvas.blob(x, y, 172, 206, shade(paper, 0.74), canvas.detail, 0.05, 40)
    canvas.blob(x - 8, y - 4, 162, 194, paper, canvas.detail, 0.05, 40)
    for step in range(9):
        height = y - 170 + step * 42
        half = 158 * math.sqrt(max(0.05, 1 - ((height - y) / 198) ** 2))
        spots = [
            (x - 8 + half * share, height + 16 * math.cos(share * 3) + (8 if index % 2 else -4))
            for index, share in enumerate((-0.95, -0.6, -0.3, 0, 0.3, 0.6, 0.92))
        ]
        canvas.line(spots, 9, shade(paper, 0.8 if step % 2 else 1.14))
    canvas.oval(x + 40, y + 70, 30, 27, (40, 30, 24))
    for _ in range(13):
        px, py = x + canvas.detail.gauss(60, 200), y + canvas.detail.gauss(30, 130)
        canvas.oval(px + 5, py - 8, 13, 7, (226, 232, 236))
        canvas.oval(px, py, 13, 8, (60, 44, 30))
        canvas.oval(px + 7, py, 6, 7, (226, 160, 50))


def graffiti(canvas: Canvas, fixed: bool) -> None:
    """A tagged wall; the wall cleaned, a little paler there."""
    plaster = wall(canvas)
    dice = canvas.rng
    first, second = dice.sample(((40, 44, 52), (186, 40, 96), (34, 110, 176), (60, 150, 90), (226, 120, 40)), 2)
    left, spots = 200 + dice.uniform(-60, 60), []
    for step in range(dice.randint(5, 7)):
        x = left + step * 150
        spots.append(
            [
                (
                    x + 140 * share + dice.uniform(-30, 30) + 60 * math.sin(5 * share + step),
                    390 + (150 if index % 2 else -130) * dice.uniform(0.5, 1.1),
                )
                for index, share in enumerate((0, 0.25, 0.5, 0.75, 1.0))
            ]
        )
    if fixed:
        canvas.poly(
            [(left - 70, 190), (left + 980, 170), (left + 1000, 590), (left - 90, 600)],
            mix(plaster, (255, 255, 255), 0.1),
        )
        canvas.rough([(left - 70, 190), (left + 980, 170), (left + 1000, 590), (left - 90, 600)], 0.2)
        return
    canvas.blob(620, 400, 520, 190, mix(plaster, second, 0.3), canvas.detail, 0.2)
    for stroke in spots:
        curve = _smooth(stroke)
        canvas.line([(x + 10, y + 10) for x, y in curve], 44, shade(second, 0.8))
        canvas.line(curve, 40, first)
        canvas.line([(x - 8, y - 9) for x, y in curve], 8, mix(first, (255, 255, 255), 0.6))
    for stroke in spots[::2]:
        x, y = stroke[2]
        canvas.line([(x, y), (x + 2, y + canvas.detail.uniform(90, 210))], 7, first)


def _smooth(spots: list[Spot]) -> list[Spot]:
    """Round a line by cutting its corners, three times over."""
    for _ in range(3):
        cut = [spots[0]]
        for (x0, y0), (x1, y1) in zip(spots, spots[1:], strict=False):
            cut += [(x0 * 0.75 + x1 * 0.25, y0 * 0.75 + y1 * 0.25), (x0 * 0.25 + x1 * 0.75, y0 * 0.25 + y1 * 0.75)]
        spots = [*cut, spots[-1]]
    return spots


def posters(canvas: Canvas, fixed: bool) -> None:
    """A wall under torn posters; the wall bare again."""
    plaster = wall(canvas)
    if fixed:
        canvas.blob(640, 390, 480, 190, mix(plaster, (255, 255, 255), 0.06), canvas.detail, 0.15)
        return
    dice = canvas.detail
    for step in range(9):
        x, y = 150 + (step % 5) * 210 + dice.uniform(-20, 20), 130 + (step // 5) * 230 + dice.uniform(-24, 24)
        paper = dice.choice(((236, 220, 90), (236, 120, 100), (120, 190, 210), (240, 236, 226), (150, 200, 130)))
        lean = dice.uniform(-16, 16)
        corners = [(x, y + lean), (x + 180, y - lean), (x + 186, y + 250 - lean), (x + 6, y + 250 + lean)]
        canvas.shadow([[(cx + 8, cy + 10) for cx, cy in corners]], 0.3, 6)
        canvas.poly(corners, paper)
        canvas.poly(
            [(x + 16, y + 20 + lean), (x + 164, y + 20 - lean), (x + 166, y + 70 - lean), (x + 18, y + 70 + lean)],
            shade(paper, 0.45),
        )
        canvas.oval(x + 92, y + 140, 54, 46, shade(paper, 0.75))
        for row in range(2):
            canvas.line([(x + 30, y + 206 + row * 20), (x + 150, y + 204 + row * 20)], 8, shade(paper, 0.55), False)
        if step % 2:
            canvas.poly(
                [(x + 186, y + 250 - lean), (x + 90, y + 252), (x + 130, y + 190), (x + 188, y + 150)],
                shade(plaster, 0.96),
            )
            canvas.poly([(x + 90, y + 252), (x + 130, y + 190), (x + 150, y + 236)], (248, 246, 240))
