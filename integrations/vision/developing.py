"""A camera's JPEG to the JPEG that one viewer may see: masks, faces, mark, in this order, and nothing else kept.

Pure functions on BGR pictures (height × width × 3, uint8). cv2 loads on first use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from bot.domain.camera import Polygon
from bot.domain.recipe import Faces, Recipe
from bot.errors import UndevelopableError
from integrations.vision.limits import jpeg_size
from integrations.vision.marking import draw_mark

Picture = npt.NDArray[np.uint8]
Detector = Callable[[Picture], Any]
"""Boxes (x, y, width, height in pixels) as an n × 4 array; anything else counts as a failure."""

LONG_SIDE: Final = 1280
"""What Telegram shows on a phone; its limit is width + height ≤ 10000."""
MIN_WIDTH: Final = 640
"""A smaller picture is enlarged, or its mark could not be read."""
QUALITIES: Final = (80, 65, 50, 35)
TARGET_BYTES: Final = 1_000_000
"""For a phone on a crowded mobile network; Telegram's own limit for a photo is 10 MB."""

MASK_COLOUR: Final = (48, 48, 48)
FACE_BLOCKS: Final = 8
FACE_PADDING: Final = 0.25
SOLID_BELOW_PX: Final = 24
"""A smaller face would be left with blocks of three pixels or less."""
FRAME_BLOCKS: Final = 24
"""Along the long side: a face that fills a third of the picture is left with 8."""
_BOX: Final = 4


def develop(data: bytes, recipe: Recipe, *, detector: Detector | None = None) -> bytes:
    """The developed JPEG, of 1280 pixels at most on its long side plus the mark, without the original's metadata.

    UndevelopableError: the bytes are no picture. If faces must be hidden and `detector` is missing, raises or answers
    nonsense, the whole picture is pixelated: it fails closed.
    """
    picture = decode(data)
    paint_masks(picture, recipe.masks)
    picture = _fitted(picture)
    if recipe.faces is Faces.PIXELATED:
        hide_faces(picture, detector)
    if recipe.mark is not None:
        picture = draw_mark(picture, recipe.mark)
    return encode(picture)


def decode(data: bytes) -> Picture:
    """Pixels, turned as its EXIF says, as those who drew the masks saw it. A very large one comes at half size."""
    long_side = max(jpeg_size(data))
    halved = cv2.IMREAD_REDUCED_COLOR_2 if long_side >= 2 * LONG_SIDE else cv2.IMREAD_COLOR
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), halved)
    except cv2.error as error:
        raise UndevelopableError("it cannot be decoded") from error
    if picture is None or picture.ndim != 3:  # noqa: PLR2004 - rows, columns, colours
        raise UndevelopableError("it cannot be decoded")
    return np.asarray(picture, np.uint8)


def paint_masks(picture: Picture, masks: tuple[Polygon, ...]) -> None:
    """Solid, and a pixel beyond their edges. A polygon that crosses itself is filled with all that it encloses."""
    height, width = picture.shape[:2]
    for polygon in masks:
        # The far edge, 1.0, is the last pixel and not the one after it.
        corners = np.clip(np.round(np.array(polygon) * (width, height) - 0.5), 0, (width - 1, height - 1))
        corners = corners.astype(np.int32)
        area = np.zeros((height, width), np.uint8)
        cv2.fillPoly(area, [corners], 255)
        cv2.polylines(area, [corners], isClosed=True, color=255, thickness=3)
        # The even-odd rule of fillPoly leaves the middle of a star open.
        outlines, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, outlines, -1, MASK_COLOUR, cv2.FILLED)


def hide_faces(picture: Picture, detector: Detector | None) -> None:
    """Each found face in 8 × 8 blocks, a small one solid; the whole picture when in doubt."""
    try:
        boxes = _boxes(detector(picture) if detector else None, picture)
    except Exception:  # noqa: BLE001 - whatever went wrong, no face may be seen
        pixelate_whole(picture)
        return
    for box in boxes:
        _hide_face(picture, *box)


def pixelate_whole(picture: Picture) -> None:
    """24 blocks along the long side."""
    height, width = picture.shape[:2]
    share = FRAME_BLOCKS / max(height, width)
    _blocks(picture, max(round(width * share), 1), max(round(height * share), 1))


def encode(picture: Picture) -> bytes:
    """JPEG at quality 80, or less when that would be above 1 MB."""
    for quality in QUALITIES:
        _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if len(encoded) <= TARGET_BYTES:
            break
    return encoded.tobytes()


def _fitted(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    scale = min(max(1.0, MIN_WIDTH / width), LONG_SIDE / max(height, width))
    if scale == 1:
        return picture
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def _boxes(found: Any, picture: Picture) -> list[tuple[float, float, float, float]]:
    """What the detector found; ValueError when it cannot be meant."""
    boxes = np.asarray(found, float)
    if boxes.shape == (0,):
        return []
    height, width = picture.shape[:2]
    if boxes.ndim != 2 or boxes.shape[1] != _BOX or not np.isfinite(boxes).all():  # noqa: PLR2004 - rows of boxes
        raise ValueError("not n × 4 finite numbers")
    left, top, wide, high = boxes.T
    is_meant = (wide > 0) & (high > 0) & (wide <= 2 * width) & (high <= 2 * height)
    is_inside = (left < width) & (top < height) & (left + wide > 0) & (top + high > 0)
    if not (is_meant & is_inside).all():
        raise ValueError("a face outside of the picture")
    return [tuple(map(float, box)) for box in boxes]  # type: ignore[misc]  # rows have four numbers


def _hide_face(picture: Picture, left: float, top: float, wide: float, high: float) -> None:
    pad_x, pad_y = FACE_PADDING * wide, FACE_PADDING * high
    x, y = max(int(left - pad_x), 0), max(int(top - pad_y), 0)
    face = picture[y : int(top + high + pad_y) + 1, x : int(left + wide + pad_x) + 1]
    if min(wide, high) < SOLID_BELOW_PX or min(face.shape[:2]) < FACE_BLOCKS:
        face[:] = MASK_COLOUR
    else:
        _blocks(face, FACE_BLOCKS, FACE_BLOCKS)


def _blocks(part: Picture, across: int, down: int) -> None:
    """Replaces the part by the averages of its blocks: nothing finer is left to be brought back, as from a blur."""
    height, width = part.shape[:2]
    small = cv2.resize(part, (across, down), interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
