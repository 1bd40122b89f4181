"""Who is missing here and extra there is one pupil; who contradicts each other is not overruled by a later tap."""

from __future__ import annotations

import csv

from bot.domain.headcount import ClassState, PupilState, Said
from tests.support.cast import CENTRE, CHEN, LI
from tests.support.process import command
from tests.support.school36 import CO_LEADS, LEADS, PUPILS, SIZES, says_number


async def state_of(school, name, number):
    return next(p.status for p in await school.pupils(name) if p.student_no.endswith(number))


async def test_missing_first_then_found_with_another_class(school):
    await school.evacuate()
    grid = await school.miss("7-3", "05")
    assert "❌ 未到：05" in grid["text"]
    await school.press(LEADS["7-3"], school.question(LEADS["7-3"], "7-3"), f"其余 {SIZES['7-3'] - 1} 人到齐")
    await school.everybody_here(without=("7-3",))
    card = school.card()["text"]
    assert "实到 1499 · ❌ 未到 1" in card
    assert "🟥7-3" in card

    await school.says_of(LEADS["8-2"], "8-2", Said.WITH_ME, "05", of="7-3")
    for lead in (LEADS["7-3"], LEADS["8-2"], CO_LEADS["8-2"]):
        await school.says(lead, "✅ 已找到：7-3 05 号在 8-2。")
    await school.says(CHEN, "7-3 未到学生已找到，在 8-2", chat=CENTRE, thread=school.thread)
    await school.says(CHEN, "✅ 全员核实完毕，用时", chat=CENTRE, thread=school.thread)
    tally = await school.tally()
    assert (tally.present, tally.missing, tally.extra) == (PUPILS, 0, 1)
    assert "实到 1500 · ➕ 外班 1" in school.card()["text"]

    await school.all_clear("确认解除")
    (kept,) = await school.roll_calls()
    (search,) = kept.result["searches"]
    assert (search["class"], search["found_with"]) == ("7-3", "8-2")
    assert search["missing_s"] <= search["found_s"]
    assert not says_number(repr(kept.result["searches"]), "05")
    written = await exported(school)
    assert list(csv.DictReader(written["searches"])) == [{key: str(value) for key, value in search.items()}]
    (line,) = csv.DictReader(written["result"])
    took_s = kept.result["all_s"]
    assert (line["all_s"], line["is_in_time"], line["missing"]) == (str(took_s), str(took_s <= 120), "0")
    classes = {row["class"]: row for row in csv.DictReader(written["headcount"])}
    assert int(classes["7-3"]["complete_s"]) >= search["missing_s"]
    assert classes.keys() == set(SIZES)


async def exported(school):
    """The tables that `muster export` writes, as a school office opens them; by part."""
    folder = school.folder / "record"
    done = await command(school.folder, "export", "2026-0001", "-o", str(folder))
    assert done.code == 0, done.err
    tables = {path.stem.removeprefix("2026-0001-"): path for path in folder.glob("*.csv")}
    return {part: path.read_text("utf-8-sig").splitlines() for part, path in tables.items()}


async def test_extra_first_then_missed_by_its_own_class(school):
    await school.evacuate()
    await school.says_of(LEADS["8-2"], "8-2", Said.WITH_ME, "05", of="7-3")
    await school.miss("7-3", "05")
    for lead in (LEADS["7-3"], LEADS["8-2"]):
        await school.says(lead, "✅ 已找到：7-3 05 号在 8-2。")
    assert (await state_of(school, "7-3", "05")).state is PupilState.PRESENT
    await school.everybody_here()
    tally = await school.tally()
    assert (tally.present, tally.missing, tally.extra) == (PUPILS, 0, 1)
    assert (await school.class_of("7-3")).count.state is ClassState.COMPLETE


