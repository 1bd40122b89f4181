"""Substitutes, colleagues, visitors: who may count whom, and who is safe."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.headcount import VISITORS, ClassState
from bot.domain.roll_call import CheckInState
from tests.support.cast import CENTRE, CHEN, EMILY, LI, STRANGER
from tests.support.school36 import GRADE_LEADS, LEADS, PUPILS, SIZES, STAFF, SUBSTITUTES
from tests.support.stage import BEGINNING

ENGLISH_SUBSTITUTE, SUBSTITUTE = SUBSTITUTES[1], SUBSTITUTES[0]


async def refused(school):
    """(actor, subject) of each attempt on record."""
    rows = await school.read(lambda tx: list(tx.audit.rows()))
    return [(row.actor, row.subject) for row in rows if row.outcome == "refused"]


async def test_a_substitute_takes_a_class_at_once_and_the_lead_can_undo_it(school):
    await school.evacuate()
    await school.phone(ENGLISH_SUBSTITUTE).send("/cover 8-6")
    told = await school.says(ENGLISH_SUBSTITUTE, "You stand in for 8-6 today.")
    assert "Its lead and the safety office are told." in told["text"]
    for person, words in ((LEADS["8-6"], "今天由代课1代管 8-6。"), (LI, "今天由代课1代管 8-6。")):
        seen = await school.says(person, words)
        assert seen["reply_markup"]["inline_keyboard"][0][0]["text"] == "撤销"
    await school.says(CHEN, "代课1代管 8-6", chat=CENTRE, thread=school.thread)
    await school.settle()
    assert await school.all_here("8-6", ENGLISH_SUBSTITUTE) == f"8-6: ✅ All {SIZES['8-6']} here"
    await school.settle()
    assert (await school.class_of("8-6")).said_by == ENGLISH_SUBSTITUTE.staff_id

    undo = await school.says(LEADS["8-6"], "代管 8-6")
    assert await school.press(LEADS["8-6"], undo, "撤销") == "8-6：代管已结束。"
    await school.says(ENGLISH_SUBSTITUTE, "You no longer stand in for 8-6.")
    await school.says(LI, "代课1不再代管 8-6。")
    await school.phone(ENGLISH_SUBSTITUTE).send("/headcount 8-6 3")
    await school.says(ENGLISH_SUBSTITUTE, "You do not count 8-6. To stand in: /cover 8-6")
    counted = await school.class_of("8-6")
    assert (counted.count.state, counted.count.tally.present) == (ClassState.COMPLETE, SIZES["8-6"])
    assert (ENGLISH_SUBSTITUTE.staff_id, "8-6") in await refused(school)


async def test_who_stands_in_counts_until_the_roll_call_closes_also_past_midnight(school):
    school.clock.set(BEGINNING.replace(hour=23, minute=50))
    await school.phone(SUBSTITUTE).send("/cover 8-5")
    await school.says(LI, "代管 8-5")
    await school.evacuate()
    school.clock.set(BEGINNING.replace(minute=1, hour=0) + timedelta(days=1))
    assert await school.all_here("8-5", SUBSTITUTE) == f"8-5：✅ 全部到齐（{SIZES['8-5']}）"
    await school.settle()
    assert (await school.class_of("8-5")).said_by == SUBSTITUTE.staff_id
    await school.phone(SUBSTITUTE).send("/headcount")
    await school.says(SUBSTITUTE, "8-5")
    assert await refused(school) == []


async def test_the_office_may_undo_and_others_may_not(school):
    await school.phone(SUBSTITUTE).send("/cover 8－5")
    undo = await school.says(LI, "代管 8-5")
    await school.phone(SUBSTITUTE).send("/cover 8-5")
    await school.says(SUBSTITUTE, "您已在代管 8-5。")
    await school.phone(SUBSTITUTE).send("/cover 8-99")
    await school.says(SUBSTITUTE, "没有“8-99”这个班级")
    await school.phone(SUBSTITUTE).send("/cover")
    await school.says(SUBSTITUTE, "/cover")
    data = undo["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert (await school.forge(EMILY, data)).startswith("You do not count 8-5.")
    assert await school.press(LI, undo, "撤销") == "8-5：代管已结束。"
    await school.says(SUBSTITUTE, "您已不再代管 8-5。")
    await school.evacuate()
    assert SUBSTITUTE.staff_id not in (await school.class_of("8-5")).asked


async def test_who_has_to_be_called_is_who_stands_in_before_the_lead(school):
    await school.phone(SUBSTITUTE).send("/cover 8-5")
    await school.says(LI, "代管 8-5")
    await school.evacuate()
    await school.everybody_here(without=("8-5",))
    await school.after(seconds=125)
    await school.after(seconds=65)
    await school.quiet()
    told = await school.says(GRADE_LEADS["8"], "☎")
    (line,) = [line for line in told["text"].splitlines() if "8-5" in line]
    assert line.count(SUBSTITUTE.phone) == 1
    assert line.count(LEADS["8-5"].phone) == 1
    assert line.index(SUBSTITUTE.phone) < line.index(LEADS["8-5"].phone), "who has the class comes first"


async def test_who_stood_in_before_the_alarm_is_asked_with_the_lead(school):
    await school.phone(SUBSTITUTE).send("/cover 8-5")
    await school.says(SUBSTITUTE, "今天由您代管 8-5")
    await school.evacuate()
    assert set((await school.class_of("8-5")).asked) == {"L8-5", SUBSTITUTE.staff_id}
    assert (await school.all_here("8-5", SUBSTITUTE)).startswith("8-5：✅")


async def test_a_lead_counts_no_other_class_and_the_attempt_is_on_record(school):
    await school.evacuate()
    await school.phone(LEADS["7-1"]).send("/headcount 7-2 all")
    await school.says(LEADS["7-1"], "您不负责 7-2 的清点。如需代管请发送 /cover 7-2")
    counted = await school.class_of("7-2")
    assert await school.forge(LEADS["7-1"], f"hal:{counted.id}:") == (
        "您不负责 7-2 的清点。如需代管请发送 /cover 7-2"
    )
    assert (await school.class_of("7-2")).count.state is ClassState.SILENT
    assert (await refused(school)).count(("L7-1", "7-2")) == 2
    await school.phone(EMILY).send("/headcount")
    await school.says(EMILY, "You lead no class. To stand in for one: /cover 7-3")


async def test_a_stranger_can_do_none_of_it(school):
    await school.evacuate()
    phone = school.phone(STRANGER)
    await phone.start()
    for words in ("/headcount 7-1 all", "/cover 7-1", "/safe", "/visitors 99"):
        await phone.send(words)
    told = await phone.wait_for("for its staff only")
    assert await school.forge(STRANGER, "hal:1:")
    await school.settle()
    assert (await school.class_of("7-1")).count.state is ClassState.SILENT
    assert (await school.tally()).enrolled == PUPILS
    answers = [m for m in phone.messages() if m["from"]["is_bot"]]
    assert [m["message_id"] for m in answers] == [told["message_id"]], "one polite sentence a day"


async def test_colleagues_say_that_they_are_safe_and_the_card_counts_them(school):
    await school.evacuate()
    assert f"教职工：应报 {len(STAFF)} · 平安 0" in school.card()["text"]
    await school.phone(ENGLISH_SUBSTITUTE).send("/safe in the library")
    await school.says(ENGLISH_SUBSTITUTE, "✅ You are noted as safe.")
    directive = await school.says(SUBSTITUTE, "🏃 疏散")
    assert await school.press(SUBSTITUTE, directive, "我平安") == "✅ 已记录：您平安。"
    away = await school.says(EMILY, "🏃 EVACUATE")
    assert await school.press(EMILY, away, "Not on site today") == "You are noted as not on site."
    await school.all_here("7-1")
    await school.settle()
    expected = len(STAFF) - 1
    assert f"教职工：应报 {expected} · 平安 3 · {expected - 3} 人未报" in school.card()["text"]


async def test_a_call_for_help_reaches_the_commander_with_the_phone_once(school):
    await school.evacuate()
    directive = await school.says(SUBSTITUTE, "🏃 疏散")
    assert await school.press(SUBSTITUTE, directive, "我需要帮助") == "🆘 求助已登记，正在通知指挥中心。"
    alarm = await school.says(CHEN, "🆘 代课0 求助")
    assert SUBSTITUTE.phone in alarm["text"]
    await school.says(CHEN, "🆘 代课0 求助", chat=CENTRE, thread=school.thread)
    await school.settle()
    assert "🆘 求助 1" in school.card()["text"]
    before = len([t for t in school.texts(CHEN) if "代课0 求助" in t])
    await school.press(SUBSTITUTE, directive, "我需要帮助")
    await school.settle()
    assert len([t for t in school.texts(CHEN) if "代课0 求助" in t]) == before
    await school.press(SUBSTITUTE, directive, "我平安")
    await school.says(CHEN, "代课0 平安", chat=CENTRE, thread=school.thread)
    await school.settle()
    assert "求助" not in school.card()["text"]


async def test_the_all_clear_names_who_still_calls_for_help_until_help_is_there(school):
    await school.evacuate()
    directive = await school.says(SUBSTITUTE, "🏃 疏散")
    await school.press(SUBSTITUTE, directive, "我需要帮助")
    await school.settle()
    asked = await school.command("/allclear", "仍有 1 人求助")
    assert asked["text"].splitlines()[2] == f"⚠️ 仍有 1 人求助：代课0 {SUBSTITUTE.phone}"
    labels = [row[0]["text"] for row in asked["reply_markup"]["inline_keyboard"]]
    assert "确认解除" not in labels, "only with a reason"

    assert f"⚠️ 仍有 1 人求助：代课0 {SUBSTITUTE.phone}" in school.card()["text"]
    assert await school.press(LI, school.card(), "支援已到：代课0") == "已记录：支援已到。"
    told = await school.says(SUBSTITUTE, "支援已到您身边")
    await school.says(CHEN, "李明：支援已到 代课0", chat=CENTRE, thread=school.thread)
    await school.settle()
    assert "求助" not in school.card()["text"]
    assert "⛑ 支援已到 1" in school.card()["text"]
    asked = await school.command("/allclear", "尚未全部核实")
    assert "求助" not in asked["text"]

    await school.press(SUBSTITUTE, told, "我需要帮助")
    await school.settle()
    assert (
        await school.press(CHEN, asked, "确认解除 · 点名提前结束")
        == "还有人员未核实：请重新解除警报并说明原因。"
    )


async def test_why_it_ended_stays_on_record_also_when_only_a_call_for_help_was_open(school):
    await school.evacuate()
    await school.press(SUBSTITUTE, await school.says(SUBSTITUTE, "🏃 疏散"), "我需要帮助")
    await school.everybody_here()
    asked = await school.command("/allclear 消防员已在其身边", "仍有 1 人求助")
    await school.press(CHEN, asked, "确认解除")
    await school.settle()
    (kept,) = await school.roll_calls()
    assert (kept.is_open, kept.close_reason) == (False, "消防员已在其身边")


async def test_a_class_that_calls_for_help_is_seen_on_the_card_until_help_is_there(school):
    await school.evacuate()
    lead = LEADS["9-6"]
    assert await school.press(lead, school.question(lead, "9-6"), "需要支援") == "已请求支援。"
    await school.settle()
    alarm = await school.says(CHEN, "9-6")
    assert lead.phone in alarm["text"]
    assert "🆘9-6" in school.card()["text"]
    assert await school.press(lead, school.question(lead, "9-6"), "支援已到") == "已记录：支援已到。"
    await school.settle()
    assert "🆘9-6" not in school.card()["text"]


async def test_before_any_order_there_is_nothing_to_report_oneself_safe_from(school):
    await school.phone(EMILY).send("/safe")
    await school.says(EMILY, "No roll call is running.")


async def test_visitors_are_counted_as_their_own_row_by_the_office(school):
    await school.phone(EMILY).send("/visitors 12")
    await school.says(EMILY, "12 visitors on site today.")
    await school.evacuate()
    assert "⬜访客" in school.card()["text"].replace("☎", "")
    question = school.question(LI, "访客")
    assert "应到 12 人，是否全部到齐？" in question["text"]
    assert "人数不符请发送 /headcount 访客 加人数" in question["text"]
    await school.everybody_here()
    await school.phone(LI).send("/headcount 访客 11")
    await school.settle()
    tally = await school.tally()
    assert (tally.expected, tally.present, tally.missing) == (PUPILS + 12, PUPILS + 11, 1)
    await school.phone(LEADS["7-1"]).send("/headcount 访客 12")
    await school.says(LEADS["7-1"], "访客由安全办清点。")
    asked = await school.command("/allclear", "发布解除令")
    assert "🟥访客 (1)" in asked["text"]
    await school.press(LI, school.question(LI, "访客"), "全部到齐（12）")
    await school.settle()
    assert (await school.classes())[VISITORS].count.state is ClassState.COMPLETE
    assert "*visitors" not in repr(school.everything_sent())


async def test_the_office_enters_paper_sheets_and_they_are_marked(school):
    await school.evacuate()
    await school.phone(LEADS["9-4"]).send("/headcount 9-4 30 纸质")
    await school.says(LEADS["9-4"], "纸质点名表只能由安全办补录。")
    assert (await school.class_of("9-4")).count.state is ClassState.SILENT
    here = SIZES["9-4"] - 1
    await school.phone(LI).send(f"/headcount 9-4 {here} paper")
    await school.settle()
    assert "李明" in school.question(LEADS["9-4"], "9-4")["text"]
    assert "（纸质补录）" in school.question(LEADS["9-4"], "9-4")["text"]
    await school.says(
        CHEN, f"李明（纸质补录）：9-4 应到 {here + 1}，实到 {here}", chat=CENTRE, thread=school.thread
    )
    counted = await school.class_of("9-4")
    assert (counted.is_paper, counted.count.tally.missing) == (True, 1)
    await school.all_here("9-4")
    assert not (await school.class_of("9-4")).is_paper


async def test_an_old_button_makes_nobody_safe_today_but_calls_for_help(school):
    await school.evacuate()
    old = await school.says(EMILY, lambda m: "I am safe" in str(m.get("reply_markup")))
    await school.all_clear("确认解除 · 点名提前结束")
    await school.report("/report chemical gym")
    await school.order("/evacuate", "下达疏散指令", "确认疏散")
    assert await school.press(EMILY, old, "✅ I am safe") == "The roll call is over; nothing was changed."
    assert await school.read(lambda tx: tx.roll_calls.check_in_of(2, EMILY.staff_id)) is None
    await school.press(EMILY, old, "🆘 I need help")
    said = await school.read(lambda tx: tx.roll_calls.check_in_of(2, EMILY.staff_id))
    assert said.state is CheckInState.NEEDS_HELP


async def test_visitors_who_are_told_of_during_the_count_are_counted_from_then_on(school):
    await school.evacuate()
    assert VISITORS not in await school.classes()
    await school.phone(EMILY).send("/visitors 12")
    await school.says(EMILY, "12 visitors on site today.")
    await school.settle()
    assert "应到 12 人，是否全部到齐？" in school.question(LI, "访客")["text"]
    assert f"应到 {PUPILS + 12}" in school.card()["text"]
    await school.press(LI, school.question(LI, "访客"), "全部到齐（12）")
    await school.settle()
    assert (await school.classes())[VISITORS].count.state is ClassState.COMPLETE

    await school.phone(EMILY).send("/visitors 14")
    await school.says(EMILY, "14 visitors on site today.")
    await school.phone(LI).send("/headcount 访客 12")
    await school.settle()
    tally = (await school.classes())[VISITORS].count.tally
    assert (tally.expected, tally.present, tally.missing) == (14, 12, 2)
    assert (await school.events()).count("class_counted") >= 4, "each on record"


async def test_a_count_of_one_building_asks_nobody_for_visitors(school):
    await school.evacuate("/evacuate A3")
    await school.phone(EMILY).send("/visitors 12")
    await school.says(EMILY, "12 visitors on site today.")
    await school.settle()
    assert VISITORS not in await school.classes()


async def test_the_command_centre_sees_which_colleagues_have_not_been_heard_of(school):
    await school.evacuate()
    await school.everybody_here()
    await school.phone(EMILY).send("/safe")
    await school.says(EMILY, "You are noted as safe.")
    await school.settle()
    await school.press(CHEN, school.card(), "未上报名单")
    listed = await school.says(CHEN, "未报平安的教职工", chat=CENTRE, thread=school.thread)
    assert listed["text"].startswith("各班均已上报。")
    assert f"{SUBSTITUTE.name.zh} {SUBSTITUTE.phone or '–'}" in listed["text"]
    assert EMILY.name.zh not in listed["text"]
    assert f" {LEADS['7-1'].name.zh} " not in listed["text"], "who counts a class has been heard of"


async def test_the_head_of_grade_who_stood_in_and_ends_it_still_has_the_class_that_nobody_else_counts(school):
    school.phone(LEADS["8-5"]).block()
    grade = GRADE_LEADS["8"]
    await school.evacuate()
    await school.settle()
    assert grade.staff_id in (await school.class_of("8-5")).asked
    await school.phone(grade).send("/cover 8-5")
    covered = await school.says(grade, "今天由您代管")
    await school.settle()
    assert not (await school.class_of("8-5")).is_leaderless
    assert await school.press(grade, covered, "撤销") == "8-5：代管已结束。"
    counted = await school.class_of("8-5")
    assert (grade.staff_id in counted.asked, counted.is_leaderless) == (True, True)
    assert await school.all_here("8-5", grade) == f"8-5：✅ 全部到齐（{SIZES['8-5']}）"
