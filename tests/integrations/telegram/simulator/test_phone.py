"""What a test can do with a person's phone."""

import asyncio

import pytest

TEACHER, PRINCIPAL, STRANGER = 1001, 1002, 1003
FORUM = -1001000000001
KEYBOARD = {
    "inline_keyboard": [
        [
            {"text": "✅ All 40 here", "callback_data": "count:40"},
            {"text": "Plan", "url": "https://a.example"},
        ],
        [{"text": "Some are missing", "callback_data": "count:?"}],
    ]
}


async def test_start_opens_the_private_chat_for_the_bot(simulator, api):
    phone = simulator.phone(STRANGER)
    await phone.start("invite-42")
    [update] = await api.ask("getUpdates")
    assert update["message"]["text"] == "/start invite-42"
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert update["message"]["from"]["language_code"] == "zh-hans"
    await api.ask("sendMessage", chat_id=STRANGER, text="welcome")


async def test_a_button_is_pressed_by_label_or_data_and_answered(simulator, api):
    await api.ask("sendMessage", chat_id=TEACHER, text="How many?", reply_markup=KEYBOARD)
    phone = simulator.phone(TEACHER)
    message = await phone.wait_for("How many?")
    query = await phone.press(message, "All 40")
    assert await phone.press(message["message_id"], "count:?") != query
    first, second = await api.ask("getUpdates")
    assert first["callback_query"]["id"] == query
    assert [one["callback_query"]["data"] for one in (first, second)] == ["count:40", "count:?"]
    waiting = asyncio.create_task(phone.wait_answer(query, 2))
    await api.ask("answerCallbackQuery", callback_query_id=query, text="Thank you", show_alert=True)
    assert await waiting == {"text": "Thank you", "show_alert": True}
    with pytest.raises(AssertionError, match="was not answered"):
        await phone.wait_answer("nonsense", 0.01)


async def test_a_missing_button_names_those_that_are_there(simulator, api):
    await api.ask("sendMessage", chat_id=TEACHER, text="How many?", reply_markup=KEYBOARD)
    message = await simulator.phone(TEACHER).wait_for("How many?")
    with pytest.raises(LookupError, match=r"✅ All 40 here \[count:40\]"):
        await simulator.phone(TEACHER).press(message, "Evacuate")
    with pytest.raises(LookupError, match="no callback"):
        await simulator.phone(TEACHER).press(message, "Plan")


async def test_waiting_sees_old_new_and_edited_messages_of_others(simulator, api):
    phone = simulator.phone(TEACHER)
    await phone.send("drill")
    old = await api.ask("sendMessage", chat_id=TEACHER, text="drill one")
    assert await phone.wait_for("drill") == old
    waiting = asyncio.create_task(phone.wait_for("two", timeout=2))
    await asyncio.sleep(0.02)
    edited = await api.ask("editMessageText", chat_id=TEACHER, message_id=old["message_id"], text="drill two")
    assert await waiting == edited
    with pytest.raises(AssertionError, match="drill two"):
        await phone.wait_for("drill", timeout=0.05, after=old["message_id"])
    assert await phone.wait_for(lambda one: one["message_id"] == 1) is not None


async def test_people_see_only_their_own_chats(simulator):
    with pytest.raises(PermissionError):
        simulator.phone(STRANGER).messages(FORUM)
    with pytest.raises(PermissionError):
        await simulator.phone(STRANGER).send("x", FORUM)


async def test_the_reply_keyboard_stays_until_taken_away(simulator, api):
    keyboard = {"keyboard": [["SOS"], [{"text": "I am safe"}]], "is_persistent": True}
    await api.ask("sendMessage", chat_id=TEACHER, text="x", reply_markup=keyboard)
    assert simulator.phone(TEACHER).keyboard() == [["SOS"], ["I am safe"]]
    await api.ask("sendMessage", chat_id=TEACHER, text="x")
    assert simulator.phone(TEACHER).keyboard() == [["SOS"], ["I am safe"]]
    await api.ask("sendMessage", chat_id=TEACHER, text="x", reply_markup={"remove_keyboard": True})
    assert simulator.phone(TEACHER).keyboard() == []


async def test_documents_photos_places_and_edits_reach_the_bot(simulator, api):
    phone = simulator.phone(TEACHER)
    await phone.send_document("staff.csv", "工号,姓名".encode(), caption="roster")
    await phone.send_photo(b"not checked", caption="smoke")
    await phone.send_location(31.2, 121.5)
    written = await phone.send("fier")
    await phone.edit(written, "fire")
    updates = await api.ask("getUpdates")
    document = updates[0]["message"]["document"]
    assert (document["file_name"], document["mime_type"]) == ("staff.csv", "text/csv")
    assert updates[1]["message"]["caption"] == "smoke"
    assert updates[2]["message"]["location"]["latitude"] == 31.2
    assert updates[4]["edited_message"]["text"] == "fire"


async def test_a_bot_without_rights_reads_only_commands_and_mentions(simulator, api):
    chat = simulator.add_group(-1005, "Plain", members=[TEACHER], is_forum=False, rights=set())
    chat.bot_status = "member"
    await simulator.phone(TEACHER).send("chatter", -1005)
    await simulator.phone(TEACHER).send("/help", -1005)
    assert [one["message"]["text"] for one in await api.ask("getUpdates")] == ["/help"]
