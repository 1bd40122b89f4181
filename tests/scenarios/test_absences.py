"""A morning: class leads say who is away, the safety office sends its list."""

from __future__ import annotations

import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import select

from bot.domain.headcount import Said
from bot.domain.roster import Role, SchoolClass
from bot.storage.tables import deliveries
from tests.support.cast import CENTRE, CHEN, CLASSES, EMILY, LI, PUPILS, QIAN, WANG
from tests.support.school36 import LEADS, SIZES


def today(stage):
    return stage.clock().astimezone(ZoneInfo("Asia/Shanghai")).date()


async def away(stage):
    return await stage.read(lambda tx: (tx.absences.named(today(stage)), tx.absences.counts(today(stage))))


async def more_classes(stage, *names):
    classes = (*CLASSES, *(SchoolClass(name, "8") for name in names))
    await stage.muster.database.write(lambda tx: tx.roster.replace_classes(classes))


async def test_a_class_lead_says_how_many_are_away_and_hears_how_it_was_understood(stage):
    wang = stage.phone(WANG)
    await wang.send("/absent 2")
    told = await stage.says(WANG, "7-3：今日缺勤 2 人，应到 3 人。")
    assert await away(stage) == (set(), {"7-3": 2})

    await wang.send("/absent 7-3 3人")
    told = await stage.says(WANG, "7-3：今日缺勤 3 人，应到 2 人。", after=told["message_id"])
    await wang.send("/absent 全到")
    await stage.says(WANG, "7-3：今日无人缺勤，应到 5 人。", after=told["message_id"])
    assert await away(stage) == (set(), {"7-3": 0})


async def test_by_numbers_it_is_exactly_these_and_a_count_may_only_add(stage):
    wang = stage.phone(WANG)
    await wang.send("/absent 4")
    await wang.send("/absent 7-3 01 703003")
    told = await stage.says(WANG, "7-3：今日缺勤 01、03 号，应到 3 人。")
    assert await away(stage) == ({"703001", "703003"}, {"7-3": 0})

    await wang.send("/absent 3")
    told = await stage.says(WANG, "7-3：今日缺勤 3 人，其中 01、03 号；应到 2 人。", after=told["message_id"])
    await wang.send("/absent 1")
    told = await stage.says(WANG, "7-3：已按学号登记缺勤 2 人", after=told["message_id"])
    assert await away(stage) == ({"703001", "703003"}, {"7-3": 3})

    await wang.send("/absent 3号")
    await stage.says(WANG, "7-3：今日缺勤 03 号，应到 4 人。", after=told["message_id"])
    assert await away(stage) == ({"703003"}, {"7-3": 0})


async def test_a_slip_changes_nothing_and_is_named(stage):
    wang = stage.phone(WANG)
    await wang.send("/absent 01 02")
    told = await stage.says(WANG, "01、02 号")
    for words, answer in (
        ("01 99", "本班没有学号“99”"),
        ("6", "本班没有学号“6”"),
        ("7-9 2", "没有“7-9”这个班级"),
        ("小明", "没有“小明”这个班级"),
        (",", "本班没有学号"),
    ):
        await wang.send(f"/absent {words}")
        told = await stage.says(WANG, answer, after=told["message_id"])
    assert await away(stage) == ({"703001", "703002"}, {"7-3": 0})


async def test_without_arguments_it_shows_the_record_and_how_to_change_it(stage):
    wang = stage.phone(WANG)
    await wang.send("/absent")
    told = await stage.says(WANG, "7-3：今日无人缺勤，应到 5 人。")
    assert "如需更改：/absent 6（缺勤人数）" in told["text"]
    await wang.send("/absent 02")
    await wang.send("/absent 7-3")
    told = await stage.says(WANG, "如需更改", after=told["message_id"])
    assert "7-3：今日缺勤 02 号，应到 4 人。" in told["text"]

    stage.clock.ahead += timedelta(days=1)
    await wang.send("/absent")
    await stage.says(WANG, "今日无人缺勤", after=told["message_id"])


