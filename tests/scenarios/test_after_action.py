"""After the all-clear: the report comes by itself, is completed, returned, accepted; only then comes the end."""

from __future__ import annotations

from bot.domain.signature import is_genuine
from tests.support.after_action import (
    accepted,
    all_clear,
    content,
    evacuate,
    fire,
    made,
    order,
    with_document,
    words_of,
)
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG, ZHAO


async def test_the_report_comes_as_a_pdf_to_the_safety_office_and_the_principal(stage):
    thread = await fire(stage)
    await evacuate(stage, thread)
    await all_clear(stage, thread)
    for reader in (LI, ZHAO):
        got = await stage.says(reader, with_document("2026-0001 处置总结报告"))
        assert got["document"]["file_name"] == "2026-0001-处置总结报告-v1.pdf"
        words = words_of(stage, got)
        told = ("突发事件处置总结报告", "教学楼A座三层", "陈刚下令疏散", "smokeinthecorridor", "有人确认")
        assert [part for part in told if part not in words] == []
    got = [m for m in stage.phone(CHEN).messages(CENTRE, thread) if "document" in m]
    assert got == [], "it names people: never in a group"


async def test_who_took_part_is_asked_and_what_they_say_stands_in_the_next_version(stage):
    thread = await fire(stage)
    await evacuate(stage, thread)
    await all_clear(stage, thread)
    asked = await stage.says(EMILY, "2026-0001 is over. How did it go?")
    await stage.says(CHEN, "您担任总指挥，请说明事件起因")
    assert not stage.heard(WANG, "How did it go")

    press = await stage.phone(EMILY).press(asked, "Fair")
    assert "kept for the report" in (await stage.phone(EMILY).wait_answer(press))["text"]
    await stage.phone(EMILY).press(asked, "What to do better")
    await stage.says(EMILY, "please write it in your next message")
    await stage.phone(EMILY).send("The north stairs were too crowded.")
    await stage.says(EMILY, "thank you, it is kept for the report")
    await stage.phone(EMILY).send("And one more thing")
    await stage.says(EMILY, "Added to 2026-0001")
    said = await stage.read(lambda tx: tx.after_actions.said(1))
    assert [one.words for one in said] == ["fair", "The north stairs were too crowded."], (
        "only the next message"
    )

    await stage.phone(CHEN).send("/afteraction 2026-0001 原因 配电间短路")
    await stage.says(CHEN, "已记入总结报告")
    await stage.phone(LI).send("/afteraction submit")
    await stage.says(LI, "总结报告已提交校长审阅")
    await made(stage)
    got = await stage.says(ZHAO, with_document("请审阅：同意，或注明意见后退回"))
    words = words_of(stage, got)
    told = ("Thenorthstairsweretoocrowded.", "艾米丽", "配电间短路", "参与人员评价", "共1人评价")
    assert [part for part in told if part not in words] == []


async def test_a_report_returned_twice_is_accepted_at_last_signed_and_frozen(stage):
    thread = await fire(stage)
    await all_clear(stage, thread)
    for turn, remarks in ((2, "原因未写明"), (3, "缺少整改措施")):
        await stage.phone(LI).send("/afteraction submit")
        await stage.quiet()
        await made(stage)
        got = await stage.says(ZHAO, with_document(f"第 {turn} 版\n🔥 火灾 · 教学楼A座三层\n\n请审阅"))
        await stage.phone(ZHAO).press(got, "退回")
        await stage.says(ZHAO, "有何不足或错误")
        await stage.phone(ZHAO).send(remarks)
        await stage.says(LI, with_document(f"赵敏退回，意见：“{remarks}”"))
    await stage.phone(LI).send("/afteraction cause 配电间短路")
    await stage.phone(LI).send("/afteraction submit")
    await stage.quiet()
    await stage.phone(LI).send("/afteraction cause 改写")
    await stage.says(LI, "总结报告正由校长审阅")
    await made(stage)
    old, new = (
        m
        for m in stage.phone(ZHAO).messages()
        if "document" in m and "请审阅" in m["caption"] and "第 2" not in m["caption"]
    )
    press = await stage.phone(ZHAO).press(old, "同意")
    assert "已有新版本（第 4 版）" in (await stage.phone(ZHAO).wait_answer(press))["text"]
    press = await stage.phone(ZHAO).press(new, "同意")
    assert "已审定、签名并封存" in (await stage.phone(ZHAO).wait_answer(press))["text"]
    press = await stage.phone(ZHAO).press(new, "退回")
    assert "不能再改" in (await stage.phone(ZHAO).wait_answer(press))["text"]

    got = await stage.says(LI, with_document("赵敏已审定"))
    words = words_of(stage, got)
    told = ("审定人赵敏", "原因未写明", "缺少整改措施", "数字签名（Ed25519）", "配电间短路")
    assert [part for part in told if part not in words] == []
    await stage.phone(LI).send("/afteraction cause 改写")
    await stage.says(LI, "总结报告已审定，不能再改")
    versions = await stage.read(lambda tx: tx.after_actions.versions(1))
    assert [version.decision for version in versions] == [None, "returned", "returned", "accepted"]
    assert is_genuine(versions[-1].signature)
    await order(stage, "/close 已断电", "陈刚结案：已断电", thread)


