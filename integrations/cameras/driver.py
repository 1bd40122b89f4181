"""What a driver is, and what it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.domain.camera import Camera, Frame
from bot.ports import Clock
from integrations.cameras.access import Access
from integrations.cameras.decoding import Decoders
from integrations.cameras.fetching import Fetcher


@dataclass(frozen=True)
class Reach:
    """The ways out; a driver opens nothing by any other. `found`: where cameras said that their pictures are."""

    access: Access
    fetcher: Fetcher
    decoders: Decoders
    clock: Clock
    found: dict[Camera, str] = field(default_factory=dict)


Driver = Callable[[Camera, Reach], Awaitable[Frame]]
"""Takes one picture. Raises from the `CameraError` branch; the caller holds deadline, turn and staleness."""
