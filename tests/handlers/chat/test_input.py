"""What people, phones and strangers send: odd, long, foreign or broken; nothing of it may hurt."""

from __future__ import annotations

import pytest

from bot.domain.message import MessageKind
from tests.handlers.chat.test_rights import all_clear, an_sos, state_of
from tests.support.cast import CENTRE, CHEN, EMILY, LI, STRANGER, SUN, WANG


def text_to(said, person):
    """What one person is told privately, last message first."""
    return [one.text for one in reversed(said) if one.to == f"person:{person.staff_id}"]


# ── how commands may be written ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", ["/ack", "/ACK", "/Ack@muster_bot", "/ack 2026-0001", "/ack\n2026-0001", "/ack\t2026-0001  "]
)
async def test_a_command_is_understood_however_it_is_written(door, text):
    await an_sos(door)
    await door.send(CHEN, text)
    assert (await door.incident()).acknowledged_by == CHEN.staff_id


async def test_a_command_for_another_bot_is_not_muster_s(door):
    await an_sos(door)
    await door.send(CHEN, "/ack@other_bot", chat=CENTRE, thread=101)
    assert (await door.incident()).acknowledged_by is None


async def test_words_keep_their_line_breaks_and_lose_their_tricks(door):
    await an_sos(door)
    await door.send(LI, "/note 2026-0001 one\ntwo\u202e\x00 three\ud800 <b>&")
    (entry,) = [e for e in await door.read(lambda tx: tx.timeline.all(1)) if e.event == "noted"]
    assert entry.params["words"] == "one\ntwo three\ufffd <b>&"
    assert "three\ufffd &lt;b&gt;&amp;" in [s.text for s in door.said if s.kind is MessageKind.LINE][-1]


ASKED_FOR = {
    "close": (
        "请写明结果，如：/close 火已扑灭，无人受伤",
        "Please say how it ended: /close Fire put out, nobody hurt",
    )
}


@pytest.mark.parametrize("command", ["note", "close", "drill"])
@pytest.mark.parametrize("empty", ["", " ", "\n\n", "\u202e", "\x00\x00"])
async def test_empty_words_are_asked_for(door, command, empty):
    if command != "drill":
        await all_clear(door)
    before = await state_of(door)
    said = await door.send(CHEN, f"/{command} {empty}")
    zh, en = ASKED_FOR.get(command, (f"请写明内容，如：/{command} ……", f"Please add the words: /{command} …"))
    assert text_to(said, CHEN) == [zh]
    said = await door.send(SUN, f"/{command} {empty}")
    assert text_to(said, SUN) == [en]
    assert await state_of(door) == before


@pytest.mark.parametrize(
    "number", ["2026-99999999999", "2026-0002", "0-0", "99999999999999999999-1", "1-1", "0002026-0001"]
)
async def test_a_number_that_no_incident_has_is_said_so(door, number):
    await an_sos(door)
    said = await door.send(CHEN, f"/ack {number}")
    assert text_to(said, CHEN)[0].startswith("没有编号为 ")
    assert len(text_to(said, CHEN)[0]) < 80
    said = await door.send(SUN, f"/ack {number}")
    assert text_to(said, SUN)[0].startswith("There is no incident ")


async def test_a_word_nobody_knows_is_repeated_only_in_part(door):
    await an_sos(door)
    for command in ("evacuate", "command", "drill", "drill fire"):
        said = await door.send(CHEN, f"/{command} {'<火>' * 1000}")
        assert "<" not in text_to(said, CHEN)[0]
        assert "&lt;火&gt;" in text_to(said, CHEN)[0]
        assert len(text_to(said, CHEN)[0]) < 300


@pytest.mark.parametrize("word", ["9", "five", "0", "-1"])
async def test_a_grade_that_is_none_is_asked_for(door, word):
    await an_sos(door)
    said = await door.send(SUN, f"/severity {word}")
    assert "Change it to" in text_to(said, SUN)[0]


# ── messages that are no commands ──────────────────────────────────────────────────────────────────────────────


