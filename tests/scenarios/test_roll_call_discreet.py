"""What is said about a child reaches those who care for it, and is forgotten in time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.domain.headcount import PupilState, Said
from bot.services.holding import PERSONAL
from bot.storage.tables import deliveries
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WU, ZHENG
from tests.support.school36 import CO_LEADS, GRADE_LEADS, LEADS, NAMESAKE, STAFF, says_number


async def injure(school):
    """The lead of 7-3 says by buttons that number 05 is hurt, and then where."""
    lead = LEADS["7-3"]
    grid = await school.miss("7-3", "05")
    await school.press(lead, grid, "05")
    menu = await school.says(lead, "7-3 05 号：未到")
    await school.press(lead, menu, "受伤")
    await school.settle()


async def test_who_cares_for_the_injured_hears_class_number_and_place_and_nobody_else_does(school, capfd):
    await school.evacuate()
    await injure(school)
    for person in (ZHENG, CHEN, LI):
        told = await school.says(person, "🤕 受伤：7-3 05 号")
        assert f"地点未说明，请问 班主任7-3\n报告人 班主任7-3，电话 {LEADS['7-3'].phone}" in told["text"]
    await school.phone(LEADS["7-3"]).send("东侧楼梯，脚踝扭伤")
    for person in (ZHENG, CHEN, LI):
        await school.says(person, "地点：东侧楼梯，脚踝扭伤")
    await school.everybody_here()

    cares = {person.staff_id for person in (ZHENG, CHEN, LI)}
    others = [p for p in STAFF if p.staff_id not in cares and p != LEADS["7-3"]]
    assert not [t for p in others for t in school.texts(p) if "05 号" in t or "脚踝" in t]
    topic = [m.get("text", "") for m in school.phone(CHEN).messages(CENTRE)]
    assert [t for t in topic if "7-3 有学生受伤，正在通知校医室和总指挥" in t]
    assert not [t for t in topic if "05 号" in t or "脚踝" in t]
    assert (await school.events()).count("pupil_injured") == 1
    tally = await school.tally()
    assert (tally.present, tally.injured) == (1499, 1)
    assert "🤕 受伤 1" in school.card()["text"]

    for person in (EMILY, WU, SUN, LEADS["7-1"], GRADE_LEADS["8"]):
        await school.phone(person).send("/headcount")
        await school.phone(person).send("/status")
    await school.settle()
    assert not [t for t in school.texts(EMILY)[2:] if says_number(t, "05")]
    printed = capfd.readouterr()
    assert NAMESAKE not in printed.out + printed.err


async def test_in_both_languages_and_whoever_lost_the_right_is_told_nothing(school):
    await school.phone(ZHENG).send("/language en")
    await school.evacuate()
    await school.disconnect(LI)
    await injure(school)
    told = await school.says(ZHENG, "🤕 Injured: 7-3, no. 05")
    assert "Place not said yet: ask Lead 7-3" in told["text"]
    assert not [t for t in school.texts(LI) if says_number(t, "05")]


async def test_only_the_command_centre_lists_who_is_missing(school):
    await school.evacuate()
    await school.miss("7-3", "05")
    (roll_call,) = await school.roll_calls()
    answer = await school.forge(EMILY, f"lmi:{roll_call.id}:")
    assert answer.startswith("Your role does not include this")
    assert not [t for t in school.texts(EMILY) if "7-3" in t]


async def tell_everything(school):
    await school.evacuate()
    await injure(school)
    await school.phone(LEADS["7-3"]).send("东侧楼梯，脚踝扭伤")
    await school.miss("8-1", "03")
    await school.says_of(LEADS["9-1"], "9-1", Said.WITH_ME, "03", of="8-1")
    await school.says(CO_LEADS["8-1"], "已找到：8-1 03 号在 9-1")
    await school.press(CHEN, school.card(), "未到学生")
    await school.settle()


async def personal(school):
    """What is left of the messages that say which pupil."""
    wanted = select(deliveries.c.params).where(deliveries.c.kind.in_([kind.value for kind in PERSONAL]))
    return [row.params for row in await school.read(lambda tx: tx.connection.execute(wanted).all())]


async def later(school, **time):
    school.clock.ahead += timedelta(**time)
    await school.muster.services.holding.tick()


async def test_who_was_where_is_forgotten_a_week_after_the_all_clear_and_figures_stay(school):
    await tell_everything(school)
    await school.everybody_here(without=("9-12",))
    await later(school, days=1)
    await school.all_clear("确认解除 · 点名提前结束")
    before = (await school.tally(), (await school.roll_calls())[0].result)
    await later(school, days=6, hours=23)
    assert await school.pupils("7-3"), "counted from the all-clear, not from the order"
    assert all(await personal(school))

    await later(school, hours=2)
    assert await school.pupils("7-3") == []
    assert await school.read(lambda tx: tx.headcounts.said(1)) == []
    assert await school.read(lambda tx: tx.roll_calls.check_ins(1)) == {}
    assert set(map(repr, await personal(school))) == {"{}"}
    assert (await school.tally(), (await school.roll_calls())[0].result) == before
    assert "count_purged" in await school.events()
    pressed = await school.press(CHEN, school.card(), "未到学生")
    assert pressed == "个人去向记录已按规定清除。"
    await later(school, days=1)
    assert (await school.events()).count("count_purged") == 1


async def test_it_is_held_with_a_reason_until_it_is_released(school):
    await tell_everything(school)
    await school.all_clear("确认解除 · 点名提前结束")
    await school.phone(LI).send("/retain 2026-0001")
    await school.says(LI, "/retain")
    await school.phone(EMILY).send("/retain 2026-0001 because")
    await school.says(EMILY, "Your role does not include this")
    await school.phone(LI).send("/retain 2026-0001 保险理赔")
    await school.says(LI, "2026-0001：个人去向记录将一直保存，直到解除（/release）。")
    await later(school, days=30)
    assert await school.pupils("7-3")
    (kept,) = await school.roll_calls()
    assert (kept.held_by, kept.held_reason) == (LI.staff_id, "保险理赔")

    await school.phone(LI).send("/release 2026-0001")
    await school.says(LI, "2026-0001：个人去向记录恢复按规定清除。")
    await later(school, hours=1)
    assert await school.pupils("7-3") == []
    events = await school.events()
    held = [event for event in events if event.startswith("count_")]
    assert held == ["count_held", "count_released", "count_purged"]
    await school.phone(LI).send("/retain 2026-0001 太晚了")
    await school.says(LI, "个人去向记录已按规定清除。")


async def test_a_count_that_moved_to_another_incident_is_forgotten_in_both(school):
    await tell_everything(school)
    first = school.thread
    await school.phone(EMILY).send("/report chemical gym")
    school.thread = await school.topic_named("2026-0002")
    await school.command("/command", "陈刚担任总指挥")
    await school.order("/evacuate", "下达疏散指令", "确认疏散")
    second, school.thread = school.thread, first
    await school.all_clear("确认解除")
    school.thread = second
    await school.all_clear("确认解除 · 点名提前结束")
    assert any(await personal(school))
    await later(school, days=8)
    assert set(map(repr, await personal(school))) == {"{}"}


async def test_words_that_come_after_a_pupil_is_found_do_not_make_them_missing_again(school):
    await school.evacuate()
    lead = LEADS["7-3"]
    grid = await school.miss("7-3", "05")
    await school.press(lead, grid, "05")
    menu = await school.says(lead, "7-3 05 号：未到")
    await school.press(lead, menu, "在我这里")
    await school.phone(lead).send("找到了，在厕所")
    await school.settle()
    (pupil,) = [one for one in await school.pupils("7-3") if one.student_no.endswith("05")]
    assert (pupil.status.state, pupil.status.words) == (PupilState.PRESENT, "")


async def test_who_asks_for_a_count_in_the_topic_gets_it_in_private(school):
    await school.evacuate()
    await injure(school)
    await school.phone(LEADS["7-3"]).send("东侧楼梯，脚踝扭伤")
    asked = await school.phone(LI).send("/headcount 7-3", chat=CENTRE, thread=school.thread)
    await school.settle()
    question = school.question(LI, "7-3")
    await school.press(LI, question, "有人未到")
    await school.press(LI, await school.says(LI, "请点未到学生的学号"), "05")
    await school.says(LI, "脚踝扭伤")
    shown = school.phone(CHEN).messages(CENTRE, school.thread)
    said = [one.get("text", "") for one in shown if one["message_id"] > asked["message_id"]]
    assert not [text for text in said if "清点人数" in text or "脚踝" in text or says_number(text, "05")]
