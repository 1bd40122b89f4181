"""Who only holds the line does not take the files that an SOS needs."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web

from handlers.web.crowd import Crowd


async def test_more_connections_than_the_limit_are_hung_up_and_the_others_served(unused_tcp_port):
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    site = web.Application()
    site.add_routes([web.get("/", hello)])
    runner = web.AppRunner(site)
    await runner.setup()
    server = await asyncio.get_running_loop().create_server(
        Crowd(runner.server, most=3), "127.0.0.1", unused_tcp_port
    )
    idle = [await asyncio.open_connection("127.0.0.1", unused_tcp_port) for _ in range(3)]
    await asyncio.sleep(0.1)
    late_reader, late_writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
    assert await asyncio.wait_for(late_reader.read(), 5) == b""
    idle.pop()[1].close()
    await asyncio.sleep(0.1)
    url = f"http://127.0.0.1:{unused_tcp_port}/"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert await answer.text() == "hello"
    for _, writer in (*idle, (None, late_writer)):
        writer.close()
    server.close()
    await runner.cleanup()
