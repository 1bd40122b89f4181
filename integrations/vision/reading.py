"""What is kept of a frame that was looked at for the camera's health: a few numbers, and no picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

GRID: Final = (64, 36)
"""Cells of the edge map, across and down: enough to see that a camera points elsewhere, too coarse for a person."""


@dataclass(frozen=True)
class Reading:
    """Of a frame in grey at 320 × 180, masks painted.

    `digest`: of the decoded pixels, equal for equal pictures only. `mean`, `contrast` (standard deviation): 0–255.
    `sharpness`: smoothed Laplacian's variance ÷ the picture's, so that dusk does not look like a bad lens.
    `entropy`: bits. `edges`: share of edge pixels, 0–1. `map`: strength of edges in each cell, row by row, 0–255.
    """

    digest: str
    mean: float
    contrast: float
    sharpness: float
    entropy: float
    edges: float
    map: bytes

    def to_json(self) -> dict[str, Any]:
        """Read back by `from_json`."""
        return {**self.__dict__, "map": self.map.hex()}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Reading:
        """KeyError, TypeError or ValueError: not a reading."""
        numbers = {key: float(told[key]) for key in ("mean", "contrast", "sharpness", "entropy", "edges")}
        cells = bytes.fromhex(told["map"])
        if len(cells) != GRID[0] * GRID[1]:
            raise ValueError("an edge map of another size")
        return cls(digest=str(told["digest"]), map=cells, **numbers)
