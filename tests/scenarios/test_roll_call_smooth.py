"""A whole school outside: every class says "all here", and the card in the topic says so too."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.headcount import ClassState
from bot.domain.message import MessageKind
from bot.services import tallying
from tests.support.cast import CENTRE, CHEN, EMILY, LI
from tests.support.school36 import GRADE_LEADS, LEADS, NAMES, PUPILS, SIZES, STAFF


async def test_every_class_is_all_here_with_one_tap_and_one_card_shows_it(school):
    assert (len(NAMES), PUPILS, len(set(SIZES.values())) > 6) == (36, 1500, True)
    await school.evacuate()
    directive, question = school.texts(LEADS["7-1"])
    assert directive.startswith("🏃 疏散")
    assert question == "📋 清点人数 7-1\n到集合点后清点：操场\n\n应到 37 人，是否全部到齐？"
    assert "📋 Headcount 7-5\nAt the assembly point: Sports field" in school.texts(LEADS["7-5"])[1]
    assert "41 expected. Are all here?" in school.texts(LEADS["7-5"])[1]
    assert "应到 1500 · 实到 0 · ❔ 未清点 1500" in school.card()["text"]

    assert await school.all_here("7-1") == "7-1：✅ 全部到齐（37）"
    assert await school.all_here("7-5") == "7-5: ✅ All 41 here"
    await school.settle()
    assert "应到 1500 · 实到 78 · ❔ 未清点 1422" in school.card()["text"]
    assert "🟩7-1 ⬜7-2 ⬜7-3 ⬜7-4 🟩7-5" in school.card()["text"]
    assert "应到 504 · 实到 78" in school.texts(GRADE_LEADS["7"])[-1]

    await school.everybody_here(without=("7-1", "7-5"))
    card = school.card()["text"]
    assert "应到 1500 · 实到 1500\n✅ 全员核实用时 " in card
    assert "（目标 2:00）" in card
    assert "⬜" not in card
    assert {one.count.state for one in (await school.classes()).values()} == {ClassState.COMPLETE}
    await school.says(CHEN, "✅ 全员核实完毕，用时 ", chat=CENTRE, thread=school.thread)

    first, *edits = school.card_calls()
    assert (first, set(edits)) == ("sendMessage", {"editMessageText"})
    answered = school.question(LEADS["7-1"], "7-1")["text"]
    assert "✅ 全部到齐（37） · 班主任7-1" in answered
    lines = school.heard(CHEN, "实到", CENTRE, school.thread)
    assert len(lines) <= 2, "the card of the count and perhaps the incident's; no line for each answer"


async def test_the_all_clear_after_a_whole_count_asks_no_reason_and_keeps_the_result(school):
    await school.evacuate()
    await school.everybody_here()
    asked = await school.all_clear("确认解除")
    assert "尚未全部核实" not in asked["text"]
    assert [row[0]["text"] for row in asked["reply_markup"]["inline_keyboard"]] == ["确认解除", "不发送"]

    card = school.card()["text"]
    assert "点名已结束。" in card
    assert "未报齐" not in card
    assert re.search(r"首个班级用时 \d:\d\d", card)
    told = "\n".join(school.texts(GRADE_LEADS["8"]))
    assert 0 < told.rindex("点名已结束。") < told.rindex("解除"), "before the all-clear's own message"
    assert "点名已结束。" in school.question(LEADS["9-12"], "9-12")["text"]
    assert "reply_markup" not in school.question(LEADS["9-12"], "9-12")

    (kept,) = await school.roll_calls()
    assert kept.close_reason == ""
    assert kept.result is not None
    assert kept.result["all_s"] <= kept.result["target_s"] == 120
    assert [line["class"] for line in kept.result["classes"]] == list(NAMES)
    assert {line["state"] for line in kept.result["classes"]} == {"complete"}
    assert all(line["complete_s"] is not None for line in kept.result["classes"])
    assert kept.result["tally"]["present"] == PUPILS
    assert kept.result["staff"]["safe"] == 36
    assert len(kept.result["slowest"]) == 3


async def test_the_figures_stand_in_status_during_the_count_and_after_it(school):
    await school.evacuate()
    await school.everybody_here(without=("8-3",))
    await school.phone(EMILY).send("/status")
    told = await school.says(EMILY, "of 1500 here")
    here = PUPILS - SIZES["8-3"]
    assert f"{here} of 1500 here · ❔ {SIZES['8-3']} not counted yet" in told["text"]
    await school.phone(LI).send("/status")
    assert f"应到 1500 · 实到 {here}" in (await school.says(LI, "应到 1500"))["text"]
    await school.all_here("8-3")
    await school.all_clear("确认解除")
    await school.phone(EMILY).send("/status")
    after = await school.says(EMILY, "1500 of 1500 here", after=told["message_id"])
    assert "ALL CLEAR" not in after["text"]


async def test_all_are_asked_and_a_late_comer_on_the_roster_is_not(school):
    await school.evacuate()
    counted = await school.classes()
    assert all(LEADS[name].staff_id in one.asked for name, one in counted.items())
    assert counted["7-1"].asked == ("K7-1", "L7-1")
    others = [p for p in STAFF if not p.classes]
    assert not [t for p in others for t in school.texts(p) if "清点人数" in t or "Headcount" in t]


async def test_the_card_that_shows_everybody_does_not_wait_behind_the_groups_lines(school):
    await school.evacuate()
    await school.everybody_here(without=("9-12",))
    assert (await _urgent_cards(school)) == 1, "only the first"
    await school.all_here("9-12")
    await school.settle()
    assert (await _urgent_cards(school)) == 2


async def _urgent_cards(school):
    told = await school.read(lambda tx: tx.outbox.of_incident(1))
    return len([one for one in told if (one["kind"], one["lane"]) == (MessageKind.TALLY, "COMMAND")])


async def test_a_card_that_has_stood_still_goes_before_the_groups_lines(school, monkeypatch):
    monkeypatch.setattr(tallying, "STALE", timedelta(minutes=1))
    await school.evacuate()
    await school.all_here("7-1")
    await school.settle()
    assert await _last_lane(school) == "THREAD", "it is a second old"
    await school.after(seconds=61)
    await school.all_here("7-2")
    await school.settle()
    assert await _last_lane(school) == "ANNOUNCEMENT"


async def _last_lane(school):
    told = await school.read(lambda tx: tx.outbox.of_incident(1))
    return [one["lane"] for one in told if one["kind"] == MessageKind.TALLY][-1]
