"""Probes tell a living process from a working one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry, Counter

from handlers.web import health as module
from handlers.web.health import Health, routes

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def client(
    check: Callable[[], Awaitable[Health]], registry: CollectorRegistry | None = None
) -> AsyncIterator[Client]:
    application = web.Application()
    application.add_routes(routes(check, registry or CollectorRegistry()))
    async with TestClient(TestServer(application)) as one:
        yield one


async def well() -> Health:
    return Health(poll_age_s=2.0)


async def broken() -> Health:
    raise OSError("disk full")


async def silent() -> Health:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_working_muster_is_alive_and_ready() -> None:
    async with client(well) as one:
        alive, ready = await one.get("/healthz"), await one.get("/readyz")
        assert (alive.status, ready.status) == (200, 200)
        assert await ready.json() == {"ready": True, "reasons": [], "warnings": []}


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (Health(is_database_down=True), "the database does not answer"),
        (Health(is_poll_stuck=True, poll_age_s=95.4), "no updates from Telegram for 95 s"),
        (Health(is_poll_stuck=True), "no updates from Telegram for an unknown time"),
        (Health(is_outbox_stuck=True, outbox_age_s=61), "the oldest unsent message has waited 61 s"),
    ],
)
async def test_what_is_stuck_is_named(state: Health, reason: str) -> None:
    async def check() -> Health:
        return state

    async with client(check) as one:
        ready = await one.get("/readyz")
        assert ready.status == 503
        assert await ready.json() == {"ready": False, "reasons": [reason], "warnings": []}
        assert (await one.get("/healthz")).status == 200


async def test_every_reason_is_told() -> None:
    state = Health(is_database_down=True, is_poll_stuck=True, is_outbox_stuck=True)
    assert len(state.reasons) == 3


async def test_a_check_that_fails_is_not_ready_and_quotes_nothing() -> None:
    async with client(broken) as one:
        ready = await one.get("/readyz")
        assert ready.status == 503
        assert "disk" not in await ready.text()


async def test_a_check_that_hangs_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_WITHIN_S", 0.05)
    async with client(silent) as one:
        assert (await one.get("/readyz")).status == 503
        assert (await one.get("/healthz")).status == 200


async def test_numbers_are_in_prometheus_s_format() -> None:
    registry = CollectorRegistry()
    Counter("muster_messages", "Messages sent.", registry=registry).inc(3)
    async with client(well, registry) as one:
        answer = await one.get("/metrics")
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        assert "muster_messages_total 3.0" in await answer.text()
