"""How one camera looks when all is well, in each of four lights: what its readings are held against."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, Final

from integrations.vision.reading import Reading

LIGHTS: Final = (40.0, 85.0, 140.0)
"""Mean brightness that parts dark, dim, usual and bright: day, night and infrared get a baseline each."""
ENOUGH: Final = 15
"""Readings before a baseline is believed."""
SLOWNESS: Final = 50
"""A single reading moves a settled baseline by 1/50: leaves and snow are learned, an hour of fault would not be."""


def light_of(mean: float) -> int:
    """Which of the four lights, 0 (dark) to 3 (bright)."""
    return bisect_right(LIGHTS, mean)


@dataclass
class Baseline:
    """Averages over the good readings in one light."""

    count: int
    contrast: float
    sharpness: float
    edges: float
    map: list[float]

    @classmethod
    def first(cls, reading: Reading) -> Baseline:
        """From a single reading."""
        return cls(
            1, reading.contrast, reading.sharpness, reading.edges, [float(cell) for cell in reading.map]
        )

    @property
    def is_believed(self) -> bool:
        """Whether enough was seen to hold anything against it."""
        return self.count >= ENOUGH

    def learn(self, reading: Reading) -> None:
        """Take one more good reading in."""
        self.count = min(self.count + 1, SLOWNESS)
        share = 1 / self.count
        self.contrast += share * (reading.contrast - self.contrast)
        self.sharpness += share * (reading.sharpness - self.sharpness)
        self.edges += share * (reading.edges - self.edges)
        self.map = [cell + share * (new - cell) for cell, new in zip(self.map, reading.map, strict=True)]

    def likeness(self, reading: Reading) -> float:
        """Correlation of the edges' places, -1 to 1; 0 when either has none."""
        size = len(self.map)
        mine, its = sum(self.map) / size, sum(reading.map) / size
        pairs = [(a - mine, b - its) for a, b in zip(self.map, reading.map, strict=True)]
        power = math.sqrt(sum(a * a for a, _ in pairs) * sum(b * b for _, b in pairs))
        return sum(a * b for a, b in pairs) / power if power else 0.0

    def to_json(self) -> dict[str, Any]:
        """Read back by `Baseline(**…)`."""
        return {**self.__dict__, "map": [round(cell, 1) for cell in self.map]}
