"""Pictures by the Bot API: sent, replaced, captioned, deleted; never into a group."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.demo.scenes import draw
from bot.domain.action import Press, Verb
from bot.domain.message import Button, Original, Rendered
from bot.errors import ChatGoneError, RejectedError
from integrations.telegram.bot import MusterBot
from integrations.telegram.simulator import Simulator
from integrations.telegram.transport import TelegramTransport
from tests.contract.bot_api import check_recorded
from tests.integrations.telegram.test_transport import CENTRE, IN_CENTRE, LI, PRIVATE

GATE, LATER = draw("gate", 1.0), draw("gate", 9.0)
BUTTONS = ((Button("🔄", Press(Verb.CAMERA_REFRESH, 7)),),)
PICTURE = Rendered("📷 <b>东门</b>", BUTTONS, photo=GATE, is_protected=True)


@pytest.fixture
async def school(simulator: Simulator) -> Simulator:
    simulator.add_user(LI, "Li", started=True)
    simulator.add_group(CENTRE, "Command centre", [LI])
    return simulator


@pytest.fixture
async def transport(school):
    async with MusterBot(school.token, api_url=school.url) as bot:
        yield TelegramTransport(bot)


def shown(school):
    return school.phone(LI).messages()


def content(school, message) -> bytes:
    return school.world.files.get(message["photo"][-1]["file_id"]).content


async def test_a_picture_arrives_with_caption_and_buttons_protected_and_byte_for_byte(school, transport):
    message_id = await transport.send(replace(PRIVATE, is_silent=True), PICTURE)
    [message] = shown(school)
    assert (message["message_id"], message["caption"]) == (message_id, "📷 东门")
    assert message["has_protected_content"]
    assert message["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "cre:7:"
    assert content(school, message) == GATE
    assert check_recorded(school.calls) == []


async def test_it_is_replaced_in_its_message(school, transport):
    message_id = await transport.send(PRIVATE, PICTURE)
    edit = replace(PRIVATE, edit_of=message_id)
    assert await transport.send(edit, replace(PICTURE, photo=LATER)) == message_id
    [message] = shown(school)
    assert content(school, message) == LATER
    assert check_recorded(school.calls) == []


async def test_words_instead_of_a_picture_stand_beneath_the_old_one(school, transport):
    message_id = await transport.send(PRIVATE, PICTURE)
    edit = replace(PRIVATE, edit_of=message_id)
    assert await transport.send(edit, Rendered("没有画面", BUTTONS)) == message_id
    [message] = shown(school)
    assert (message["caption"], content(school, message)) == ("没有画面", GATE)
    assert message["reply_markup"]
    assert check_recorded(school.calls) == []


async def test_words_become_a_picture(school, transport):
    message_id = await transport.send(PRIVATE, Rendered("没有画面"))
    assert await transport.send(replace(PRIVATE, edit_of=message_id), PICTURE) == message_id
    [message] = shown(school)
    assert "text" not in message
    assert content(school, message) == GATE


async def test_a_long_caption_is_cut_to_what_telegram_takes(school, transport):
    await transport.send(PRIVATE, replace(PICTURE, text="<b>" + "东门" * 900 + "</b>"))
    assert len(shown(school)[0]["caption"]) <= 1024


async def test_no_picture_goes_to_a_group(school, transport):
    with pytest.raises(RejectedError):
        await transport.send(replace(PRIVATE, chat_id=CENTRE), PICTURE)
    assert school.calls == [] or all(call.method != "sendPhoto" for call in school.calls)


async def test_a_message_is_deleted_and_one_that_is_gone_is_as_good(school, transport):
    message_id = await transport.send(PRIVATE, PICTURE)
    await transport.delete(PRIVATE, message_id)
    assert shown(school) == []
    await transport.delete(PRIVATE, message_id)


async def test_that_a_picture_comes_is_announced_only_where_somebody_hears_it(school, transport):
    await transport.announce_picture(PRIVATE)
    assert school.calls[-1].params["action"] == "upload_photo"
    school.phone(LI).block()
    with pytest.raises(ChatGoneError):
        await transport.announce_picture(PRIVATE)


# ── what somebody sent, copied ─────────────────────────────────────────────────────────────────────────────────
async def a_copy(school, transport, to):
    """Li's voice note, said again elsewhere."""
    sent = await school.phone(LI).send_voice(b"OggS" + bytes(8000), "spoken by Li")
    original = Original(LI, sent["message_id"])
    return sent, await transport.send(to, Rendered("🎙 <b>Li</b>, 10:42", copy_of=original))


async def test_a_voice_note_is_copied_into_the_topic_with_new_words(school, transport):
    topic = await transport.create_topic(IN_CENTRE, "Fire", "")
    sent, message_id = await a_copy(school, transport, replace(IN_CENTRE, thread_id=topic))
    [message] = [one for one in school.phone(LI).messages(CENTRE, topic) if one["message_id"] == message_id]
    assert (message["voice"], message["caption"]) == (sent["voice"], "🎙 Li, 10:42")
    assert check_recorded(school.calls) == []


async def test_of_a_note_that_is_gone_the_words_remain(school, transport):
    message_id = await transport.send(PRIVATE, Rendered("🎙 <b>Li</b>", copy_of=Original(LI, 999)))
    [message] = shown(school)
    assert (message["message_id"], message["text"]) == (message_id, "🎙 Li")
    assert check_recorded(school.calls) == []


async def test_a_copy_to_who_blocked_the_bot_is_no_success(school, transport):
    school.phone(LI).block()
    with pytest.raises(ChatGoneError):
        await transport.send(PRIVATE, Rendered("🎙", copy_of=Original(LI, 1)))