async def test_only_who_counts_the_class_may_say_it(stage):
    await stage.phone(EMILY).send("/absent 7-3 2")
    await stage.says(EMILY, "Your role does not include this")
    await stage.phone(CHEN).send("/absent")
    await stage.says(CHEN, "您没有此项权限")
    await more_classes(stage, "8-1")
    await stage.phone(WANG).send("/absent 8-1 2")
    await stage.says(WANG, "您没有此项权限")
    assert await away(stage) == (set(), {})
    rows = await stage.read(lambda tx: list(tx.audit.rows()))
    refused = [(row.actor, row.subject) for row in rows if row.outcome == "refused"]
    assert refused == [("T2", "absent 7-3"), ("T3", "absent"), ("T1", "absent 8-1")]

    await stage.phone(QIAN).send("/absent 2")
    await stage.says(QIAN, "7-3：今日缺勤 2 人")


async def test_who_stands_in_for_the_class_may_say_it_on_that_day(stage):
    day = today(stage)
    await stage.muster.database.write(lambda tx: tx.covers.add("7-3", EMILY.staff_id, day, stage.clock()))
    await stage.phone(EMILY).send("/absent #4")
    await stage.says(EMILY, "7-3: absent today: No. 04. 4 expected.")
    await stage.phone(EMILY).send("/help")
    assert "/absent – Absent today" in (await stage.says(EMILY, "/report"))["text"]


async def test_who_has_several_classes_is_asked_which(stage):
    await more_classes(stage, "8-1")
    await stage.phone(LI).send("/absent 2")
    told = await stage.says(LI, "请在最前面写明班级：7-3、8-1。")
    await stage.phone(LI).send("/absent ７－３ 2")
    told = await stage.says(LI, "7-3：今日缺勤 2 人", after=told["message_id"])
    await stage.phone(LI).send("/absent 8-1 2")
    told = await stage.says(LI, "8-1：名册中尚无学生。", after=told["message_id"])
    await stage.phone(LI).send("/absent")
    told = await stage.says(LI, "如需更改：/absent 7-3 6", after=told["message_id"])
    assert "8-1：今日无人缺勤，应到 0 人。" in told["text"]


async def test_the_whole_schools_record_is_told_in_totals(stage):
    await more_classes(stage, *(f"8-{n}" for n in range(1, 10)))
    await stage.phone(WANG).send("/absent 01 02")
    await stage.says(WANG, "01、02 号")
    await stage.phone(LI).send("/absent")
    told = await stage.says(LI, "7-3：今日缺勤 2 人，应到 3 人。")
    assert "另有 9 个班级无缺勤记录。" in told["text"]
    assert "号" not in told["text"].partition("如需更改")[0]


async def test_the_command_centre_sees_no_more_than_the_short_numbers(stage):
    await stage.phone(LI).send("/absent 703001 703002", chat=CENTRE)
    told = await stage.says(LI, "7-3：今日缺勤 01、02 号", chat=CENTRE)
    assert "703001" not in told["text"]


async def test_no_pupils_number_reaches_the_audit_log(stage, capfd):
    await stage.phone(WANG).send("/absent 703001 703002")
    await stage.says(WANG, "01、02 号")
    rows = await stage.read(lambda tx: list(tx.audit.rows()))
    told = [row for row in rows if row.subject == "absent 7-3"]
    assert [(row.act, row.actor) for row in told] == [("count_class", "T1")]
    assert "'number': 2" in repr(told)
    assert not [row for row in rows if "70300" in repr(row)]
    printed = capfd.readouterr()
    assert "70300" not in printed.out + printed.err


@pytest.mark.parametrize("person", [WANG, QIAN, LI])
async def test_help_offers_it_to_who_counts_classes(stage, person):
    await stage.phone(person).send("/help")
    assert "/absent" in (await stage.says(person, "/report"))["text"]


async def test_help_does_not_offer_it_to_others(stage):
    assert Role.CLASS_LEAD not in EMILY.roles
    await stage.phone(EMILY).send("/help")
    assert "/absent" not in (await stage.says(EMILY, "/report"))["text"]


