"""aiogram, which knows nothing of Muster, drives the simulator through the whole contract and reads its answers."""

from __future__ import annotations

import json
from typing import Any

import aiogram.methods
import pytest
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import BufferedInputFile, InputMediaDocument, InputMediaPhoto
from pydantic import BaseModel

from integrations.telegram.simulator import Limits, Simulator
from integrations.telegram.simulator.methods import METHODS
from tests.contract.test_simulator import (
    ADMIN,
    CHANNEL,
    FORUM,
    TEACHER,
    ask_and_set,
    lead,
    people_act,
    speak,
)

MEDIA = {"photo": InputMediaPhoto, "document": InputMediaDocument}


# aiogram speaks of a newer Bot API than the specification here: rights that an administrator has there only.
NEWER_RIGHTS = {"can_send_welcome_messages": False}


class Session(AiohttpSession):
    """Adds to answers what only the newer Bot API has."""

    def check_response(self, bot: Any, method: Any, status_code: int, content: str) -> Any:
        answer = json.loads(content)
        result = answer.get("result")
        for member in result if isinstance(result, list) else [result]:
            if isinstance(member, dict) and member.get("status") == "administrator":
                member.update(NEWER_RIGHTS)
        return super().check_response(bot, method, status_code, json.dumps(answer))


class ForeignBot:
    """Calls each method by aiogram's own class of that name; aiogram checks what it sends and what it gets."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        session = Session(api=TelegramAPIServer.from_base(simulator.url))
        self.client = aiogram.Bot(simulator.token, session=session)
        self.driven: set[str] = set()

    async def __call__(self, method: str, files: dict[str, bytes] | None = None, **params: Any) -> Any:
        kind = getattr(aiogram.methods, method[0].upper() + method[1:])
        found = await self.client(kind(**_with_files(params, files or {})))
        self.driven.add(method)
        return _plain(found)


def _with_files(params: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    made = {name: BufferedInputFile(content, f"{name}.gif") for name, content in files.items()}
    media = params.get("media")
    if isinstance(media, list):
        return params | {"media": [_medium(one, made) for one in media]}
    if isinstance(media, dict):
        return params | {"media": _medium(media, made)}
    return params | made


def _medium(told: dict[str, Any], files: dict[str, BufferedInputFile]) -> Any:
    return MEDIA[told["type"]](media=files[told["media"].removeprefix("attach://")])


def _plain(found: Any) -> Any:
    if isinstance(found, list):
        return [_plain(one) for one in found]
    return found.model_dump(exclude_none=True) if isinstance(found, BaseModel) else found


@pytest.fixture
async def bot():
    async with Simulator(limits=Limits.none()) as simulator:
        simulator.add_user(TEACHER, "王芳", username="wang_fang", started=True)
        simulator.add_user(ADMIN, "Li", last_name="Wei", language_code="en")
        simulator.add_group(FORUM, "Centre", members=[TEACHER, ADMIN], admins=[ADMIN])
        simulator.add_channel(CHANNEL, "News", members=[TEACHER], admins=[ADMIN], username="school_news")
        foreign = ForeignBot(simulator)
        yield foreign
        await foreign.client.session.close()


async def test_every_method_is_called_and_understood(bot):
    await ask_and_set(bot)
    await speak(bot)
    await lead(bot)
    await people_act(bot)
    updates = await bot("getUpdates")
    assert {kind for one in updates for kind in one} >= {"message", "edited_message", "callback_query"}
    await bot("leaveChat", chat_id=CHANNEL)
    await bot("logOut")
    await bot("close")
    assert bot.driven >= set(METHODS)


async def test_refusals_are_the_errors_that_aiogram_knows(bot):
    send = {"method": "sendMessage", "text": "x"}
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot(**send, chat_id=12345)
    with pytest.raises(TelegramForbiddenError):
        await bot(**send, chat_id=ADMIN)
    sent = await bot(**send, chat_id=TEACHER)
    with pytest.raises(TelegramBadRequest, match="not modified"):
        await bot("editMessageText", chat_id=TEACHER, message_id=sent["message_id"], text="x")
    bot.simulator.migrate(FORUM, -1001000000009)
    with pytest.raises(TelegramMigrateToChat) as moved:
        await bot(**send, chat_id=FORUM)
    assert moved.value.migrate_to_chat_id == -1001000000009


async def test_a_wrong_token_is_refused():
    async with Simulator(limits=Limits.none()) as simulator:
        session = AiohttpSession(api=TelegramAPIServer.from_base(simulator.url))
        async with aiogram.Bot("7:wrong", session=session) as client:
            with pytest.raises(TelegramUnauthorizedError):
                await client.get_me()


async def _flood(bot):
    for _ in range(60):
        await bot("sendMessage", chat_id=TEACHER, text="x")


async def test_a_flood_is_told_with_its_seconds():
    async with Simulator(limits=Limits.published(strict=True)) as simulator:
        simulator.add_user(TEACHER, "王芳", started=True)
        bot = ForeignBot(simulator)
        with pytest.raises(TelegramRetryAfter) as told:
            await _flood(bot)
        assert told.value.retry_after > 0
        await bot.client.session.close()
