"""Reports of what a school can meet: everything at once, three incidents at a time, a night when the clock jumps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from bot.cli import cli
from bot.storage.tables import after_action_versions, audit, documents
from tests.support.after_action import (
    accepted,
    all_clear,
    evacuate,
    fire,
    made,
    order,
    with_document,
    words_of,
)
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG, ZHAO
from tests.support.school36 import LEADS, NAMES, NAMESAKE


async def test_an_incident_with_everything_has_all_of_it_in_its_report_and_no_pupils_name(school):
    await school.evacuate()
    await school.everybody_here(without=("8-4", "9-2"))
    await school.miss("8-4", "03")
    await school.phone(CHEN).send("/note 已切断三楼电源", chat=CENTRE, thread=school.thread)
    await school.disconnect(LEADS["9-12"])
    await school.after(minutes=4)
    await school.settle()
    await school.command("/severity 1", "Ⅱ级（重大） → Ⅰ级（特别重大）")
    await school.order("/allclear", "发布解除令", "警方")
    await made(school)
    for reader, parts in (
        (
            ZHAO,
            (
                "应清点36个班1500人",
                "结束时1人下落不明",
                "1个班始终未回复",
                "结束点名时尚未完成：8-4",
                "8-4一名学生自第",
                "与警方继续搜寻",
                "已切断三楼电源",
                "下令后已清点学生数",
                "信息发送量",
                "各班情况",
                "9-12",
            ),
        ),
        (LI, ("Ⅰ级（特别重大）", "自下令起全员核实完毕：未实现")),
    ):
        got = await school.says(reader, with_document("2026-0001 处置总结报告"))
        words = words_of(school, got)
        assert [part for part in parts if part not in words] == []
        assert NAMESAKE not in words
        assert all(f"{name}" in words for name in NAMES)


async def test_three_incidents_at_once_have_three_reports_of_their_own(stage):
    first = await fire(stage)
    await stage.phone(SUN).send("/report medical gym a pupil fell")
    second = await stage.topic_named("2026-0002")
    await stage.phone(LI).send("/report 停水停电停气 宿舍 停水")
    await stage.topic_named("2026-0003")
    await evacuate(stage, first)
    await all_clear(stage, first)
    await order(stage, "/allclear", "发布解除令", second)
    ask = await stage.says(CHEN, "发布解除令", chat=CENTRE, thread=second)
    await stage.phone(CHEN).press(ask["message_id"], "确认解除", chat=CENTRE)
    await stage.phone(CHEN).send("/cancel 2026-0003 已恢复供水")
    await stage.quiet()
    await made(stage)
    found = {}
    for number in ("2026-0001", "2026-0002", "2026-0003"):
        got = await stage.says(LI, with_document(f"📄 {number}"))
        found[number] = words_of(stage, got)
    assert "smokeinthecorridor" in found["2026-0001"]
    assert "apupilfell" in found["2026-0002"]
    assert "smokeinthecorridor" not in found["2026-0002"] + found["2026-0003"]
    assert "误报或中止演练情况简报" in found["2026-0003"]
    await stage.phone(LI).send("/afteraction submit")
    await stage.says(LI, "2026-0001、2026-0002。请先写事件编号")
    await accepted(stage, "2026-0002")
    await order(stage, "/close 已送医", "陈刚结案：已送医", second)
    await order(stage, "/close 已扑灭", "2026-0001：总结报告尚未经校长审定", first)


async def test_a_night_across_midnight_in_which_the_clock_is_set_back(stage):
    """Berlin, 25 October 2026: 03:00 becomes 02:00, so that 02:30 comes twice."""
    path = stage.folder / "school.toml"
    await stage.stop()
    path.write_text(path.read_text("utf-8").replace("Asia/Shanghai", "Europe/Berlin"), encoding="utf-8")
    begin = datetime(2026, 10, 24, 21, 50, tzinfo=UTC)
    stage.clock.set(begin)
    await stage.start()
    thread = await fire(stage)
    for hours, minutes in ((2, 40), (1, 0)):  # 00:30 and 01:30 UTC
        await stage.after(hours=hours, minutes=minutes)
        await order(stage, f"/note 第{hours}条", f"第{hours}条", thread)
    await all_clear(stage, thread)
    got = await stage.says(LI, with_document("2026-0001"))
    words = words_of(stage, got)
    for part in (
        "2026年10月24日星期六23:50",
        "2026年10月25日星期日02:30，历时3小时40分",
        "+2:40:0",
        "+3:40:0",
    ):
        assert part in words, part
    assert words.count("02:30:") >= 4, "each of both notes, in the handling and in the course"
    await stage.phone(EMILY).send("/language en")
    assert timedelta(hours=3) < stage.clock() - begin < timedelta(hours=4)


async def test_an_order_that_not_everybody_got_says_who_did_not(stage):
    thread = await fire(stage)
    await stage.muster.database.write(lambda tx: tx.people.save([replace(WANG, telegram_id=None)]))
    await evacuate(stage, thread)
    await all_clear(stage, thread)
    words = words_of(stage, await stage.says(ZHAO, with_document("2026-0001")))
    assert "疏散指令送达用时（应送达11人，已送达10人）" in words
    assert "未能确认收到消息、须当面或电话告知：王芳" in words


async def test_an_accepted_report_changed_in_the_database_is_shown_to_nobody_and_the_refusal_is_audited(
    stage,
):
    thread = await fire(stage)
    await all_clear(stage, thread)
    await accepted(stage)
    await stage.says(LI, with_document("赵敏已审定"))
    version = (await stage.read(lambda tx: tx.after_actions.versions(1)))[-1]
    data = (await stage.read(lambda tx: tx.documents.get(version.document_id))).data
    forged = data | {"head": data["head"] | {"outcome": "并无任何人受伤的假话"}}
    change = update(documents).where(documents.c.id == version.document_id).values(data=forged)
    with pytest.raises(DBAPIError, match="an accepted report does not change"):
        await stage.muster.database.write(lambda tx: tx.connection.execute(change))
    undone = update(after_action_versions).where(after_action_versions.c.decision == "accepted")
    with pytest.raises(DBAPIError, match="what was decided about a report does not change"):
        await stage.muster.database.write(lambda tx: tx.connection.execute(undone.values(decided_by="T1")))

    def forge(tx):
        """As who owns the database may."""
        if tx.connection.dialect.name == "sqlite":
            tx.connection.execute(text("DROP TRIGGER documents_accepted_stay_update"))
        else:
            tx.connection.execute(text("DROP TRIGGER documents_accepted_stay ON documents"))
        tx.connection.execute(change)

    await stage.muster.database.write(forge)
    said = await stage.phone(ZHAO).send("/afteraction 2026-0001")
    got = await stage.says(ZHAO, "存档内容与审定时不一致", after=said["message_id"])
    assert "document" not in got
    rows = await stage.read(lambda tx: tx.connection.execute(select(audit.c.act, audit.c.outcome)).all())
    assert ("report changed", "refused") in [tuple(row) for row in rows]


async def test_an_accepted_report_is_exported_as_a_file_that_verifies_without_the_server(stage, tmp_path):
    thread = await fire(stage)
    await all_clear(stage, thread)
    await accepted(stage)
    await stage.stop()
    where = ["-c", str(stage.folder / "school.toml"), "-o", str(tmp_path / "out")]
    assert CliRunner().invoke(cli, ["export", "2026-0001", *where]).exit_code == 0
    [path] = (tmp_path / "out").glob("2026-0001-report-v*.json")
    said = CliRunner().invoke(cli, ["verify", str(path)])
    assert said.exit_code == 0
    assert "report on 2026-0001 version 2, of 青城中学" in said.output
    path.write_text(path.read_text("utf-8").replace("smoke in", "no smoke in"), encoding="utf-8")
    assert CliRunner().invoke(cli, ["verify", str(path)]).exit_code == 1