async def test_a_number_too_low_and_one_too_high_stay_red_until_somebody_names_the_pupil(school):
    await school.evacuate()
    await school.everybody_here(without=("7-3", "8-2"))
    await school.phone(LEADS["7-3"]).send(f"/headcount {SIZES['7-3'] - 1}")
    await school.phone(LEADS["8-2"]).send(f"/headcount {SIZES['8-2'] + 1}")
    await school.settle()
    tally = await school.tally()
    assert (tally.missing, tally.unnamed_missing, tally.unnamed_extra) == (1, 1, 1)
    assert "其中 1 人尚不知是谁" in school.question(LEADS["7-3"], "7-3")["text"]
    await school.says_of(LEADS["8-2"], "8-2", Said.WITH_ME, "05", of="7-3")
    tally = await school.tally()
    assert (tally.present, tally.missing, tally.extra, tally.unnamed_extra) == (PUPILS, 0, 1, 0)


async def test_no_all_here_of_the_other_lead_wipes_out_who_is_named_missing(school):
    await school.evacuate()
    await school.everybody_here(without=("8-1",))
    await school.miss("8-1", "03")
    await school.phone(CO_LEADS["8-1"]).send("/headcount 8-1 全部")
    await school.settle()
    assert (await state_of(school, "8-1", "03")).state is PupilState.MISSING
    counted = await school.class_of("8-1")
    assert (counted.count.state, counted.count.tally.missing) == (ClassState.DISPUTED, 1)
    assert "🟪8-1" in school.card()["text"]
    for person in (LEADS["8-1"], CO_LEADS["8-1"], LI):
        await school.says(person, "⚠️ 8-1：上报的说法不一致，请重新清点")
    assert "⚠️ 负责人说法不一" in school.question(CO_LEADS["8-1"], "8-1")["text"]

    await school.phone(CO_LEADS["8-1"]).send("/headcount 8-1 all")
    await school.settle()
    assert (await school.class_of("8-1")).count.state is ClassState.DISPUTED

    await school.says_of(LEADS["8-1"], "8-1", Said.WITH_ME, "03")
    await school.says(CHEN, "8-1：班主任8-1 已核定不一致的说法", chat=CENTRE, thread=school.thread)
    assert (await school.tally()).present == PUPILS
    assert (await school.events()).count("class_disputed") == 1


async def test_the_office_settles_what_the_leads_do_not(school):
    await school.evacuate()
    await school.all_here("8-1", CO_LEADS["8-1"])
    await school.miss("8-1", "03")
    assert (await school.class_of("8-1")).count.state is ClassState.DISPUTED
    await school.says_of(LI, "8-1", Said.MISSING, "03", words="操场西侧")
    status = await state_of(school, "8-1", "03")
    assert (status.state, status.is_disputed, status.words) == (PupilState.MISSING, False, "操场西侧")
    assert (await school.class_of("8-1")).count.state is ClassState.SHORT
    assert "🟥8-1" in school.card()["text"]


async def test_two_numbers_are_a_disagreement_until_both_say_the_same(school):
    await school.evacuate()
    await school.phone(LEADS["8-2"]).send("/headcount 43")
    await school.phone(CO_LEADS["8-2"]).send("/headcount 8-2 41")
    await school.settle()
    counted = await school.class_of("8-2")
    assert (counted.count.state, counted.count.tally.missing) == (ClassState.DISPUTED, 2), "the worse holds"
    await school.phone(LEADS["8-2"]).send("/headcount 41")
    await school.settle()
    counted = await school.class_of("8-2")
    assert (counted.count.state, counted.count.tally.missing) == (ClassState.SHORT, 2)
    await school.phone(LI).send("/headcount 8-2 43")
    await school.settle()
    assert (await school.class_of("8-2")).count.state is ClassState.COMPLETE


