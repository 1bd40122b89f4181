from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.camera import Camera
from bot.domain.place import Name
from integrations.cameras import CameraSource
from tests.support.footage import make_film

GATE = Camera("gate", "gate", Name("东门", "East gate"))


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    return make_film(tmp_path_factory.mktemp("footage") / "film.avi")


def gate(**changed) -> Camera:
    return replace(GATE, **changed)


@asynccontextmanager
async def source(*cameras, **given) -> AsyncIterator[CameraSource]:
    made = CameraSource(cameras, **given)
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def camera_at(
    handler: Callable, *, path: str = "/{tail:.*}", driver: str = "jpeg", **changed
) -> AsyncIterator[tuple[CameraSource, Camera]]:
    """A camera whose every answer is the handler's."""
    app = web.Application()
    app.router.add_get(path, handler)
    async with TestServer(app, host="127.0.0.1") as server:
        camera = gate(snapshot_url=str(server.make_url("/picture")), driver=driver, **changed)
        async with source(camera) as made:
            yield made, camera


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    """Accepts and never answers; its port."""
    over, writers = asyncio.Event(), []

    async def accept(reader, writer):
        writers.append(writer)
        await over.wait()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        over.set()
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0.01)
