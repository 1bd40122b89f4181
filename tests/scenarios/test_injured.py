"""The injured: how many, in what state, who is told, and what has to be done; with and without a roll call."""

from __future__ import annotations

from tests.scenarios.test_roll_call_discreet import injure
from tests.support.cast import CENTRE, CHEN, EMILY, HAN, LI, SUN, WANG, ZHAO, ZHENG
from tests.support.school36 import LEADS


async def fire(stage):
    await stage.phone(WANG).send("/report fire A3")
    return await stage.topic_named("2026-0001")


async def tasks(stage):
    """Key and state of the tasks for the injured."""
    found = await stage.read(lambda tx: tx.tasks.of_incident(1))
    return {one.key: one.state.value for one in found if one.key.startswith("injured-")}


async def figures(stage):
    return (await stage.read(lambda tx: tx.injured.figures(1))).to_params()


async def test_without_a_roll_call_the_clinic_hears_it_at_once_and_somebody_has_to_find_out_who(stage):
    thread = await fire(stage)
    await stage.phone(LI).send("/injured 轻伤2人、重伤1人")
    told = await stage.says(ZHENG, "受伤：3人（重伤1人、轻伤2人）")
    assert "📞 120通话要点" in str(told["reply_markup"])
    await stage.says(CHEN, "🤕 受伤：3人（重伤1人、轻伤2人）（李明报告）", chat=CENTRE, thread=thread)
    who = await stage.says(LI, "查明受伤人员身份")
    await stage.phone(LI).press(who, "接受")
    await stage.quiet()
    await stage.phone(LI).press(who, "完成")
    await stage.says(CHEN, "✅ 李明完成：查明受伤人员身份", chat=CENTRE, thread=thread)
    [task] = [
        t for t in await stage.read(lambda tx: tx.tasks.of_incident(1)) if t.key.startswith("injured-who")
    ]
    assert (task.owner_id, task.state.value) == (LI.staff_id, "done")
    assert task.done_at is not None
    calls = [t for t in await stage.read(lambda tx: tx.tasks.of_incident(1)) if t.calls == "120"]
    assert len(calls) == 1
    await stage.phone(CHEN).send("/injured", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "更正：/injured", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "🤕 受伤：3人（重伤1人、轻伤2人）", chat=CENTRE, thread=thread)


async def test_a_button_counts_once_however_often_it_is_pressed_and_a_correction_stays_on_record(stage):
    await fire(stage)
    await stage.phone(SUN).send("/injured 1 light")
    shown = await stage.says(SUN, "Injured: 1 (1 light)")
    [up] = [b for row in shown["reply_markup"]["inline_keyboard"] for b in row if b["text"] == "light +1"]
    await stage.phone(SUN).press(shown, "light +1")
    await stage.says(SUN, "Injured: 2 (2 light)")
    again = stage.simulator.world.ask_bot(stage.phone(SUN).user, shown, up["callback_data"])
    assert (await stage.phone(SUN).wait_answer(again))["text"].startswith(
        "Somebody changed the number meanwhile."
    )
    assert (await figures(stage))["total"] == 2
    await stage.phone(SUN).press(shown, "light −1")
    await stage.says(SUN, "Injured: 1 (1 light)")
    await stage.phone(SUN).send("/timeline")
    await stage.says(SUN, "Injured, corrected by Sun Li: 1 (1 light); before: 2 (2 light)")


async def test_who_was_sent_there_may_say_it_and_others_may_not(stage):
    thread = await fire(stage)
    await stage.phone(HAN).send("/injured 1 重伤")
    await stage.says(HAN, "您没有此项权限")
    await stage.phone(CHEN).send("/dispatch", chat=CENTRE, thread=thread)
    asked = await stage.says(HAN, "请赶赴现场")
    await stage.phone(HAN).press(asked, "我去")
    await stage.phone(HAN).send("/injured 一人重伤")
    await stage.says(ZHENG, "受伤：1人（重伤1人）")
    await stage.phone(EMILY).send("/injured 2 light")
    await stage.says(EMILY, "Your role does not include this.")
    await stage.phone(SUN).send("/injured many")
    await stage.says(SUN, "How many, and in what state?")
    assert (await figures(stage))["total"] == 1


