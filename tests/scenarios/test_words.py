"""What somebody in danger writes reaches those who command, in private and in the topic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.cast import CENTRE, CHEN, EMILY, FENG, LI, SUN, WANG, ZHAO
from tests.support.school36 import LEADS, SUBSTITUTES

SUBSTITUTE, ENGLISH_SUBSTITUTE = SUBSTITUTES[0], SUBSTITUTES[1]


def texts_about(school, person, words):
    """The newest message with these words on that phone."""
    return school.heard(person, words)[-1]["text"]


async def test_where_a_caller_for_help_is_reaches_the_commander_in_a_lockdown_without_a_sound(school):
    await school.report()
    await school.order("/lockdown", "下达封控指令", "确认封控")
    directive = await school.says(SUBSTITUTE, "封控")
    await school.press(SUBSTITUTE, directive, "我需要帮助")
    await school.says(SUBSTITUTE, "🆘 求助已登记，正在通知指挥中心。您在哪里？请直接写在这里。")
    await school.phone(SUBSTITUTE).send("我在三楼器材室，门打不开")
    told = await school.says(CHEN, "“我在三楼器材室，门打不开”")
    assert told["text"].startswith(f"🆘 代课0 求助 · 电话 {SUBSTITUTE.phone}\n2026-0001 · 🔥 火灾")
    await school.says(CHEN, "代课0：“我在三楼器材室，门打不开”", chat=CENTRE, thread=school.thread)
    await school.says(SUBSTITUTE, "✍️ 已记入 2026-0001")
    told = [call for call in school.simulator.calls if "器材室" in str(call.params.get("text"))]
    sent = [call for call in told if call.method == "sendMessage"]
    assert all(call.params["disable_notification"] for call in sent)
    assert school.heard(SUBSTITUTE, "没有记入任何事件") == []


async def test_what_a_caller_goes_on_to_write_rings_together_after_a_pause(school):
    await school.evacuate()
    lead = LEADS["9-6"]
    await school.press(lead, school.question(lead, "9-6"), "需要支援")
    await school.says(lead, "您在哪里？请直接写在这里")
    for words in ("东侧楼梯", "有人卡住了", "三个学生"):
        await school.phone(lead).send(words)
        await school.says(CHEN, f"“{words}”", chat=CENTRE, thread=school.thread)
    assert (
        texts_about(school, CHEN, "东侧楼梯").splitlines()[0]
        == f"🆘 班主任9-6 求助 · 9-6 · 电话 {lead.phone}"
    )
    assert school.heard(CHEN, "三个学生") == []
    await school.after(seconds=21)
    await school.quiet()
    assert texts_about(school, CHEN, "三个学生").splitlines()[-2:] == ["“有人卡住了", "三个学生”"]
    assert len(school.heard(CHEN, "有人卡住了")) == 1
    await school.after(minutes=29)
    await school.phone(lead).send("还在等")
    await school.says(CHEN, "“还在等”")


async def test_who_is_safe_calls_no_more(school):
    await school.evacuate()
    directive = await school.says(ENGLISH_SUBSTITUTE, "EVACUATE")
    await school.press(ENGLISH_SUBSTITUTE, directive, "I need help")
    await school.says(ENGLISH_SUBSTITUTE, "Where are you? Just write it here.")
    await school.phone(ENGLISH_SUBSTITUTE).send("second floor")
    await school.says(CHEN, "“second floor”")
    await school.press(ENGLISH_SUBSTITUTE, directive, "I am safe")
    await school.says(CHEN, "代课1 平安", chat=CENTRE, thread=school.thread)
    await school.phone(ENGLISH_SUBSTITUTE).send("thanks to all")
    await school.says(ENGLISH_SUBSTITUTE, "This was not added to any incident")
    assert school.heard(CHEN, "thanks to all") == []


async def test_a_reporter_s_words_ring_the_commander_and_the_newest_follow_after_a_pause(stage):
    await stage.phone(WANG).send("/report 外来人员闯入 A3")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/command", chat=CENTRE, thread=thread)
    await stage.says(WANG, "已看到您的报告")
    for n in range(1, 10):
        await stage.phone(WANG).send(f"他手里有刀，往{n}楼去了")
        await stage.says(CHEN, f"往{n}楼去了", chat=CENTRE, thread=thread)
    first = await stage.says(CHEN, "往1楼去了")
    assert first["text"] == "✍️ 王芳\n2026-0001 · 🚷 外来人员闯入 · 教学楼A座三层\n“他手里有刀，往1楼去了”"
    await stage.after(seconds=21)
    assert "往2楼去了" in (await stage.says(CHEN, "往9楼去了"))["text"], "nothing between was lost"
    await stage.quiet()
    assert len(stage.heard(CHEN, "✍️ 王芳")) == 2
    assert stage.heard(ZHAO, "✍️ 王芳") == [], "who commands hears it"


async def test_while_nobody_commands_all_who_were_rung_read_the_words(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(ZHAO, "🚨")
    await stage.phone(WANG).send("三楼，有人受伤")
    for person in (CHEN, ZHAO, LI):
        await stage.says(person, "“三楼，有人受伤”")
    await stage.says(SUN, "✍️ Wang Fang")


async def test_words_after_the_all_clear_reach_the_commander_and_the_safety_office(stage):
    await stage.phone(EMILY).send("/report fire A3")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/command", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).send("/allclear", chat=CENTRE, thread=thread)
    asked = await stage.says(CHEN, "发布解除令", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(asked, "确认解除", chat=CENTRE)
    await stage.says(EMILY, "ALL CLEAR")
    await stage.phone(EMILY).send("a man with a knife")
    answer = await stage.says(EMILY, "can read it")
    assert answer["text"].startswith("2026-0001 is over. In danger again? Press 🆘 SOS.")
    for person in (CHEN, LI):
        told = await stage.says(person, "“a man with a knife”")
        assert "🟢 已解除" in told["text"]
    await stage.quiet()
    assert stage.heard(ZHAO, "a man with a knife") == []


@pytest.mark.parametrize("words", ["help me", "Help me!", "救我", "快来人！"])
async def test_who_cries_for_help_in_a_word_has_pressed_sos(stage, words):
    await stage.phone(EMILY).send(words)
    await stage.says(EMILY, "Received: incident 2026-0001")


async def a_search(stage):
    """Emily reports a missing pupil, Chen commands."""
    await stage.phone(EMILY).send("/report missing A3")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/command", chat=CENTRE, thread=thread)
    await stage.says(EMILY, "has seen your report")
    await stage.quiet()
    return thread


async def test_an_sos_that_joins_rings_all_who_were_rung_and_says_sos_with_the_phone(stage):
    await stage.enrol(replace(WANG, phone="8025"))
    thread = await a_search(stage)
    await stage.phone(WANG).send("🆘 SOS")
    for person in (CHEN, ZHAO, LI):
        alarm = await stage.says(person, "王芳按下 SOS")
        assert alarm["text"].startswith("🆘 王芳按下 SOS（第 2 份报告） · 电话 8025\n🚨 🔍")
    await stage.says(SUN, "🆘 Wang Fang pressed SOS (report 2) · phone 8025")
    receipt = await stage.says(WANG, "记为事件 2026-0001 的第 2 份报告")
    assert "不是这件事？请按下方“我报告的是另一件事”" in receipt["text"]
    assert "发生了什么" in receipt["text"]
    await stage.phone(ZHAO).send("/severity 1", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert "王芳按下 SOS" in stage.heard(CHEN, "（第 2 份报告）")[-1]["text"], "no later state writes over it"


async def an_sos_that_joins(stage, kind):
    """During a search somebody else presses SOS, and then what it is."""
    await a_search(stage)
    await stage.phone(WANG).send("🆘 SOS")
    await stage.phone(WANG).press(await stage.says(WANG, "第 2 份报告"), kind)


async def test_an_sos_of_another_kind_gets_an_incident_of_its_own(stage):
    await an_sos_that_joins(stage, "🔥 火灾")
    await stage.says(WANG, "已收到，事件 2026-0002")
    for person in (CHEN, ZHAO):
        await stage.says(person, "🚨 🔥 火灾")
    assert await stage.topic_named("2026-0002 🔥 火灾")
    await stage.quiet()
    assert (await stage.read(lambda tx: tx.reports.get(2))).parted_to == 3
    assert (await stage.read(lambda tx: tx.incidents.by_number("2026-0001"))).kind.value == "missing_person"


async def test_an_sos_about_the_same_stays_and_its_place_reaches_the_commander(stage):
    await an_sos_that_joins(stage, "🔍 学生走失")
    await stage.says(CHEN, "“🔍 学生走失”")
    receipt = await stage.says(WANG, "最后在哪里见到？")
    await stage.phone(WANG).press(receipt, "体育馆")
    await stage.after(seconds=21)
    await stage.says(CHEN, "“体育馆”")
    assert len(stage.topics()) == 1


async def test_the_alarm_of_a_first_sos_has_the_phone_too(stage):
    await stage.enrol(replace(WANG, phone="8025"))
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(CHEN, "报告 · 电话 8025")
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(CHEN, "再次按下 SOS（共 2 次） · 电话 8025")
    await stage.after(seconds=65)
    await stage.says(CHEN, "电话 8025")


async def test_a_witness_s_words_are_added_to_an_incident_by_one_press_also_after_a_restart(stage):
    await a_search(stage)
    await stage.phone(WANG).send("9:40 在东门看到 7-3 17号")
    lost = await stage.says(WANG, "没有记入任何事件")
    assert "/report" in lost["text"]
    assert "/cover" not in lost["text"]
    await stage.stop()
    await stage.start()
    await stage.phone(WANG).press(lost, "➕ 报给 2026-0001 🔍 学生走失")
    told = await stage.says(CHEN, "“9:40 在东门看到 7-3 17号”")
    assert told["text"].startswith("✍️ 王芳")
    await stage.says(CHEN, "东门看到 7-3 17号", chat=CENTRE, thread=stage.topic("2026-0001"))
    await stage.says(WANG, "记为事件 2026-0001 的第 2 份报告")
    await stage.phone(WANG).send("往操场走了")
    await stage.says(WANG, "✍️ 已记入 2026-0001")


async def test_the_words_are_only_the_presser_s_and_come_once(stage):
    await a_search(stage)
    await stage.phone(WANG).send("我看到他了")
    lost = await stage.says(WANG, "没有记入任何事件")
    await stage.phone(FENG).send("在哪里？")
    other = await stage.says(FENG, "没有记入任何事件")
    for phone, message in ((stage.phone(FENG), other), (stage.phone(WANG), lost)):
        pressed = await phone.press(message, "➕ 报给 2026-0001 🔍 学生走失")
        await phone.wait_answer(pressed)
        again = stage.simulator.world.ask_bot(phone.user, message, "adw:1:")
        assert (await phone.wait_answer(again))["text"] == "已经处理过了。"
    words = [one.words for one in await stage.read(lambda tx: tx.reports.of_incident(1))]
    assert words == ["", "在哪里？", "我看到他了"]


async def test_no_button_names_what_is_not_for_everybody(stage):
    await stage.phone(WANG).send("/report 暴力伤害 A3")
    await stage.says(WANG, "2026-0001")
    await stage.phone(FENG).send("三楼有人打架")
    lost = await stage.says(FENG, "没有记入任何事件")
    assert not lost.get("reply_markup", {}).get("inline_keyboard")


async def test_what_nobody_added_is_forgotten(stage):
    await a_search(stage)
    await stage.phone(WANG).send("9:40 在东门")
    lost = await stage.says(WANG, "没有记入任何事件")
    await stage.muster.services.holding.tick()
    assert await stage.read(lambda tx: tx.facts.get("aside:T1"))
    await stage.after(minutes=31)
    await stage.muster.services.holding.tick()
    assert await stage.read(lambda tx: tx.facts.get("aside:T1")) is None
    pressed = await stage.phone(WANG).press(lost, "➕ 报给 2026-0001 🔍 学生走失")
    assert (await stage.phone(WANG).wait_answer(pressed))["text"] == "已经处理过了。"
