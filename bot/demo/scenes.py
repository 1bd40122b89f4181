"""What the demo's cameras see: drawn places with people walking through, so that two pictures are never the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

WIDTH: Final = 1280
HEIGHT: Final = 720
_SHARP: Final = 4
"""cv2 draws to a sixteenth of a pixel, so that slow figures do not jump."""

# Blue, green, red.
_COATS: Final[tuple[Colour, ...]] = (
    (150, 84, 42),
    (72, 72, 186),
    (92, 140, 64),
    (60, 132, 214),
    (132, 92, 140),
    (112, 112, 112),
)
_SKIN: Final = (150, 184, 224)
_TROUSERS: Final = (70, 60, 54)


@dataclass(frozen=True)
class Walker:
    """Somebody who walks to and fro between `left` and `right`: `y` are the feet, `pace` ways a minute, 0 stands."""

    y: float
    size: float
    pace: float
    start: float
    coat: int
    left: float = -0.1
    right: float = 1.1

    def x_at(self, seconds: float) -> float:
        """Where they are, beyond the edges included."""
        way = self._way(seconds)
        share = way if way <= 1 else 2 - way
        return (self.left + (self.right - self.left) * share) * WIDTH

    def is_facing_right(self, seconds: float) -> bool:
        """Which way they go."""
        return self._way(seconds) <= 1

    def _way(self, seconds: float) -> float:
        return (self.start + self.pace * seconds / 60) % 2


def draw(camera_id: str, seconds: float) -> bytes:
    """The camera's picture at that second, as JPEG."""
    paint, walkers = SCENES.get(camera_id, SCENES["gate"])
    picture = _wall((206, 214, 218))
    paint(picture)
    for walker in sorted(walkers, key=lambda one: one.y):
        _figure(picture, walker, seconds)
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
    return encoded.tobytes()


def _wall(colour: Colour) -> Picture:
    return np.full((HEIGHT, WIDTH, 3), colour, np.uint8)


def _box(picture: Picture, edges: tuple[int, int, int, int], colour: Colour) -> None:
    """Left, top, right, bottom."""
    cv2.rectangle(picture, edges[:2], edges[2:], colour, cv2.FILLED)


def _area(picture: Picture, corners: list[tuple[int, int]], colour: Colour) -> None:
    cv2.fillConvexPoly(picture, np.array(corners, np.int32), colour, cv2.LINE_AA)


def _gate(picture: Picture) -> None:
    """Sky, trees, the wall with its gate, the guard's box, and the way in."""
    for row in range(300):
        shade = row / 300
        picture[row] = (236 - 20 * shade, 216 + 8 * shade, 190 + 30 * shade)
    _box(picture, (0, 300, WIDTH, HEIGHT), (132, 140, 142))
    for x in range(60, WIDTH, 190):
        _box(picture, (x - 9, 200, x + 9, 310), (58, 78, 96))
        cv2.circle(picture, (x, 180), 66, (78, 128, 92), cv2.FILLED, cv2.LINE_AA)
    _box(picture, (0, 262, 400, 404), (118, 140, 172))
    _box(picture, (880, 262, WIDTH, 404), (118, 140, 172))
    for x in (372, 850):
        _box(picture, (x, 210, x + 60, 420), (92, 112, 146))
        _box(picture, (x - 8, 196, x + 68, 214), (76, 92, 122))
    for x in range(446, 850, 26):
        _box(picture, (x, 352, x + 6, 408), (186, 190, 190))
    _area(picture, [(432, 420), (850, 420), (1220, HEIGHT), (80, HEIGHT)], (156, 160, 160))
    for step in range(5):
        y = 446 + 62 * step
        _area(
            picture,
            [(632 - 3 * step, y), (652 + 3 * step, y), (656 + 4 * step, y + 30), (628 - 4 * step, y + 30)],
            (222, 226, 226),
        )
    _box(picture, (930, 330, 1110, 470), (214, 220, 222))
    _box(picture, (950, 352, 1090, 414), (176, 152, 118))
    _box(picture, (920, 316, 1120, 334), (70, 82, 98))


def _corridor(picture: Picture) -> None:
    """Seen from its end: doors left, windows right."""
    _area(picture, [(0, HEIGHT), (WIDTH, HEIGHT), (800, 330), (480, 330)], (150, 170, 178))
    _area(picture, [(0, 0), (WIDTH, 0), (800, 210), (480, 210)], (232, 236, 238))
    _area(picture, [(0, 0), (480, 210), (480, 330), (0, HEIGHT)], (196, 212, 216))
    _area(picture, [(WIDTH, 0), (800, 210), (800, 330), (WIDTH, HEIGHT)], (208, 220, 222))
    _box(picture, (480, 210, 800, 330), (176, 196, 202))
    _box(picture, (590, 236, 690, 330), (120, 140, 150))
    for left, right in ((40, 150), (220, 300), (350, 404), (434, 464)):
        _area(picture, [_side(left, 0.2), _side(right, 0.2), _side(right, 1), _side(left, 1)], (84, 122, 160))
    for left, right in ((1240, 1120), (1060, 980), (930, 876), (846, 820)):
        _area(
            picture,
            [_side(left, 0.25), _side(right, 0.25), _side(right, 0.62), _side(left, 0.62)],
            (236, 222, 190),
        )
    for at in range(4):
        y, half = 40 + 44 * at, 130 - 26 * at
        _area(
            picture,
            [(640 - half, y), (640 + half, y), (640 + half - 14, y + 12), (640 - half + 14, y + 12)],
            (255, 255, 250),
        )


