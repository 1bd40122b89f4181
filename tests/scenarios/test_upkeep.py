"""What an IT teacher sees before, during and outside: check --online, doctor, and the heartbeat."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.config import load
from bot.doctor import Doctor
from bot.findings import Sign, clock_finding
from bot.heartbeat import Heartbeat
from bot.online_check import OnlineCheck
from bot.services.backing_up import back_up
from bot.storage.database import Database
from tests.support.cast import EMILY
from tests.support.process import free_port
from tests.support.stage import Stage


@pytest.fixture
async def stage(tmp_path):
    """Not running yet; the port is known, as in a school."""
    stage = await Stage.set(tmp_path)
    path = tmp_path / "school.toml"
    path.write_text(path.read_text("utf-8").replace("127.0.0.1:0", f"127.0.0.1:{free_port()}"), "utf-8")
    yield stage
    await stage.stop()
    await stage.simulator.stop()


def _parts(stage):
    settings = load(stage.folder / "school.toml", {})
    return settings, Database(settings.database.url, folder=settings.data_folder)


async def online(stage):
    return {finding.area: finding for finding in await OnlineCheck(*_parts(stage)).run()}


async def doctor(stage):
    return {finding.area: finding for finding in await Doctor(*_parts(stage), stage.clock).run()}


async def test_before_the_first_start_everything_is_there(stage):
    found = await online(stage)
    assert [str(one) for one in found.values() if one.sign is Sign.WRONG] == []
    assert {
        "clock",
        "Telegram",
        "command centre",
        "channel",
        "updates",
        "disk",
        "database",
        "pages",
        "fonts",
    } <= set(found)
    assert found["pages"].sign is Sign.HINT, "nobody answers yet"
    assert "sendMessage" not in {call.method for call in stage.simulator.calls}


async def test_a_running_muster_answers_at_its_address(stage):
    await stage.start()
    assert (await online(stage))["pages"].sign is Sign.GOOD


async def test_a_wrong_token_is_named_and_not_shown(stage):
    path = stage.folder / "school.toml"
    text = path.read_text("utf-8")
    token = text.partition('token = "')[2].partition('"')[0]
    path.write_text(text.replace(token, "77:wrong-and-secret"), "utf-8")
    found = await online(stage)
    assert found["token"].sign is Sign.WRONG
    assert not [one for one in found.values() if "wrong-and-secret" in str(one)]


async def test_telegram_that_cannot_be_reached_hides_nothing_else(stage):
    await stage.simulator.stop()
    found = await online(stage)
    assert found["Telegram"].sign is Sign.WRONG
    assert found["database"].sign is Sign.GOOD


async def test_a_healthy_muster_says_so_line_by_line(stage, tmp_path):
    await stage.start()
    await stage.phone(EMILY).send("/sos")
    await stage.quiet()
    await asyncio.to_thread(back_up, stage.muster.database, tmp_path / "backup", bytes(32), now=stage.clock())
    found = await doctor(stage)
    assert [str(one) for one in found.values() if one.sign is Sign.WRONG] == []
    assert "Telegram was last heard" in found["Muster"].words
    assert "less than a day" in found["backup"].words
    assert "the chain is unbroken" in found["audit log"].words


async def test_one_that_does_not_run_is_told_and_the_rest_is_still_looked_at(stage):
    found = await doctor(stage)
    assert found["Muster"].sign is Sign.WRONG
    assert "does not run" in found["Muster"].words
    assert found["database"].sign is Sign.GOOD
    assert found["backup"].sign is Sign.HINT


async def test_a_school_without_a_backup_of_this_week_has_to_act(stage, tmp_path):
    await stage.start()
    await stage.muster.services.readiness.tick()
    assert (await doctor(stage))["backup"].sign is Sign.HINT, "it has just begun"
    await stage.after(days=9)
    assert (await doctor(stage))["backup"].sign is Sign.WRONG, "none was ever made"
    await asyncio.to_thread(back_up, stage.muster.database, tmp_path / "backup", bytes(32), now=stage.clock())
    assert (await doctor(stage))["backup"].sign is Sign.GOOD
    await stage.after(days=9)
    assert (await doctor(stage))["backup"].sign is Sign.WRONG, "it is too old"


async def test_a_database_of_an_older_version_is_one_line_not_seven(stage):
    older = "UPDATE alembic_version SET version_num = '0001'"
    _, kept = _parts(stage)
    await asyncio.to_thread(kept.write_now, lambda tx: tx.connection.exec_driver_sql(older))
    found = await doctor(stage)
    assert set(found) == {"Muster", "clock", "database"}
    assert "muster run brings it up to date" in found["database"].words


async def test_what_a_machine_owes_and_what_waits_is_told(stage):
    await stage.start()
    await stage.muster.database.write(
        lambda tx: tx.inbox.add_many("telegram", [("1", "tg:1", "{")], stage.clock())
    )
    await until_dead(stage)
    found = await doctor(stage)
    assert "1 dead letters" in found["inbox"].words
    assert found["inbox"].sign is Sign.HINT


async def until_dead(stage):
    async with asyncio.timeout(20):
        while not (await stage.read(lambda tx: tx.inbox.counts())).dead:
            await asyncio.sleep(0.1)


async def test_the_heartbeat_is_heard_while_muster_can_work_and_silent_when_not():
    heard = []

    async def ping(request):
        heard.append(request.path)
        return web.Response()

    site = web.Application()
    site.add_routes([web.get("/ping/secret-id", ping)])
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ailments = ()

    async def told():
        return ailments

    host, port = runner.addresses[0]
    heartbeat = Heartbeat(f"http://{host}:{port}/ping/secret-id", told)
    await heartbeat.beat()
    assert heard == ["/ping/secret-id"]
    ailments = ("the database does not answer",)
    await heartbeat.beat()
    ailments = ()
    assert len(heard) == 1
    await runner.cleanup()
    await heartbeat.beat()
    await Heartbeat("", told).beat()
    assert len(heard) == 1


async def test_a_heartbeat_goes_to_its_own_address_and_follows_no_pointer_elsewhere():
    asked = []

    async def moved(request):
        asked.append(request.path)
        raise web.HTTPFound("/elsewhere")

    site = web.Application()
    site.add_routes([web.get("/{any:.*}", moved)])
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    async def well():
        return ()

    host, port = runner.addresses[0]
    with capture_logs() as lines:
        await Heartbeat(f"http://{host}:{port}/ping/secret-id", well).beat()
    assert asked == ["/ping/secret-id"]
    assert [(line["event"], line["why"]) for line in lines] == [("heartbeat_not_heard", "answered 302")]
    await runner.cleanup()


@pytest.mark.parametrize(
    ("ahead_s", "sign"), [(0, Sign.GOOD), (4, Sign.GOOD), (-20, Sign.HINT), (300, Sign.WRONG)]
)
def test_a_clock_that_is_wrong_is_told(ahead_s, sign):
    there = "Mon, 23 Nov 2026 02:00:00 GMT"
    assert clock_finding(there, now=1795399200 + ahead_s).sign is sign


def test_without_a_time_from_outside_the_clock_is_only_a_hint():
    assert clock_finding(None).sign is Sign.HINT
