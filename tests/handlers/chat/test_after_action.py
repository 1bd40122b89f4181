"""Wrong people, forged and late presses, and words without an end: the report keeps only what may be in it."""

from __future__ import annotations

import pytest

from bot.domain.after_action import MAX_WORDS, Stage
from bot.domain.message import MessageKind
from tests.support.cast import CHEN, EMILY, LI, STRANGER, SUN, WANG, ZHAO
from tests.support.door import open_door


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as door:
        await door.send(EMILY, "/report fire A3")
        await door.send(CHEN, "/allclear 2026-0001")
        await door.press(CHEN, "yes:1:")
        await door.services.after_actions.tick()
        await door.collect()
        yield door


async def said(door):
    return [
        (one.question, one.words, one.is_official)
        for one in await door.read(lambda tx: tx.after_actions.said(1))
    ]


async def test_only_who_took_part_is_heard(door):
    assert "只征求参与处置人员的意见" in await door.press(WANG, "hwg:1:good")
    assert "只征求参与处置人员的意见" in await door.press(WANG, "hww:1:cause")
    await door.send(WANG, "/afteraction 2026-0001 cause 我觉得")
    assert "只征求参与处置人员的意见" in door.said[-1].text
    await door.press(STRANGER, "hwg:1:good")
    assert await said(door) == []
    assert "thank you" in await door.press(EMILY, "hwg:1:good")
    await door.send(EMILY, "/afteraction 2026-0001 cause an old fuse")
    assert await said(door) == [("grade", "good", False), ("cause", "an old fuse", False)]


@pytest.mark.parametrize(
    "data", ["hwg:1:superb", "hww:1:grade", "aaw:1:", "aaa:1:x", "aar:1:-1", "aaa:1:²", "dig:0:century"]
)
async def test_a_button_that_no_message_has_does_nothing(door, data):
    assert "按钮" in await door.press(ZHAO, data)
    assert await said(door) == []


@pytest.mark.parametrize("data", ["hwg:77:good", "aag:77:", "aaa:77:1", "aas:77:"])
async def test_an_incident_that_never_was_has_no_report(door, data):
    await door.press(ZHAO, data)
    assert await door.read(lambda tx: tx.after_actions.get(77)) is None


async def test_a_second_press_of_the_grade_replaces_the_first_and_two_submits_make_one_version(door):
    for grade in ("good", "poor", "poor"):
        await door.press(EMILY, f"hwg:1:{grade}")
    assert await said(door) == [("grade", "poor", False)]
    await door.press(LI, "aas:1:")
    assert "正由校长审阅" in await door.press(LI, "aas:1:")
    await door.services.after_actions.tick()
    await door.services.after_actions.tick()
    assert len(await door.read(lambda tx: tx.after_actions.versions(1))) == 2


async def test_nobody_accepts_what_was_not_submitted_or_is_not_made_yet(door):
    assert "尚未提交" in await door.press(ZHAO, "aaa:1:1")
    await door.press(LI, "aas:1:")
    assert "尚无总结报告" in await door.press(ZHAO, "aaa:1:0")
    await door.services.after_actions.tick()
    assert "已有新版本（第 2 版）" in await door.press(ZHAO, "aaa:1:1")
    assert "已审定" in await door.press(ZHAO, "aaa:1:2")
    assert "不能再改" in await door.press(SUN, "aaa:1:2") or "can change" in door.toasts[-1]
    one = await door.read(lambda tx: tx.after_actions.get(1))
    assert one.stage is Stage.ACCEPTED


async def test_an_answer_that_comes_too_late_is_an_ordinary_message(door):
    await door.press(EMILY, "hww:1:improve")
    await door.after(minutes=11)
    await door.send(EMILY, "more stairs")
    assert await said(door) == []
    assert MessageKind.KEPT in {one.kind for one in door.said}


async def test_the_newest_question_is_the_one_that_is_answered(door):
    await door.press(EMILY, "hww:1:cause")
    await door.press(EMILY, "hww:1:improve")
    await door.send(EMILY, "more stairs")
    assert await said(door) == [("improve", "more stairs", False)]


async def test_words_without_an_end_and_with_markup_are_cut_and_kept_as_text(door):
    await door.press(EMILY, "hww:1:cause")
    await door.send(EMILY, "<b>" + "火" * 4000)
    [(_, words, _)] = await said(door)
    assert len(words) == MAX_WORDS
    assert words.startswith("<b>火")


async def test_return_needs_words(door):
    await door.press(LI, "aas:1:")
    await door.services.after_actions.tick()
    told = await door.send(ZHAO, "/afteraction 2026-0001 return")
    assert MessageKind.REFUSED in {one.kind for one in told}
    assert (await door.read(lambda tx: tx.after_actions.get(1))).stage is Stage.SUBMITTED


async def test_who_was_revoked_is_asked_and_told_nothing_any_more(door):
    await door.send(LI, f"/revoke {EMILY.staff_id}")
    await door.press(EMILY, "hwg:1:good")
    assert await said(door) == []


async def test_an_incident_from_before_there_were_reports_may_be_closed(door):
    await door.database.write(
        lambda tx: [
            tx.connection.exec_driver_sql(f"DELETE FROM {t}")
            for t in ("after_action_versions", "after_actions")
        ]
    )
    await door.send(CHEN, "/close 2026-0001 完毕")
    assert (await door.incident()).status == "CLOSED"
