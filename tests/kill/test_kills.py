"""SIGKILL at any moment, SIGTERM, a second start: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import random
from contextlib import closing

import pytest

from bot.storage.database import Database
from tests.kill.scene import (
    SOON_S,
    TEACHERS,
    assert_each_once,
    assert_repeats_are_marked,
    assert_sent_is_true,
)
from tests.support import databases
from tests.support.process import until

pytestmark = pytest.mark.both_databases

KILLS = 5
PER_LIFE = 24
GRACE_S = 5.0


@pytest.mark.parametrize("share_of_502", [0.0, 0.5], ids=["works", "answers 502 half of the time"])
async def test_what_was_acknowledged_is_kept_when_killed_at_random_moments_while_telegram(
    share_of_502, scene
):
    numbers = iter(range(TEACHERS))
    said: list[int] = []
    committed: set[int] = set()
    await scene.start()
    await scene.open_led_incident()
    for _ in range(KILLS):
        life = [next(numbers) for _ in range(PER_LIFE)]
        if random.random() < share_of_502:
            scene.simulator.faults.status_code = 502
        talking = asyncio.create_task(scene.chatter(life, seconds=1.0))
        await asyncio.sleep(random.uniform(0.05, 1.2))
        scene.process.kill()
        await talking
        said += life
        scene.simulator.faults.clear()

        assert scene.confirmed() <= scene.ledger.stored(), "confirmed, but not kept"
        assert_sent_is_true(scene)
        rows = {row["id"] for row in scene.ledger.private()}
        assert committed <= rows
        committed = rows
        await scene.start()
    await scene.is_fetched()
    await scene.is_settled()

    assert_each_once(scene, said)
    assert_sent_is_true(scene)
    states = {row["id"]: row["state"] for row in scene.ledger.private()}
    assert {states[row] for row in committed} == {"sent"}
    assert_repeats_are_marked(scene, "Received as report", said)


@pytest.mark.parametrize("trouble", [{}, {"hang": True}], ids=["works", "hangs"])
async def test_sigterm_ends_within_five_seconds_and_loses_nothing_while_telegram(trouble, scene):
    numbers = list(range(100))
    await scene.start()
    await scene.open_led_incident()
    talking = asyncio.create_task(scene.chatter(numbers, seconds=1.5))
    await asyncio.sleep(0.5)
    scene.simulator.faults.change(trouble)
    await asyncio.sleep(0.5)
    code, seconds = await scene.process.terminate()
    assert (code, seconds < GRACE_S) == (0, True), (code, seconds, scene.process.tail())
    assert scene.process.events("stopping")
    await talking
    assert scene.confirmed() <= scene.ledger.stored()
    assert_sent_is_true(scene)
    scene.simulator.faults.clear()

    await scene.start()
    await scene.is_fetched()
    await scene.is_settled()
    assert_each_once(scene, numbers)
    assert_sent_is_true(scene)
    assert assert_repeats_are_marked(scene, "Received as report", numbers) == 0
    if not trouble:
        assert scene.ledger.private("is_repeat") == [], "a graceful stop leaves nothing in doubt"


async def test_sigterm_ends_in_time_while_another_process_keeps_the_database_to_itself(scene):
    await scene.start()
    await scene.open_led_incident()
    numbers = range(20)
    with closing(databases.hold(Database(databases.database_url(scene.ledger.path)))):
        await scene.chatter(numbers, seconds=1.0)
        code, seconds = await scene.process.terminate()
    assert (code, seconds < GRACE_S) == (0, True), (code, seconds, scene.process.tail())

    await scene.start()
    await scene.is_fetched()
    await scene.is_settled()
    assert_each_once(scene, numbers)


async def test_a_second_run_on_the_same_database_is_refused_in_a_sentence(scene):
    first = await scene.start()
    second = await scene.shell("run")
    assert second.code == 1
    by_whom = "another process works on" if databases.is_postgres() else f"process {first.pid} holds"
    assert f"already running: {by_whom}" in second.err
    assert "Traceback" not in second.err
    await scene.report(1, "still here")
    await until(lambda: scene.ledger.reported()["still here"], within_s=SOON_S, what=first.tail)


async def test_after_a_kill_the_lock_is_free_and_the_next_start_takes_it(scene):
    first = await scene.start()
    first.kill()
    second = await scene.start()
    assert second.is_alive
    if not databases.is_postgres():
        assert (scene.folder / "var" / "muster.db.lock").read_text().strip() == str(second.pid)
