"""One reading against all that is known of its camera: which condition it speaks for. Nothing is confirmed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.domain.condition import Condition
from integrations.vision.baseline import Baseline, light_of
from integrations.vision.reading import Reading

BLACK_MEAN: Final = 12.0
BLACK_CONTRAST: Final = 4.0
BARE_EDGES: Final = 0.001
BARE_CONTRAST: Final = 16.0
"""So few edges and so little contrast have a hand and a cap, also when nothing is known of the camera yet."""
BLURRED_BELOW: Final = 0.4
"""Share of the camera's own sharpness: out of focus leaves 0.35 and less, headlights 0.6."""
COVERED_CONTRAST: Final = 0.5
COVERED_LIKENESS: Final = 0.3
MOVED_BELOW: Final = 0.6
"""Likeness of edges: 0.7 and more in any light and 15 pixels of 640 aside, below 0.5 from 30 pixels on."""
LIT_HOURS: Final = frozenset(range(8, 17))
"""When a black picture means something before the camera's own habits are known: lessons."""
LIT_ENOUGH: Final = 15


def judge(
    reading: Reading, baselines: Mapping[int, Baseline], *, is_dark_usual: bool, is_settled: bool
) -> Condition | None:
    """OK, what is wrong, or None: this light has not been learned yet, so nothing can be said.

    `is_settled`: the camera is known so long that a picture like none before is a fault and no new light.
    """
    if is_black(reading):
        return None if is_dark_usual else Condition.BLACK
    if reading.edges < BARE_EDGES and reading.contrast < BARE_CONTRAST and _is_like_none(reading, baselines):
        return Condition.COVERED
    known = {light: baseline for light, baseline in baselines.items() if baseline.is_believed}
    if not known:
        return None
    likeness = max(baseline.likeness(reading) for baseline in known.values())
    if reading.sharpness < BLURRED_BELOW * min(baseline.sharpness for baseline in known.values()):
        return _blurred(reading, known, likeness)
    if likeness >= MOVED_BELOW:
        return Condition.OK
    return Condition.MOVED if light_of(reading.mean) in known or is_settled else None


def is_black(reading: Reading) -> bool:
    """No light at all: noise alone."""
    return reading.mean < BLACK_MEAN and reading.contrast < BLACK_CONTRAST


def is_dark_usual(hour: int, lit: Mapping[int, int]) -> bool:
    """Whether a black picture says nothing now: lamps go out within an hour, so its neighbours count."""
    return not all(
        near in LIT_HOURS or lit.get(near, 0) >= LIT_ENOUGH
        for near in ((hour - 1) % 24, hour, (hour + 1) % 24)
    )


def _is_like_none(reading: Reading, baselines: Mapping[int, Baseline]) -> bool:
    """A dim room at dusk has as few edges as a cap; but they are where they were."""
    return all(baseline.likeness(reading) < COVERED_LIKENESS for baseline in baselines.values())


def _blurred(reading: Reading, known: Mapping[int, Baseline], likeness: float) -> Condition:
    contrast = min(baseline.contrast for baseline in known.values())
    is_bare = reading.contrast < COVERED_CONTRAST * contrast or likeness < COVERED_LIKENESS
    return Condition.COVERED if is_bare else Condition.DEFOCUSED
