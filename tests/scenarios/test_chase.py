"""Nobody acknowledges, nobody commands: Muster goes on asking, by name, and stops when somebody does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.place import Name
from bot.domain.roster import DutyShift, Person, Role
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG, ZHAO

CHAIN = (LI, CHEN, SUN, ZHAO)


def alarms(stage, person):
    """How many alarms that phone has rung with; an edit rings nothing."""
    return len(stage.heard(person, "🚨"))


def nudges(stage, person):
    texts = [m.get("text", "") for m in stage.phone(person).messages()]
    return [text for text in texts if "仍无总指挥" in text or "still has no commander" in text]


def waited(sentence, seconds):
    """The sentence with so many seconds, or the few more that a busy machine needs for the story."""
    said = [sentence.format(n=seconds + more) for more in range(20)]
    return lambda message: any(one in message.get("text", "") for one in said)


async def rung(stage, incident_id=1):
    """Who was rung, in order, as the timeline has it."""
    entries = await stage.read(lambda tx: tx.timeline.all(incident_id))
    return [[name["zh"] for name in e.params["names"]] for e in entries if e.event == "rung"]


async def on_duty(stage, *shifts):
    """A duty roster that holds now; the others are off."""
    now = stage.clock()
    start, end = now - timedelta(hours=1), now + timedelta(hours=10)
    known = [DutyShift(start, end, role, person.staff_id) for role, person in shifts]

    def save(tx):
        tx.roster.replace_shifts(known)

    await stage.muster.database.write(save)


async def test_a_serious_one_rings_the_whole_chain_at_once_and_again_until_somebody_has_seen_it(stage):
    await stage.phone(WANG).send("🆘 SOS")
    for leader in (LI, CHEN, ZHAO):
        await stage.says(leader, "王芳")
    await stage.says(SUN, "Reported by Wang Fang")
    await stage.quiet()
    assert await rung(stage) == [["李明", "陈刚", "孙丽", "赵敏"]]
    assert [alarms(stage, person) for person in (*CHAIN, WANG, EMILY)] == [1, 1, 1, 1, 0, 0]

    await stage.after(seconds=61)
    await stage.says(LI, waited("已 {n} 秒无人确认，请您确认", 61))
    await stage.says(SUN, waited("Nobody has acknowledged for {n} s. Please do.", 61))
    thread = await stage.topic_named("2026-0001")
    await stage.says(CHEN, waited("{n} 秒无人确认，已再次呼叫全体", 61), chat=CENTRE, thread=thread)
    await stage.quiet()
    assert [alarms(stage, person) for person in CHAIN] == [2, 2, 2, 2]

    await stage.phone(LI).send("/ack")
    await stage.says(WANG, "李明已看到您的报告")
    before = [alarms(stage, person) for person in CHAIN]
    await stage.after(seconds=61)
    await stage.quiet()
    assert [alarms(stage, person) for person in CHAIN] == before


async def test_a_slight_one_rings_one_after_the_other_by_name(stage):
    await stage.phone(EMILY).send("/report utility gym no light")
    await stage.says(LI, "艾米丽")
    await stage.quiet()
    assert [alarms(stage, person) for person in CHAIN] == [1, 0, 0, 0]
    for seconds, person in ((61, CHEN), (122, SUN), (183, ZHAO)):
        await stage.after(seconds=61)
        words = "Nobody has acknowledged" if person is SUN else "无人确认，请您确认"
        await stage.says(person, words)
        thread = await stage.topic_named("2026-0001")
        said = waited("{n} 秒无人确认，已呼叫" + person.name.zh, seconds)
        await stage.says(CHEN, said, chat=CENTRE, thread=thread)
    await stage.quiet()
    assert await rung(stage) == [["李明"], ["陈刚"], ["孙丽"], ["赵敏"]]
    await stage.phone(SUN).send("/ack")
    await stage.says(EMILY, "Sun Li has seen your report 2026-0001")
    await stage.after(seconds=300)
    await stage.quiet()
    assert len(await rung(stage)) == 4


async def test_the_duty_roster_decides_who_comes_first_and_takes_no_right_away(stage):
    extra = await another_officer(stage)
    await on_duty(stage, (Role.SAFETY_OFFICE, extra), (Role.COMMANDER, CHEN))
    await stage.phone(EMILY).send("/report utility gym")
    await stage.says(extra, "艾米丽")
    await stage.quiet()
    assert await rung(stage) == [["周岩"]]
    for _ in range(4):
        await stage.after(seconds=61)
    await stage.quiet()
    assert await rung(stage) == [["周岩"], ["陈刚"], ["孙丽"], ["赵敏"], ["李明"]], (
        "off duty comes last, not never"
    )

    await stage.phone(LI).send("/ack")
    await stage.says(EMILY, "Li Ming has seen your report")


async def another_officer(stage):
    person = Person(
        "T20", Name("周岩", "Zhou Yan"), roles=frozenset({Role.STAFF, Role.SAFETY_OFFICE}), telegram_id=1020
    )
    await stage.enrol(person)
    return person


async def test_nobody_commands_so_the_leaders_are_nudged_five_times_at_most(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "2026-0001")
    await stage.phone(LI).send("/ack")
    await stage.says(WANG, "李明已看到")
    for n in range(1, 9):
        await stage.after(seconds=121)
        if n <= 5:
            await stage.says(CHEN, f"2026-0001 仍无总指挥（第 {n} 次提醒）")
            await stage.says(SUN, f"2026-0001 still has no commander (reminder {n})")
    await stage.quiet()
    assert len(nudges(stage, CHEN)) == len(nudges(stage, ZHAO)) == len(nudges(stage, SUN)) == 5
    assert nudges(stage, LI) == [], "who may not command is not asked to"

    nudge = await stage.says(CHEN, "第 5 次提醒")
    press = await stage.phone(CHEN).press(nudge, "担任总指挥")
    assert "您已担任总指挥" in (await stage.phone(CHEN).wait_answer(press))["text"]


async def test_a_commander_ends_the_nudging(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "2026-0001")
    await stage.after(seconds=121)
    await stage.says(CHEN, "第 1 次提醒")
    await stage.phone(CHEN).send("/command")
    await stage.says(CHEN, "2026-0001：您已担任总指挥")
    before = [alarms(stage, person) for person in CHAIN]
    for _ in range(3):
        await stage.after(seconds=121)
    await stage.quiet()
    assert [alarms(stage, person) for person in CHAIN] == before
    assert len(nudges(stage, ZHAO)) == 1


async def test_an_order_shows_that_somebody_has_seen_it(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "2026-0001")
    await stage.phone(LI).send("/lockdown")
    confirm = await stage.says(LI, "下达封控指令")
    await stage.phone(LI).press(confirm, "确认封控")
    await stage.says(WANG, "李明已看到您的报告")
    before = [alarms(stage, person) for person in CHAIN]
    await stage.after(seconds=90)
    await stage.quiet()
    assert [alarms(stage, person) for person in CHAIN] == before


@pytest.mark.parametrize("is_graver", [True, False])
async def test_a_graver_grade_rings_those_who_were_not_rung_yet(stage, is_graver):
    await stage.phone(EMILY).send("/report utility gym")
    await stage.says(LI, "艾米丽")
    await stage.phone(CHEN).send("/severity " + ("2" if is_graver else "3"))
    await stage.says(CHEN, "2026-0001 现为")
    await stage.quiet()
    expected = [["李明"], ["陈刚", "孙丽", "赵敏"]] if is_graver else [["李明"]]
    assert await rung(stage) == expected


async def test_a_restart_forgets_nobody_who_waits(stage):
    await stage.phone(WANG).send("/report 停水停电停气 体育馆")
    await stage.says(LI, "王芳")
    await stage.after(seconds=61)
    await stage.says(CHEN, waited("已 {n} 秒无人确认", 61))
    await stage.quiet()

    await stage.stop()
    stage.clock.ahead += timedelta(seconds=61)
    await stage.start()

    await stage.after(seconds=0)
    await stage.says(SUN, waited("Nobody has acknowledged for {n} s", 122))
    await stage.says(ZHAO, "仍无总指挥（第 1 次提醒）")
    await stage.quiet()
    assert await rung(stage) == [["李明"], ["陈刚"], ["孙丽"]]
    assert alarms(stage, LI) == 1
    await stage.phone(CHEN).send("/ack")
    await stage.says(WANG, "陈刚已看到您的报告")
    await stage.stop()
    stage.clock.ahead += timedelta(seconds=300)
    await stage.start()
    await stage.after(seconds=0)
    await stage.quiet()
    assert len(await rung(stage)) == 3
