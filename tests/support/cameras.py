"""A school with cameras: one HTTP camera that does as it is told, and the real Muster looking through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import or_, select

from bot.demo.scenes import draw
from bot.storage.tables import deliveries
from integrations.telegram.simulator import Limits
from tests.support.stage import Stage

ZONES = """
[[zones]]
id = "gate"
name = "东门"
name_en = "East gate"
kind = "gate"

[camera_policy]
deliver = "{deliver}"
faces = "shown"
{policy}

[[cameras]]
id = "gate"
zone = "gate"
name = "东门"
name_en = "East gate"
snapshot_url = "{url}/gate.jpg"
watched = false

[[cameras]]
id = "A3"
zone = "A3"
name = "三层走廊"
name_en = "Corridor, floor 3"
snapshot_url = "{url}/A3.jpg"
watched = false
"""


@dataclass
class FakeCameras:
    """Every picture is another one. `failing`: answers 500; `stale_s`: says that it took it so long ago."""

    url: str = ""
    failing: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    given: list[bytes] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        camera = request.match_info["camera"]
        self.asked.append(camera)
        if self.failing:
            return web.Response(status=500)
        picture = draw(camera, float(len(self.asked)))
        self.given.append(picture)
        return web.Response(body=picture, content_type="image/jpeg", headers=self.headers)


@asynccontextmanager
async def fake_cameras() -> AsyncIterator[FakeCameras]:
    """The cameras' HTTP server on loopback."""
    cameras = FakeCameras()
    site = web.Application()
    site.router.add_get("/{camera}.jpg", cameras.answer)
    async with TestServer(site, host="127.0.0.1") as server:
        cameras.url = str(server.make_url("")).rstrip("/")
        yield cameras


class SeeingStage(Stage):
    """A stage whose school has cameras."""

    cameras: FakeCameras

    def photos(self, who: Any, **where: Any) -> list[dict[str, Any]]:
        """The messages with a picture that somebody's phone shows now."""
        return [one for one in self.phone(who).messages(**where) if "photo" in one]

    async def photo(self, who: Any, after: int = 0, timeout: float = 15) -> dict[str, Any]:
        """Wait for a picture in the private chat."""
        return await self.phone(who).wait_for(lambda one: "photo" in one, after=after, timeout=timeout)

    def bytes_of(self, message: dict[str, Any]) -> bytes:
        """What the phone downloads."""
        stored = self.simulator.world.files.get(message["photo"][-1]["file_id"])
        assert stored is not None
        return stored.content

    async def register(self) -> list[Any]:
        """The access register, oldest first."""
        return list(reversed(await self.read(lambda tx: tx.register.last(500))))

    async def later(self, **time: float) -> None:
        """So much later, and what falls due for cameras is done."""
        await self.after(**time)
        assert self.muster is not None
        await self.muster.services.watching.tick()

    async def quiet(self, timeout: float = 15) -> None:
        """Everything that may go out now has gone; what deletes pictures waits for its hour."""
        async with asyncio.timeout(timeout):
            while self.simulator.updates_pending() or await self.read(_is_busy, self.clock()):
                await asyncio.sleep(0.02)

    async def until(self, what: Any, timeout: float = 10) -> None:
        """Wait until it is so."""
        async with asyncio.timeout(timeout):
            while not what():
                await asyncio.sleep(0.02)


def _is_busy(tx: Any, now: datetime) -> bool:
    row = deliveries.c
    due = select(row.id).where(row.state == "queued", or_(row.due_at.is_(None), row.due_at <= now)).limit(1)
    is_waiting = tx.connection.execute(due).first() is not None
    return bool(tx.inbox.counts().new or is_waiting or tx.looks.due(now))


@asynccontextmanager
async def seeing(
    folder: Path, *, deliver: str = "chat", policy: str = "", limits: Limits | None = None
) -> AsyncIterator[SeeingStage]:
    """The stage with Muster running."""
    async with fake_cameras() as cameras:
        stage = await SeeingStage.set(folder, limits)
        stage.cameras = cameras
        path = folder / "school.toml"
        more = ZONES.format(url=cameras.url, deliver=deliver, policy=policy)
        path.write_text(path.read_text("utf-8") + more, "utf-8")
        try:
            await stage.start()
            yield stage
        finally:
            await stage.stop()
            await stage.simulator.stop()
