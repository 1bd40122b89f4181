"""At the door an alert is stored, and in calm times decided by the same commit."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.alert import Alert, AlertState, Nature
from bot.domain.alert_rule import Opens, SourcePolicy
from bot.domain.incident import Kind, Status
from bot.domain.message import MessageKind
from bot.services import alerting
from bot.services.alerting import AlertService
from bot.services.receiving import SOURCE_PREFIX, ReceivingService
from bot.storage.alerts import AlertStage
from bot.storage.sources import SourceState
from bot.storage.tables import inbox
from tests.support.door import MONDAY, open_door

pytestmark = pytest.mark.both_databases

POLICIES = {"panel": SourcePolicy("panel", Opens.INCIDENT, kind=Kind.FIRE, zone="A3", flood_per_minute=1000)}


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        yield one


@pytest.fixture
def receiving(door):
    alerting = AlertService(door.turns, POLICIES)
    return ReceivingService(door.turns, alerting, POLICIES, pictures=None, folder=None)


def smoke(name="loop-17"):
    return Alert("panel", name, AlertState.FIRING, starts_at=MONDAY)


async def states(door):
    return await door.read(lambda tx: list(tx.connection.scalars(select(inbox.c.state).order_by(inbox.c.id))))


async def test_one_alert_is_decided_by_the_commit_that_stores_it(door, receiving):
    receipt = await receiving.receive("panel", [smoke()])

    assert receipt.is_new
    assert await states(door) == ["done"]
    assert (await door.incident()).kind is Kind.FIRE
    assert (await receiving.lookup(receipt.ids[0])).incident == "2026-0001"


async def test_posted_again_it_is_known_and_only_counted(door, receiving):
    first = await receiving.receive("panel", [smoke()])
    second = await receiving.receive("panel", [smoke()])

    assert (second.ids, second.is_new) == (first.ids, False)
    assert await states(door) == ["done"]
    assert (await door.read(lambda tx: tx.alerts.same("panel", "loop-17", MONDAY))).alarms == 2


async def test_many_at_once_are_only_stored(door, receiving):
    receipt = await receiving.receive("panel", [smoke("1"), smoke("2")])

    assert len(receipt.ids) == 2
    assert await states(door) == ["new", "new"]
    assert await door.incident() is None


async def test_none_overtakes_what_still_waits_of_its_source(door, receiving):
    await receiving.receive("panel", [smoke("1"), smoke("2")])
    over = replace(smoke("1"), state=AlertState.RESOLVED)
    await receiving.receive("panel", [over])

    assert await states(door) == ["new"] * 3


async def test_while_others_wait_for_the_writer_it_is_only_stored(door, receiving):
    begun, gate = threading.Event(), threading.Event()

    def hold(_):
        begun.set()
        gate.wait(10)

    holding = asyncio.create_task(door.database.write(hold))
    await asyncio.to_thread(begun.wait, 10)
    waiting = asyncio.create_task(door.database.write(lambda _: None))
    await asyncio.sleep(0)
    posted = asyncio.create_task(receiving.receive("panel", [smoke()]))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(posted, holding, waiting)

    assert await states(door) == ["new"]


async def test_one_that_cannot_be_decided_is_kept_for_the_workers(door, receiving, monkeypatch):
    def broken(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(alerting, "take", broken)
    receipt = await receiving.receive("panel", [smoke()])

    assert receipt.is_new
    assert await states(door) == ["new"]
    assert await door.read(lambda tx: tx.inbox.has_waiting(SOURCE_PREFIX + "panel"))


@pytest.mark.parametrize("ending", ["closed", "dismissed"])
async def test_what_a_device_without_a_clock_says_long_after_is_news(door, receiving, ending):
    button = Alert("panel", "button-1", AlertState.FIRING)
    await receiving.receive("panel", [button])
    if ending == "closed":
        await door.database.write(
            lambda tx: tx.incidents.save(replace(tx.incidents.get(1), status=Status.CLOSED))
        )
    else:
        await door.database.write(lambda tx: tx.alerts.move(1, stage=AlertStage.DISMISSED, incident_id=None))
    assert not (await receiving.receive("panel", [button])).is_new, "it still rings"
    door.now += timedelta(minutes=5)

    assert (await receiving.receive("panel", [button])).is_new
    assert (await door.incident(2) is not None) is (ending == "closed"), "the other one joins what is open"


async def test_while_its_incident_is_in_force_such_a_device_only_counts(door, receiving):
    button = Alert("panel", "button-1", AlertState.FIRING)
    await receiving.receive("panel", [button])
    door.now += timedelta(hours=2)
    assert not (await receiving.receive("panel", [button])).is_new
    assert await door.incident(2) is None


@pytest.fixture
def beating(door):
    """The door of a source that gives a sign of life each minute, and the look for those that fell silent."""
    policies = {"panel": SourcePolicy("panel", Opens.INFORM, beat_within=timedelta(minutes=1))}
    alerting = AlertService(door.turns, policies)
    return ReceivingService(door.turns, alerting, policies, pictures=None, folder=None), alerting


async def fallen_silent(door, alerting):
    await alerting.watch()
    return [said for said in await door.collect() if said.kind is MessageKind.SOURCE_SILENT]


@pytest.mark.parametrize("is_alive", [True, False])
async def test_a_source_that_falls_silent_is_told_although_the_clock_was_hours_ahead(door, beating, is_alive):
    receiving, alerting = beating
    door.now = MONDAY + timedelta(hours=8)
    await receiving.receive("panel", [Alert("panel", "", AlertState.FIRING, nature=Nature.HEARTBEAT)])
    door.now = MONDAY
    if is_alive:
        await receiving.receive("panel", [Alert("panel", "", AlertState.FIRING, nature=Nature.HEARTBEAT)])
    assert await fallen_silent(door, alerting) == []
    door.now += timedelta(minutes=3)
    assert len(await fallen_silent(door, alerting)) == 1


async def test_a_mute_of_a_clock_that_was_months_ahead_is_over(door):
    flooding = SourceState("panel")
    for _ in range(3):
        flooding = flooding.counted(MONDAY + timedelta(days=161), per_minute=2)
    assert flooding.is_muted(MONDAY + timedelta(days=161, minutes=9))
    assert not flooding.is_muted(MONDAY)


async def test_a_fault_with_the_longest_name_is_told(door, receiving):
    await receiving.receive("panel", [Alert("panel", "x" * 128, AlertState.FIRING, nature=Nature.FAULT)])
    assert await states(door) == ["done"]
    assert [one.kind for one in await door.collect()]
