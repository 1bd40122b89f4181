"""Menus reach Telegram only when they changed, and their failure stops nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from integrations.telegram.bot import MusterBot
from integrations.telegram.commands import Menu, language_code, publish_commands
from integrations.telegram.request import AiohttpRequest
from integrations.telegram.simulator import Simulator
from tests.integrations.telegram.conftest import TOKEN
from tests.integrations.telegram.faulty import FaultyServer, ok, refusal

MENUS = [
    Menu("default", "", (("start", "开始"), ("sos", "紧急求助"))),
    Menu("all_private_chats", "en", (("start", "Begin"),)),
    Menu("all_private_chats", "zh", (("start", "开始"),)),
    Menu("chat", "", (("ack", "确认"),), chat_id=-1001),
]


@pytest.fixture
async def bot(simulator: Simulator) -> AsyncIterator[MusterBot]:
    simulator.add_group(-1001, "Command centre")
    async with MusterBot(simulator.token, api_url=simulator.url) as one:
        yield one


def changes(simulator: Simulator) -> int:
    return sum(call.method in {"setMyCommands", "deleteMyCommands"} for call in simulator.calls)


async def test_menus_are_set_once(bot: MusterBot, simulator: Simulator) -> None:
    assert await publish_commands(bot, MENUS)
    assert changes(simulator) == len(MENUS)
    assert await publish_commands(bot, MENUS)
    assert changes(simulator) == len(MENUS)


async def test_only_what_changed_is_set_again(bot: MusterBot, simulator: Simulator) -> None:
    await publish_commands(bot, MENUS)
    changed = [MENUS[0], MENUS[1]._replace(commands=(("start", "Start"),))]
    assert await publish_commands(bot, changed)
    assert changes(simulator) == len(MENUS) + 1
    [command] = await bot.get_my_commands(language_code="en", scope={"type": "all_private_chats"})  # type: ignore[arg-type]
    assert command.description == "Start"


async def test_an_empty_menu_is_taken_away(bot: MusterBot, simulator: Simulator) -> None:
    await publish_commands(bot, MENUS[:1])
    assert await publish_commands(bot, [Menu("default", "", ())])
    assert await bot.get_my_commands() == ()
    assert changes(simulator) == 2


async def test_one_refused_menu_does_not_stop_the_others(server: FaultyServer) -> None:
    server.script += [refusal(400, "Bad Request: invalid command"), ok([]), ok(True)]
    async with AiohttpRequest() as request:
        bot = Bot(TOKEN, base_url=f"{server.url}/bot", request=request)
        assert not await publish_commands(bot, MENUS[:2])
    assert [one.method for one in server.requests] == ["getMyCommands", "getMyCommands", "setMyCommands"]
    assert server.requests[2].json["scope"] == {"type": "all_private_chats"}
    assert server.requests[2].json["language_code"] == "en"


async def test_an_outage_only_says_that_they_are_not_right() -> None:
    async with AiohttpRequest() as request:
        assert not await publish_commands(
            Bot(TOKEN, base_url="http://127.0.0.1:1/bot", request=request), MENUS
        )


@pytest.mark.parametrize(("locale", "code"), [("zh_Hans", "zh"), ("en", "en"), ("zh_Hant", "zh")])
def test_telegram_knows_languages_not_scripts(locale: str, code: str) -> None:
    assert language_code(locale) == code
