"""What the principal reads: at the school's times, once each, whatever happened to the server meanwhile."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from bot.domain.message import MessageKind
from bot.storage.tables import deliveries
from tests.support.after_action import all_clear, evacuate, fire, with_document, words_of
from tests.support.cast import CENTRE, CHEN, LI, SUN, WU, ZHAO

CALENDAR = """
[school.calendar]
terms = [{ name = "秋季", from = 2026-09-01, to = 2026-10-14 }]
"""
MONDAY = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # 04:00 in Shanghai


async def at(stage, moment):
    """The clock stands there; what is due is dealt with."""
    stage.clock.set(moment)
    await stage.muster.services.digests.tick()
    await stage.muster.services.corrective.tick()
    await stage.quiet(timeout=30)


async def restarted(stage, moment, **changes):
    """Down until then, perhaps with other settings."""
    await stage.stop()
    path = stage.folder / "school.toml"
    text = path.read_text("utf-8")
    for key, value in changes.items():
        lines = [line for line in text.splitlines() if not line.startswith(f"{key} =")]
        text = "\n".join([*lines[:1], lines[1], f"{key} = {value}", *lines[2:]])
    path.write_text(text, encoding="utf-8")
    stage.clock.set(moment)
    await stage.start()
    await at(stage, moment)


async def digests(stage):
    """(kind, day) of every digest that was ever queued for the principal."""
    rows = await stage.read(
        lambda tx: tx.connection.execute(
            deliveries.select().where(deliveries.c.kind == MessageKind.DIGEST).order_by(deliveries.c.id)
        ).all()
    )
    return [(row.params["kind"], row.params["day"], row.params["is_late"]) for row in rows]


async def test_a_quiet_day_has_no_digest_but_the_week_always_has(stage):
    await at(stage, MONDAY)
    for n in range(7 * 4):
        await at(stage, MONDAY + timedelta(hours=6 * n))
    assert [kind for kind, _, _ in await digests(stage)] == ["weekly"]
    got = await stage.says(ZHAO, "主要数据一览")
    picture = stage.simulator.world.files.get(got["photo"][-1]["file_id"]).content
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 1_000_000
    got = await stage.says(ZHAO, with_document("🗓 本周安全"))
    assert "平安无事，没有到期事项" in got["caption"]
    assert got["document"]["file_name"] == "校园安全周报-2026-11-27.pdf"
    assert "校园安全周报" in words_of(stage, got)


async def test_the_morning_tells_of_the_night_and_of_what_is_open(stage):
    await at(stage, MONDAY)
    thread = await fire(stage)
    await evacuate(stage, thread)
    await stage.phone(LI).send("/corrective 吴涛 2026-11-23 移走楼梯口垃圾桶", chat=CENTRE, thread=thread)
    await stage.says(WU, "整改措施 1 由您负责")
    await at(stage, MONDAY + timedelta(hours=3, minutes=31))
    text = (await stage.says(ZHAO, "☀️ 早间简报"))["text"]
    for part in (
        "🚨 事件 1 起",
        "2026-0001 🔥 火灾 · 教学楼A座三层",
        "🔴 1 起仍在处置：2026-0001",
        "未完成整改 1 项",
    ):
        assert part in text, text
    assert len(text) < 400, "to be read in ten seconds"
    assert "补发" not in text
    await all_clear(stage, thread)
    await at(stage, MONDAY + timedelta(hours=15))
    text = (await stage.says(ZHAO, "🌙 当日小结"))["text"]
    assert "待审定总结报告 1 份：2026-0001" in text


async def test_a_term_with_restarts_has_exactly_one_of_each(stage):
    path = stage.folder / "school.toml"
    path.write_text(path.read_text("utf-8") + CALENDAR, encoding="utf-8")
    begin = datetime(2026, 8, 31, 22, 0, tzinfo=UTC)
    await restarted(stage, begin)
    await fire(stage)  # stays open, so that no day is quiet
    now = begin
    for n in range(1, 47):
        now = begin + timedelta(hours=22 * n)
        if n % 9 == 0:
            await restarted(stage, now)
        else:
            await at(stage, now)
            await at(stage, now)
    told = Counter((kind, day) for kind, day, _ in await digests(stage))
    assert set(told.values()) == {1}
    kinds = Counter(kind for kind, _ in told)
    days = (now - begin).days
    # Looked at every 22 hours, each day's digest is found; of two at one look only the newer is sent.
    assert days - 7 <= kinds["morning"] <= days + 1
    assert days - 7 <= kinds["evening"] <= days + 1
    assert kinds["termly"] == 0
    await at(stage, datetime(2026, 10, 15, 0, 0, tzinfo=UTC))
    await at(stage, datetime(2026, 10, 16, 0, 0, tzinfo=UTC))
    told = Counter(kind for kind, _, _ in await digests(stage))
    assert told["termly"] == 1
    got = await stage.says(ZHAO, with_document("📚 本学期"))
    assert "学期安全工作评估" in words_of(stage, got)


async def test_what_was_missed_while_the_server_was_down_comes_once_and_says_that_it_is_late(stage):
    await at(stage, MONDAY)
    await fire(stage)
    await restarted(stage, MONDAY + timedelta(days=3, hours=6))
    await at(stage, MONDAY + timedelta(days=3, hours=6, minutes=1))
    assert await digests(stage) == [("morning", "2026-11-26", True), ("evening", "2026-11-25", True)]
    await stage.says(ZHAO, "（补发：当时系统未运行）")
    await at(stage, MONDAY + timedelta(days=3, hours=14, minutes=1))
    assert (await digests(stage))[2:] == [("evening", "2026-11-26", False)]
    await at(stage, MONDAY + timedelta(days=4, hours=3, minutes=31))
    assert (await digests(stage))[3:] == [("morning", "2026-11-27", False)]


async def test_after_a_change_of_the_time_zone_each_day_still_comes_once(stage):
    await at(stage, MONDAY)
    await fire(stage)
    await at(stage, MONDAY + timedelta(hours=4))
    zones = ("Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Shanghai")
    for n, zone in enumerate(zones, start=1):
        await restarted(stage, MONDAY + timedelta(hours=4 + 30 * n), timezone=f'"{zone}"')
        for hours in (6, 12, 18, 24):
            await at(stage, MONDAY + timedelta(hours=4 + 30 * n + hours))
    told = Counter((kind, day) for kind, day, _ in await digests(stage))
    assert set(told.values()) == {1}


async def test_on_demand_it_comes_up_to_now_and_only_to_who_may_read_it(stage):
    thread = await fire(stage)
    await evacuate(stage, thread)
    await all_clear(stage, thread)
    await stage.phone(SUN).send("/digest")
    text = (await stage.says(SUN, "🌙 Evening summary"))["text"]
    assert "🚨 1 incident" in text
    await stage.phone(SUN).send("/digest week")
    got = await stage.says(SUN, with_document("🗓 The week"))
    words = words_of(stage, got)
    assert "Weeklysafetydigest" in words
    assert "2026-0001" in words
    await stage.phone(CHEN).send("/digest")
    await stage.says(CHEN, "您没有此项权限")
    await stage.phone(ZHAO).send("/review")
    got = await stage.says(ZHAO, with_document("📚 本学期"))
    words = words_of(stage, got)
    assert "每月演练完成情况" in words
    assert "个月中有0个月开展了演练" in words


async def test_the_settings_name_who_else_reads_it(stage):
    path = stage.folder / "school.toml"
    path.write_text(path.read_text("utf-8") + f'\n[digest]\nalso = ["{WU.staff_id}"]\n', encoding="utf-8")
    await restarted(stage, MONDAY)
    await fire(stage)
    await at(stage, MONDAY + timedelta(hours=4))
    await stage.says(WU, "☀️ 早间简报")
    await stage.phone(WU).send("/digest week")
    await stage.says(WU, with_document("🗓 本周安全"))


async def test_after_a_night_that_muster_was_down_the_next_reminder_comes_in_the_morning(stage):
    await at(stage, MONDAY)
    await stage.phone(LI).send("/corrective 吴涛 2026-12-01 移走楼梯口垃圾桶")
    await stage.says(WU, "🔧 整改措施 1 由您负责")
    await at(stage, datetime(2026, 12, 1, 18, 0, tzinfo=UTC))  # 02:00 on 2 December in Shanghai
    await stage.says(WU, "🔧 整改措施 1 已逾期")
    action = await stage.read(lambda tx: tx.corrective_actions.get(1))
    assert action.remind_at == datetime(2026, 12, 9, 1, 0, tzinfo=UTC)


async def test_a_corrective_action_is_reminded_of_until_it_is_done_with_a_proof(stage):
    await at(stage, MONDAY)
    await stage.phone(LI).send("/corrective 吴涛 2026-11-30 移走楼梯口垃圾桶")
    new = await stage.says(WU, "🔧 整改措施 1 由您负责")
    await at(stage, MONDAY + timedelta(days=4, hours=6))
    await stage.says(WU, "🔧 整改措施 1 提醒")
    await at(stage, MONDAY + timedelta(days=7, hours=6))
    await at(stage, MONDAY + timedelta(days=14, hours=7))
    await stage.says(WU, "🔧 整改措施 1 已逾期")
    text = (await stage.says(ZHAO, "☀️ 早间简报"))["text"]
    assert "未完成整改 1 项，逾期 1 项" in text
    await stage.phone(WU).press(new, "已完成")
    await stage.says(WU, "请在下一条消息中写明完成情况和依据")
    await stage.phone(WU).send("已移走，照片存安全办")
    await stage.says(WU, "整改措施 1 已完成，谢谢")
    await stage.says(LI, "吴涛：“已移走，照片存安全办”")
    press = await stage.phone(WU).press(new, "已完成")
    assert "此前已完成" in (await stage.phone(WU).wait_answer(press))["text"]
    before = len(stage.heard(WU, "已逾期"))
    await at(stage, MONDAY + timedelta(days=30))
    assert len(stage.heard(WU, "已逾期")) == before
    await stage.phone(WU).send("/corrective")
    await stage.says(WU, "没有未完成的整改措施")


async def test_who_what_and_when_are_asked_for_and_nonsense_is_refused(stage):
    for words, answer in (
        ("/corrective 吴涛 移走", "请写明责任人、期限和内容"),
        ("/corrective 吴涛 2026-13-40 移走", "请写明责任人、期限和内容"),
        ("/corrective 无此人 +7 移走", "教职工名册"),
        ("/corrective 吴涛 2020-01-01 移走", "2020-01-01 已过"),
        ("/corrected 77 好了", "没有编号为 77 的整改措施"),
        ("/corrected", "没有编号为 0 的整改措施"),
    ):
        said = await stage.phone(LI).send(words)
        await stage.says(
            LI,
            lambda m, answer=answer: answer in m.get("text", "") or "“无此人”" in m.get("text", ""),
            after=said["message_id"],
        )


async def test_the_principal_reads_how_a_running_incident_stands(stage):
    thread = await fire(stage)
    await evacuate(stage, thread)
    await stage.phone(CHEN).send("/severity 1", chat=CENTRE, thread=thread)
    text = (await stage.says(ZHAO, "🧭 2026-0001 处置情况"))["text"]
    for part in ("Ⅰ级", "总指挥：陈刚", "疏散", "1 个班尚未回复"):
        assert part in text, text
    before = len(stage.heard(ZHAO, "🧭"))
    await stage.after(minutes=31)
    await stage.quiet()
    await stage.after(minutes=31)
    await stage.quiet()
    assert len(stage.heard(ZHAO, "🧭")) == before + 2
    await all_clear(stage, thread)
    await stage.after(minutes=61)
    await stage.quiet()
    assert len(stage.heard(ZHAO, "🧭")) == before + 2


async def test_a_digest_that_cannot_be_made_holds_up_no_other_and_comes_later(stage, monkeypatch):
    await at(stage, MONDAY)
    await fire(stage)

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("bot.services.digesting._since_evening", broken)
    await at(stage, MONDAY + timedelta(hours=15))
    assert [kind for kind, _, _ in await digests(stage)] == ["evening"]
    monkeypatch.undo()
    await at(stage, MONDAY + timedelta(hours=15, minutes=2))
    assert [kind for kind, _, _ in await digests(stage)] == ["evening", "morning"]
