"""A camera as the school set it up, and one picture of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.domain.place import BETWEEN_WORDS, Name, opens_with

MIN_RETENTION_DAYS: Final = 30
"""Regulations on public-safety video systems (State Council Order 799) art. 17: kept at least 30 days."""
KEY_UNIT_RETENTION_DAYS: Final = 90
"""Counter-Terrorism Law art. 32: listed key targets keep it at least 90 days."""
STALE_AFTER_S: Final = 10.0
"""An older picture would be taken for the present one: it is refused, not shown."""

Polygon = tuple[tuple[float, float], ...]
"""Corners in fractions of width and height, 0–1, from the top left."""


@dataclass(frozen=True)
class Camera:
    """One camera. `snapshot_url` or `stream_url` may be empty, not both.

    `driver` is a word of `integrations.cameras.DRIVERS` and speaks with `snapshot_url`; `stream_url` is the fallback.
    A login stands in `username` and `password`; one inside a url is used too, and neither appears in logs or errors.
    `masks` are painted solid before anything is kept. A picture older than `stale_after_s` is refused.
    """

    id: str
    zone: str
    name: Name
    snapshot_url: str = field(default="", repr=False)
    stream_url: str = field(default="", repr=False)
    driver: str = "jpeg"
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    retention_days: int = MIN_RETENTION_DAYS
    stale_after_s: float = STALE_AFTER_S
    masks: tuple[Polygon, ...] = ()


@dataclass(frozen=True)
class Frame:
    """One picture: JPEG bytes, and when the camera took it as far as can be known (aware; never too young).

    `is_original`: the bytes are the camera's own. False: encoded once by us, from a video stream.
    """

    camera_id: str
    data: bytes = field(repr=False)
    captured_at: datetime
    is_original: bool = True

    def age_s(self, now: datetime) -> float:
        """Seconds since it was taken; a clock that runs ahead makes it 0, never younger."""
        return max((now - self.captured_at).total_seconds(), 0.0)

    @property
    def sha256(self) -> str:
        """Of `data`, in hex."""
        return hashlib.sha256(self.data).hexdigest()


class Cameras(Mapping[str, Camera]):
    """All cameras of the school by id, in the order of its settings; found by what people call them, too."""

    def __init__(self, cameras: tuple[Camera, ...] = ()) -> None:
        self._by_id = {camera.id: camera for camera in cameras}
        self._said: dict[str, Camera] = {}
        for camera in cameras:
            for word in (camera.id, camera.name.zh, camera.name.en):
                if word:
                    self._said.setdefault(word.casefold(), camera)

    def __getitem__(self, camera_id: str) -> Camera:
        return self._by_id[camera_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def of_zone(self, zone_id: str | None) -> tuple[Camera, ...]:
        """Those that look into the zone."""
        return tuple(camera for camera in self._by_id.values() if camera.zone == zone_id)

    def read(self, words: str) -> tuple[Camera | None, str]:
        """The camera that `words` open with, the longest name first, and what follows it."""
        lowered = words.casefold()
        for name in sorted(self._said, key=len, reverse=True):
            if opens_with(lowered, name):
                return self._said[name], words[len(name) :].strip(BETWEEN_WORDS)
        return None, words