# ── the safety office's list ──────────────────────────────────────────────────────────────────────────────
async def test_the_safety_office_sends_a_list_which_is_shown_first_and_then_replaces_the_day(stage):
    await stage.phone(WANG).send("/absent 01 02")
    await stage.says(WANG, "01、02 号")
    day = today(stage).isoformat()
    text = f"学号,姓名,班级,缺勤日期,事由\n703002,学生2,7-3,{day},流感\n703005,学生5,7-3,{day},事假\n"
    await stage.phone(LI).send_document("缺勤.csv", text.encode("gb18030"))
    shown = await stage.says(LI, "缺勤：新增 1，变更 0，移除 1，不变 1")
    assert "70300" not in shown["text"]
    assert "一半以上" not in shown["text"]
    assert (await away(stage))[0] == {"703001", "703002"}

    await stage.phone(LI).press(shown, "确认导入")
    await stage.says(LI, "✅ 名册已更新")
    assert (await away(stage))[0] == {"703002", "703005"}
    await stage.phone(WANG).send("/absent")
    await stage.says(WANG, "02、05 号")
    rows = await stage.read(lambda tx: tx.inbox.page(0, 100) + list(tx.audit.rows()))
    assert "流感" not in repr(rows)


async def test_an_unknown_number_stops_the_list_without_being_shown(stage):
    text = f"student_no,absent_on\n703001,{today(stage)}\n999999,{today(stage)}\n"
    await stage.phone(LI).send_document("away.csv", text.encode())
    shown = await stage.says(LI, "文件未导入")
    assert "away.csv:3: unknown_pupil" in shown["text"]
    assert "999999" not in shown["text"]
    assert await away(stage) == (set(), {})


async def test_a_workbook_may_bring_new_pupils_and_who_of_them_is_away(stage):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["学号", "姓名", "班级"])
    for pupil in PUPILS:
        sheet.append([pupil.student_no, pupil.name, pupil.school_class])
    sheet.append(["703006", "新同学", "7-3"])
    absences = book.create_sheet("缺勤")
    absences.append(["学号", "请假日期"])
    absences.append(["703006", today(stage)])
    file = io.BytesIO()
    book.save(file)

    await stage.phone(LI).send_document("名册.xlsx", file.getvalue())
    shown = await stage.says(LI, "缺勤：新增 1")
    assert "学生：新增 1" in shown["text"]
    await stage.phone(LI).press(shown, "确认导入")
    await stage.says(LI, "✅ 名册已更新")
    assert (await away(stage))[0] == {"703006"}


async def test_during_a_roll_call_who_is_away_is_said_of_the_very_pupils(school):
    await school.evacuate()
    lead = LEADS["7-3"]
    await school.all_here("7-1")
    await school.phone(lead).send("/absent 17 21")
    await school.says(lead, "17、21")
    await school.settle()
    tally = (await school.class_of("7-3")).count.tally
    assert (tally.absent, tally.expected) == (2, SIZES["7-3"] - 2)
    assert await school.all_here("7-3") == f"7-3：✅ 全部到齐（{SIZES['7-3'] - 2}）"
    await school.says_of(lead, "7-3", Said.MISSING, "21")
    await school.phone(lead).send("/absent 17 21")
    await school.settle()
    assert (await school.class_of("7-3")).count.tally.missing == 0, "who said so may correct it"


async def test_during_a_roll_call_a_bare_number_explains_nobody_away(school):
    await school.evacuate()
    lead = LEADS["7-3"]
    await school.phone(lead).send("/absent 3")
    await school.says(lead, "正在进行的点名不按缺勤人数调整，请按学号发送：/absent 17号 21号。")
    await school.settle()
    assert (await school.class_of("7-3")).count.tally.expected == SIZES["7-3"]


async def test_what_absent_answered_is_forgotten_with_the_day(stage):
    await stage.phone(WANG).send("/absent 01 02")
    await stage.says(WANG, "01、02")
    await stage.quiet()
    assert await _answered(stage) != [{}]
    await _later(stage, days=6)
    assert await _answered(stage) != [{}]
    await _later(stage, days=2)
    assert await _answered(stage) == [{}]
    assert await away(stage) == (set(), {})


async def _later(stage, **time):
    await stage.after(**time)
    await stage.muster.services.holding.tick()


async def _answered(stage):
    asked = select(deliveries.c.params).where(deliveries.c.kind == "absences")
    return await stage.read(lambda tx: list(tx.connection.execute(asked).scalars()))
