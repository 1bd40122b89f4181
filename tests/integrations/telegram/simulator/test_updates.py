"""Offsets, long polls, conflicts, webhooks: how updates reach a bot."""

import asyncio

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.telegram.simulator.updates import UpdateQueue

TEACHER = 1001


async def test_an_update_comes_again_until_a_higher_offset_confirms_it(simulator, api):
    phone = simulator.phone(TEACHER)
    for text in ("one", "two", "three"):
        await phone.send(text)
    first = await api.ask("getUpdates")
    assert [one["message"]["text"] for one in first] == ["one", "two", "three"]
    assert await api.ask("getUpdates") == first
    assert await api.ask("getUpdates", offset=first[1]["update_id"]) == first[1:]
    assert await api.ask("getUpdates", offset=first[2]["update_id"] + 1) == []
    assert await api.ask("getUpdates", offset=0) == []


async def test_a_negative_offset_keeps_only_the_last(simulator, api):
    for number in range(5):
        await simulator.phone(TEACHER).send(str(number))
    assert [one["message"]["text"] for one in await api.ask("getUpdates", offset=-2)] == ["3", "4"]
    assert len(simulator.updates_pending()) == 2


async def test_limit_and_allowed_updates_are_honoured(simulator, api):
    await api.ask("getUpdates", allowed_updates=["callback_query"])
    await simulator.phone(TEACHER).send("not wanted")
    assert await api.ask("getUpdates") == []
    await api.ask("getUpdates", allowed_updates=[])
    await simulator.phone(TEACHER).send("a")
    await simulator.phone(TEACHER).send("b")
    assert len(await api.ask("getUpdates", limit=1)) == 1


async def test_a_long_poll_ends_with_the_first_update(simulator, api):
    poll = asyncio.create_task(api.ask("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    assert not poll.done()
    await simulator.phone(TEACHER).send("now")
    async with asyncio.timeout(10):
        assert (await poll)[0]["message"]["text"] == "now"


async def test_a_long_poll_ends_empty_when_its_time_is_over(api):
    assert await api.ask("getUpdates", timeout=1) == []


async def test_a_second_poll_ends_the_first_with_a_conflict(simulator, api):
    first = asyncio.create_task(api.refusal("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(api.ask("getUpdates", timeout=30))
    assert (await first).startswith("409 Conflict: terminated by other getUpdates request")
    await simulator.phone(TEACHER).send("for the second")
    assert len(await second) == 1


async def test_any_json_can_be_put_among_the_updates(simulator, api):
    simulator.inject_raw({"message": {"chat": {}}})
    simulator.inject_raw({"update_id": 900_000_000, "message": None})
    simulator.inject_raw(["nonsense"])
    found = await api.ask("getUpdates")
    assert found[1] == {"update_id": 900_000_000, "message": None}
    assert found[2] == ["nonsense"]
    assert isinstance(found[0]["update_id"], int)
    assert await api.ask("getUpdates", offset=900_000_002) == []


async def test_confirmed_updates_can_be_delivered_once_more(simulator, api):
    await simulator.phone(TEACHER).send("again")
    [update] = await api.ask("getUpdates")
    offset = update["update_id"] + 1
    assert await api.ask("getUpdates", offset=offset) == []
    assert simulator.redeliver(5) == 1
    assert await api.ask("getUpdates", offset=offset) == [update]
    assert await api.ask("getUpdates", offset=offset) == []


async def test_updates_can_come_twice_or_in_the_wrong_order(simulator, api):
    await simulator.phone(TEACHER).send("a")
    await simulator.phone(TEACHER).send("b")
    simulator.faults.duplicate_updates = True
    assert [one["message"]["text"] for one in await api.ask("getUpdates")] == ["a", "a", "b", "b"]
    simulator.faults.duplicate_updates, simulator.faults.reverse_updates = False, True
    assert [one["message"]["text"] for one in await api.ask("getUpdates")] == ["b", "a"]


async def test_a_webhook_gets_updates_in_order_with_the_secret_until_it_takes_them(simulator, api):
    got, answers, is_done = [], [503, 500], asyncio.Event()

    async def take(request: web.BaseRequest) -> web.Response:
        secret = request.headers["X-Telegram-Bot-Api-Secret-Token"]
        got.append((secret, (await request.json())["message"]["text"]))
        if len(got) == 4:
            is_done.set()
        return web.Response(status=answers.pop() if answers else 200)

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    simulator.webhook.retry_s = 0.01
    await api.ask("setWebhook", url=f"http://127.0.0.1:{runner.addresses[0][1]}/telegram", secret_token="s3")
    assert "webhook is active" in await api.refusal("getUpdates")
    await simulator.phone(TEACHER).send("one")
    await simulator.phone(TEACHER).send("two")
    await asyncio.wait_for(is_done.wait(), 5)
    assert got == [("s3", "one")] * 3 + [("s3", "two")]
    assert "503" in (await api.ask("getWebhookInfo"))["last_error_message"]
    await api.ask("deleteWebhook")
    await runner.cleanup()
    assert (await api.ask("getWebhookInfo"))["url"] == ""
    assert simulator.updates_pending() == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), max_size=20), st.integers(1, 12))
def test_no_offset_makes_an_unconfirmed_update_vanish(offsets, count):
    queue = UpdateQueue(first_id=1)
    for number in range(count):
        queue.add("message", {"n": number})
    for offset in offsets:
        queue.confirm(offset)
    highest = max(offsets, default=0)
    assert [one["update_id"] for one in queue.list_all()] == [
        one for one in range(1, count + 1) if one >= highest
    ]


@pytest.mark.parametrize("limit", [0, 101, -3])
def test_a_limit_out_of_range_is_a_hundred(limit):
    queue = UpdateQueue(first_id=1)
    for number in range(150):
        queue.add("message", {"n": number})
    assert len(queue.take(limit)) == 100
