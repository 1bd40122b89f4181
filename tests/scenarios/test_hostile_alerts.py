"""Broken sensors, full disks, drills and machines that say the wrong thing: what people then see."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import psutil
import pytest
from sqlalchemy import func, select
from yarl import URL

from bot import app
from bot.storage import driver
from bot.storage.tables import alerts, inbox, webhooks
from handlers.web import crowd
from tests.handlers.web.machines import (
    CAMERA,
    FIRE_PANEL,
    bearer,
    machines_at,
    signed,
    smoke,
    staged_with,
)
from tests.support import databases
from tests.support.cast import CAST, CENTRE, CHEN, EMILY, LI, SUN, WANG
from tests.support.stage import UNLIMITED

MONITOR = """
[[alert_sources]]
id = "monitor"
format = "generic"
token = "monitor-token"
opens = "inform"
"""
RELAY = """
[[alert_sources]]
id = "relay"
format = "cap"
token = "relay-token"
opens = "incident"
kind = "fire"
"""
MONITOR_IN = bearer("monitor-token")
CAMERA_IN = bearer("camera-token")
FLOOD, PER_POST = 10_000, 50
CAP = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{id}</identifier>
<sender>relay@example.org</sender><sent>2026-11-23T10:00:00+08:00</sent><status>{status}</status>
<msgType>Alert</msgType><scope>Public</scope><info><category>Fire</category><event>Fire</event>
<urgency>Immediate</urgency><severity>Extreme</severity><certainty>Observed</certainty>
<headline>Smoke everywhere</headline></info></alert>"""


@pytest.fixture
async def stage(tmp_path):
    async with staged_with(tmp_path, FIRE_PANEL, CAMERA, MONITOR, RELAY) as stage:
        yield stage


@pytest.fixture
async def machines(stage):
    async with machines_at(stage) as machines:
        yield machines


def texts(stage, person, chat=None):
    return [message.get("text", "") for message in stage.phone(person).messages(chat)]


async def incidents(stage):
    return await stage.read(lambda tx: tx.incidents.list_recent(10))


async def count(stage, table):
    return await stage.read(lambda tx: tx.connection.scalar(select(func.count()).select_from(table)))


async def relay(machines, status):
    body = CAP.format(id=f"cap-{status}", status=status).encode()
    return await machines.post(
        "relay", body, {**bearer("relay-token"), "Content-Type": "application/cap+xml"}
    )


