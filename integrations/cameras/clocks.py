"""How far a camera's own clock is off: recordings with a wrong time are poor evidence.

Hikvision's and ONVIF's can be asked. A camera of another kind is not judged, except that pictures that look old are
refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from bot.domain.alert_format import AlertFormatError
from bot.domain.camera import Camera
from bot.errors import CameraError
from bot.ports import Clock
from integrations.alert_formats.xml_body import read_xml
from integrations.cameras import onvif
from integrations.cameras.access import Access
from integrations.cameras.decoding import Decoders
from integrations.cameras.driver import Reach
from integrations.cameras.fetching import Fetcher, read_all

ISAPI_PATH: Final = "/ISAPI/System/time"
DEADLINE_S: Final = 3.0


async def isapi_time(camera: Camera, reach: Reach) -> datetime | None:
    """Hikvision's local time with its offset. ValueError or AlertFormatError: no time."""
    url = urlsplit(camera.snapshot_url)._replace(path=ISAPI_PATH, query="").geturl()
    async with reach.fetcher.answer(camera, url) as answer:
        told = read_xml(await read_all(camera, answer)).first("localtime")
    moment = datetime.fromisoformat(told)
    return moment if moment.tzinfo else None


CLOCKS: Final[dict[str, Callable[[Camera, Reach], Awaitable[datetime | None]]]] = {
    "isapi": isapi_time,
    "onvif": onvif.camera_time,
}


class CameraClocks:
    """Asks for the time and nothing else."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self._reach = Reach(access, Fetcher(access), Decoders(), clock)

    async def offset_s(self, camera: Camera) -> float | None:
        """The camera's clock minus ours, in seconds; None where it cannot be asked or does not answer."""
        ask = CLOCKS.get(camera.driver)
        if ask is None or not camera.snapshot_url:
            return None
        with suppress(CameraError, AlertFormatError, TimeoutError, ValueError):
            async with asyncio.timeout(DEADLINE_S):
                told = await ask(camera, self._reach)
            return (told - self._reach.clock()).total_seconds() if told else None
        return None

    async def close(self) -> None:
        """End the connections."""
        await self._reach.fetcher.close()
