"""The numbers of a `Reading`, from a frame that nobody keeps. About 1 ms a frame."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from bot.domain.camera import Polygon
from integrations.vision.developing import decode, paint_masks
from integrations.vision.reading import GRID, Reading

SIZE: Final = (320, 180)
CANNY: Final = (100, 200)
NOISE_SIGMA: Final = 1.5
"""A night's noise would pass for a sharp lens."""
MIN_VARIANCE: Final = 1.0
_MAP_FULL: Final = 48.0
"""A cell whose mean square root of the gradient is above this is as edgy as can be."""


def measure(data: bytes, masks: tuple[Polygon, ...] = ()) -> Reading:
    """UndevelopableError: it is no picture."""
    picture = decode(data)
    paint_masks(picture, masks)
    small = cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA)
    return measure_grey(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))


def measure_grey(grey: npt.NDArray[Any]) -> Reading:
    """Of a picture of 320 × 180 in grey (uint8)."""
    mean, deviation = (float(value.item()) for value in cv2.meanStdDev(grey))
    smooth = cv2.GaussianBlur(grey, (0, 0), NOISE_SIGMA)
    laplacian = float(cv2.meanStdDev(cv2.Laplacian(smooth, cv2.CV_16S))[1].item()) ** 2
    counts = np.bincount(grey.ravel(), minlength=256)
    shares = counts[counts > 0] / grey.size
    return Reading(
        digest=hashlib.sha256(grey.tobytes()).hexdigest()[:32],
        mean=mean,
        contrast=deviation,
        sharpness=laplacian / max(deviation**2, MIN_VARIANCE),
        entropy=float(-(shares * np.log2(shares)).sum()),
        edges=float(np.count_nonzero(cv2.Canny(grey, *CANNY))) / grey.size,
        map=_edge_map(smooth),
    )


def _edge_map(smooth: npt.NDArray[Any]) -> bytes:
    """The square root weighs faint edges and strong ones more alike, as light that changes does not move them."""
    across, down = cv2.spatialGradient(smooth)
    strength = cv2.magnitude(across.astype(np.float32), down.astype(np.float32))
    cells = cv2.resize(cv2.sqrt(strength), GRID, interpolation=cv2.INTER_AREA)
    return bytes(np.clip(cells * (255 / _MAP_FULL), 0, 255).astype(np.uint8).tobytes())
