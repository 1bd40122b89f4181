"""Many press SOS at once: one topic, numbered reports, a commander who still hears every one of them."""

from __future__ import annotations

import asyncio

from bot.domain.place import Name
from bot.domain.roster import Person
from tests.support.cast import CENTRE, CHEN, EMILY, FENG, LI, SUN, WANG, ZHAO

CROWD = [
    Person(f"C{n}", Name(f"老师{n}", f"Teacher {n}"), telegram_id=2000 + n, roster_locale="zh_Hans")
    for n in range(40)
]


async def test_forty_presses_of_one_person_in_five_seconds_make_one_incident(stage):
    emily = stage.phone(EMILY)
    for _ in range(40):
        await emily.send("🆘 SOS")
        await asyncio.sleep(0.02)
    await stage.says(SUN, "Emily Carter pressed SOS again (40 times in all)")
    await stage.says(LI, "艾米丽再次按下 SOS（共 40 次）")
    await stage.quiet()

    assert len(stage.topics()) == 1
    (report,) = await stage.read(lambda tx: tx.reports.of_incident(1))
    assert (report.number, report.presses) == (1, 40)
    events = [entry.event.value for entry in await stage.read(lambda tx: tx.timeline.all(1))]
    assert events == ["reported", "rung"] + ["pressed_again"] * 39, "every press is on record"
    receipts = [m["text"] for m in stage.heard(EMILY, "incident 2026-0001")]
    assert 1 <= len(receipts) <= 41
    assert all("Received: incident 2026-0001" in text for text in receipts)
    (card,) = stage.phone(CHEN).pinned(CENTRE)
    assert "再次按下" not in card["text"], "a panicking thumb does not push what matters off the card"
    assert "艾米丽报告：SOS" in card["text"]


async def test_forty_people_make_one_topic_with_forty_numbered_reports(stage):
    await stage.enrol(*CROWD)
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/command", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "总指挥：陈刚", chat=CENTRE, thread=thread)
    await stage.quiet()
    heard = {person: len(stage.phone(person).messages()) for person in (LI, SUN, ZHAO)}

    await asyncio.gather(*(stage.phone(person).send("🆘 SOS") for person in CROWD))
    for person in CROWD:
        await stage.says(person, "记为事件 2026-0001 的第")
    await stage.quiet()

    assert len(stage.topics()) == 1
    reports = await stage.read(lambda tx: tx.reports.of_incident(1))
    assert [report.number for report in reports] == list(range(1, 42))
    for report in reports[1:]:
        person = next(one for one in CROWD if one.staff_id == report.reporter_id)
        await stage.says(person, f"记为事件 2026-0001 的第 {report.number} 份报告")
    last = next(one for one in CROWD if one.staff_id == reports[-1].reporter_id)
    await stage.says(CHEN, f"{last.name.zh}按下 SOS（第 41 份报告）")
    await stage.after(seconds=21)
    await stage.quiet()
    for person in heard:
        shown = stage.phone(person).messages()[heard[person] :]
        told = [m["text"] for m in shown if m["text"].startswith("🆘")]
        assert 1 <= len(told) <= 3, "once somebody commands, the others are not rung for each SOS"
    assert "（第 41 份报告）" in stage.heard(ZHAO, "按下 SOS（第")[-1]["text"], "but are told"


async def test_something_else_parts_a_report_into_an_incident_of_its_own(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "事件 2026-0001")
    await stage.phone(EMILY).send("🆘 SOS")
    receipt = await stage.says(EMILY, "Received as report 2 of incident 2026-0001")
    await stage.says(SUN, "Emily Carter pressed SOS (report 2)")

    press = await stage.phone(EMILY).press(receipt, "I mean something else")
    assert (await stage.phone(EMILY).wait_answer(press))["text"] == "Received."
    await stage.says(EMILY, "Received: incident 2026-0002")
    first, second = await stage.topic_named("2026-0001"), await stage.topic_named("2026-0002")
    await stage.says(CHEN, "第 2 份报告属另一事件，已另立事件", chat=CENTRE, thread=first)
    await stage.says(CHEN, "艾米丽报告：SOS", chat=CENTRE, thread=second)
    await stage.quiet()

    old = await stage.read(lambda tx: tx.reports.get(2))
    assert old.parted_to == 3
    await stage.phone(EMILY).send("🆘 SOS")
    await stage.quiet()
    incidents = await stage.read(lambda tx: tx.incidents.list_open())
    assert [one.number for one in incidents] == ["2026-0002", "2026-0001"], (
        "the next press is about the new one"
    )
    await stage.phone(WANG).send("🆘 SOS")
    await stage.quiet()
    assert [r.presses for r in await stage.read(lambda tx: tx.reports.of_incident(1))] == [2, 1], (
        "who reported the first still means the first"
    )


async def test_only_a_recent_and_real_incident_is_joined(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "事件 2026-0001")
    await stage.after(minutes=9)
    await stage.phone(EMILY).send("🆘 SOS")
    await stage.says(EMILY, "report 2 of incident 2026-0001")
    await stage.after(minutes=1, seconds=5)
    await stage.phone(FENG).send("🆘 SOS")
    await stage.says(FENG, "事件 2026-0002")
    await stage.phone(EMILY).send("🆘 SOS")
    await stage.quiet()
    numbers = [one.number for one in await stage.read(lambda tx: tx.incidents.list_open())]
    assert numbers == ["2026-0002", "2026-0001"], "her own call of a minute ago goes on"
    assert (await stage.read(lambda tx: tx.reports.get(2))).presses == 2


async def test_an_sos_that_joins_something_slight_rings_everyone(stage):
    await stage.phone(WANG).send("/report 停水停电停气 A3")
    await stage.says(LI, "Ⅳ级（一般）")
    await stage.quiet()
    rung = stage.heard(SUN, "🚨")
    assert rung == [], "slight things are told to one after the other"

    await stage.phone(EMILY).send("🆘 SOS")
    await stage.says(EMILY, "report 2 of incident 2026-0001")
    for person in (CHEN, ZHAO):
        await stage.says(person, "Ⅱ级（重大）")
    await stage.says(SUN, "Level Ⅱ (severe)")


async def test_a_report_about_something_else_is_an_incident_of_its_own(stage):
    await stage.phone(WANG).send("/report 火灾 A3 走廊有烟")
    await stage.says(WANG, "事件 2026-0001")
    await stage.phone(EMILY).send("/report fire Building A, floor 3 I see flames")
    await stage.says(EMILY, "report 2 of incident 2026-0001")
    await stage.says(SUN, "Report 2, from Emily Carter: “I see flames”")
    await stage.phone(FENG).send("/report 伤病 体育馆 学生骨折")
    await stage.says(FENG, "事件 2026-0002")
    assert await stage.topic_named("2026-0002 🚑 伤病 · 体育馆")