async def test_a_real_incident_waits_for_its_report_and_a_drill_never_does(stage):
    thread = await fire(stage)
    await all_clear(stage, thread)
    await order(stage, "/close 完毕", "总结报告尚未经校长审定", thread)
    await stage.phone(LI).send("/drill fire A3")
    drill = await stage.topic_named("【演练】2026-0002")
    ask = await order(stage, "/allclear", "发布解除令", drill)
    await stage.phone(CHEN).press(ask["message_id"], "确认解除", chat=CENTRE)
    await stage.quiet()
    await order(stage, "/close 演练结束", "陈刚结案：演练结束", drill)
    await made(stage)
    got = await stage.says(LI, with_document("【演练】📄 2026-0002"))
    assert "【演练】本文件所述均为演练，并非真实事件" in words_of(stage, got)
    await accepted(stage)
    await order(stage, "/close 完毕", "陈刚结案：完毕", thread)


async def test_a_false_alarm_has_a_short_report_that_nobody_has_to_accept(stage):
    await fire(stage)
    await stage.phone(CHEN).send("/cancel 2026-0001 有人烧纸")
    await stage.says(EMILY, "FALSE ALARM")
    await made(stage)
    got = await stage.says(ZHAO, with_document("简报，无须审定"))
    assert "reply_markup" not in got
    words = words_of(stage, got)
    assert "误报或中止演练情况简报" in words
    assert "目录" not in words
    asked = await stage.says(CHEN, "2026-0001 为误报。请问误报由何引起？")
    await stage.phone(CHEN).press(asked, "原因")
    await stage.says(CHEN, "请在下一条消息中写明")
    await stage.phone(CHEN).send("烧纸引起烟感报警")
    await stage.says(CHEN, "已记入总结报告")
    await made(stage)
    got = await stage.says(LI, with_document("第 2 版"))
    assert "烧纸引起烟感报警" in words_of(stage, got)


async def test_the_deputy_signs_when_the_principal_does_not_answer(stage):
    thread = await fire(stage)
    await all_clear(stage, thread)
    await stage.phone(LI).send("/afteraction submit")
    await stage.quiet()
    await made(stage)
    assert not [m for m in stage.phone(SUN).messages() if "document" in m]
    await stage.after(hours=25)
    await made(stage)
    got = await stage.says(SUN, with_document("Please accept it, or return it with remarks."))
    words = words_of(stage, got)
    assert "After-actionreport" in words
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in words), (
        "an English report has no Chinese in it"
    )
    await stage.phone(SUN).press(got, "Accept")
    await stage.says(LI, with_document("孙丽已审定"))
    await order(stage, "/close 完毕", "陈刚结案：完毕", thread)


async def test_the_deputies_are_asked_at_once_where_no_message_reaches_the_principal(stage):
    thread = await fire(stage)
    await all_clear(stage, thread)
    await stage.muster.database.write(lambda tx: tx.people.mark_unreachable(ZHAO.staff_id))
    await stage.phone(LI).send("/afteraction submit")
    await stage.quiet()
    await made(stage)
    await stage.says(SUN, with_document("Please accept it"))


async def test_a_restart_between_the_all_clear_and_the_report_loses_nothing_and_makes_it_once(stage):
    thread = await fire(stage)
    ask = await order(stage, "/allclear", "发布解除令", thread)
    await stage.phone(CHEN).press(ask["message_id"], "确认解除", chat=CENTRE)
    await stage.says(EMILY, "ALL CLEAR")
    await stage.stop()
    await stage.start()
    await made(stage)
    await made(stage)
    got = [m for m in stage.phone(LI).messages() if "document" in m]
    assert len(got) == 1
    assert len(await stage.read(lambda tx: tx.after_actions.versions(1))) == 1


async def test_an_sos_while_words_are_awaited_is_an_sos(stage):
    thread = await fire(stage)
    await all_clear(stage, thread)
    asked = await stage.says(EMILY, "How did it go?")
    await stage.phone(EMILY).press(asked, "Cause")
    await stage.says(EMILY, "please write it in your next message")
    await stage.phone(EMILY).send("🆘 SOS")
    await stage.says(EMILY, "Received: incident 2026-0002")
    await stage.phone(EMILY).send("third floor, two people hurt")
    await stage.says(EMILY, "Added to 2026-0002")
    assert await stage.read(lambda tx: tx.after_actions.said(1)) == []


async def test_when_the_printer_fails_the_words_still_go_out(stage, monkeypatch):
    monkeypatch.setattr("integrations.documents.printer.PDF", b"never")
    thread = await fire(stage)
    await all_clear(stage, thread)
    got = await stage.says(LI, "文件未能生成，请稍后重新索取")
    assert "2026-0001 处置总结报告" in got["text"]
    monkeypatch.undo()
    await stage.phone(LI).send("/afteraction 2026-0001")
    got = await stage.says(LI, with_document("2026-0001 处置总结报告"))
    assert content(stage, got).startswith(b"%PDF")
