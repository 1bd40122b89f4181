"""Pictures for the tests: a drawn yard with people, and files that are not what they claim."""

from __future__ import annotations

import cv2
import numpy as np


def yard(seed: int = 0, size: tuple[int, int] = (640, 360)):
    """A yard with buildings, windows and people that stand elsewhere for each seed."""
    width, height = size
    picture = np.full((360, 640, 3), (95, 120, 105), np.uint8)
    fixed = np.random.default_rng(7)
    for x in range(20, 620, 90):
        colour = tuple(int(v) for v in fixed.integers(60, 200, 3))
        cv2.rectangle(picture, (x, 20), (x + 70, 150), colour, -1)
        for window in range(30, 140, 28):
            cv2.rectangle(picture, (x + 10, window), (x + 30, window + 16), (30, 30, 40), -1)
    cv2.line(picture, (0, 330), (639, 190), (225, 225, 225), 6)
    cv2.line(picture, (80, 359), (330, 170), (40, 50, 60), 8)
    cv2.circle(picture, (480, 270), 40, (20, 90, 170), -1)
    moving = np.random.default_rng(seed)
    for _ in range(4):
        x, y = int(moving.integers(20, 610)), int(moving.integers(170, 330))
        cv2.rectangle(picture, (x, y), (x + 9, y + 26), (25, 25, 35), -1)
    noisy = picture + moving.normal(0, 3, picture.shape)
    return cv2.resize(np.clip(noisy, 0, 255).astype(np.uint8), (width, height))


def jpeg(picture, quality: int = 92) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def pixels(data: bytes):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A JPEG that claims to be far larger than it is."""
    small = bytearray(jpeg(np.zeros((16, 16, 3), np.uint8)))
    at = small.index(b"\xff\xc0")
    small[at + 5 : at + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(small)