async def test_a_correction_after_everybody_was_there_opens_the_count_again(school):
    await school.evacuate()
    await school.everybody_here()
    assert "✅ 全员核实用时" in school.card()["text"]
    await school.miss("9-3", "07")
    card = school.card()["text"]
    assert "🟥9-3" in card
    assert "实到 1499 · ❌ 未到 1\n⏱ 下令后" in card
    await school.says(CHEN, f"班主任9-3：9-3 应到 {SIZES['9-3']}，实到", chat=CENTRE, thread=school.thread)

    lead = LEADS["9-3"]
    await school.phone(lead).send("在卫生间，穿红色外套")
    menu = await school.says(lead, "9-3 07 号：未到")
    assert "“在卫生间，穿红色外套”" in menu["text"]
    await school.press(CHEN, school.card(), "未到学生")
    listed = await school.says(CHEN, "❌ 9-3 07 号", chat=CENTRE, thread=school.thread)
    assert "“在卫生间，穿红色外套”" in listed["text"]

    await school.press(lead, menu, "在我这里")
    await school.settle()
    assert (await school.tally()).present == PUPILS
    assert "✅ 全员核实用时" in school.card()["text"]
    events = await school.events()
    assert events.count("everybody_counted") == 2
    assert len([one for one in events if one == "class_counted"]) >= 39, "each word is an entry"
    assert set(school.card_calls()[1:]) == {"editMessageText"}


async def test_a_class_without_the_children_who_are_away_today_is_whole(school):
    await school.phone(LEADS["7-2"]).send("/absent 01 02")
    await school.says(LEADS["7-2"], "今日缺勤 01、02 号")
    await school.evacuate()
    assert f"应到 {SIZES['7-2'] - 2} 人" in school.question(LEADS["7-2"], "7-2")["text"]
    await school.everybody_here()
    tally = await school.tally()
    assert (tally.expected, tally.present, tally.absent) == (PUPILS - 2, PUPILS - 2, 2)
    assert "应到 1498 · 实到 1498 · 🏠 缺勤 2" in school.card()["text"]
    await school.says_of(LEADS["7-2"], "7-2", Said.WITH_ME, "01")
    tally = await school.tally()
    assert (tally.expected, tally.present, tally.absent) == (PUPILS - 1, PUPILS - 1, 1), "one came after all"


async def test_the_grid_shows_what_was_said_below_it(school):
    await school.evacuate()
    lead = LEADS["7-3"]
    grid = await school.miss("7-3", "05")
    (others,) = grid["reply_markup"]["inline_keyboard"][-1]
    assert others["text"] == f"其余 {SIZES['7-3'] - 1} 人到齐"
    await school.press(lead, grid, others["text"])
    await school.settle()
    shown = next(m for m in school.phone(lead).messages() if m["message_id"] == grid["message_id"])
    assert f"应到 {SIZES['7-3']}，实到 {SIZES['7-3'] - 1} · ❌ 未到 1" in shown["text"]
    labels = [key["text"] for row in shown["reply_markup"]["inline_keyboard"] for key in row]
    assert "❌05" in labels
    assert others["text"] not in labels, "it is said"
    await school.press(lead, shown, "❌05")
    menu = await school.says(lead, "05 号：未到")
    await school.press(lead, menu, "✅ 在我这里")
    await school.settle()
    assert (await school.class_of("7-3")).count.state is ClassState.COMPLETE


async def test_where_a_pupil_was_seen_is_answered_with_the_press_that_ends_the_count(school):
    await school.evacuate()
    lead, rest = LEADS["7-3"], f"其余 {SIZES['7-3'] - 1} 人到齐"
    grid = await school.miss("7-3", "17")
    assert f"请按下方“{rest}”" in grid["text"]
    await school.phone(lead).send("操场东侧")
    await school.press(lead, await school.says(lead, "操场东侧"), rest)
    await school.settle()
    shown = school.phone(lead).messages()[-1]
    assert "请点未到学生的学号" in shown["text"]
    assert "点完后" not in shown["text"]
    counted = await school.class_of("7-3")
    assert (counted.count.tally.present, counted.count.tally.missing) == (SIZES["7-3"] - 1, 1)
