"""Every object that the simulator hands out is valid against the Bot API's specification."""

import json
import struct
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from integrations.telegram.simulator import Limits, Simulator
from integrations.telegram.simulator.methods import METHODS
from tests.contract.bot_api import check_answer, check_object, check_recorded

TEACHER, ADMIN = 1001, 1002
FORUM, CHANNEL = -1001000000001, -1001000000002
GIF = b"GIF89a" + struct.pack("<HH", 320, 200)
KEYBOARD = {"inline_keyboard": [[{"text": "Go", "callback_data": "go", "style": "danger"}]]}
PAGES = {
    "inline_keyboard": [[{"text": "Count", "web_app": {"url": "https://muster.school.example/headcount"}}]]
}
HTML = (
    '<b>a</b> <a href="https://a.example">l</a> <tg-time unix="5">t</tg-time> <code>c</code> /help @wang_fang'
)


class Bot:
    """Calls methods, checks each call and answer, and remembers which methods were driven."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.session = session
        self.driven: set[str] = set()

    async def __call__(self, method: str, files: dict[str, bytes] | None = None, **params: Any) -> Any:
        url = f"{self.simulator.url}/bot{self.simulator.token}/{method}"
        body: dict[str, Any] = {"data": form(params, files)} if files else {"json": params}
        async with self.session.post(url, **body) as response:
            found = await response.json()
        assert found["ok"], (method, found)
        assert check_answer(method, found["result"]) == []
        self.driven.add(method)
        return found["result"]


def form(params: dict[str, Any], files: dict[str, bytes]) -> aiohttp.FormData:
    made = aiohttp.FormData(
        {key: one if isinstance(one, str) else json.dumps(one) for key, one in params.items()}
    )
    for name, content in files.items():
        made.add_field(name, content, filename=f"{name}.gif")
    return made


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with Simulator(limits=Limits.none()) as simulator, aiohttp.ClientSession() as session:
        simulator.add_user(TEACHER, "王芳", username="wang_fang", started=True)
        simulator.add_user(ADMIN, "Li", last_name="Wei", language_code="en")
        simulator.add_group(FORUM, "Centre", members=[TEACHER, ADMIN], admins=[ADMIN])
        simulator.add_channel(CHANNEL, "News", members=[TEACHER], admins=[ADMIN], username="school_news")
        yield Bot(simulator, session)


async def speak(bot: Bot) -> None:
    bot_messages = [
        await bot("sendMessage", chat_id=TEACHER, text=HTML, parse_mode="HTML", reply_markup=KEYBOARD),
        await bot(
            "sendMessage", chat_id=CHANNEL, text="post", protect_content=True, disable_notification=True
        ),
        await bot("sendLocation", chat_id=TEACHER, latitude=31, longitude=121.5),
        await bot(
            "sendPhoto", {"photo": GIF}, chat_id=TEACHER, caption=HTML, parse_mode="HTML", has_spoiler=True
        ),
        await bot(
            "sendDocument",
            {"document": b"x"},
            chat_id=TEACHER,
            reply_parameters={"message_id": 1},
            caption=HTML,
            parse_mode="HTML",
            reply_markup=PAGES,
        ),
    ]
    text, _, _, photo, document = (one["message_id"] for one in bot_messages)
    for kind in ("photo", "document"):
        media = [{"type": kind, "media": f"attach://{name}"} for name in "ab"]
        await bot("sendMediaGroup", {"a": GIF, "b": GIF}, chat_id=TEACHER, media=media)
    await bot("getFile", file_id=bot_messages[3]["photo"][0]["file_id"])
    await bot("copyMessage", chat_id=TEACHER, from_chat_id=TEACHER, message_id=photo)
    await bot("forwardMessage", chat_id=FORUM, from_chat_id=TEACHER, message_id=text)
    await bot("editMessageText", chat_id=TEACHER, message_id=text, text="new", reply_markup=KEYBOARD)
    await bot("editMessageReplyMarkup", chat_id=TEACHER, message_id=text, reply_markup=PAGES)
    await bot("editMessageReplyMarkup", chat_id=TEACHER, message_id=text)
    await bot("editMessageCaption", chat_id=TEACHER, message_id=photo, caption="new")
    await bot(
        "editMessageMedia",
        {"c": GIF},
        chat_id=TEACHER,
        message_id=document,
        media={"type": "photo", "media": "attach://c"},
    )
    await bot(
        "setMessageReaction", chat_id=TEACHER, message_id=text, reaction=[{"type": "emoji", "emoji": "👍"}]
    )
    await bot("sendChatAction", chat_id=TEACHER, action="typing")
    await bot("pinChatMessage", chat_id=TEACHER, message_id=text)
    await bot("getChat", chat_id=TEACHER)
    await bot("unpinChatMessage", chat_id=TEACHER)
    await bot("unpinAllChatMessages", chat_id=TEACHER)
    await bot("deleteMessage", chat_id=TEACHER, message_id=photo)
    await bot("deleteMessages", chat_id=TEACHER, message_ids=[document, 999])


async def lead(bot: Bot) -> None:
    topic = await bot(
        "createForumTopic", chat_id=FORUM, name="Fire", icon_color=7322096, icon_custom_emoji_id="5"
    )
    place = {"chat_id": FORUM, "message_thread_id": topic["message_thread_id"]}
    card = await bot("sendMessage", **place, text="card")
    await bot("pinChatMessage", chat_id=FORUM, message_id=card["message_id"])
    await bot("unpinAllForumTopicMessages", **place)
    await bot("editForumTopic", **place, name="Fire, over", icon_custom_emoji_id="6")
    await bot("closeForumTopic", **place)
    await bot("reopenForumTopic", **place)
    await bot.simulator.phone(TEACHER).send("in the topic", FORUM, topic["message_thread_id"])
    await bot("deleteForumTopic", **place)


async def ask_and_set(bot: Bot) -> None:
    for method in ("getMe", "getWebhookInfo", "getMyName", "getMyDescription", "getMyShortDescription"):
        await bot(method)
    for chat_id in (FORUM, CHANNEL):
        await bot("getChat", chat_id=chat_id)
        await bot("getChatAdministrators", chat_id=chat_id)
        await bot("getChatMember", chat_id=chat_id, user_id=TEACHER)
        await bot("getChatMemberCount", chat_id=chat_id)
        await bot("exportChatInviteLink", chat_id=chat_id)
    await bot("setMyCommands", commands=[{"command": "sos", "description": "Help"}], language_code="en")
    await bot("getMyCommands", language_code="en")
    await bot("deleteMyCommands")
    await bot("setMyName", name="Muster")
    await bot("setMyDescription", description="x")
    await bot("setMyShortDescription", short_description="x")
    await bot("setChatMenuButton", menu_button={"type": "commands"})
    await bot("getChatMenuButton")
    await bot("setWebhook", url="http://127.0.0.1:9/none", allowed_updates=["message"])
    await bot("getWebhookInfo")
    await bot("deleteWebhook")
    await bot("getUpdates", allowed_updates=[])


async def people_act(bot: Bot) -> None:
    sent = await bot("sendMessage", chat_id=TEACHER, text="Ready?", reply_markup=KEYBOARD)
    phone = bot.simulator.phone(TEACHER)
    query = await phone.press(sent, "Go")
    await bot("answerCallbackQuery", callback_query_id=query, text="Thanks")
    await phone.edit(
        await phone.send("/sos@muster_bot A3 https://a.example", reply_to=sent["message_id"]), "/safe"
    )
    await phone.send_document("a.csv", b"x", "roster")
    await phone.send_photo(GIF, "smoke")
    await phone.send_voice(b"OggS", "from the stairs")
    await phone.send_location(31.2, 121.5)
    shared = await phone.send_location(31.2, 121.5, live_period=900)
    await phone.move(shared, 31.3, 121.5, accuracy=12.5)
    await phone.move(shared, 31.3, 121.6, is_over=True)
    await phone.send_contact("+861380000")
    await bot.simulator.phone(ADMIN).send("post", CHANNEL)
    phone.block()
    phone.unblock()


async def test_every_method_answers_what_the_specification_says(bot: Bot) -> None:
    await ask_and_set(bot)
    await speak(bot)
    await lead(bot)
    await people_act(bot)
    bot.simulator.migrate(FORUM, -1001000000009)
    updates = await bot("getUpdates")
    assert {kind for one in updates for kind in one} >= {
        "message",
        "edited_message",
        "channel_post",
        "callback_query",
        "my_chat_member",
    }
    assert [problem for one in updates for problem in check_object("Update", one)] == []
    await bot("leaveChat", chat_id=CHANNEL)
    await bot("logOut")
    await bot("close")
    assert bot.driven >= set(METHODS)


async def test_what_was_recorded_is_judged_as_it_was_sent(bot: Bot) -> None:
    await speak(bot)
    await lead(bot)
    assert check_recorded(bot.simulator.calls) == []
    url = f"{bot.simulator.url}/bot{bot.simulator.token}/sendMessage"
    async with bot.session.post(url, json={"chat_id": TEACHER, "text": "x", "silent": True}):
        pass
    assert check_recorded(bot.simulator.calls[-1:]) == ["call 1 sendMessage: sendMessage has no 'silent'"]
