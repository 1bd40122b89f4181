"""Updates that Telegram brings, going over from one way to the other, and the way through a proxy."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.errors import StorageBusyError
from bot.storage.inbox import InboxStore
from handlers.web.telegram import SECRET_HEADER
from tests.support.cast import CENTRE, CHEN, EMILY
from tests.support.process import free_port, until
from tests.support.proxy import proxy
from tests.support.stage import Stage

SECRET = "a-secret_of-the-webhook"


def settle(stage, *, secret="", proxied="", port=None):
    """Write the settings anew, as an administrator does."""
    path = stage.folder / "school.toml"
    lines = path.read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("webhook_secret", "proxy"))]
    at = kept.index("[telegram]") + 1
    kept[at:at] = [f'webhook_secret = "{secret}"', f'proxy = "{proxied}"']
    text = "\n".join(kept)
    path.write_text(text.replace("127.0.0.1:0", f"127.0.0.1:{port}") if port else text, "utf-8")


@asynccontextmanager
async def settled(tmp_path, **how):
    stage = await Stage.set(tmp_path)
    settle(stage, port=free_port(), **how)
    try:
        yield stage
    finally:
        await stage.stop()
        await stage.simulator.stop()


async def is_brought(stage):
    await until(lambda: stage.simulator.world.webhook, within_s=10)


async def test_an_sos_that_telegram_brings_is_an_incident(tmp_path):
    async with settled(tmp_path, secret=SECRET) as stage:
        await stage.start()
        await is_brought(stage)
        await stage.phone(EMILY).send("/sos")
        await stage.topic_named("2026-0001")
        await stage.says(CHEN, "🆘")
        await stage.quiet()
        health = await stage.muster.health()
        assert health.reasons == ()
        assert "getUpdates" not in {call.method for call in stage.simulator.calls}


async def test_going_over_either_way_loses_no_update_and_doubles_none(tmp_path):
    async with settled(tmp_path) as stage:
        words = []

        async def said(*new):
            for word in new:
                await stage.phone(EMILY).send(f"/report fire A3 {word}")
                words.append(word)

        await stage.start()
        await said("polled")
        await stage.quiet()
        await stage.stop()
        await said("while-down-1")
        settle(stage, secret=SECRET)
        await stage.start()
        await said("brought")
        await stage.quiet()
        await stage.stop()
        await said("while-down-2", "while-down-3")
        settle(stage)
        await stage.start()
        await said("polled-again")
        await stage.quiet(timeout=20)
        (incident,) = await stage.read(lambda tx: tx.incidents.list_open())
        timeline = await stage.read(lambda tx: tx.timeline.all(incident.id))
        found = [e.params["words"] for e in timeline if e.event in {"reported", "report_joined"}]
        assert found == words


async def test_a_stranger_at_the_webhook_is_turned_away_and_leaves_no_trace(tmp_path):
    async with settled(tmp_path, secret=SECRET) as stage:
        await stage.start()
        await is_brought(stage)
        url = f"{stage.muster.web_url}/telegram"
        update = {"update_id": 7, "message": {"message_id": 1, "from": {"id": EMILY.telegram_id}}}
        async with aiohttp.ClientSession() as session:
            for headers in ({}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: ""}, {SECRET_HEADER: "集"}):
                async with session.post(url, json=update, headers=headers) as answer:
                    assert answer.status == 401
            for body, status in ((b"[]", 400), (b"{", 400), (b"x" * 2_000_000, 413), (b"[" * 100_000, 400)):
                async with session.post(
                    url, data=io.BytesIO(body), headers={SECRET_HEADER: SECRET}
                ) as answer:
                    assert answer.status == status
        assert (await stage.read(lambda tx: tx.inbox.counts())).new == 0
        assert await stage.read(lambda tx: tx.inbox.id_of("telegram", "7")) is None


async def test_while_nothing_can_be_kept_telegram_keeps_it(tmp_path, monkeypatch):
    async with settled(tmp_path, secret=SECRET) as stage:
        stage.simulator.webhook.retry_s = 0.05
        await stage.start()
        await is_brought(stage)
        keep = InboxStore.add_many
        refusals = []

        def refuse(self, *args):
            refusals.append(args)
            raise StorageBusyError("the disk is full")

        monkeypatch.setattr(InboxStore, "add_many", refuse)
        await stage.phone(EMILY).send("/sos")
        await until(lambda: len(refusals) > 2, within_s=10)
        monkeypatch.setattr(InboxStore, "add_many", keep)
        await stage.topic_named("2026-0001", timeout=10)


async def test_without_a_secret_there_is_no_such_page(tmp_path):
    async with settled(tmp_path) as stage:
        await stage.start()
        url = f"{stage.muster.web_url}/telegram"
        async with aiohttp.ClientSession() as session, session.post(url, json={}) as answer:
            assert answer.status == 404


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_everything_goes_through_the_proxy(tmp_path, kind):
    async with proxy(kind) as between, settled(tmp_path, proxied=between.url) as stage:
        await stage.start()
        await stage.phone(EMILY).send("/sos")
        await stage.topic_named("2026-0001", timeout=10)
        await stage.says(CHEN, "🆘")
        assert between.connections > 1
        before = between.connections
        await between.break_all()
        await stage.phone(EMILY).send("/report fire A3 还有烟")
        await stage.says(CHEN, "还有烟", chat=CENTRE, timeout=20)
        assert between.connections > before
