"""Is the command centre fit? Asked at start, told in a sentence."""

from __future__ import annotations

import pytest

from integrations.telegram.bot import MusterBot
from integrations.telegram.centre import Seen, look_at_centre
from integrations.telegram.simulator import Simulator

TOKEN, CENTRE = "1000001:TESTTESTTESTTESTTESTTESTTESTTESTTEST", -1001000000001


@pytest.fixture
async def world():
    async with Simulator(token=TOKEN) as simulator:
        bot = MusterBot(TOKEN, api_url=simulator.url)
        await bot.initialize()
        yield simulator, bot
        await bot.shutdown()


async def test_a_forum_where_the_bot_manages_topics_is_fit(world):
    simulator, bot = world
    simulator.add_group(CENTRE, "Centre", members=[], is_forum=True)
    assert await look_at_centre(bot, CENTRE) == Seen()


async def test_a_wrong_group_is_named(world):
    _, bot = world
    seen = await look_at_centre(bot, CENTRE)
    assert "is the bot in the group?" in seen.problem
    assert not seen.is_there


async def test_a_group_that_the_bot_was_removed_from_is_named(world):
    simulator, bot = world
    simulator.add_group(CENTRE, "Centre", members=[], is_forum=True)
    simulator.kick_bot(CENTRE)
    seen = await look_at_centre(bot, CENTRE)
    assert "is the bot in the group?" in seen.problem
    assert not seen.is_there


async def test_a_group_without_topics_is_named(world):
    simulator, bot = world
    simulator.add_group(CENTRE, "Centre", members=[], is_forum=False)
    seen = await look_at_centre(bot, CENTRE)
    assert "turn Topics on" in seen.problem
    assert seen.is_there


async def test_a_missing_right_is_named(world):
    simulator, bot = world
    simulator.add_group(CENTRE, "Centre", members=[], is_forum=True, rights={"can_manage_chat"})
    seen = await look_at_centre(bot, CENTRE)
    assert "make it an administrator" in seen.problem
    assert seen.is_there


async def test_silence_says_nothing_about_the_group(world):
    simulator, bot = world
    simulator.faults.outage = True
    assert await look_at_centre(bot, CENTRE) is None
    simulator.faults.outage = False
