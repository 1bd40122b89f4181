"""Announcements where something stands against them: settings, hours, drills, hostile words, a real incident."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta

import aiohttp
import pytest
from typer.testing import CliRunner

from bot.cli import cli
from bot.domain.action import Press, Verb
from tests.support.announcing import (
    drafted,
    labels,
    press,
    press_data,
    press_shown,
    publish,
    submitted,
    with_settings,
)
from tests.support.cast import CAST, CENTRE, CHANNEL, CHEN, EMILY, LI, SUN, WANG, ZHAO
from tests.support.stage import BEGINNING

PUBLIC = "https://muster.school.example"
HOSTILE = (
    "<b>粗体</b> *星号* _下划线_ [点我](http://x.example) <a href='http://x.example'>链接</a> &amp; @all"
)


def posted(stage):
    """What went to the channel, newest last."""
    return [c.params["text"] for c in stage.simulator.calls if c.chat_id == CHANNEL and c.status == 200]


async def test_markup_in_a_text_is_shown_as_it_was_typed_to_everybody(stage):
    await publish(stage, f"/announce {HOSTILE}\u202e安全")
    for who in (WANG, EMILY):
        told = (await stage.says(who, "星号"))["text"]
        assert f"{HOSTILE}安全" in told
    shown = await stage.says(CHEN, "星号", chat=CHANNEL)
    assert f"{HOSTILE}安全" in shown["text"]
    kinds = {entity["type"] for entity in shown.get("entities", [])}
    assert "text_link" not in kinds


async def test_ten_thousand_characters_come_in_numbered_parts_that_end_with_a_sentence(stage):
    sentence = "请全体师生按照应急预案有序行动，不要惊慌。"
    long = (sentence * 500)[:9_996] + "完。"
    # Telegram's apps cut a long text into messages of at most 4096 by themselves.
    for piece in (f"/announce {long[:4080]}", long[4080:8170], long[8170:]):
        await stage.phone(LI).send(piece)
    card = await stage.says(LI, lambda m: "草稿" in m.get("text", "") and labels(m))
    await stage.quiet()
    assert (await stage.read(lambda tx: tx.announcements.get(1))).texts["zh_Hans"].body == long
    card = await drafted(stage, LI, "/announce 2026-A001")
    await press(stage, LI, card, "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
    await stage.says(WANG, "完。")
    await stage.quiet()
    parts = [m["text"] for m in stage.heard(WANG, "按照应急预案")]
    assert all(f"({number}/{len(parts)})" in text for number, text in enumerate(parts, 1))
    assert len(parts) >= 3
    for part in parts[:-1]:
        assert "不要惊慌。\n" in part
    assert sum(part.count("按照应急预案") for part in parts) == long.count("按照应急预案")


async def test_what_is_too_long_is_refused_with_both_numbers_and_the_draft_stays(stage):
    for piece in (f"/announce {'长' * 4000}", "长" * 4000):
        await stage.phone(LI).send(piece)
    await stage.quiet()
    await stage.phone(LI).send("长" * 4000)
    await stage.says(LI, "正文 12000 字，超过上限 10000 字")
    assert len((await stage.read(lambda tx: tx.announcements.get(1))).texts["zh_Hans"].body) == 8000


async def test_in_the_command_centre_the_draft_comes_in_private(stage):
    await stage.phone(LI).send("/announce 明天停课。", chat=CENTRE)
    await stage.says(LI, "草稿 2026-A001 已发到您与“集合”的私聊。", chat=CENTRE)
    await stage.says(LI, "📝")


async def test_a_number_that_is_not_there_is_said_to_be_so(stage):
    said = await stage.phone(LI).send("/announce")
    await stage.says(LI, "发布通告", after=said["message_id"])
    await stage.phone(LI).send("/announce 2026-A404 你好")
    await stage.says(LI, "没有编号为 2026-A404 的通告")


async def test_the_settings_decide_who_is_asked_to_approve(stage):
    await with_settings(stage, '[announcements]\npublishers = ["DEPUTY"]')
    await submitted(stage, LI, "/announce 明天停课。", approver=SUN, asks="asks for your approval")
    await stage.quiet()
    assert stage.heard(ZHAO, "明天停课") == []
    draft = await stage.read(lambda tx: tx.announcements.get(1))
    shown = await drafted(stage, ZHAO, "/whoami", "赵敏")
    assert "不在发布人员之列" in await press_data(stage, ZHAO, shown, f"nap:1:{draft.mark}")


async def test_whom_the_settings_do_not_let_publish_neither_returns_nor_takes_back(stage):
    _, request = await submitted(stage, LI, "/announce 明天停课。")
    await press(stage, ZHAO, request, "退回")
    await stage.says(ZHAO, "请说明退回理由")
    await with_settings(stage, '[announcements]\npublishers = ["DEPUTY"]')
    said = await stage.phone(ZHAO).send("不要发")
    await stage.says(ZHAO, "不在发布人员之列", after=said["message_id"])
    press_return = Press(Verb.ANNOUNCE_WORDS, 1, "return").encode()
    assert "不在发布人员之列" in await press_data(stage, ZHAO, request, press_return)
    assert (await stage.read(lambda tx: tx.announcements.get(1))).state == "SUBMITTED"
    await press_shown(stage, SUN, "Approve")
    await stage.says(WANG, "明天停课")
    for verb in (Verb.ANNOUNCE_ASK_WITHDRAW, Verb.ANNOUNCE_WITHDRAW):
        assert "不在发布人员之列" in await press_data(stage, ZHAO, request, Press(verb, 1).encode())
    assert (await stage.read(lambda tx: tx.announcements.get(1))).state == "PUBLISHED"


async def test_a_drill_for_staff_only_is_not_told_to_the_public(stage):
    await with_settings(stage, '[announcements]\ndrills = "staff"')
    await stage.phone(LI).send("/drill fire A3")
    await stage.topic_named("2026-0001")
    card, request = await submitted(stage, LI, "/announce 请到操场集合。")
    assert "发布对象：全体教职工" in card["text"]
    await press(stage, ZHAO, request, "批准")
    assert (await stage.says(WANG, "请到操场集合"))["text"].startswith("【演练】📢")
    await stage.quiet()
    assert posted(stage) == []


async def test_a_drills_text_is_not_published_while_something_real_happens(stage):
    await stage.phone(LI).send("/drill fire A3")
    await stage.topic_named("2026-0001")
    _, request = await submitted(stage, LI, "/announce 请到操场集合。")
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0002")
    refused = await press(stage, ZHAO, request, "批准")
    assert "2026-0002" in refused
    await stage.quiet()
    assert stage.heard(WANG, "请到操场集合") == []


async def test_in_quiet_hours_it_waits_for_the_morning_unless_the_approver_says_now(stage):
    await with_settings(stage, '[announcements]\nquiet = "09:00-12:00"')
    _, request = await submitted(stage, LI, "/announce 周五开运动会。")
    assert "🌙 免打扰时段" in request["text"]
    assert "已批准，将于" in await press(stage, ZHAO, request, "批准")
    await stage.says(LI, "已批准，待发布")
    await stage.quiet()
    assert stage.heard(WANG, "周五开运动会") == []
    await stage.after(hours=2, minutes=1)
    await stage.says(WANG, "周五开运动会")

    await stage.after(hours=22)
    _, request = await submitted(stage, LI, "/announce 周六补课。", asks="2026-A002：李明提请审批")
    await press_shown(stage, ZHAO, "批准并立即发送")
    await stage.says(WANG, "周六补课")


async def test_what_was_due_while_muster_was_down_does_not_go_out_at_night(stage):
    await with_settings(stage, '[announcements]\nquiet = "22:00-06:30"')
    card = await drafted(stage, LI, "/announce 明天体检。")
    await press(stage, LI, card, "时间")
    await press_shown(stage, LI, "一小时后")
    await stage.says(LI, "🕘")
    await press_shown(stage, LI, "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
    await stage.says(LI, "已批准，待发布")
    await stage.stop()
    stage.clock.set(BEGINNING + timedelta(hours=16, minutes=30))  # 02:30
    await stage.start()
    await stage.after(minutes=1)
    await stage.quiet()
    assert stage.heard(WANG, "体检") == []
    await stage.after(hours=4)
    await stage.says(WANG, "明天体检")


async def test_what_is_about_an_incident_in_force_does_not_wait(stage):
    await with_settings(stage, '[announcements]\nquiet = "09:00-12:00"')
    await stage.phone(WANG).send("/report fire A3 smoke")
    await stage.topic_named("2026-0001")
    card, request = await submitted(stage, LI, "/announce 教学楼A座请勿靠近。")
    assert "关联事件 2026-0001" in card["text"]
    await press(stage, ZHAO, request, "批准")
    await stage.says(WANG, "请勿靠近")


async def test_nobody_hears_an_announcement_ring_while_somebody_may_be_hiding(stage):
    await stage.phone(WANG).send("/report intruder gym")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/lockdown", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达封控指令", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(confirm["message_id"], "确认封控", chat=CENTRE)
    await stage.says(WANG, "手机静音")
    await publish(stage, "/announce 警方已到校门口，请保持安静。")
    await stage.says(WANG, "警方已到校门口")
    calls = [
        c for c in stage.simulator.calls if c.method == "sendMessage" and "警方已到校门口" in c.params["text"]
    ]
    told = [call for call in calls if call.chat_id > 0]
    assert {str(call.params.get("disable_notification")).lower() for call in told} == {"true"}


async def test_in_both_languages_in_private_when_the_school_wants_it_so(stage):
    await with_settings(stage, '[announcements]\nprivate = "both"')
    await publish(stage, "/announce 明天停课。\n---\nNo school tomorrow.")
    for who in (WANG, EMILY):
        told = await stage.says(who, "No school tomorrow.")
        assert "明天停课。" in told["text"]


async def test_the_other_language_is_asked_for_and_written_with_the_next_message(stage):
    card = await drafted(stage, LI, "/announce 明天停课。")
    assert "缺英文文本" in card["text"]
    await press(stage, LI, card, "英文")
    await stage.says(LI, "请发送英文正文")
    await stage.phone(LI).send("No school tomorrow.")
    card = await stage.says(LI, lambda m: "No school tomorrow." in m.get("text", "") and "草稿" in m["text"])
    assert "缺英文文本" not in card["text"]
    await press(stage, LI, card, "预览")
    shown = await stage.says(LI, "👁 预览 · 私聊（英文读者）")
    assert "📢 Announcement\nNo school tomorrow." in shown["text"]
    channel = await stage.says(LI, "👁 预览 · Telegram 频道")
    assert "明天停课。" in channel["text"]
    await stage.quiet()
    assert stage.heard(WANG, "停课") == []


async def test_an_answer_that_comes_too_late_is_a_word_like_any_other(stage):
    card = await drafted(stage, LI, "/announce 明天停课。")
    await press(stage, LI, card, "英文")
    await stage.says(LI, "请发送英文正文")
    await stage.after(minutes=6)
    await stage.phone(LI).send("There is smoke on the third floor")
    await stage.says(LI, "没有记入任何事件")
    assert list((await stage.read(lambda tx: tx.announcements.get(1))).texts) == ["zh_Hans"]


async def test_a_dropped_draft_and_somebody_elses_draft_cannot_be_changed(stage):
    card, request = await submitted(stage, LI, "/announce 明天停课。")
    await drafted(stage, SUN, "/announce 2026-A001 后天停课。", "Only its author, Li Ming")
    await press_shown(stage, LI, "作废")
    await stage.says(ZHAO, "已作废")
    draft = await stage.read(lambda tx: tx.announcements.get(1))
    assert "已办结" in await press_data(stage, ZHAO, request, f"nap:1:{draft.mark}")
    assert "已办结" in await press_data(stage, LI, card, f"nsu:1:{draft.mark}")


async def test_who_has_no_right_can_neither_write_nor_look(stage):
    for command in ("/announce 放假了", "/announcements", "/announce"):
        said = await stage.phone(WANG).send(command)
        await stage.says(WANG, "未执行", after=said["message_id"])
    assert await stage.read(lambda tx: tx.announcements.list_recent(5)) == []


@pytest.mark.parametrize(
    "data", ["nau:1:nobody", "nau:1:classes:9-9", "nti:1:publish_at:-5", "nwo:1:fr", "nre:1:read"]
)
async def test_forged_buttons_change_nothing(stage, data):
    card = await drafted(stage, LI, "/announce 明天停课。")
    before = await stage.read(lambda tx: tx.announcements.get(1))
    assert await press_data(stage, LI, card, data)
    assert await stage.read(lambda tx: tx.announcements.get(1)) == before


async def test_i_need_help_reaches_who_deals_with_it_and_counts_in_the_roll_call(stage):
    await stage.phone(WANG).send("/report fire A3 smoke")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/evacuate", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达疏散指令", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(confirm["message_id"], "确认疏散", chat=CENTRE)
    card = await drafted(stage, LI, "/announce 请报告是否平安。")
    await press(stage, LI, card, "要求“已阅”")
    await press_shown(stage, LI, "询问“平安”")
    await stage.says(LI, "“平安”或“需要帮助”")
    await press_shown(stage, LI, "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
    told = await stage.says(EMILY, "📢")
    assert await press(stage, EMILY, told, "I need help") == "Help is called for."
    await stage.says(CHEN, lambda m: "艾米丽 求助" in m.get("text", ""), chat=CENTRE)
    assert await press(stage, EMILY, told, "I'm safe") == "Good. Noted."
    await stage.after(seconds=5)
    await stage.says(LI, "🙂 平安 1/11")


async def test_the_export_of_the_incident_holds_texts_figures_and_every_reader(stage, tmp_path):
    await stage.phone(WANG).send("/report fire A3 smoke")
    await stage.topic_named("2026-0001")
    await publish(stage, "/announce 教学楼A座请勿靠近。")
    await stage.says(EMILY, "请勿靠近")
    await stage.quiet()
    await stage.stop()
    where = ["-c", str(stage.folder / "school.toml"), "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(cli, ["export", "2026-0001", *where])
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "out" / "2026-0001.json").read_text("utf-8"))
    [told] = record["announcements"]
    assert (told["number"], told["audience"]["group"], told["figures"]["sent"]) == ("2026-A001", "public", 11)
    assert told["texts"]["zh_Hans"]["body"] == "教学楼A座请勿靠近。"
    with (tmp_path / "out" / "2026-0001-announcement_readers.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["staff_id"] for row in rows} == {person.staff_id for person in CAST}
    assert {row["state"] for row in rows} == {"sent"}


async def test_the_table_itself_refuses_to_change_what_is_published(stage):
    await publish(stage, "/announce 明天停课。")
    await stage.says(WANG, "明天停课")
    with pytest.raises(Exception, match="a published revision does not change"):
        await stage.muster.database.write(
            lambda tx: tx.connection.exec_driver_sql("UPDATE announcements SET texts = '{}' WHERE id = 1")
        )


async def test_the_list_shows_what_was_announced_and_what_is_in_work(stage):
    await publish(stage, "/announce 明天停课。")
    await stage.says(WANG, "明天停课")
    await drafted(stage, LI, "/announce 后天运动会。", "后天运动会")
    await stage.quiet()
    listed = await drafted(stage, LI, "/announcements", "送达 11/11")
    assert listed["text"].index("后天运动会") < listed["text"].index("明天停课")
    await press(stage, LI, listed, "2026-A001")
    await stage.says(LI, "公众，11 人", after=listed["message_id"])


async def test_published_again_after_a_restart_nothing_goes_out_twice(stage):
    await publish(stage, "/announce 明天停课。")
    await stage.says(WANG, "明天停课")
    await stage.quiet()
    await stage.stop()
    await stage.start()
    await stage.after(seconds=5)
    await stage.quiet()
    assert len(stage.heard(WANG, "明天停课")) == 1


async def test_the_silent_are_chased_with_the_text_that_holds_also_by_the_first_ones_button(stage):
    card = await drafted(stage, LI, "/announce 请到操场集合。")
    await press(stage, LI, card, "已阅")
    await press(stage, LI, await stage.says(LI, "已阅”"), "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
    await stage.says(WANG, "请到操场集合")
    card = await drafted(stage, LI, "/announce 2026-A001 请到北门集合。", "请到北门集合")
    await press(stage, LI, card, "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "2026-A001 r2：李明提请审批"), "批准")
    await stage.says(WANG, "请到北门集合")
    await stage.quiet()
    assert await press_data(stage, LI, card, Press(Verb.ANNOUNCE_CHASE, 1).encode()) == "已再次提醒 11 人。"
    await stage.quiet()
    assert "请到北门集合" in stage.phone(WANG).messages()[-1]["text"]
    assert "刚提醒过" in await press_data(stage, LI, card, Press(Verb.ANNOUNCE_CHASE, 2).encode())


async def test_staff_are_sent_the_address_at_which_their_own_text_can_be_checked(stage):
    path = stage.folder / "school.toml"
    path.write_text(path.read_text("utf-8").replace("[web]", f'[web]\npublic_url = "{PUBLIC}"'), "utf-8")
    await with_settings(stage, "")
    card = await drafted(stage, LI, "/announce 周五全体教职工开会。")
    await press(stage, LI, card, "对象")
    await press_shown(stage, LI, "全体教职工")
    await stage.says(LI, "发布对象：全体教职工")
    await press_shown(stage, LI, "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
    told = (await stage.says(WANG, "📢"))["text"]
    [page] = re.findall(rf"{PUBLIC}(/announcements/2026-A001-[A-Z2-7]{{16}})$", told, re.MULTILINE)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{stage.muster.web_url}{page}") as answer,
    ):
        assert answer.status == 200
        assert "周五全体教职工开会" in await answer.text()