async def test_guardians_are_to_be_told_also_after_the_all_clear_and_in_a_drill_it_says_so(stage):
    await stage.phone(CHEN).send("/drill fire A3")
    await stage.topic_named("【演练】2026-0001")
    await stage.phone(LI).send("/injured 2 light")
    told = await stage.says(ZHENG, "受伤：2人")
    assert told["text"].startswith("【演练】")
    assert (await tasks(stage))["injured-who-1"] == "offered"
    await stage.phone(CHEN).send("/allclear")
    confirm = await stage.says(CHEN, "解除")
    await stage.phone(CHEN).press(confirm, "确认")
    await stage.quiet()
    assert (await tasks(stage))["injured-who-1"] == "offered"


async def test_a_pupil_of_the_headcount_is_one_of_the_number_and_the_class_lead_tells_the_guardian(school):
    await school.evacuate()
    await school.phone(LI).send("/injured 1 light")
    await school.says(ZHENG, "受伤：1人（轻伤1人）")
    await injure(school)
    found = await figures(school)
    assert (found["total"], found["named"], found["light"]) == (1, 1, 1)
    assert (await tasks(school))["injured-who-1"] == "dropped"
    lead = LEADS["7-3"]
    task = await school.says(lead, "通知7-3受伤学生的监护人")
    await school.press(lead, task, "接受")
    await school.settle()
    await school.press(lead, task, "完成")
    told = await school.says(ZHENG, "🤕 受伤：7-3 05 号")
    await school.press(ZHENG, told, "重伤")
    await school.settle()
    found = await figures(school)
    assert (found["total"], found["serious"], found["light"]) == (1, 1, 0)
    # The same pupil is well again: the number of the scene still says one.
    grid = await school.says(lead, "未到")
    await school.press(lead, grid, "05")
    await school.press(lead, await school.says(lead, "7-3 05 号：受伤"), "在我这里")
    await school.settle()
    found = await figures(school)
    assert (found["total"], found["named"], found["light"]) == (1, 0, 1)


def read_by(stage, person, name, **where):
    """Everything that this phone shows with the name in it, besides what its owner wrote."""
    messages = stage.phone(person).messages(**where)
    return [m for m in messages if m["from"]["is_bot"] and name in f"{m.get('text')}{m.get('caption')}"]


async def test_a_colleague_by_name_is_told_to_commander_and_clinic_and_to_nobody_else(stage):
    thread = await fire(stage)
    await stage.phone(CHEN).send("/command", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "陈刚", chat=CENTRE, thread=thread)
    await stage.phone(LI).send("/injured @Emily Carter serious")
    await stage.says(LI, "姓名只告知总指挥和校医")
    told = await stage.says(ZHENG, "🤕 受伤教职工：艾米丽，重伤")
    await stage.says(CHEN, "🤕 受伤教职工：艾米丽，重伤")
    await stage.says(CHEN, "🤕 受伤：1人（重伤1人）（李明报告）", chat=CENTRE, thread=thread)
    await stage.phone(ZHENG).press(told, "轻")
    await stage.says(CHEN, "🤕 受伤教职工：艾米丽，轻伤")
    await stage.quiet()
    assert (await figures(stage))["light"] == (await figures(stage))["named"] == 1
    assert (await tasks(stage)) == {}
    for person in (LI, SUN, ZHAO, WANG, HAN, EMILY):
        assert read_by(stage, person, "艾米丽") + read_by(stage, person, "Emily Carter,") == []
    assert read_by(stage, CHEN, "艾米丽", chat=CENTRE) == []
    await stage.phone(ZHENG).press(told, "未受伤")
    await stage.says(CHEN, "✅ 未受伤：艾米丽")
    await stage.quiet()
    assert (await figures(stage))["total"] == 0


