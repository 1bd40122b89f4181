"""The visible mark: whose picture this is, from when, and why it was seen.

A band beneath the picture hides nothing of it; the viewer's id stands faintly all over it, in case it leaks.
Text is drawn with the fonts inside cv2, which have Chinese.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from bot.domain.recipe import Mark

Picture = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

# Blue, green, red.
BAND: Final = (34, 27, 23)
BRIGHT: Final = (250, 248, 246)
SOFT: Final = (214, 205, 198)
DRILL_BAND: Final = (50, 178, 250)
DRILL_TEXT: Final = (24, 28, 36)
MIN_WIDTH: Final = 480
"""A narrower picture gets margins, or its mark would wrap at every word."""
MAX_DETAIL_LINES: Final = 3
MAX_LETTERS: Final = 300
SEPARATOR: Final = "  ·  "
TILE_STRENGTH: Final = 26
"""Of 255: seen when looked for, and after recompression, on dark as on bright ground."""
_REGULAR: Final = 400
_BOLD: Final = 650


def draw_mark(picture: Picture, mark: Mark) -> Picture:
    """A new picture: the drill's tag above, the mark beneath, the tile over it."""
    canvas = _widened(picture)
    if mark.tile:
        _tile(canvas, mark.tile[:MAX_LETTERS])
    width = canvas.shape[1]
    parts = [canvas, _band(width, mark)]
    if mark.drill:
        parts.insert(0, _drill_band(width, mark.drill))
    return np.vstack(parts)


def _widened(picture: Picture) -> Picture:
    margin = max(MIN_WIDTH - picture.shape[1], 0)
    if not margin:
        return picture
    sides = (margin // 2, margin - margin // 2)
    return np.asarray(
        cv2.copyMakeBorder(picture, 0, 0, *sides, borderType=cv2.BORDER_CONSTANT, value=BAND), np.uint8
    )


def _text_px(width: int) -> int:
    return max(width // 42, 14)


def _band(width: int, mark: Mark) -> Picture:
    size, margin = _text_px(width), round(width * 0.02)
    small = round(size * 0.88)
    room = width - 2 * margin
    title, time = mark.title[:MAX_LETTERS], mark.time[:MAX_LETTERS]
    has_one_line = _width(title, size, _BOLD) + _width(time, size) + 2 * size <= room
    first = [(title, _BOLD)] if has_one_line else [(title, _BOLD), (time, _REGULAR)]
    first = [(line, weight) for text, weight in first for line in _wrapped([text], size, room, 2, weight)]
    details = _wrapped([text[:MAX_LETTERS] for text in mark.details if text], small, room, MAX_DETAIL_LINES)
    step, small_step = round(size * 1.45), round(small * 1.45)
    height = round(size * 0.85) + len(first) * step + len(details) * small_step
    band = np.full((height, width, 3), BAND, np.uint8)
    line_y = round(size * 1.4)
    for text, weight in first:
        _write(band, text, (margin, line_y), size, BRIGHT, weight)
        line_y += step
    if has_one_line:
        _write(band, time, (width - margin - _width(time, size), line_y - step), size, BRIGHT)
    line_y += small_step - step
    for text in details:
        _write(band, text, (margin, line_y), small, SOFT)
        line_y += small_step
    return band


def _drill_band(width: int, drill: str) -> Picture:
    size, margin = _text_px(width), round(width * 0.02)
    [text] = _wrapped([drill], size, width - 2 * margin, 1, _BOLD)
    band = np.full((round(size * 1.7), width, 3), DRILL_BAND, np.uint8)
    left = (width - _width(text, size, _BOLD)) // 2
    _write(band, text, (left, round(size * 1.22)), size, DRILL_TEXT, _BOLD)
    return band


def _tile(picture: Picture, text: str) -> None:
    """In place. Light letters with a dark edge: one of the two can be seen on any ground."""
    height, width = picture.shape[:2]
    patch = _tile_patch(text, max(width // 60, 12))
    down, across = -(-height // patch.shape[0]), -(-width // patch.shape[1])
    layer = np.tile(patch, (down, across, 1))[:height, :width]
    np.copyto(picture, cv2.subtract(cv2.add(picture, layer), np.roll(layer, (2, 2), (0, 1))))


@cache
def _font() -> Any:
    return cv2.FontFace("sans")


def _tile_patch(text: str, size: int) -> Picture:
    """One tile with the text aslant, light on black; it continues itself on every side."""
    across = max(_width(text, size) + 5 * size, 12 * size)
    down = max(round(across * 0.55), 8 * size)
    patch = np.zeros((down, across, 3), np.uint8)
    turned = cv2.getRotationMatrix2D((across / 2, down / 2), 18, 1)
    letters = np.zeros_like(patch)
    _write(letters, text, (2 * size, (down + size) // 2), size, (TILE_STRENGTH,) * 3)
    cv2.warpAffine(letters, turned, (across, down), patch, cv2.INTER_LINEAR)
    half = (down // 2, across // 2)
    return np.hstack([patch, np.roll(patch, half[0], 0)])


def _wrapped(texts: list[str], size: int, room: int, most_lines: int, weight: int = _REGULAR) -> list[str]:
    """Whole texts side by side while they fit; a longer one is broken between letters; the rest becomes "…"."""
    lines = [""]
    for text in texts:
        joined = f"{lines[-1]}{SEPARATOR}{text}" if lines[-1] else text
        if _width(joined, size, weight) <= room:
            lines[-1] = joined
            continue
        broken = _broken(text, size, room, weight)
        lines = lines + broken if lines[-1] else lines[:-1] + broken
    if len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], _shortened(lines[most_lines - 1], size, room, weight)]
    return [line for line in lines if line]


def _broken(text: str, size: int, room: int, weight: int) -> list[str]:
    lines = []
    while _width(text, size, weight) > room:
        fits = next(
            n for n in range(len(text) - 1, 0, -1) if n == 1 or _width(text[:n], size, weight) <= room
        )
        at = text.rfind(" ", fits // 2, fits + 1)
        fits = at if at > 0 else fits
        lines.append(text[:fits].rstrip())
        text = text[fits:].lstrip()
    return [*lines, text]


def _shortened(text: str, size: int, room: int, weight: int) -> str:
    while text and _width(f"{text}…", size, weight) > room:
        text = text[:-1]
    return f"{text}…"


def _width(text: str, size: int, weight: int = _REGULAR) -> int:
    if not text:
        return 0
    left, _, wide, _ = cv2.getTextSize((0, 0), text, (0, 0), _font(), size, weight)
    return int(left + wide)


def _write(  # noqa: PLR0917 - in the order of cv2.putText
    picture: Picture, text: str, at: tuple[int, int], size: int, colour: Colour, weight: int = _REGULAR
) -> None:
    if text:
        cv2.putText(picture, text, at, colour, _font(), size, weight)
