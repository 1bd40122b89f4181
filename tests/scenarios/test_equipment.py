"""Where the nearest extinguisher is: imported by file, asked for by anybody, offered in an incident."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.support.cast import CENTRE, CHEN, EMILY, HAN, LI, SUN, WANG
from tests.support.stage import BEGINNING

LEDGER = (
    "器材编号,器材名称,区域,存放位置,责任人工号,数量,检查周期,下次检查日期,备注\n"
    "MHQ-1,灭火器,A3,东侧楼梯口,T11,2,30,2030-01-01,干粉 4kg\n"
    "MHQ-2,灭火器,gym,器材室门口,T11,1,30,2030-01-01,\n"
    "AED-1,AED,gym,入口右侧,T8,1,30,2030-01-01,\n"
    "JJX-1,急救箱,A3,年级办公室,T8,1,,,\n"
)

PHOTO = b"\xff\xd8\xff\xe0 a picture"


async def imported(stage, ledger: str = LEDGER) -> None:
    li = stage.phone(LI)
    await li.send_document("器材台账.csv", ledger.encode("gb18030"))
    shown = await stage.says(LI, "应急器材：新增")
    await li.press(shown, "确认导入")
    await stage.says(LI, "✅ 名册已更新")


async def test_the_safety_office_sends_the_list_and_everybody_finds_the_nearest(stage):
    await stage.phone(WANG).send("/equipment")
    await stage.says(WANG, "器材台账还是空的")
    await imported(stage)
    wang = stage.phone(WANG)
    await wang.send("/equipment 灭火器 A3")
    shown = await stage.says(WANG, "离教学楼A座三层由近到远")
    assert shown["text"].index("东侧楼梯口") < shown["text"].index("器材室门口")
    assert "灭火器 ×2" in shown["text"]
    assert "保管人：韩磊" in shown["text"]
    await wang.press(shown, "使用方法：灭火器")
    await stage.says(WANG, "2. 拔掉保险销。")


async def test_the_chinese_word_and_english_words_in_any_order(stage):
    await imported(stage)
    await stage.phone(WANG).send("器材 体育馆")
    shown = await stage.says(WANG, "离体育馆由近到远")
    assert shown["text"].index("AED-1") < shown["text"].index("MHQ-1")
    await stage.phone(EMILY).send("/equipment gym AED, first aid kits")
    shown = await stage.says(EMILY, "nearest to Gym first")
    assert "Fire extinguisher" not in shown["text"]
    assert shown["text"].index("AED-1") < shown["text"].index("JJX-1")
    await stage.phone(EMILY).send("/equipment")
    shown = await stage.says(EMILY, "The nearest ones")
    assert "Fire extinguisher: 3 in 2 places" in shown["text"]
    await stage.phone(EMILY).send("/equipment ladder")
    await stage.says(EMILY, "“ladder” is neither equipment nor a place")


async def test_a_custodians_phone_is_for_those_who_act(stage):
    await imported(stage)
    await stage.muster.database.write(give_a_phone)
    await stage.phone(EMILY).send("/equipment AED")
    assert "8008" not in (await stage.says(EMILY, "Kept by"))["text"]
    await stage.phone(HAN).send("/equipment AED")
    assert "电话 8008" in (await stage.says(HAN, "保管人"))["text"]


def give_a_phone(tx) -> None:
    [nurse] = [person for person in tx.people.list_active() if person.staff_id == "T8"]
    tx.people.save([replace(nurse, phone="8008")])


async def test_a_shorter_list_is_shown_before_anything_goes(stage):
    await imported(stage)
    await stage.phone(LI).send_document("x.csv", "\n".join(LEDGER.splitlines()[:2]).encode())
    shown = await stage.says(LI, "移除 3")
    assert "- AED-1 AED gym 入口右侧" in shown["text"]
    assert len(await stage.read(lambda tx: tx.equipment.all())) == 4


# ── in an incident ─────────────────────────────────────────────────────────────────────────────────────────
async def test_the_card_names_what_the_plan_needs_and_where_the_nearest_is(stage):
    await imported(stage)
    await stage.phone(WANG).send("/report fire A3 有烟")
    thread = await stage.topic_named("2026-0001")
    card = await stage.says(
        CHEN, "🧰 就近：🧯 灭火器 东侧楼梯口；🩹 急救箱 年级办公室", chat=CENTRE, thread=thread
    )
    await stage.phone(CHEN).press(card, "🧰 器材")
    shown = await stage.says(CHEN, "离教学楼A座三层由近到远", chat=CENTRE, thread=thread)
    assert "AED" not in shown["text"]
    await stage.phone(SUN).send("/equipment", chat=CENTRE, thread=thread)
    after = shown["message_id"]
    await stage.says(SUN, "离教学楼A座三层由近到远", chat=CENTRE, thread=thread, after=after)
    await stage.phone(HAN).send("器材")
    assert "MHQ-1" in (await stage.says(HAN, "离教学楼A座三层由近到远"))["text"]


async def test_in_a_drill_it_is_marked(stage):
    await imported(stage)
    await stage.phone(LI).send("/drill medical gym")
    thread = await stage.topic_named("2026-0001")
    card = await stage.says(CHEN, "🧰 就近：💓 AED 入口右侧", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(card, "🧰 器材")
    shown = await stage.says(CHEN, "离体育馆由近到远", chat=CENTRE, thread=thread)
    assert shown["text"].startswith("【演练】")


async def test_without_a_list_the_card_says_nothing_of_it(stage):
    await stage.phone(WANG).send("/report fire A3")
    thread = await stage.topic_named("2026-0001")
    await stage.says(CHEN, "📌 任务", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert not stage.heard(CHEN, "🧰", chat=CENTRE)


# ── inspections ────────────────────────────────────────────────────────────────────────────────────────────
def due_in(days: int, number: str = "MHQ-1", custodian: str = "T11") -> str:
    day = BEGINNING.date() + timedelta(days=days)
    return f"{number},灭火器,A3,东侧楼梯口,{custodian},2,30,{day},\n"


HEAD = LEDGER.splitlines(keepends=True)[0]


async def a_day_later(stage, days: int = 1) -> None:
    await stage.after(days=days)
    await stage.muster.services.inspections.tick()


async def test_a_custodian_is_reminded_once_in_one_message_and_confirms_with_a_photo(stage):
    await imported(stage, HEAD + due_in(4) + due_in(4, "MHQ-2") + due_in(90, "MHQ-3"))
    await stage.muster.services.inspections.tick()
    await a_day_later(stage, 2)
    asked = await stage.says(HAN, "器材检查：2项")
    han = stage.phone(HAN)
    await han.press(asked, "MHQ-1")
    await stage.says(HAN, "请现在发送该器材的照片")
    await han.send("已在现场")
    await stage.says(HAN, "没有记入任何事件")
    await han.send_photo(PHOTO, caption="压力正常")
    done = await stage.says(HAN, "MHQ-1 已由韩磊检查")
    assert "压力正常" in done["text"]
    await stage.says(LI, "压力正常")
    item = await stage.read(lambda tx: tx.equipment.by_number("MHQ-1"))
    assert item.due_on == stage.muster.school.day(stage.clock()) + timedelta(days=30)
    await stage.quiet()
    assert len([m for m in han.messages() if "器材检查：" in m.get("text", "")]) == 1


async def test_a_slip_is_undone(stage):
    await imported(stage, HEAD + due_in(0))
    await stage.phone(HAN).send("/inspections")
    await stage.phone(HAN).press(await stage.says(HAN, "器材检查：1项"), "MHQ-1")
    await stage.says(HAN, "请现在发送该器材的照片")
    await stage.phone(HAN).send_photo(PHOTO)
    done = await stage.says(HAN, "已由韩磊检查")
    press = await stage.phone(HAN).press(done, "撤销")
    assert "已撤销该次检查" in (await stage.phone(HAN).wait_answer(press))["text"]
    await stage.says(HAN, "↩ 已撤销该次检查。")
    item = await stage.read(lambda tx: tx.equipment.by_number("MHQ-1"))
    assert item.due_on == stage.muster.school.day(stage.clock())


async def test_the_safety_office_learns_what_is_overdue_and_looks_at_what_nobody_keeps(stage):
    await imported(stage, HEAD + due_in(-1) + due_in(-1, "MHQ-2", ""))
    await stage.muster.services.inspections.tick()
    await a_day_later(stage)
    await stage.says(HAN, "• 🧯 灭火器 MHQ-1")
    assert "MHQ-2" in (await stage.says(LI, "器材检查：1项"))["text"]
    told = await stage.says(LI, "1项器材检查已逾期")
    assert "MHQ-1" in told["text"]
    assert "保管人：韩磊" in told["text"]
    await a_day_later(stage)
    await stage.quiet()
    assert len(stage.heard(HAN, "器材检查：")) == 1
    await a_day_later(stage, 7)
    await stage.quiet()
    assert len(stage.heard(HAN, "器材检查：")) == 2


async def test_a_photo_from_an_incident_is_no_inspection(stage):
    await imported(stage, HEAD + due_in(0))
    han = stage.phone(HAN)
    await han.send("/inspections")
    await han.press(await stage.says(HAN, "器材检查：1项"), "MHQ-1")
    await stage.says(HAN, "请现在发送该器材的照片")
    await stage.after(seconds=5)
    await han.send("/report fire gym")
    await stage.says(HAN, "已收到")
    await han.send_photo(PHOTO, caption="浓烟")
    await stage.quiet()
    item = await stage.read(lambda tx: tx.equipment.by_number("MHQ-1"))
    assert item.due_on == stage.muster.school.day(stage.clock())
    assert not [m for m in han.messages() if "已由" in m.get("text", "")]
