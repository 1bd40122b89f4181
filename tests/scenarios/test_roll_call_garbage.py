"""Presses that no button ever made, presses that come twice or too late, and words that are no count."""

from __future__ import annotations

import pytest

from bot.domain.action import Press, Verb
from bot.domain.headcount import ClassState
from tests.support.cast import CHEN, LI
from tests.support.school36 import LEADS, SIZES

LEAD = LEADS["7-1"]
OUT_OF_DATE = "此按钮已失效"


async def test_forged_presses_change_nothing(school):
    await school.evacuate()
    own, other = await school.class_of("7-1"), await school.class_of("7-2")
    stranger = (await school.pupils("7-2"))[4].id
    mine = (await school.pupils("7-1"))[4].id
    before = (await school.classes(), await school.events())
    huge = "9" * 30
    for data in (
        Press(Verb.COUNT_ALL, other.id).encode(),
        Press(Verb.COUNT_REST, other.id).encode(),
        Press(Verb.COUNT_HELP, other.id).encode(),
        Press(Verb.COUNT_PICK, other.id, "0").encode(),
        Press(Verb.COUNT_PUPIL, other.id, f"{stranger}:0").encode(),
        Press(Verb.COUNT_STATE, other.id, f"{stranger}:injured").encode(),
        Press(Verb.COUNT_ALL, 999_999).encode(),
        Press(Verb.COUNT_PUPIL, own.id, f"{stranger}:0").encode(),
        Press(Verb.COUNT_STATE, own.id, f"{stranger}:missing").encode(),
        Press(Verb.COUNT_STATE, own.id, f"{mine}:all").encode(),
        Press(Verb.COUNT_STATE, own.id, f"{mine}:number").encode(),
        Press(Verb.COUNT_STATE, own.id, f"{huge}:missing").encode(),
        Press(Verb.COUNT_STATE, own.id, "x:missing").encode(),
        Press(Verb.COUNT_STATE, own.id, "").encode(),
        Press(Verb.COUNT_PUPIL, own.id, f"{huge}:0").encode(),
        Press(Verb.COUNT_PUPIL, own.id, f"{mine}:{huge[:20]}").encode(),
        Press(Verb.COUNT_PUPIL, own.id, f"{mine}").encode(),
        Press(Verb.OPEN_PAGE, 0, "everything").encode(),
        Press(Verb.LIST_MISSING, 1).encode(),
        Press(Verb.COVER_END, 77).encode(),
        f"hal:{huge}:",
        "hal:-1:",
        "hal::",
        "hal",
        "hpu:1:²:0",
    ):
        notice = await school.forge(LEAD, data)
        assert notice, f"{data} is answered with words"
        assert (await school.classes(), data) == (before[0], data)
    assert await school.events() == before[1]
    assert await school.read(lambda tx: tx.inbox.counts().dead) == 0


async def test_a_page_of_numbers_beyond_the_last_is_the_last(school):
    await school.evacuate()
    own = await school.class_of("7-1")
    for page in ("99", "0:edit", "7:edit", "x", "9" * 40):
        await school.forge(LEAD, Press(Verb.COUNT_PICK, own.id, page).encode())
    await school.settle()
    assert await school.read(lambda tx: tx.inbox.counts().dead) == 0
    assert (await school.class_of("7-1")).count.state is ClassState.SILENT


async def test_what_is_pressed_twice_counts_once(school):
    await school.evacuate()
    await school.all_here("7-1")
    await school.settle()
    assert (await school.all_here("7-1")).startswith("7-1：✅")
    grid = await school.miss("7-2", "05")
    await school.press(LEADS["7-2"], grid, "05")
    menu = await school.says(LEADS["7-2"], "7-2 05 号：未到")
    assert "在我这里" in repr(menu["reply_markup"]), "who presses again is asked what to say"
    tally = await school.tally()
    assert (tally.present, tally.missing) == (SIZES["7-1"], 1)
    await school.press(LEADS["7-2"], menu, "在我这里")
    await school.settle()
    tally = await school.tally()
    assert (tally.present, tally.missing) == (SIZES["7-1"] + 1, 0)


async def test_after_the_end_nothing_changes_and_everybody_is_told_so(school):
    await school.evacuate()
    stale = school.question(LEAD, "7-1")
    data = stale["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await school.all_clear("确认解除 · 点名提前结束")
    before = await school.classes()
    over = "点名已结束，未作更改。"
    assert await school.forge(LEAD, data) == over
    assert await school.forge(LEAD, Press(Verb.COUNT_PICK, before["7-1"].id, "0").encode()) == over
    for words in ("/headcount", "/headcount all", "/headcount 7-1 12", "/safe"):
        said = await school.phone(LEAD).send(words)
        await school.says(LEAD, "当前没有进行中的点名。", after=said["message_id"])
    assert await school.classes() == before


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("7-1 abc", "请写人数，例如：/headcount 7-3 38"),
        ("7-1 -5", "请写人数，例如：/headcount 7-3 38"),
        ("7-1 3.5", "请写人数，例如：/headcount 7-3 38"),
        ("7-1 10000", "请写人数，例如：/headcount 7-3 38"),
        ("7-1 99999999999999999999", "请写人数"),
        ("77-1 5", "没有“77-1”这个班级"),
        ("<b>7</b> 5", "没有“<b>7</b>”这个班级"),
        ("7-2 5", "您不负责 7-2"),
    ],
)
async def test_nonsense_is_answered_with_what_would_be_sense(school, words, answer):
    await school.evacuate()
    await school.phone(LEAD).send(f"/headcount {words}")
    await school.says(LEAD, answer)
    assert (await school.class_of("7-1")).count.state is ClassState.SILENT


async def test_who_counts_many_classes_is_asked_which_and_sees_them_all_at_once(school):
    await school.evacuate()
    await school.phone(LI).send("/headcount 40")
    told = await school.says(LI, "请在最前面写明班级：7-1、7-2、7-3")
    assert told["text"].endswith("…。")
    await school.phone(LI).send("/headcount")
    await school.says(LI, "应到 1500 · 实到 0")
    for wrong in ("-1", "99999", "many", ""):
        said = await school.phone(LI).send(f"/visitors {wrong}")
        await school.says(LI, "请写人数，例如：/visitors 12", after=said["message_id"])
    await school.press(CHEN, school.card(), "未到学生")
