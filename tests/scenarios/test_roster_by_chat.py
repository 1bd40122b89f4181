"""The safety office sends a roster file to the bot."""

from __future__ import annotations

from tests.support.cast import CAST, EMILY, LI, WANG


async def test_a_file_is_shown_as_a_diff_and_applied_by_one_press(stage):
    li = stage.phone(LI)
    await li.send_document("staff.csv", "工号,姓名\nT90,新老师\n".encode())
    shown = await stage.says(LI, "将删除一半以上")
    assert "新增 1" in shown["text"]
    assert await stage.read(lambda tx: tx.people.get("T90")) is None

    whole = "工号,姓名\n" + "".join(f"T{n},同事{n}\n" for n in range(1, 12)) + "T90,新老师\n"
    await li.send_document("staff.csv", whole.encode("gb18030"))
    shown = await stage.says(LI, "移除 0")
    press = await li.press(shown, "确认导入")
    assert "名册已更新" in (await li.wait_answer(press))["text"]
    await stage.says(LI, "✅ 名册已更新")
    added = await stage.read(lambda tx: tx.people.get("T90"))
    assert added.name.zh == "新老师"
    kept = await stage.read(lambda tx: tx.people.get("T1"))
    assert kept.telegram_id == WANG.telegram_id
    assert "roster" in [row.act for row in await stage.read(lambda tx: list(tx.audit.rows()))]


async def test_bad_rows_are_listed_and_nothing_is_applied(stage):
    await stage.phone(LI).send_document("staff.csv", "工号,姓名,角色\nT1,王芳,飞行员\n".encode())
    shown = await stage.says(LI, "文件未导入")
    assert "staff.csv" in shown["text"]
    assert "飞行员" in shown["text"]


async def test_a_file_from_anybody_else_is_no_roster(stage):
    await stage.phone(EMILY).send_document("staff.csv", b"staff_id,name\nT1,X\n")
    await stage.says(EMILY, "not added to any incident")
    assert (await stage.read(lambda tx: tx.people.get("T1"))).name.zh == "王芳"


async def test_pupils_in_a_file_without_a_heading_are_not_named_in_chat(stage):
    await stage.phone(LI).send_document("pupils.csv", "20230101,张小明,7-3\n20230102,李小红,7-3\n".encode())
    shown = await stage.says(LI, "文件未导入")
    assert "pupils.csv:0: unknown_columns" in shown["text"]
    assert "张小明" not in shown["text"]
    assert "20230101" not in shown["text"]


async def test_what_the_roster_would_lack_is_said_before_it_is_applied(stage):
    whole = "工号,姓名,角色\n" + "".join(
        f"{one.staff_id},{one.name.zh},{';'.join(sorted(one.roles - {'COMMANDER', 'CLASS_LEAD'}))}\n"
        for one in CAST
    )
    await stage.phone(LI).send_document("staff.csv", whole.encode())
    shown = await stage.says(LI, "导入后，“muster check” 将报告以下问题")
    assert "· 无人担任“应急总指挥”" in shown["text"]
    assert "· 7-3班没有班主任" in shown["text"]
    await stage.phone(LI).press(shown, "确认导入")
    await stage.says(LI, "✅ 名册已更新")
