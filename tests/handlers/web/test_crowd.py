"""Who only holds the line does not take the files that an SOS needs."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import ip_network

import pytest
from aiohttp import web

from handlers.web import crowd as module
from handlers.web.crowd import Crowd

STRANGER, PANEL, PROXY = "127.0.0.2", "127.0.0.3", "127.0.0.9"
ASKED = b"GET / HTTP/1.1\r\nHost: muster\r\n\r\n"


@asynccontextmanager
async def served(port, quiet_s=60.0, **limits):
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(quiet_s * 3)
        return web.Response(text="late")

    async def stream(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(3):
            await asyncio.sleep(quiet_s)
            await answer.write(b"beat\n")
        return answer

    site = web.Application()
    site.add_routes([web.get("/", hello), web.get("/slow", slow), web.get("/stream", stream)])
    runner = web.AppRunner(site, keepalive_timeout=quiet_s)
    await runner.setup()
    server = await asyncio.get_running_loop().create_server(
        Crowd(runner.server, (ip_network(PROXY),), **limits), "127.0.0.1", port
    )
    async with AsyncExitStack() as visitors:

        async def connect(address="127.0.0.1"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
            visitors.callback(writer.close)
            return reader, writer

        yield connect
    server.close()
    await runner.cleanup()


async def ask(connection, asked=ASKED):
    """The whole answer, without waiting for the connection's end; empty when it was hung up on."""
    reader, writer = connection
    writer.write(asked)
    async with asyncio.timeout(5):
        return (await reader.read(4096)).partition(b"\r\n\r\n")[2]


async def is_hung_up(connection):
    async with asyncio.timeout(5):
        return await connection[0].read() == b""


@pytest.fixture
def strangers(monkeypatch):
    """Loopback's other addresses stand for other machines."""
    monkeypatch.setattr(module, "_HERE", ())


async def test_more_connections_than_the_limit_are_hung_up_and_the_others_served(unused_tcp_port):
    async with served(unused_tcp_port, most=3) as connect:
        idle = [await connect() for _ in range(3)]
        await asyncio.sleep(0.1)
        assert await is_hung_up(await connect())
        idle.pop()[1].close()
        await asyncio.sleep(0.1)
        assert await ask(await connect()) == b"hello"


@pytest.mark.usefixtures("strangers")
async def test_one_address_leaves_room_for_the_fire_panel(unused_tcp_port):
    async with served(unused_tcp_port, most=8, most_of_one=4) as connect:
        held = [await connect(STRANGER) for _ in range(4)]
        await asyncio.sleep(0.1)
        assert await is_hung_up(await connect(STRANGER))
        assert await ask(await connect(PANEL)) == b"hello"
        held.pop()[1].close()
        await asyncio.sleep(0.1)
        assert await ask(await connect(STRANGER)) == b"hello"


@pytest.mark.usefixtures("strangers")
async def test_by_a_proxy_of_ours_come_as_many_as_there_is_room_for(unused_tcp_port):
    async with served(unused_tcp_port, most=8, most_of_one=4) as connect:
        answers = [await ask(await connect(PROXY)) for _ in range(8)]
        assert answers == [b"hello"] * 8


@pytest.mark.usefixtures("strangers")
@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: mus"])
async def test_whoever_does_not_finish_a_requests_head_is_hung_up_on(unused_tcp_port, said):
    async with served(unused_tcp_port, quiet_s=0.2) as connect:
        visitor = await connect(STRANGER)
        visitor[1].write(said)
        assert await is_hung_up(visitor)


@pytest.mark.usefixtures("strangers")
async def test_a_head_that_comes_drop_by_drop_holds_the_line_no_longer(unused_tcp_port):
    async with served(unused_tcp_port, quiet_s=0.4) as connect:
        reader, writer = await connect(STRANGER)
        began_at = asyncio.get_running_loop().time()
        for byte in ASKED:
            if reader.at_eof():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)
        assert reader.at_eof()
        assert asyncio.get_running_loop().time() - began_at < 1.2


@pytest.mark.usefixtures("strangers")
async def test_between_two_requests_the_line_is_held_so_long_and_by_a_proxy_longer(unused_tcp_port):
    async with served(unused_tcp_port, quiet_s=0.2) as connect:
        stranger, proxy = await connect(STRANGER), await connect(PROXY)
        assert [await ask(stranger), await ask(proxy)] == [b"hello"] * 2
        await asyncio.sleep(0.5)
        assert await is_hung_up(stranger)
        assert await ask(proxy) == b"hello"


@pytest.mark.usefixtures("strangers")
async def test_a_stream_and_a_slow_answer_outlive_it(unused_tcp_port):
    async with served(unused_tcp_port, quiet_s=0.2) as connect:
        streaming, slow = await connect(STRANGER), await connect(STRANGER)
        streaming[1].write(ASKED.replace(b"/", b"/stream", 1).replace(b"Host", b"Connection: close\r\nHost"))
        assert await ask(slow, ASKED.replace(b"/", b"/slow", 1)) == b"late"
        async with asyncio.timeout(5):
            assert (await streaming[0].read()).count(b"beat") == 3
