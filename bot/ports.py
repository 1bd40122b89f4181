"""What the outside implements for Muster, and the clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from bot.domain.bulletin import Bulletin
from bot.domain.camera import Camera, Frame, Polygon
from bot.domain.camera_health import Finding
from bot.domain.footage import Span
from bot.domain.message import Delivery, Rendered
from bot.domain.recipe import Mark, Recipe

Clock = Callable[[], datetime]
Sketch = Callable[[bytes, tuple[Polygon, ...]], Awaitable[bytes]]
"""A picture's edges in coarse cells, a byte each, the masks painted; nobody can be recognised in it."""
MarkWords = Callable[[dict[str, Any], str | None], Mark]
"""What a picture says of itself, from params, in the language of this locale."""


def utc_now() -> datetime:
    """The real clock: aware, UTC."""
    return datetime.now(UTC)


class Transport(Protocol):
    """Brings one rendered message to its chat. Raises from the `DeliveryError` branch, nothing else."""

    async def send(self, delivery: Delivery, message: Rendered) -> int:
        """Send, or edit when `delivery.edit_of` is set; the Telegram message id. "Not modified" is success."""

    async def create_topic(self, delivery: Delivery, title: str, icon: str) -> int:
        """Make the incident's forum topic; its thread id."""

    async def rename_topic(self, delivery: Delivery, title: str, icon: str) -> None:
        """Give the topic `delivery.thread_id` its new title; an unchanged one is success."""

    async def delete(self, delivery: Delivery, message_id: int) -> None:
        """Delete a message of ours; one that is gone already is success."""

    async def announce_picture(self, delivery: Delivery) -> None:
        """Show in the chat that a picture is on its way."""

    async def pin(self, delivery: Delivery, message_id: int) -> None:
        """Pin a message in its topic, silently."""


class Outlet(Protocol):
    """One channel besides Telegram. Raises from the `DeliveryError` branch, nothing else."""

    per_minute: int
    # Whether what is posted again with the same key is known there as the same.
    knows_repeats: bool

    def payloads(self, bulletin: Bulletin) -> list[bytes]:
        """What has to be posted, in this order; pure. More than one when the text is too long for one message."""

    async def post(self, payload: bytes, *, key: str) -> int:
        """Post one of them. `key` stays the same when it is posted again.

        How many recipients were refused while others were not; 0 for a channel that is one place.
        """

    async def close(self) -> None:
        """End connections; nothing can be posted afterwards."""


class FrameSource(Protocol):
    """Brings pictures of cameras. Raises from the `CameraError` branch, nothing else."""

    async def grab(self, camera: Camera, *, deadline_s: float) -> Frame:
        """The picture of now, within `deadline_s` seconds for the whole attempt; never a stale one."""

    async def close(self) -> None:
        """End connections and processes; nothing can be grabbed afterwards."""


class CameraProbe(Protocol):
    """Looks at cameras for their health, and remembers how each usually is. Keeps no picture, raises nothing."""

    async def probe(self, camera: Camera) -> Finding:
        """One look, and what follows from it together with those before."""

    def learned(self, camera_id: str) -> dict[str, Any]:
        """What is known of the camera, as JSON."""

    def restore(self, camera_id: str, told: dict[str, Any]) -> None:
        """Go on with what `learned` once gave."""


class FootageSource(Protocol):
    """Brings what was recorded of cameras. Raises from the `CameraError` branch, nothing else."""

    async def spans(self, camera: Camera, wanted: Span, *, deadline_s: float) -> list[Span]:
        """When within `wanted` it was recorded, in order; empty when it was not, or nothing records this camera."""

    async def oldest(self, camera: Camera, *, deadline_s: float) -> datetime | None:
        """The oldest moment that is there, None when nothing is."""

    async def frame(self, camera: Camera, at: datetime, *, deadline_s: float) -> Frame:
        """The picture of then; its `captured_at` is that moment."""


class Developer(Protocol):
    """Makes pictures fit to be seen. Raises from the `DevelopingError` branch, nothing else."""

    async def develop(self, frame_bytes: bytes, recipe: Recipe) -> bytes:
        """The JPEG that this viewer may see."""


class Printer(Protocol):
    """Makes a PDF, or a picture for a phone. Raises DocumentError, nothing else."""

    async def print(self, parts: Sequence[dict[str, Any]]) -> bytes:
        """The document of these parts, as `bot.messages.paper.part` gives them."""

    async def picture(self, part: dict[str, Any]) -> bytes:
        """A PNG of that part's figures and charts."""
