"""What people at the scene say and show: voice notes into the topic, pictures to few, the form by voice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.services.exporting import export_record
from tests.scenarios.test_on_scene import TANG, thread
from tests.support.cast import CENTRE, CHEN, EMILY, FENG, HAN, LI, SUN, WANG, WU, ZHAO, ZHENG
from tests.support.restricted import bullying, centre_says

VOICE = b"OggS" + bytes(9000)
JPEG = b"\xff\xd8\xff\xe0 a picture"
__all__ = ["bullying", "thread"]


def copies(stage, person, what, **where):
    """Every voice note or picture that the chat shows and the bot has put there."""
    messages = stage.phone(person).messages(**where)
    return [one for one in messages if what in one and one["from"]["is_bot"]]


async def go(stage, person, label="我去"):
    """Sent to the scene, and on the way."""
    await stage.phone(CHEN).send("/dispatch")
    asked = await stage.says(person, lambda message: "reply_markup" in message and "🚶" in message["text"])
    await stage.phone(person).press(asked, label)
    await stage.quiet()
    return asked


async def test_a_voice_note_from_the_scene_is_in_the_topic_with_who_and_when(stage, thread):
    await go(stage, HAN)
    await stage.phone(HAN).send_voice(VOICE)
    heard = await stage.says(CHEN, lambda message: "voice" in message, chat=CENTRE, thread=thread)
    assert "🎙 2026-0001 · 韩磊，" in heard["caption"]
    await stage.says(HAN, "您的语音已记录并转发")
    await stage.quiet()
    assert len(copies(stage, CHEN, "voice", chat=CENTRE, thread=thread)) == 1
    [copied] = [call for call in stage.simulator.calls if call.method == "copyMessage"]
    assert (copied.params["from_chat_id"], copied.params["message_thread_id"]) == (HAN.telegram_id, thread)
    await stage.phone(SUN).send("/timeline 2026-0001")
    await stage.says(SUN, "🎙 Han Lei sent a voice note")


async def test_the_reporter_s_voice_note_goes_there_too_and_its_words_with_it(stage, thread):
    await stage.phone(WANG).send_voice(VOICE, "三楼西侧")
    heard = await stage.says(CHEN, lambda message: "voice" in message, chat=CENTRE, thread=thread)
    assert "王芳" in heard["caption"]
    assert "三楼西侧" in heard["caption"]
    assert heard["voice"]["mime_type"] == "audio/ogg"


async def test_a_picture_goes_in_private_to_those_who_may_see_cameras_and_into_no_group(stage, thread):
    await go(stage, TANG, "I go")
    await stage.phone(TANG).send_photo(JPEG, "two pupils on the stairs")
    for person in (CHEN, ZHAO, SUN):
        seen = await stage.says(person, lambda message: "photo" in message)
        assert "two pupils on the stairs" in seen["caption"]
        assert seen["has_protected_content"]
    await stage.says(TANG, "3 people who may see pictures get it in private; the topic does not show it.")
    await stage.says(CHEN, "唐志强向机器人发来图片或文件", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert copies(stage, CHEN, "photo", chat=CENTRE) == []
    for person in (LI, ZHENG, WU, WANG, EMILY, HAN):
        assert copies(stage, person, "photo") == []


async def test_who_has_lost_the_right_before_it_goes_out_does_not_get_it(stage, thread):
    await stage.muster.database.write(
        lambda tx: tx.people.save(
            [replace(CHEN, camera_training_until=None), replace(SUN, camera_training_until=date(2020, 1, 1))]
        )
    )
    await stage.phone(WANG).send_photo(JPEG)
    await stage.says(ZHAO, lambda message: "photo" in message)
    await stage.says(WANG, "仅私信发给1位")
    await stage.quiet()
    assert copies(stage, CHEN, "photo") == copies(stage, SUN, "photo") == []


async def test_the_form_takes_voice_notes_for_answers(stage, thread):
    asked = await go(stage, TANG, "I go")
    await stage.phone(TANG).press(asked, "Report what I see")
    question = await stage.says(TANG, "Conditions: how does it look?")
    assert "Press, or say it in a voice note." in question["text"]
    await stage.phone(TANG).send_voice(VOICE)
    heard = await stage.says(CHEN, lambda message: "voice" in message, chat=CENTRE, thread=thread)
    assert "情况：" in heard["caption"]
    question = await stage.says(TANG, "Actions: what is being done there?")
    assert "Conditions: 🎙 voice note" in question["text"]
    await stage.phone(TANG).press(question, "first aid")
    await stage.says(TANG, "Needs: what do you need?")
    await stage.phone(TANG).send_voice(VOICE)
    await stage.says(TANG, "✅ Reported.")
    line = await stage.says(CHEN, "唐志强现场回报", chat=CENTRE, thread=thread)
    assert "情况：🎙 语音；措施：正在救治；需要：🎙 语音" in line["text"]
    await stage.quiet()
    assert len(copies(stage, CHEN, "voice", chat=CENTRE, thread=thread)) == 2
    await stage.phone(TANG).send("the west door is open")
    await stage.says(CHEN, "the west door is open", chat=CENTRE, thread=thread)


async def test_words_while_the_form_waits_are_a_line_of_the_record_and_no_answer(stage, thread):
    asked = await go(stage, HAN)
    await stage.phone(HAN).press(asked, "回报现场情况")
    await stage.says(HAN, "现场情况如何？")
    await stage.phone(HAN).send("浓烟")
    await stage.says(CHEN, "浓烟", chat=CENTRE, thread=thread)
    await stage.quiet()
    asked = stage.heard(HAN, "也可以直接发语音说明")
    assert [m["text"].count("情况如何") for m in asked] == [1]


async def test_of_a_restricted_incident_only_those_who_may_know_hear_it(bullying):
    stage = bullying
    await stage.phone(WANG).send_voice(VOICE)
    for person in (ZHAO, SUN, LI, ZHENG):
        await stage.says(person, lambda message: "voice" in message)
    await stage.quiet()
    assert not any("2026-0001" in text for text in await centre_says(stage))
    for person in (CHEN, HAN, EMILY, WU):
        assert stage.phone(person).messages() == []
    await stage.phone(WANG).send_photo(JPEG)
    for person in (ZHAO, SUN):
        await stage.says(person, lambda message: "photo" in message)
    await stage.quiet()
    assert copies(stage, LI, "photo") == copies(stage, ZHENG, "photo") == []


async def test_a_voice_note_waits_for_telegram_and_comes_when_telegram_takes_it(stage, thread):
    await go(stage, HAN)
    stage.simulator.faults.change({"status_code": 502, "only_methods": ["copyMessage"]})
    await stage.phone(HAN).send_voice(VOICE)
    await stage.says(HAN, "您的语音已记录并转发")
    await stage.stop()
    stage.simulator.faults.clear()
    await stage.start()
    await stage.says(CHEN, lambda message: "voice" in message, chat=CENTRE, thread=thread)


async def test_a_note_that_its_sender_deleted_leaves_its_words(stage, thread):
    await stage.stop()
    sent = await stage.phone(WANG).send_voice(VOICE, "西侧有人")
    chat = stage.simulator.world.chats[WANG.telegram_id]
    stage.simulator.world.remove(chat, [sent["message_id"]])
    await stage.start()
    line = await stage.says(CHEN, "🎙 2026-0001 · 王芳", chat=CENTRE, thread=thread)
    assert "西侧有人" in line["text"]


async def test_the_exported_record_names_what_was_sent(stage, thread):
    sent = await stage.phone(WANG).send_voice(VOICE)
    await stage.says(CHEN, lambda message: "voice" in message, chat=CENTRE, thread=thread)
    campus, now = stage.muster.school.campus, stage.clock()
    record = await stage.muster.database.write(
        lambda tx: export_record(tx, "2026-0001", campus, by="test", at=now)
    )
    [entry] = [one for one in record["timeline"] if one["event"] == "words_added"]
    assert entry["params"]["file_id"] == sent["voice"]["file_id"]


async def test_a_photo_that_proves_a_task_is_kept_named_and_shown_to_few(stage):
    await stage.phone(WANG).send("/report food_poisoning A3")
    thread = await stage.topic_named("2026-0001")
    asked = await stage.says(FENG, "封存留样")
    await stage.phone(FENG).press(asked, "接受")
    await stage.says(FENG, "🔵 由您负责")
    await stage.phone(FENG).press(asked, "完成")
    await stage.says(FENG, "照片")
    sent = await stage.phone(FENG).send_photo(JPEG, "留样柜")
    for person in (CHEN, ZHAO, SUN):
        seen = await stage.says(person, lambda message: "photo" in message)
        assert "留样柜" in seen["caption"]
        assert seen["has_protected_content"]
    await stage.says(CHEN, "完成：", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert copies(stage, CHEN, "photo", chat=CENTRE) == copies(stage, LI, "photo") == []
    campus, now = stage.muster.school.campus, stage.clock()
    record = await stage.muster.database.write(
        lambda tx: export_record(tx, "2026-0001", campus, by="test", at=now)
    )
    [entry] = [one for one in record["timeline"] if one["event"] == "task_done"]
    [task] = [one for one in record["tasks"] if one["state"] == "done"]
    for told in (entry["params"], task):
        assert told["file_id"] == sent["photo"][-1]["file_id"]
        assert (told["media"], told["message_id"]) == ("photo", sent["message_id"])
