"""Outages, hangs, broken gateways: each ends as soon as it is switched off."""

import asyncio

import aiohttp
import pytest

from integrations.telegram.simulator import Limits, Simulator

TEACHER = 1001


async def test_in_an_outage_connections_are_closed_and_nothing_happens(simulator, api):
    simulator.faults.outage = True
    with pytest.raises(aiohttp.ClientError):
        await api.ask("sendMessage", chat_id=TEACHER, text="lost")
    simulator.faults.outage = False
    assert simulator.phone(TEACHER).messages() == []
    assert simulator.calls[0].status == 0
    await api.ask("sendMessage", chat_id=TEACHER, text="kept")


async def test_an_outage_cuts_a_waiting_poll(simulator, api):
    poll = asyncio.create_task(api.ask("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    simulator.faults.outage = True
    with pytest.raises(aiohttp.ClientError):
        await poll


async def test_a_broken_gateway_answers_html_for_the_given_methods_only(simulator, session, api):
    simulator.faults.status_code = 502
    simulator.faults.only_methods = {"sendMessage"}
    url = f"{simulator.url}/bot{simulator.token}/sendMessage"
    async with session.post(url, json={"chat_id": TEACHER, "text": "x"}) as response:
        assert response.status == 502
        assert "<html>" in await response.text()
    await api.ask("getMe")


async def test_who_gives_up_during_a_hang_has_changed_nothing(simulator, api):
    simulator.faults.hang = True
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(api.ask("sendMessage", chat_id=TEACHER, text="never"), 0.1)
    await asyncio.sleep(0.05)
    waiting = asyncio.create_task(api.ask("sendMessage", chat_id=TEACHER, text="patient"))
    await asyncio.sleep(0.05)
    simulator.faults.hang = False
    await waiting
    assert [one["text"] for one in simulator.phone(TEACHER).messages()] == ["patient"]


async def test_after_an_ambiguous_timeout_the_message_is_there(simulator, api):
    simulator.faults.hang_after_effect = True
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(api.ask("sendMessage", chat_id=TEACHER, text="sent"), 0.1)
    assert await simulator.phone(TEACHER).wait_for("sent", timeout=1)
    simulator.faults.clear()


async def test_a_delay_comes_before_the_effect(simulator, api):
    simulator.faults.delay_s = 0.1
    sending = asyncio.create_task(api.ask("sendMessage", chat_id=TEACHER, text="slow"))
    await asyncio.sleep(0.03)
    assert simulator.phone(TEACHER).messages() == []
    await sending
    assert len(simulator.phone(TEACHER).messages()) == 1


async def test_a_flood_pause_can_be_ordered_for_one_chat(simulator, api):
    simulator.faults.retry_after(7, TEACHER)
    answer = await api.answer("sendMessage", chat_id=TEACHER, text="x")
    assert answer["parameters"] == {"retry_after": 7}
    await api.ask("sendMessage", chat_id=1002, text="x")
    await api.ask("sendChatAction", chat_id=TEACHER, action="typing")


async def test_a_revoked_token_is_unauthorised_and_an_unknown_method_not_found(simulator, api):
    assert await api.refusal("makeTea") == "404 Not Found"
    simulator.faults.token_revoked = True
    assert await api.refusal("getMe") == "401 Unauthorized"


async def test_it_can_stop_and_start_again_on_its_port_and_still_know_everything(simulator, api):
    await api.ask("sendMessage", chat_id=TEACHER, text="before")
    port = simulator.port
    poll = asyncio.create_task(api.ask("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    await simulator.stop()
    with pytest.raises(aiohttp.ClientError):
        await poll
    with pytest.raises(aiohttp.ClientError):
        await api.ask("getMe")
    await simulator.start(port)
    await api.ask("sendMessage", chat_id=TEACHER, text="after")
    assert [one["text"] for one in simulator.phone(TEACHER).messages()] == ["before", "after"]


async def test_memory_is_bounded(session):
    async with Simulator(limits=Limits.none(), keep_calls=10, keep_messages=5) as small:
        small.add_user(TEACHER, "A", started=True)
        for number in range(30):
            url = f"{small.url}/bot{small.token}/sendMessage?chat_id={TEACHER}&text={number}"
            async with session.get(url) as response:
                assert response.status == 200
        assert len(small.calls) == 10
        assert [one["text"] for one in small.phone(TEACHER).messages()] == ["25", "26", "27", "28", "29"]
        assert small.stats.sent == 30
