"""SIGKILL at any moment, SIGTERM, a second start: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing

import pytest

from tests.kill.scene import (
    TEACHERS,
    assert_each_once,
    assert_repeats_are_marked,
    assert_sent_is_true,
)
from tests.support.process import until

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
    await until(lambda: not scene.simulator.updates_pending(), within_s=10)
    await scene.is_settled(within_s=20)

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
    await until(lambda: not scene.simulator.updates_pending(), within_s=10)
    await scene.is_settled(within_s=20)
    assert_each_once(scene, numbers)
    assert_sent_is_true(scene)
    assert assert_repeats_are_marked(scene, "Received as report", numbers) == 0
    if not trouble:
        assert scene.ledger.private("is_repeat") == [], "a graceful stop leaves nothing in doubt"


async def test_sigterm_ends_in_time_while_another_process_keeps_the_database_to_itself(scene):
    await scene.start()
    await scene.open_led_incident()
    numbers = range(20)
    with closing(sqlite3.connect(scene.ledger.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await scene.chatter(numbers, seconds=1.0)
        code, seconds = await scene.process.terminate(within_s=2 * GRACE_S)
        other.execute("ROLLBACK")
    assert (code, seconds < GRACE_S) == (0, True), (code, seconds, scene.process.tail())

    await scene.start()
    await until(lambda: not scene.simulator.updates_pending(), within_s=10)
    await scene.is_settled(within_s=20)
    assert_each_once(scene, numbers)


async def test_a_second_run_on_the_same_database_is_refused_in_a_sentence(scene):
    first = await scene.start()
    second = await scene.shell("run")
    assert second.code == 1
    assert f"already running: process {first.pid} holds" in second.err
    assert "Traceback" not in second.err
    await scene.report(1, "still here")
    await until(lambda: scene.ledger.reported()["still here"], within_s=10, what=first.tail)


async def test_after_a_kill_the_lock_is_free_and_the_next_start_takes_it(scene):
    first = await scene.start()
    first.kill()
    second = await scene.start()
    assert second.is_alive
    assert (scene.folder / "var" / "muster.db.lock").read_text().strip() == str(second.pid)