# ── who only holds the line ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.sqlite_only("it is about connections")
async def test_a_stranger_who_holds_hundreds_of_quiet_lines_does_not_shut_out_the_fire_panel(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(crowd, "_HERE", ())
    monkeypatch.setattr(app, "QUIET_S", 2.0)
    async with staged_with(tmp_path, FIRE_PANEL) as stage, machines_at(stage) as machines:
        url = URL(machines.url)
        held = [
            await asyncio.open_connection(url.host, url.port, local_addr=("127.0.0.2", 0)) for _ in range(300)
        ]
        answer = await machines.sign("fire-panel", smoke())
        assert answer.status == 202
        async with asyncio.timeout(10):
            assert {await reader.read() for reader, _ in held} == {b""}
        for _, writer in held:
            writer.close()


# ── floods ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.sqlite_only("a time is held, and one database is enough to see it")
async def test_ten_thousand_alerts_of_one_sensor_are_one_incident_one_card_and_one_notice(tmp_path):
    limits = replace(UNLIMITED, group_per_minute=300)
    async with (
        staged_with(tmp_path, FIRE_PANEL, MONITOR, limits=limits) as stage,
        machines_at(stage) as machines,
    ):
        await machines.sign("fire-panel", smoke())
        thread = await stage.topic_named("2026-0001")
        await stage.phone(CHEN).send("/command", chat=CENTRE, thread=thread)
        await stage.quiet()
        before, memory = texts(stage, CHEN, CENTRE), psutil.Process().memory_info().rss

        for start in range(1, FLOOD, PER_POST):
            # one detector in five is a new one, the others repeat the first
            batch = [
                smoke() if n % 5 else smoke(alert_uid=f"loop-{n}") for n in range(start, start + PER_POST)
            ]
            assert (await machines.sign("fire-panel", batch[: FLOOD - start])).status == 202
        assert (await machines.post("monitor", {"title": "别的来源"}, MONITOR_IN)).status == 202
        await stage.says(CHEN, "ℹ️ 别的来源", chat=CENTRE)

        await stage.quiet(120)
        await stage.says(CHEN, f"×{FLOOD}", chat=CENTRE, thread=thread)
        told = [repr(call.params) for call in stage.simulator.calls]
        other, last = (
            next(n for n, one in enumerate(told) if words in one) for words in ("别的来源", f"×{FLOOD}")
        )
        assert other < last, "no other source waits for the end of the flood"
        assert len(await incidents(stage)) == 1
        in_thread = [m.get("text", "") for m in stage.phone(CHEN).messages(CENTRE, thread)]
        assert sum("×" in text for text in in_thread) == 1
        assert sum("🌊" in text for text in texts(stage, CHEN, CENTRE)) == 1
        assert len(texts(stage, CHEN, CENTRE)) - len(before) <= 3, "the other source's line, the notice"
        assert psutil.Process().memory_info().rss - memory < 64 * 1024**2


@pytest.mark.sqlite_only("a time is held, and one database is enough to see it")
async def test_a_thousand_repeats_in_one_post_let_an_sos_through(stage, machines):
    batch = [smoke(alert_uid=f"loop-{n}", title="烟") for n in range(1_000)]
    assert (await machines.sign("fire-panel", batch)).status == 202
    await stage.quiet(60)
    posting = asyncio.create_task(machines.sign("fire-panel", batch))
    let_through = 0
    while not posting.done():
        await stage.muster.database.write(lambda tx: tx.facts.set("sos", 1))
        let_through += 1
        await asyncio.sleep(0.005)
    assert (await posting).status == 200
    assert let_through > 10
    await stage.quiet(60)
    assert (await stage.read(lambda tx: tx.alerts.tally(1)))[0][2] == 2_000


async def test_a_muted_source_asks_until_somebody_listens_to_it_again(stage, machines):
    chen = stage.phone(CHEN)
    await machines.sign("fire-panel", [smoke(alert_uid=f"a{n}", zone="gym") for n in range(70)])
    await stage.says(CHEN, "🌊 fire-panel 报警过于频繁", chat=CENTRE)
    await stage.quiet()
    await machines.sign("fire-panel", smoke(alert_uid="elsewhere", zone="dorm"))
    await stage.says(CHEN, "❓ 3层烟感报警", chat=CENTRE)
    assert len(await incidents(stage)) == 1

    await chen.send("/sources", chat=CENTRE)
    listed = await stage.says(
        CHEN, lambda m: "🌊 fire-panel" in m.get("text", "") and "⚪" in m["text"], chat=CENTRE
    )
    assert "71" in listed["text"]
    await chen.press(listed["message_id"], "fire-panel", chat=CENTRE)
    async with asyncio.timeout(20):
        while (await stage.read(lambda tx: tx.sources.get("fire-panel"))).muted_until:
            await asyncio.sleep(0.02)
    await machines.sign("fire-panel", smoke(alert_uid="again", zone="A3"))
    await stage.topic_named("2026-0002 🔥 火灾 · 教学楼A座三层")


# ── a database that cannot write ───────────────────────────────────────────────────────────────────────────
class Full:
    """SQLite itself says that the disk is full: the file may not grow any more."""

    async def begin(self, database):
        await database.write(_pragma, "max_page_count=1")

    async def end(self, database):
        await database.write(_pragma, "max_page_count=1000000")


class Locked:
    """Another program keeps the file for itself."""

    async def begin(self, database):
        self._other = databases.hold(database)

    async def end(self, database):
        self._other.close()


def _pragma(tx, setting):
    tx.connection.exec_driver_sql(f"PRAGMA {setting}")


@pytest.mark.parametrize("trouble", [Full(), Locked()], ids=["full", "locked"])
async def test_what_cannot_be_kept_is_refused_whole_and_taken_when_sent_again(
    stage, machines, trouble, monkeypatch
):
    if isinstance(trouble, Full) and databases.is_postgres():
        trouble = Locked()  # no setting fills a server's disk; its writer is refused for another reason
    monkeypatch.setattr(driver, "WRITER_PATIENCE_S", 0.1)
    database = stage.muster.database
    long = [smoke(alert_uid=f"loop-{n}", message="烟" * 5_000) for n in range(8)]
    body = json.dumps(long, ensure_ascii=False).encode()
    headers = signed(body, webhook_id="msg_kept_once")
    await trouble.begin(database)
    for _ in range(3):
        answer = await machines.post("fire-panel", body, headers)
        assert (answer.status, answer.json) == (503, {"error": "not kept, send it again"})
        assert int(answer.headers["Retry-After"]) > 0
    assert [await count(stage, table) for table in (inbox, webhooks, alerts)] == [0, 0, 0]
    assert (await machines.get("/healthz")).status == 200
    assert (await machines.get("/alerts/1", CAMERA_IN)).status == 401

    monkeypatch.undo()
    await trouble.end(database)
    assert (await machines.post("fire-panel", body, headers)).status == 202
    assert (await machines.post("fire-panel", body, headers)).status == 200
    await stage.topic_named("2026-0001")
    await stage.quiet()
    assert await count(stage, alerts) == 8


# ── what machines say that is no alarm ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("word", ["故障", "屏蔽", "fault"])
async def test_a_panels_fault_goes_to_the_safety_office_and_is_no_incident(stage, machines, word):
    answer = await machines.sign("fire-panel", smoke(title="2号回路开路", state=word))
    await stage.says(LI, "🔧 设备故障（不是事件）：2号回路开路")
    await stage.quiet()
    assert await incidents(stage) == []
    assert not [one for one in CAST if one is not LI and texts(stage, one)]
    status = await machines.get(f"/alerts/{answer.json['alerts'][0]}", bearer(_secret()))
    assert status.json == {"state": "fault", "incident": None}


def _secret():
    return FIRE_PANEL.partition('secret = "')[2].partition('"')[0]


@pytest.mark.parametrize("word", ["ok", "复位", "resolved", "正常"])
async def test_no_word_of_a_machine_ends_an_incident(stage, machines, word):
    await machines.sign("fire-panel", smoke())
    thread = await stage.topic_named("2026-0001")
    await machines.sign("fire-panel", smoke(state=word))
    await stage.says(CHEN, "fire-panel 报告已恢复", chat=CENTRE, thread=thread)
    for _ in range(3):
        await machines.sign("fire-panel", smoke(state=word))
    await stage.quiet()
    (incident,) = await incidents(stage)
    assert incident.is_in_force


async def test_an_end_without_a_beginning_is_nothing(stage, machines):
    assert (await machines.sign("fire-panel", smoke(state="ok"))).status == 202
    await stage.quiet()
    assert await incidents(stage) == []
    assert stage.simulator.stats.sent == 0


# ── exercises, tests and drills ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("status", ["Test", "System", "Draft"])
async def test_a_test_is_a_line_and_calls_nobody(stage, machines, status):
    assert (await relay(machines, status)).status == 202
    await stage.says(CHEN, "Smoke everywhere", chat=CENTRE)
    await stage.quiet()
    assert await incidents(stage) == []
    assert not [one for one in CAST if texts(stage, one)]


async def test_an_exercise_pages_as_a_drill_only(stage, machines):
    assert (await relay(machines, "Exercise")).status == 202
    await stage.says(CHEN, "【演练】")
    await machines.sign("fire-panel", smoke(drill=True))
    await stage.quiet()
    assert [incident.mode.value for incident in await incidents(stage)] == ["DRILL"]
    shown = [text for person in CAST for text in texts(stage, person)] + texts(stage, CHEN, CENTRE)
    assert shown
    assert [text for text in shown if text and not text.startswith(("【演练】", "[DRILL]"))] == []


async def test_a_real_alarm_during_a_drill_is_real_and_suspends_it(stage, machines):
    await stage.phone(LI).send("/drill 火灾 A3", chat=CENTRE)
    await stage.says(SUN, "[DRILL] 🚨")
    await machines.sign("fire-panel", smoke())
    await stage.topic_named("2026-0002 🔥 火灾 · 教学楼A座三层")
    await stage.says(SUN, lambda m: m.get("text", "").startswith("🚨 🔥 Fire"))
    await stage.says(EMILY, "suspended")
    drill, real = sorted(await incidents(stage), key=lambda incident: incident.id)
    assert (drill.mode.value, real.mode.value) == ("DRILL", "REAL")
    assert drill.suspended_at is not None


# ── what came of it ────────────────────────────────────────────────────────────────────────────────────────
async def test_a_sender_can_ask_what_came_of_each_of_its_alerts(stage, machines):
    async def sent(source, payload, headers):
        answer = await machines.post(source, payload, headers)
        assert answer.status == 202
        await stage.quiet()
        return answer.json["alerts"][0]

    async def told(key, headers):
        answer = await machines.get(f"/alerts/{key}", headers)
        return (answer.json["state"], answer.json["incident"]) if answer.status == 200 else answer.status

    panel = bearer(_secret())
    opened = (await machines.sign("fire-panel", smoke())).json["alerts"][0]
    await stage.topic_named("2026-0001")
    joined = (await machines.sign("fire-panel", smoke(alert_uid="loop-18"))).json["alerts"][0]
    line = await sent("monitor", {"title": "31 ℃"}, MONITOR_IN)
    gate = await sent("camera", {"alert_uid": "gate", "zone": "gym"}, CAMERA_IN)
    assert await told(opened, panel) == ("opened", "2026-0001")
    assert await told(joined, panel) == ("joined", "2026-0001")
    assert await told(line, MONITOR_IN) == ("informed", None)
    assert await told(gate, CAMERA_IN) == ("review", None)
    assert await told(gate, MONITOR_IN) == await told(999_999, CAMERA_IN) == await told("x", CAMERA_IN) == 401

    question = await stage.says(CHEN, "❓", chat=CENTRE)
    await stage.phone(CHEN).press(question["message_id"], "不予处理", chat=CENTRE)
    await stage.says(CHEN, lambda m: "测试或检修" in json.dumps(m, ensure_ascii=False), chat=CENTRE)
    await stage.phone(CHEN).press(question["message_id"], "测试或检修", chat=CENTRE)
    await stage.says(CHEN, "不予处理。", chat=CENTRE)
    assert await told(gate, CAMERA_IN) == ("dismissed", None)
    over = (await machines.sign("fire-panel", smoke(state="ok"))).json["alerts"][0]
    await stage.quiet()
    assert await told(opened, panel) == ("resolved", "2026-0001")
    assert await told(over, panel) == ("done", None)


async def test_strangers_cannot_unmute(stage, machines):
    await machines.sign("fire-panel", [smoke(alert_uid=f"a{n}") for n in range(70)])
    await stage.says(CHEN, "🌊 fire-panel", chat=CENTRE)
    await stage.phone(WANG).send("/sources")
    await stage.says(WANG, "您没有此项权限")
    assert (await stage.read(lambda tx: tx.sources.get("fire-panel"))).muted_until is not None