def _side(x: int, share: float) -> tuple[int, int]:
    """A point on the side wall over `x`: 0 at the ceiling, 1 on the floor."""
    away = x / 480 if x < WIDTH // 2 else (WIDTH - x) / 480
    top, bottom = 210 * away, HEIGHT - (HEIGHT - 330) * away
    return x, round(top + (bottom - top) * share)


def _canteen(picture: Picture) -> None:
    """Counter, tables in rows."""
    _box(picture, (0, 250, WIDTH, HEIGHT), (168, 188, 196))
    for x in range(0, WIDTH, 80):
        cv2.line(picture, (x, 250), (round((x - 640) * 1.9) + 640, HEIGHT), (152, 174, 184), 2, cv2.LINE_AA)
    _box(picture, (120, 120, 1160, 204), (236, 240, 242))
    _box(picture, (120, 200, 1160, 282), (96, 120, 148))
    for x in range(170, 1100, 158):
        _box(picture, (x, 132, x + 96, 188), (92, 150, 214))
    for row, y in enumerate((352, 470, 618)):
        wide, gap = 190 + 40 * row, 300 + 70 * row
        for at in (-1, 0, 1):
            x = 640 + at * gap - wide // 2
            _box(picture, (x, y, x + wide, y + 26 + 6 * row), (112, 160, 196))
            _box(picture, (x + 12, y + 26 + 6 * row, x + 24, y + 62 + 14 * row), (88, 104, 118))
            _box(picture, (x + wide - 24, y + 26 + 6 * row, x + wide - 12, y + 62 + 14 * row), (88, 104, 118))


def _figure(picture: Picture, walker: Walker, seconds: float) -> None:
    """Head, body, arms and legs, seen from the side and stepping."""
    x, feet, size = walker.x_at(seconds), walker.y * HEIGHT, walker.size
    step = math.sin(seconds * 7 + walker.start * 9) * size * 0.16 if walker.pace else size * 0.05
    hip, neck = feet - size * 0.46, feet - size * 0.84
    thick = max(round(size * 0.1), 2)
    cv2.ellipse(
        picture,
        (round(x), round(feet)),
        (round(size * 0.2), round(size * 0.05)),
        0,
        0,
        360,
        (112, 118, 122),
        cv2.FILLED,
        cv2.LINE_AA,
    )
    for side in (1, -1):
        _limb(picture, (x, hip), (x + side * step, feet), _TROUSERS, thick)
        _limb(
            picture,
            (x, neck + size * 0.06),
            (x - side * step * 0.9, hip + size * 0.02),
            _coat(walker),
            max(round(size * 0.07), 2),
        )
    _limb(picture, (x, neck + size * 0.06), (x, hip), _coat(walker), round(size * 0.2))
    _disc(picture, (x, neck - size * 0.07), size * 0.095, _SKIN)
    back = -size * 0.02 if walker.is_facing_right(seconds) else size * 0.02
    _disc(picture, (x + back, neck - size * 0.105), size * 0.085, (42, 38, 36))


def _coat(walker: Walker) -> Colour:
    return _COATS[walker.coat % len(_COATS)]


def _limb(
    picture: Picture, begin: tuple[float, float], end: tuple[float, float], colour: Colour, thick: int
) -> None:
    cv2.line(picture, _fine(begin), _fine(end), colour, thick, cv2.LINE_AA, _SHARP)


def _disc(picture: Picture, middle: tuple[float, float], radius: float, colour: Colour) -> None:
    cv2.circle(picture, _fine(middle), round(radius * 2**_SHARP), colour, cv2.FILLED, cv2.LINE_AA, _SHARP)


def _fine(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] * 2**_SHARP), round(point[1] * 2**_SHARP)


Paint = Callable[[Any], None]

SCENES: Final[dict[str, tuple[Paint, tuple[Walker, ...]]]] = {
    "gate": (
        _gate,
        (
            Walker(0.62, 96, 2.4, 0.1, 0),
            Walker(0.70, 128, 1.8, 1.6, 1),
            Walker(0.82, 176, 3.0, 0.35, 2),
            Walker(0.94, 236, 2.6, 1.85, 3),
            Walker(0.66, 112, 0, 0.92, 5),
        ),
    ),
    "A3": (
        _corridor,
        (
            Walker(0.55, 130, 3.2, 0.45, 4, 0.40, 0.60),
            Walker(0.66, 190, 4.1, 1.62, 1, 0.30, 0.70),
            Walker(0.84, 290, 3.4, 0.2, 0, 0.16, 0.84),
        ),
    ),
    "canteen": (
        _canteen,
        (
            Walker(0.46, 120, 1.4, 0.3, 2),
            Walker(0.46, 122, 0, 0.5, 5),
            Walker(0.62, 170, 2.0, 1.7, 3),
            Walker(0.80, 236, 2.6, 0.05, 4),
            Walker(0.97, 300, 1.6, 1.5, 0),
        ),
    ),
}