async def test_what_a_reporter_writes_is_kept_whole_and_shown_short(door):
    await an_sos(door)
    long = "烟" * 4096
    said = await door.send(EMILY, long)
    entry = (await door.read(lambda tx: tx.timeline.all(1)))[-1]
    assert entry.params["words"] == long
    assert (await door.read(lambda tx: tx.reports.get(1))).words == long
    assert text_to(said, EMILY) == ["✍️ Added to 2026-0001; the command centre can read it."]
    assert all(len(one.text) <= 4096 for one in said)


async def test_a_report_of_4096_characters_is_a_report(door):
    said = await door.send(WANG, "/report fire A3 " + "<" * 4080)
    incident = await door.incident()
    assert (incident.kind, incident.zone) == ("fire", "A3")
    assert len((await door.read(lambda tx: tx.reports.get(1))).words) == 4080
    assert any("已收到，事件" in text for text in text_to(said, WANG))
    assert all(len(one.text) <= 4096 for one in said)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"photo": [{"file_id": "1", "file_unique_id": "1", "width": 9, "height": 9}]}, "“–”"),
        (
            {"photo": [{"file_id": "1", "file_unique_id": "1", "width": 9, "height": 9}], "caption": "烟"},
            "“烟”",
        ),
        ({"document": {"file_id": "1", "file_unique_id": "1"}, "caption": "/evacuate"}, "“/evacuate”"),
    ],
    ids=["photo", "caption", "caption that is a command"],
)
async def test_pictures_and_files_are_on_record_and_the_topic_reads_only_that_they_came(door, body, shown):
    await an_sos(door)
    said = await door.send(EMILY, **body)
    (line,) = [one.text for one in said if one.kind is MessageKind.LINE]
    assert line == f"10:00 艾米丽向机器人发来图片或文件：{shown}"
    assert "get it in private; the topic does not show it" in text_to(said, EMILY)[0]
    assert not await door.read(lambda tx: tx.orders.get(1))


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"location": {"latitude": 30.274085, "longitude": 120.15507}}, "📍 30.27408, 120.15507"),
        (
            {
                "sticker": {
                    "file_id": "1",
                    "file_unique_id": "1",
                    "type": "regular",
                    "width": 9,
                    "height": 9,
                    "is_animated": False,
                    "is_video": False,
                    "emoji": "🔥",
                }
            },
            "🔥",
        ),
        ({"contact": {"phone_number": "+8613800000000", "first_name": "x"}}, "☎ +8613800000000"),
    ],
    ids=["location", "sticker", "contact"],
)
async def test_places_signs_and_phones_are_kept_as_words(door, body, shown):
    await an_sos(door)
    said = await door.send(EMILY, **body)
    assert [one.text for one in said if one.kind is MessageKind.LINE] == [f"10:00 艾米丽：“{shown}”"]
    assert "can read it" in text_to(said, EMILY)[0]


async def test_a_correction_is_added_and_a_corrected_command_is_not_obeyed(door):
    await an_sos(door)
    message = (await edited(door, EMILY, "not smoke, steam"))[0]
    assert "not smoke, steam" in message.text
    await edited(door, CHEN, "/evacuate")
    await edited(door, WANG, "🆘 SOS")
    assert not await door.read(lambda tx: tx.orders.get(1))
    assert await door.incident(2) is None


async def edited(door, person, text):
    body = {"message_id": 7, "date": 1, "edit_date": 2, "text": text}
    user = {"id": person.telegram_id, "is_bot": False, "first_name": "x"}
    chat = {"id": person.telegram_id, "type": "private", "first_name": "x"}
    return await door.feed({"edited_message": body | {"from": user, "chat": chat}})


async def test_words_that_belong_to_nothing_are_not_said_to_be_added(door):
    said = await door.send(WANG, "你好")
    assert "刚才的内容没有记入任何事件" in text_to(said, WANG)[0]
    said = await door.send(EMILY, "hello")
    assert "This was not added to any incident" in text_to(said, EMILY)[0]


