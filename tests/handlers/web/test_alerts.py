"""What the routes answer when what stands behind them fails."""

from __future__ import annotations

import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.errors import StorageBusyError, StorageError
from handlers.web import alerts
from handlers.web.alerts import AlertRoutes, Source
from handlers.web.doors import Door


class Broken:
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def receive(self, *_):
        raise self.error

    async def lookup(self, _):
        raise self.error


@pytest.fixture
async def client_of():
    clients = []

    async def make(receiving, parse=lambda _: []):
        site = web.Application()
        site.add_routes(AlertRoutes(receiving, {"camera": Source(Door("camera", token="t"), parse)}).routes())
        clients.append(TestClient(TestServer(site)))
        await clients[-1].start_server()
        return clients[-1]

    yield make
    for client in clients:
        await client.close()


@pytest.mark.parametrize("error", [StorageError("full"), StorageBusyError("locked"), OSError(28, "no space")])
async def test_what_cannot_be_kept_or_read_is_to_be_sent_or_asked_again(client_of, error):
    client = await client_of(Broken(error))
    for answer in (
        await client.post("/alerts/camera/t", data=b"{}"),
        await client.get("/alerts/1", headers={"Authorization": "Bearer t"}),
    ):
        assert answer.status == 503
        assert answer.headers["Retry-After"] == str(alerts.RETRY_AFTER_S)
        assert str(error) not in await answer.text()


async def test_a_parser_that_takes_too_long_is_not_waited_for(client_of, monkeypatch):
    monkeypatch.setattr(alerts, "PARSE_WITHIN_S", 0.05)
    client = await client_of(Broken(StorageError("")), lambda _: time.sleep(0.3) or [])
    answer = await client.post("/alerts/camera/t", data=b"<a/>", headers={"Content-Type": "text/xml"})
    assert (answer.status, await answer.json()) == (400, {"error": "too_slow"})


@pytest.mark.parametrize("word", ["x", "-1", "1e3", "٣", "9" * 19, "%00", "1%2F2"])
async def test_an_id_that_is_none_is_not_looked_up(client_of, word):
    client = await client_of(Broken(AssertionError("looked up")))
    answer = await client.get(f"/alerts/{word}", headers={"Authorization": "Bearer t"})
    assert answer.status == 401
