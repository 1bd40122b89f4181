"""The bot is removed from the command centre, or that gets another number: people are told, and nothing is lost."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.storage.tables import deliveries
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG, WU, ZHAO
from tests.support.process import until

pytestmark = pytest.mark.both_databases
GONE = "指挥中心群"
MOVED = -1001000000099


def told(stage, person):
    return [m for m in stage.phone(person).messages() if GONE in m.get("text", "")]


async def centres(stage):
    """How each message for the command centre ended."""
    rows = await stage.read(lambda tx: tx.connection.execute(select(deliveries)).all())
    return {(row.kind, row.state) for row in rows if row.chat == "centre"}


async def test_an_sos_while_the_bot_is_out_of_the_group_is_posted_whole_when_it_is_let_in_again(stage):
    await stage.quiet()
    stage.simulator.kick_bot(CENTRE)
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "已收到，事件")
    await stage.phone(CHEN).send("/note 2026-0001 人已撤离")
    for person in (LI, WU):
        await stage.says(person, GONE)
    assert {state for _, state in await centres(stage)} == {"queued"}
    assert any("the command centre" in warning for warning in (await stage.muster.health()).warnings)
    assert (await stage.muster.health()).reasons == ()

    stage.simulator.let_bot_in(CENTRE)
    thread = await stage.topic_named("2026-0001")
    await stage.quiet()
    assert {state for _, state in await centres(stage)} <= {"sent", "superseded"}
    assert "人已撤离" in "".join(m.get("text", "") for m in stage.phone(CHEN).messages(CENTRE, thread))
    assert (await stage.muster.health()).warnings == ()
    assert [len(told(stage, person)) for person in (LI, WU, ZHAO, SUN, EMILY)] == [1, 1, 0, 0, 0]


async def test_people_are_told_also_when_nothing_waits_and_again_when_it_happens_again(stage):
    await stage.quiet()
    for times in (1, 2):
        stage.simulator.kick_bot(CENTRE)
        await until(lambda times=times: len(told(stage, WU)) == times, within_s=10)
        stage.simulator.let_bot_in(CENTRE)
        while (await stage.muster.health()).warnings:
            await asyncio.sleep(0.1)


async def test_the_groups_own_menu_follows_it_to_its_new_number(stage):
    def menus():
        return [
            c for c in stage.simulator.calls if c.method == "setMyCommands" and f"{MOVED}" in str(c.params)
        ]

    await stage.quiet()
    stage.simulator.migrate(CENTRE, MOVED)
    await until(menus, within_s=10)
