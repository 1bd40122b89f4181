"""The demo's cameras: an HTTP server on loopback that answers every `/{camera}.jpg` with the picture of now."""

from __future__ import annotations

import asyncio
import time

from aiohttp import web

from bot.config import Settings


class DemoCameras:
    """`start` and `stop` once each; `url` in between. cv2 loads with the first picture."""

    url = ""

    def __init__(self) -> None:
        site = web.Application()
        site.router.add_get("/{camera}.jpg", self._picture)
        self._runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.2)

    async def start(self) -> None:
        """Listen on a free port."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close it."""
        await self._runner.cleanup()

    def shown_in(self, settings: Settings) -> Settings:
        """The settings with these cameras in the place of the written addresses, whatever port is free today."""
        cameras = tuple(
            entry.model_copy(update={"snapshot_url": f"{self.url}/{entry.id}.jpg"})
            for entry in settings.cameras
        )
        return settings.model_copy(update={"cameras": cameras})

    async def _picture(self, request: web.Request) -> web.Response:
        picture = await asyncio.to_thread(_draw, request.match_info["camera"])
        return web.Response(body=picture, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _draw(camera_id: str) -> bytes:
    from bot.demo.scenes import draw  # noqa: PLC0415 - cv2 is loaded when somebody looks

    return draw(camera_id, time.time() % 3600)
