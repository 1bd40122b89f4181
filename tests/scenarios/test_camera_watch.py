"""A camera dies, and comes back: told once, in private, by the real Muster and darkroom; no picture is kept."""

from __future__ import annotations

from contextlib import asynccontextmanager
from email.utils import format_datetime

from bot.domain.condition import Condition
from tests.support.cameras import fake_cameras
from tests.support.cast import CHEN, EMILY, WU
from tests.support.stage import Stage

CAMERA = """
[[cameras]]
id = "{id}"
zone = "{zone}"
name = "{name}"
snapshot_url = "{url}/{id}.jpg"
filed_on = 2025-05-20
"""
ALL = (("gate", "gym", "东门"), ("A3", "A3", "三层走廊"))


@asynccontextmanager
async def school(tmp_path):
    async with fake_cameras() as cameras:
        stage = await Stage.set(tmp_path)
        with (tmp_path / "school.toml").open("a", encoding="utf-8") as file:
            for camera_id, zone, name in ALL:
                file.write(CAMERA.format(id=camera_id, zone=zone, name=name, url=cameras.url))
        try:
            await stage.start()
            yield stage, cameras
        finally:
            await stage.stop()
            await stage.simulator.stop()


async def look(stage, cameras, *, times=1, apart=20):
    """So many looks at every camera, so many seconds apart, and what is due is told."""
    for _ in range(times):
        await stage.after(seconds=apart)
        # The cameras' clock moves with Muster's, or their pictures would look old.
        cameras.headers["Date"] = format_datetime(stage.clock(), usegmt=True)
        service = stage.muster.watch.service
        findings = [await service.probe(camera) for camera in service.watched()]
    await stage.after(seconds=apart)
    await service.announce()
    return findings


async def test_a_dead_switch_is_one_notice_also_after_a_restart_and_so_is_its_end(tmp_path):
    async with school(tmp_path) as (stage, cameras):
        assert {finding.condition for finding in await look(stage, cameras)} == {Condition.OK}
        cameras.failing = True
        await look(stage, cameras, times=5)
        notice = await stage.says(WU, "2 个摄像头全部离线")
        assert "东门" in notice["text"]
        assert "三层走廊" in notice["text"]

        await stage.stop()
        await stage.start()
        await look(stage, cameras, times=2)
        cameras.failing = False
        await stage.stop()
        await stage.start()
        await look(stage, cameras, times=6)
        await stage.says(WU, "起恢复正常")
        told = []
        # On a machine that is slow enough the two are not back at the same look; then each is told once.
        for _ in range(20):
            await stage.quiet()
            told = [one["text"] for one in stage.heard(WU, "摄像头")]
            if sum(text.count("恢复正常") for text in told) >= 2:
                break
            await look(stage, cameras)
        assert sum("离线" in text for text in told) == 1
        assert sum(text.count("恢复正常") for text in told) == 2

        await stage.phone(WU).send("/cameras")
        await stage.says(WU, "2 个中 2 个正常")
        assert await stage.read(lambda tx: (tx.snapshots.list_kept(), tx.register.last())) == ([], [])
        assert not (tmp_path / "var" / "vault").exists() or not list((tmp_path / "var" / "vault").iterdir())


async def test_who_asks_how_the_cameras_are_gets_words_and_no_picture(tmp_path):
    async with school(tmp_path) as (stage, cameras):
        await look(stage, cameras)
        await stage.phone(CHEN).send("/cameras")
        await stage.says(CHEN, "🟢 东门")
        await stage.phone(EMILY).send("/cameras")
        await stage.says(EMILY, "Your role does not include this")
        assert [call.method for call in stage.simulator.calls if call.method == "sendPhoto"] == []
