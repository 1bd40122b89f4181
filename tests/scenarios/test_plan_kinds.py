"""A story for each kind: the right tasks, people and hours, up the chain, and the report clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.incident import Kind
from bot.domain.plan import Reach
from bot.domain.report_clock import Stage
from bot.domain.roster import Role
from bot.domain.task import TaskState
from tests.support.cast import BY_ROLE, CHEN, EMILY, LI, SUN, WANG, ZHAO

AT_ONCE, HALF_HOUR = timedelta(minutes=10), timedelta(minutes=30)
# kind → what its reporter writes, and one thing asked of somebody, in the language of who is asked.
STORIES = {
    Kind.FIRE: (
        "/report fire A3",
        [(LI, "拨打119"), (SUN, "One voice to the outside")],
        AT_ONCE,
    ),
    Kind.EARTHQUAKE: ("/report 地震", [(LI, "广播：就地避险"), (SUN, "guardians collect pupils")], AT_ONCE),
    Kind.INTRUDER: ("/report intruder A3", [(LI, "拨打110"), (SUN, "One voice to the outside")], AT_ONCE),
    Kind.MEDICAL: ("/report 伤病 体育馆", [(BY_ROLE[Role.MEDICAL], "急救箱和AED")], HALF_HOUR),
    Kind.FOOD_POISONING: (
        "/report food_poisoning",
        [(LI, "立即停止供餐"), (SUN, "Send somebody to each hospital")],
        AT_ONCE,
    ),
    Kind.CROWD_CRUSH: (
        "/report 拥挤踩踏 A3",
        [(LI, "拦住人流"), (SUN, "Send somebody to each hospital")],
        AT_ONCE,
    ),
    Kind.CHEMICAL: (
        "/report chemical A3",
        [(CHEN, "向上风或侧上风方向疏散"), (SUN, "Report to the education bureau")],
        AT_ONCE,
    ),
    Kind.BULLYING: (
        "/report 校园欺凌 A3",
        [(LI, "带到安全、安静的地方"), (SUN, "Talk with the others apart")],
        HALF_HOUR,
    ),
    Kind.SEVERE_WEATHER: (
        "/report severe_weather",
        [(LI, "核对气象台预警原文"), (ZHAO, "是否延迟放学")],
        None,
    ),
}


async def tasks(stage):
    return await stage.read(lambda tx: tx.tasks.of_incident(1))


async def asked(stage):
    """Task → the staff_ids who were asked for their role."""
    found = {}
    for task in await tasks(stage):
        offers = await stage.read(lambda tx, task=task: tx.tasks.offers(task.id))
        found[task.key] = {key for key, offer in offers.items() if not offer.is_above}
    return found


@pytest.mark.parametrize("kind", STORIES)
async def test_the_plan_of_each_kind_runs_as_it_is_written(stage, kind):
    said, expected, first_report = STORIES[kind]
    await stage.phone(WANG).send(said)
    for person, words in expected:
        await stage.says(person, words)
    await stage.quiet()
    plan = stage.muster.school.plans[kind]
    incident = await stage.read(lambda tx: tx.incidents.get(1))
    assert incident.severity is plan.severity

    planned = {task.id: task for task in plan.tasks_at(plan.severity)}
    found = {task.plan_key: task for task in await tasks(stage)}
    assert set(found) == set(planned), "what the plan says at this grade, and nothing else"
    whom = await asked(stage)
    for task in found.values():
        wanted = planned[task.plan_key]
        assert task.title == wanted.title
        if task.state is TaskState.WAITING:
            assert wanted.after
            assert whom[task.key] == set()
            continue
        is_owed = task.is_first_report and first_report is not None
        within = min(wanted.within, first_report) if is_owed else wanted.within
        assert task.due_at == task.opened_at + within
        assert task.opened_at == incident.opened_at
        holder = BY_ROLE[wanted.role].staff_id
        assert task.key == (f"{wanted.id}@{holder}" if wanted.to is Reach.ALL else wanted.id)
        assert holder in whom[task.key]
        assert whom[task.key] <= {p.staff_id for p in BY_ROLE.values() if wanted.role in p.roles}

    due = await stage.read(lambda tx: tx.due_reports.of_incident(1))
    if first_report is None:
        assert due == []
    else:
        assert [(one.stage, one.due_at - incident.opened_at) for one in due] == [(Stage.FIRST, first_report)]

    await stage.after(minutes=3)
    await stage.quiet()
    silent = [one for one in await tasks(stage) if one.look_at and one.look_at <= stage.clock()]
    assert silent == [], "the clock has looked at all that was due"
    escalated = [one for one in await tasks(stage) if one.state is TaskState.ESCALATED]
    assert {one.owner_id for one in escalated} == {None}
    urgent = {task.id for task in planned.values() if task.within <= timedelta(minutes=3) and not task.after}
    assert urgent <= {one.plan_key for one in escalated if one.is_late} | {None}
    if first_report is not None:
        await stage.after(seconds=first_report.total_seconds())
        await stage.says(ZHAO, "🔴 首报：已迟报")


async def test_the_same_in_english_and_in_a_drill(stage):
    await stage.phone(LI).send("/drill earthquake")
    await stage.topic_named("【演练】2026-0001")
    task = await stage.says(SUN, "Arrange how guardians collect pupils")
    assert task["text"].startswith("[DRILL] ")
    await stage.phone(SUN).press(task, "Accept")
    await stage.says(SUN, "🔵 Yours.")
    await stage.phone(SUN).send("/plan earthquake")
    shown = await stage.says(SUN, "Version 1 · begins at Level Ⅰ (extreme)")
    assert "Proposes: SHELTER" in shown["text"]
    await stage.phone(EMILY).send("🆘 SOS")
    await stage.says(SUN, "✖️ No longer needed.")


async def test_a_restart_goes_on_where_it_was_and_asks_nobody_twice(stage):
    await stage.phone(WANG).send("/report fire A3")
    call = await stage.says(LI, "拨打119")
    await stage.phone(LI).press(call, "接受")
    await stage.says(LI, "🔵 由您负责")
    await stage.quiet()
    before = await asked(stage)
    await stage.stop()
    stage.clock.ahead += timedelta(minutes=2, seconds=31)
    await stage.start()
    await stage.after(seconds=0)
    await stage.says(LI, "⏰ 已超时：完成了吗？")
    await stage.quiet()
    assert await asked(stage) == before
    told = [m["text"] for m in stage.heard(LI, "")]
    assert len([text for text in told if text.startswith("📌") and "拨打119" in text]) == 1


async def test_what_is_named_after_an_sos_is_as_grave_as_if_it_had_been_reported_so(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.phone(WANG).press(await stage.says(WANG, "已收到，事件 2026-0001"), "外来人员闯入")
    await stage.says(LI, "拨打110")
    await stage.says(BY_ROLE[Role.MEDICAL], "拨打120")
    await stage.quiet()
    incident = await stage.read(lambda tx: tx.incidents.get(1))
    plan = stage.muster.school.plans[Kind.INTRUDER]
    assert incident.severity is plan.severity
    assert {one.plan_key for one in await tasks(stage)} >= {one.id for one in plan.tasks}


async def test_the_emergency_call_comes_before_the_paperwork(stage):
    await stage.phone(WANG).send("🆘 SOS")
    receipt = await stage.says(WANG, "已收到，事件 2026-0001")
    await stage.after(seconds=21)
    await stage.says(LI, "联系报告人，问清是什么事")
    await stage.phone(WANG).press(receipt, "外来人员闯入")
    await stage.says(LI, "拨打110")
    await stage.after(minutes=6)
    await stage.quiet()
    brought = await stage.says(CHEN, "尚无人落实")
    first = next(line for line in brought["text"].splitlines() if line.startswith("• "))
    assert first.startswith("• 拨打110")
    assert "拨打110" in brought["reply_markup"]["inline_keyboard"][0][0]["text"]
    await stage.phone(CHEN).send("/task 2026-0001")
    listed = (await stage.says(CHEN, "拨打120"))["text"].splitlines()
    nobody = [line for line in listed if line.startswith("⏫")]
    assert "拨打110" in nobody[0]