async def test_a_colleague_is_one_of_the_number_and_can_be_taken_back_by_word(stage):
    await fire(stage)
    await stage.phone(SUN).send("/injured 2 light")
    await stage.says(SUN, "Injured: 2 (2 light)")
    await stage.phone(SUN).send("/injured T11 light")
    await stage.says(SUN, "The name goes to the commander and the clinic only")
    # Nobody commands yet: the commanders read it.
    await stage.says(CHEN, "🤕 受伤教职工：韩磊，轻伤")
    assert ((await figures(stage))["total"], (await figures(stage))["named"]) == (2, 1)
    await stage.phone(SUN).send("/injured Han Lei not injured")
    await stage.says(CHEN, "✅ 未受伤：韩磊")
    await stage.phone(SUN).send("/injured Han Lei unhurt")
    await stage.says(SUN, "Nobody has named this colleague as injured.")
    await stage.phone(SUN).send("/injured @Nobody light")
    await stage.says(SUN, "Nobody, or more than one, on the roster is “@Nobody”.")
    await stage.phone(EMILY).send("/injured Han Lei light")
    await stage.says(EMILY, "Your role does not include this.")
    assert ((await figures(stage))["total"], (await figures(stage))["named"]) == (2, 0)


async def test_who_has_no_right_to_the_injured_cannot_press_under_a_name(stage):
    await fire(stage)
    await stage.phone(LI).send("/injured 艾米丽重伤")
    told = await stage.says(ZHENG, "🤕 受伤教职工：艾米丽，重伤")
    [light] = [b for row in told["reply_markup"]["inline_keyboard"] for b in row if b["text"] == "轻伤"]
    press = stage.simulator.world.ask_bot(stage.phone(HAN).user, told, light["callback_data"])
    assert "没有此项权限" in (await stage.phone(HAN).wait_answer(press))["text"]
    assert (await figures(stage))["serious"] == 1


async def test_the_digest_tells_the_larger_of_the_list_and_the_headcount(school):
    await school.evacuate()
    await injure(school)
    await school.phone(LI).send("/injured 轻伤2人、重伤1人")
    await school.quiet()
    said = await school.phone(ZHAO).send("/digest today")
    got = await school.says(ZHAO, "2026-0001", after=said["message_id"])
    assert "🤕 受伤 3" in got["text"]


async def test_the_digest_tells_the_injured_of_an_incident_without_a_roll_call(stage):
    await fire(stage)
    await stage.phone(LI).send("/injured 轻伤2人、重伤1人")
    await stage.quiet()
    said = await stage.phone(ZHAO).send("/digest today")
    got = await stage.says(ZHAO, "2026-0001", after=said["message_id"])
    assert "🤕 受伤 3" in got["text"]


async def test_who_takes_command_later_is_told_who_is_injured_and_where(school):
    await school.evacuate()
    await school.phone(CHEN).send("/command")
    await injure(school)
    await school.phone(LEADS["7-3"]).send("东侧楼梯，脚踝扭伤")
    await school.says(CHEN, "地点：东侧楼梯，脚踝扭伤")
    await school.phone(LI).send("/injured @Emily Carter serious")
    await school.says(CHEN, "🤕 受伤教职工：艾米丽，重伤")
    assert school.heard(SUN, "• Emily Carter") == []
    await school.phone(SUN).send("/command")
    told = await school.says(SUN, "These are known.")
    assert "• Emily Carter" in told["text"]
    assert "serious" in told["text"]
    assert "7-3, no. 05" in told["text"]
    assert "place: 东侧楼梯，脚踝扭伤" in told["text"]
    await school.phone(SUN).send("/command 陈刚")
    await school.says(CHEN, "以上为已知伤员")
    await school.settle()
    assert len(school.heard(SUN, "These are known.")) == len(school.heard(CHEN, "以上为已知伤员")) == 1
    assert school.heard(CHEN, "以上为已知伤员", chat=CENTRE) == []


async def test_who_takes_command_while_nobody_is_known_reads_no_list(stage):
    thread = await fire(stage)
    await stage.phone(LI).send("/injured 2 light")
    await stage.phone(SUN).send("/command")
    await stage.says(CHEN, "孙丽", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert stage.heard(SUN, "These are known.") == []
