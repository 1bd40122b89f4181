"""Sending, editing, deleting, pinning, answering: with Telegram's answers and refusals."""

import struct

import aiohttp
import pytest
import time_machine

TEACHER, PRINCIPAL, STRANGER = 1001, 1002, 1003
FORUM, CHANNEL = -1001000000001, -1001000000002
KEYBOARD = {"inline_keyboard": [[{"text": "Confirm", "callback_data": "ack"}]]}
GIF = b"GIF89a" + struct.pack("<HH", 320, 200)
PDF = b"%PDF-1.7\n" + b"x" * 2_000


async def test_html_becomes_text_and_entities(api):
    message = await api.ask("sendMessage", chat_id=TEACHER, text="<b>Fire</b> /help", parse_mode="HTML")
    assert message["text"] == "Fire /help"
    assert [one["type"] for one in message["entities"]] == ["bold", "bot_command"]


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("sendMessage", {"chat_id": 5, "text": "x"}, "400 Bad Request: chat not found"),
        ("sendMessage", {"text": "x"}, "400 Bad Request: chat_id is empty"),
        ("sendMessage", {"chat_id": TEACHER, "text": " "}, "400 Bad Request: message text is empty"),
        (
            "sendMessage",
            {"chat_id": TEACHER, "text": "<b></b>", "parse_mode": "HTML"},
            "message text is empty",
        ),
        ("sendMessage", {"chat_id": TEACHER, "text": "x" * 4097}, "400 Bad Request: message is too long"),
        ("sendMessage", {"chat_id": TEACHER, "text": "<b>", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"chat_id": STRANGER, "text": "x"}, "403 Forbidden: bot can't initiate conversation"),
        ("sendMessage", {"chat_id": FORUM, "text": "x", "message_thread_id": 1}, "message thread not found"),
        (
            "sendMessage",
            {"chat_id": TEACHER, "text": "x", "message_thread_id": 9},
            "message thread not found",
        ),
        (
            "sendMessage",
            {"chat_id": TEACHER, "text": "x", "reply_markup": "{"},
            "can't parse reply markup JSON",
        ),
        (
            "sendMessage",
            {
                "chat_id": TEACHER,
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "A", "callback_data": "全" * 22}]]},
            },
            "400 Bad Request: BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            {"chat_id": TEACHER, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "A"}]]}},
            "Text buttons are unallowed in the inline keyboard",
        ),
        (
            "sendMessage",
            {"chat_id": TEACHER, "text": "x", "reply_parameters": {"message_id": 99}},
            "replied not found",
        ),
        ("editMessageText", {"chat_id": TEACHER, "message_id": 9, "text": "x"}, "message to edit not found"),
        ("deleteMessage", {"chat_id": TEACHER, "message_id": 9}, "message to delete not found"),
        ("pinChatMessage", {"chat_id": TEACHER, "message_id": 9}, "message to pin not found"),
        ("answerCallbackQuery", {"callback_query_id": "9"}, "query is too old"),
        ("sendPhoto", {"chat_id": TEACHER, "photo": "unknown"}, "wrong file identifier/HTTP URL specified"),
        ("setMyCommands", {"commands": [{"command": "Bad!", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("getFile", {"file_id": "x"}, "invalid file_id"),
    ],
)
async def test_refusals_have_telegrams_words(api, method, params, reason):
    assert reason in await api.refusal(method, **params)


async def test_4096_characters_after_entities_are_allowed(api):
    await api.ask("sendMessage", chat_id=TEACHER, text=f"<b>{'警' * 4096}</b>", parse_mode="HTML")


async def test_an_edit_replaces_text_and_buttons_and_an_equal_one_is_refused(simulator, api):
    sent = await api.ask("sendMessage", chat_id=TEACHER, text="one", reply_markup=KEYBOARD)
    same = {"chat_id": TEACHER, "message_id": sent["message_id"]}
    assert "message is not modified: specified new" in await api.refusal(
        "editMessageText", **same, text="one", reply_markup=KEYBOARD
    )
    edited = await api.ask("editMessageText", **same, text="two")
    assert "reply_markup" not in edited
    assert edited["edit_date"]
    assert simulator.phone(TEACHER).messages() == [edited]
    assert "message is not modified" in await api.refusal("editMessageReplyMarkup", **same)
    assert "there is no caption in the message" in await api.refusal(
        "editMessageCaption", **same, caption="x"
    )


async def test_the_bot_cannot_edit_what_a_person_wrote(simulator, api):
    written = await simulator.phone(TEACHER).send("mine")
    refused = await api.refusal(
        "editMessageText", chat_id=TEACHER, message_id=written["message_id"], text="x"
    )
    assert "message can't be edited" in refused


async def test_messages_can_be_deleted_for_48_hours(simulator, api):
    with time_machine.travel("2026-03-01T08:00:00Z", tick=False) as now:
        old = await api.ask("sendMessage", chat_id=TEACHER, text="old")
        now.shift(47 * 3600)
        young = await api.ask("sendMessage", chat_id=TEACHER, text="young")
        now.shift(3601)
        refused = await api.refusal("deleteMessage", chat_id=TEACHER, message_id=old["message_id"])
        assert "message can't be deleted for everyone" in refused
        await api.ask("deleteMessages", chat_id=TEACHER, message_ids=[young["message_id"], 999])
    assert simulator.phone(TEACHER).messages() == [old]


async def test_files_go_up_as_parts_and_come_down_by_path(api):
    form = aiohttp.FormData({"chat_id": str(TEACHER), "caption": "gate"})
    form.add_field("photo", GIF, filename="gate.gif", content_type="image/gif")
    url = f"{api.simulator.url}/bot{api.simulator.token}/sendPhoto"
    async with api.session.post(url, data=form) as response:
        message = (await response.json())["result"]
    assert (message["photo"][0]["width"], message["photo"][0]["height"]) == (320, 200)
    found = await api.ask("getFile", file_id=message["photo"][0]["file_id"])
    address = f"{api.simulator.url}/file/bot{api.simulator.token}/{found['file_path']}"
    async with api.session.get(address) as response:
        assert await response.read() == GIF
    again = await api.ask("sendPhoto", chat_id=TEACHER, photo=found["file_id"])
    assert again["photo"][0]["file_unique_id"] == message["photo"][0]["file_unique_id"]


async def test_a_document_keeps_its_name_in_any_script_and_comes_down_under_it(simulator, api):
    form = aiohttp.FormData(
        {"chat_id": str(TEACHER), "caption": "<b>Drill</b>", "parse_mode": "HTML"}, quote_fields=False
    )
    form.add_field("document", PDF, filename="演练报告 2026-0007.pdf", content_type="application/pdf")
    url = f"{simulator.url}/bot{simulator.token}/sendDocument"
    async with api.session.post(url, data=form) as response:
        message = (await response.json())["result"]
    document = message["document"]
    assert document["file_name"] == "演练报告 2026-0007.pdf"
    assert (document["mime_type"], document["file_size"]) == ("application/pdf", len(PDF))
    assert (message["caption"], message["caption_entities"][0]["type"]) == ("Drill", "bold")
    assert simulator.phone(TEACHER).messages() == [message]
    async with api.session.get(
        f"{simulator.url}/control/file", params={"id": document["file_id"]}
    ) as response:
        assert await response.read() == PDF
        assert response.content_disposition is not None
        assert response.content_disposition.type == "attachment"
        assert response.content_disposition.filename == "演练报告 2026-0007.pdf"


async def test_an_empty_document_and_one_of_unknown_id_are_refused(api):
    form = aiohttp.FormData({"chat_id": str(TEACHER)})
    form.add_field("document", b"", filename="empty.pdf")
    url = f"{api.simulator.url}/bot{api.simulator.token}/sendDocument"
    async with api.session.post(url, data=form) as response:
        assert (await response.json())["description"] == "Bad Request: file must be non-empty"
    refused = await api.refusal("sendDocument", chat_id=TEACHER, document="unknown")
    assert refused == "400 Bad Request: wrong file identifier/HTTP URL specified"


async def test_what_is_no_picture_is_refused_as_a_photo(api):
    form = aiohttp.FormData({"chat_id": str(TEACHER)})
    form.add_field("photo", b"plain text", filename="a.jpg")
    url = f"{api.simulator.url}/bot{api.simulator.token}/sendPhoto"
    async with api.session.post(url, data=form) as response:
        assert (await response.json())["description"] == "Bad Request: IMAGE_PROCESS_FAILED"


async def test_a_pin_is_announced_also_to_the_bot(simulator, api):
    sent = await api.ask("sendMessage", chat_id=FORUM, text="card")
    await api.ask("pinChatMessage", chat_id=FORUM, message_id=sent["message_id"])
    [update] = await api.ask("getUpdates")
    assert update["message"]["pinned_message"]["message_id"] == sent["message_id"]
    assert (await api.ask("getChat", chat_id=FORUM))["pinned_message"]["text"] == "card"
    await api.ask("unpinChatMessage", chat_id=FORUM)
    assert simulator.phone(TEACHER).pinned(FORUM) == []


async def test_blocked_and_kicked_bots_are_forbidden_and_told(simulator, api):
    simulator.phone(TEACHER).block()
    refused = await api.refusal("sendMessage", chat_id=TEACHER, text="x")
    assert refused == "403 Forbidden: bot was blocked by the user"
    simulator.kick_bot(FORUM)
    refused = await api.refusal("sendMessage", chat_id=FORUM, text="x")
    assert refused == "403 Forbidden: bot was kicked from the supergroup chat"
    statuses = [one["my_chat_member"]["new_chat_member"]["status"] for one in await api.ask("getUpdates")]
    assert statuses == ["kicked", "kicked"]
    simulator.phone(TEACHER).unblock()
    await api.ask("sendMessage", chat_id=TEACHER, text="x")


async def test_a_migrated_group_names_its_new_id(simulator, api):
    simulator.migrate(FORUM, -1009)
    answer = await api.answer("sendMessage", chat_id=FORUM, text="x")
    assert answer["parameters"] == {"migrate_to_chat_id": -1009}
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    await api.ask("sendMessage", chat_id=-1009, text="x")
    updates = await api.ask("getUpdates")
    assert updates[0]["message"]["migrate_to_chat_id"] == -1009
    assert updates[1]["message"]["migrate_from_chat_id"] == FORUM


async def test_a_channel_is_reached_by_its_username(simulator, api):
    post = await api.ask("sendMessage", chat_id="@school_news", text="closed today")
    assert post["sender_chat"]["id"] == CHANNEL
    assert simulator.phone(TEACHER).messages(CHANNEL) == [post]


async def test_commands_are_kept_by_scope_and_language(simulator, api):
    german = [{"command": "hilfe", "description": "Hilfe"}]
    group = {"type": "all_group_chats"}
    await api.ask("setMyCommands", commands=german, language_code="de")
    await api.ask("setMyCommands", commands=[{"command": "ack", "description": "Ack"}], scope=group)
    assert await api.ask("getMyCommands", language_code="de") == german
    assert await api.ask("getMyCommands") == []
    assert len(await api.ask("getMyCommands", scope=group)) == 1
    await api.ask("deleteMyCommands", scope=group)
    assert await api.ask("getMyCommands", scope=group) == []


async def test_forms_and_queries_are_read_with_their_types(simulator, session):
    url = f"{simulator.url}/bot{simulator.token}/sendMessage"
    form = {"chat_id": str(TEACHER), "text": "12", "reply_markup": '{"inline_keyboard": []}'}
    async with session.post(url, data=form) as response:
        assert response.status == 200
    assert simulator.calls[-1].params == {
        "chat_id": TEACHER,
        "text": "12",
        "reply_markup": {"inline_keyboard": []},
    }
    assert simulator.calls[-1].chat_id == TEACHER
