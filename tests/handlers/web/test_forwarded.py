"""A header that anybody can write is believed only from a proxy of the school's own."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handlers.web.forwarded import HEADER, asker_of, behind

OURS = (ip_network("127.0.0.0/8"), ip_network("10.1.0.2/32"))


@pytest.mark.parametrize(
    ("peer", "told", "asker"),
    [
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("203.0.113.9", ["10.1.0.2"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1", "203.0.113.9, 10.1.0.2"], "203.0.113.9"),
        ("127.0.0.1", ["10.1.0.2"], "10.1.0.2"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9:4711"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["2001:db8::7"], "2001:db8::7"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours_asks(peer, told, asker):
    assert asker_of(peer, told, OURS) == asker


@pytest.mark.parametrize(("proxies", "seen"), [(OURS, "203.0.113.9"), ((), "127.0.0.1")])
async def test_a_handler_sees_who_asks_and_the_body_is_still_there(proxies, seen):
    async def echo(request):
        return web.json_response([request.remote, (await request.read()).decode()])

    site = web.Application(middlewares=[behind(proxies)])
    site.add_routes([web.post("/", echo)])
    async with TestClient(TestServer(site)) as client:
        answer = await client.post("/", data=b"body", headers={HEADER: "203.0.113.9"})
        assert await answer.json() == [seen, "body"]