async def test_words_half_an_hour_after_a_report_belong_to_nothing(door):
    await an_sos(door)
    await door.after(minutes=29)
    assert "can read it" in text_to(await door.send(EMILY, "still here"), EMILY)[0]
    await door.after(minutes=2)
    assert "not added" in text_to(await door.send(EMILY, "and now"), EMILY)[0]


async def test_service_messages_are_nobody_s_words(door):
    await an_sos(door)
    assert await door.send(EMILY, write_access_allowed={"from_request": True}) == []
    assert await door.events() == ["reported", "rung"]


# ── who is not meant ───────────────────────────────────────────────────────────────────────────────────────────


async def test_groups_and_channels_that_are_not_the_school_s_are_not_heard(door):
    for text in ("/sos", "🆘 SOS", "/status", "hello"):
        assert await door.send(CHEN, text, chat=-100555) == []
    chat = {"id": -1001000000002, "type": "channel", "title": "x"}
    post = {"message_id": 1, "date": 1, "chat": chat, "text": "/sos"}
    assert (
        await door.feed(
            {"channel_post": post | {"entities": [{"type": "bot_command", "offset": 0, "length": 4}]}}
        )
        == []
    )
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    group = {"id": CENTRE, "type": "supergroup", "title": "x", "is_forum": True}
    message = {
        "message_id": 1,
        "date": 1,
        "from": anonymous,
        "sender_chat": group,
        "chat": group,
        "text": "/sos",
    }
    entities = [{"type": "bot_command", "offset": 0, "length": 4}]
    assert await door.feed({"message": message | {"entities": entities}}) == []
    assert await door.incident() is None


async def test_a_stranger_gets_one_sentence_in_both_languages_a_day_and_silence_in_groups(door):
    first = await door.send(STRANGER, "/start")
    (said,) = first
    assert said.to == f"user:{STRANGER}"
    assert "这里是青城中学应急助手" in said.text
    assert "emergency assistant of Qingcheng Middle School" in said.text
    assert said.text.count("0571-0110") == 2
    for text in ("/sos", "🆘 SOS", "hello", "/status", "/ack 2026-0001"):
        assert await door.send(STRANGER, text) == []
    assert await door.send(STRANGER, "/sos", chat=CENTRE) == []
    await door.after(hours=24)
    assert len(await door.send(STRANGER, "/sos")) == 1
    assert await door.incident() is None


async def test_updates_that_muster_does_not_know_change_nothing(door):
    user = {"id": CHEN.telegram_id, "is_bot": False, "first_name": "x"}
    chat = {"id": CHEN.telegram_id, "type": "private", "first_name": "x"}
    for update in (
        {},
        {"from_the_future": {"x": 1}},
        {
            "poll": {
                "id": "1",
                "question": "?",
                "options": [],
                "total_voter_count": 0,
                "is_closed": False,
                "is_anonymous": True,
                "type": "regular",
                "allows_multiple_answers": False,
                "allows_revoting": True,
                "members_only": False,
            }
        },
        {"inline_query": {"id": "1", "from": user, "query": "sos", "offset": ""}},
        {
            "my_chat_member": {
                "chat": chat,
                "from": user,
                "date": 1,
                "old_chat_member": {"status": "member", "user": user},
                "new_chat_member": {"status": "left", "user": user},
            }
        },
        {
            "message_reaction": {
                "chat": chat,
                "message_id": 1,
                "user": user,
                "date": 1,
                "old_reaction": [],
                "new_reaction": [],
            }
        },
    ):
        assert await door.feed(update) == []


# ── names ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_update_delivered_again_does_nothing_again(door):
    await door.send(EMILY, "/sos")
    user = {"id": EMILY.telegram_id, "is_bot": False, "first_name": "x"}
    chat = {"id": EMILY.telegram_id, "type": "private", "first_name": "x"}
    again = {"message_id": 1, "date": 1, "from": user, "chat": chat, "text": "🆘 SOS"}
    assert await door.feed({"update_id": 1, "message": again}) == []
    assert await door.events() == ["reported", "rung"]
