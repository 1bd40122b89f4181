"""The bot starts during an outage, and a handler's error reaches the inbox."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from telegram import Update
from telegram.error import InvalidToken, NetworkError
from telegram.ext import CommandHandler, MessageHandler, filters

from integrations.telegram.bot import MusterBot, build_application
from integrations.telegram.errors import BadAnswerError
from integrations.telegram.simulator import Simulator
from tests.integrations.telegram.conftest import TOKEN
from tests.integrations.telegram.faulty import HANG, FaultyServer, ok, page, refusal

IDENTITY = {"id": 1000001, "is_bot": True, "first_name": "Muster", "username": "muster_bot"}


def update(text: str) -> dict[str, Any]:
    person = {"id": 5, "is_bot": False, "first_name": "Li"}
    message: dict[str, Any] = {"message_id": 1, "date": 1_790_000_000, "from": person, "text": text}
    message["chat"] = {"id": 5, "type": "private", "first_name": "Li"}
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    return {"update_id": 1, "message": message}


async def test_the_identity_is_remembered_after_the_first_get_me(server: FaultyServer) -> None:
    kept: list[dict[str, Any]] = []

    async def remember(identity: dict[str, Any]) -> None:
        kept.append(identity)

    server.otherwise = ok(IDENTITY)
    async with MusterBot(TOKEN, api_url=server.url, remember=remember) as bot:
        await build_application(bot).initialize()
        assert bot.username == "muster_bot"
    async with MusterBot(TOKEN, api_url=server.url, remembered=kept[0], remember=remember):
        pass
    assert kept == [IDENTITY], "and is not written again when it is still the same"


async def test_a_remembered_bot_starts_while_telegram_is_unreachable() -> None:
    async with MusterBot(TOKEN, api_url="http://127.0.0.1:1", remembered=IDENTITY) as bot:
        application = build_application(bot)
        await application.initialize()
        assert bot.username == "muster_bot"


@pytest.mark.parametrize("answer", [HANG, page(502), page(403)], ids=["hang", "gateway", "firewall"])
async def test_a_remembered_bot_starts_within_its_wait(
    server: FaultyServer, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.telegram.bot.IDENTITY_WAIT_S", 0.2)
    server.otherwise = answer
    async with asyncio.timeout(20):
        async with MusterBot(TOKEN, api_url=server.url, remembered=IDENTITY) as bot:
            assert bot.id == IDENTITY["id"]


async def test_a_bot_that_nobody_remembers_needs_telegram() -> None:
    with pytest.raises(NetworkError):
        async with MusterBot(TOKEN, api_url="http://127.0.0.1:1"):
            pass


async def test_another_bot_s_identity_is_not_trusted() -> None:
    with pytest.raises(NetworkError):
        async with MusterBot(f"7{TOKEN}", api_url="http://127.0.0.1:1", remembered=IDENTITY):
            pass


async def test_a_refused_token_fails_loudly_and_is_not_quoted(server: FaultyServer) -> None:
    server.otherwise = refusal(401, "Unauthorized")
    with pytest.raises(InvalidToken) as caught:
        async with MusterBot(TOKEN, api_url=server.url, remembered=IDENTITY):
            pass
    assert TOKEN not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_an_identity_that_cannot_be_kept_does_not_stop_the_start(server: FaultyServer) -> None:
    async def remember(_: dict[str, Any]) -> None:
        raise OSError("disk full")

    server.otherwise = ok(IDENTITY)
    async with MusterBot(TOKEN, api_url=server.url, remember=remember) as bot:
        assert bot.id == IDENTITY["id"]


def test_the_bot_does_not_print_its_token() -> None:
    assert TOKEN not in repr(MusterBot(TOKEN))


async def test_updates_come_raw(server: FaultyServer) -> None:
    server.script += [ok(IDENTITY), ok([{"update_id": 1, "what": {"is": "new"}}, 7])]
    async with MusterBot(TOKEN, api_url=server.url) as bot:
        got = await bot.fetch_updates(12, timeout_s=0, allowed=("message",), read_timeout_s=1)
    assert got == [{"update_id": 1, "what": {"is": "new"}}, 7]
    assert server.requests[1].json == {"offset": 12, "timeout": 0, "allowed_updates": ["message"]}


async def test_updates_that_are_no_list_are_a_bad_answer(server: FaultyServer) -> None:
    server.script += [ok(IDENTITY), ok({"message": "maintenance"})]
    async with MusterBot(TOKEN, api_url=server.url) as bot:
        with pytest.raises(BadAnswerError):
            await bot.fetch_updates(0, timeout_s=0, allowed=(), read_timeout_s=1)


async def test_a_handler_s_error_reaches_whoever_feeds_the_update(simulator: Simulator) -> None:
    async def broken(_: Update, __: object) -> None:
        raise LookupError("no such zone")

    seen: list[str] = []

    async def fine(update: Update, _: object) -> None:
        assert update.message is not None
        seen.append(update.message.text or "")

    bot = MusterBot(simulator.token, api_url=simulator.url)
    application = build_application(bot)
    application.add_handler(CommandHandler("report", broken))
    application.add_handler(MessageHandler(filters.TEXT, fine))
    async with application:
        with pytest.raises(LookupError, match="no such zone"):
            await application.process_update(Update.de_json(update("/report"), bot))
        await application.process_update(Update.de_json(update("hello"), bot))
    assert seen == ["hello"]


async def test_building_the_application_warns_of_nothing(
    simulator: Simulator, recwarn: pytest.WarningsRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        async with build_application(MusterBot(simulator.token, api_url=simulator.url)) as application:
            assert application.updater is None
            assert application.update_processor.max_concurrent_updates == 1
    assert [str(one.message) for one in recwarn.list] == []
    assert not caplog.records
