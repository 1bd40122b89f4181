"""Commands at a shell while the program runs, on the same file."""

from __future__ import annotations

import asyncio

import pytest

from tests.kill.scene import SOON_S, assert_each_once, assert_sent_is_true

pytestmark = pytest.mark.both_databases

NEW = 9001


@pytest.mark.sqlite_only("its log")
async def test_a_shell_command_leaves_the_log_of_the_running_program_alone(scene):
    await scene.start()
    await scene.open_led_incident()
    log = scene.ledger.path.with_name("muster.db-wal")
    before = log.stat().st_ino
    assert (await scene.shell("audit", "verify")).code == 0
    assert log.exists()
    assert log.stat().st_ino == before


async def test_what_comes_after_a_shell_command_survives_a_kill(scene):
    await scene.start()
    await scene.open_led_incident()
    assert (await scene.shell("audit", "verify")).code == 0
    numbers = range(50)
    for number in numbers:
        await scene.report(number)
    await scene.is_fetched()
    await asyncio.sleep(1)
    scene.process.kill()
    assert scene.confirmed() <= scene.ledger.stored()

    await scene.start()
    await scene.is_settled()
    assert_each_once(scene, numbers)
    assert_sent_is_true(scene)


async def test_a_roster_is_imported_while_the_program_runs_under_load(scene):
    scene.simulator.add_user(NEW, "New", language_code="en", started=True)
    await scene.start()
    await scene.open_led_incident()
    numbers = range(100)
    talking = asyncio.create_task(scene.chatter(numbers, seconds=4.0))
    with (scene.folder / "staff.csv").open("a", encoding="utf-8") as file:
        file.write(f"N001,新老师,New Teacher,STAFF,{NEW},en\r\n")
    done = await scene.shell("roster", "import", "--yes", "staff.csv")
    assert (done.code, "1 added" in done.out) == (0, True), done
    await scene.simulator.phone(NEW).send("/whoami")
    await scene.simulator.phone(NEW).wait_for("New Teacher", timeout=SOON_S)
    await talking
    await scene.is_settled()
    assert_each_once(scene, numbers)


async def test_a_first_start_without_telegram_is_refused_in_a_sentence(scene):
    await scene.simulator.stop()
    refused = await scene.shell("run")
    assert refused.code == 1
    assert "Telegram" in refused.err.splitlines()[-1]
    assert not {"Traceback", "uncaught", "Unclosed"} & set(refused.err.replace('"', " ").split())


async def test_after_one_good_start_it_runs_without_telegram(scene):
    process = await scene.start()
    await process.terminate()
    await scene.simulator.stop()
    process = await scene.start()
    assert process.events("telegram_silent_at_start")
    assert (await process.terminate())[0] == 0
