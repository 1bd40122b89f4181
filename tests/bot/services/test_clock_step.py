"""The server's clock was wrong, 8 hours or months ahead, and is set right: nobody is left alone because of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.delivery.fallback import KINDS
from bot.domain.camera_health import CameraHealth
from bot.domain.incident import Mode
from bot.domain.look import Look
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.report_clock import Stage
from bot.domain.response import Order
from bot.services.clock_step import ClockStepService, ClockWatch
from bot.storage.alerts import AlertStage, KeptAlert
from bot.storage.tables import alerts, camera_health, camera_looks, deliveries, due_reports, inbox, tasks
from tests.support.cast import EMILY, WANG
from tests.support.door import MONDAY, open_door

pytestmark = pytest.mark.both_databases
AHEAD = timedelta(hours=8)
SOS = "🆘 SOS"


@pytest.fixture
async def door(tmp_path):
    """While its clock is 8 hours ahead."""
    async with open_door(tmp_path) as door:
        door.now = MONDAY + AHEAD
        yield door


async def test_an_sos_sent_while_the_clock_was_ahead_swallows_no_later_one(door):
    await door.send(WANG, SOS)
    door.now = MONDAY + timedelta(hours=1)
    await door.send(WANG, SOS)
    assert (await door.incident(2)).opened_at == door.now


async def test_nobody_elses_report_joins_an_incident_of_the_future(door):
    await door.send(WANG, SOS)
    door.now = MONDAY
    await door.send(EMILY, SOS)
    assert (await door.incident(2)).reporter_id == EMILY.staff_id


async def test_a_second_press_is_the_same_report_although_the_clock_went_back_a_little(door):
    await door.send(WANG, SOS)
    door.now -= timedelta(seconds=30)
    await door.send(WANG, SOS)
    assert await door.incident(2) is None


class Clocks:
    """The one on the wall, and the one that nobody can set."""

    def __init__(self, wall):
        self.wall, self.seconds = wall, 1000.0

    def go(self, seconds, *, set_by=timedelta()):
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds) + set_by


@pytest.fixture
def seen():
    """A watch on two clocks, and the steps that it noticed."""
    clocks, steps = Clocks(MONDAY), []

    async def step_back(by):
        steps.append(by)

    return clocks, ClockWatch(lambda: clocks.wall, lambda: clocks.seconds, step_back), steps


async def test_a_step_back_is_noticed_once_with_its_length(seen):
    clocks, watch, steps = seen
    await watch.tick()
    clocks.go(1, set_by=-AHEAD)
    await watch.tick()
    clocks.go(1)
    await watch.tick()
    assert steps == [AHEAD]


@pytest.mark.parametrize("set_by", [timedelta(seconds=-2), timedelta(hours=8), timedelta(days=161)])
async def test_a_clock_that_is_slewed_or_set_forward_moves_nothing(seen, set_by):
    clocks, watch, steps = seen
    await watch.tick()
    clocks.go(1, set_by=set_by)
    await watch.tick()
    clocks.go(3600)
    await watch.tick()
    assert steps == []


async def test_a_step_that_could_not_be_followed_is_tried_again():
    clocks, steps = Clocks(MONDAY), []

    async def step_back(by):
        steps.append(by)
        if len(steps) == 1:
            raise OSError("disk full")

    watch = ClockWatch(lambda: clocks.wall, lambda: clocks.seconds, step_back)
    await watch.tick()
    clocks.go(1, set_by=-AHEAD)
    with pytest.raises(OSError, match="disk full"):
        await watch.tick()
    for _ in range(2):
        clocks.go(1)
        await watch.tick()
    assert steps == [AHEAD, AHEAD]


async def rung(door, **later):
    """How many alarms ring then."""
    return sum(said.kind is MessageKind.ALARM for said in await door.after(**later))


async def test_an_sos_goes_on_ringing_after_the_clock_was_set_back_eight_hours(door):
    seconds = [0.0]
    watch = ClockWatch(lambda: door.now, lambda: seconds[0], ClockStepService(door.turns).step_back)
    await watch.tick()
    await door.send(WANG, SOS)
    door.now, seconds[0] = MONDAY, 1.0
    await watch.tick()
    assert await rung(door, seconds=61) > 0
    assert await rung(door, seconds=61) > 0
    assert ("muster", "clock set back", "done") in await door.audited()
    assert not [said.text for said in door.said if "已 -" in said.text]


async def test_a_fires_tasks_and_reports_are_chased_after_the_clock_was_set_back_eight_hours(door):
    await door.send(EMILY, "/report fire gym")
    door.now = MONDAY
    await ClockStepService(door.turns).step_back(AHEAD)
    told = [said.kind for minute in range(30) for said in await door.after(minutes=1)]
    assert MessageKind.REPORT_DUE in told
    late = await door.read(lambda tx: (tx.tasks.figures(1).late, tx.due_reports.overdue(door.now)))
    assert all(late)


def moments(tx):
    """Of every row, by table, what the clock looks at."""
    tables = (tasks, due_reports, camera_health, camera_looks, alerts, deliveries, inbox)
    names = (
        *("started_at", "due_at", "look_at", "notice_due_at", "retry_at"),
        *("created_at", "received_at", "next_at", "watch_until", "last_at"),
    )
    return {
        table.name: [
            [getattr(row, name) for name in names if name in table.c]
            for row in tx.connection.execute(select(table).order_by(table.primary_key.columns[0]))
        ]
        for table in tables
    }


async def test_all_that_waits_is_moved_and_what_is_over_stays(door):
    await door.send(EMILY, "/report fire gym")
    ahead = door.now

    def let_wait(tx):
        run = tx.connection.execute
        tx.camera_health.save(CameraHealth("gate", "offline", ahead, ahead, notice_due_at=ahead))
        for draft in (Draft(Address("centre"), MessageKind.TROUBLE, {}, due_at=ahead) for _ in range(2)):
            tx.outbox.add(draft, ahead)
        run(update(deliveries).where(deliveries.c.due_at.is_not(None)).values(retry_at=ahead))
        for watched in ({"next_at": ahead, "watch_until": ahead}, {}):
            tx.looks.add(Look(0, EMILY.staff_id, "gate", ahead, **watched))
        for fingerprint, resolved_at in (("rings", None), ("rang", ahead)):
            kept = KeptAlert(0, "s", fingerprint, ahead, AlertStage.REVIEW, Mode.REAL, ahead, ahead)
            tx.alerts.add(replace(kept, resolved_at=resolved_at))
        tx.inbox.add_many("telegram", [("9", "x", "{}")], ahead)
        run(update(inbox).where(inbox.c.external_id == "9").values(retry_at=ahead))

    def end_some(tx):
        """The first task, the report and the first message are over."""
        first = min(task.id for task in tx.tasks.of_incident(1))
        tx.connection.execute(update(tasks).where(tasks.c.id == first).values(state="done"))
        sent = select(func.min(deliveries.c.id)).where(deliveries.c.state == "queued").scalar_subquery()
        tx.connection.execute(update(deliveries).where(deliveries.c.id == sent).values(state="sent"))
        tx.due_reports.save(tx.due_reports.of_incident(1)[0], sent_at=ahead)
        tx.due_reports.add(1, Stage.FOLLOW, started_at=ahead, due_at=ahead + AHEAD)

    await door.database.write(let_wait)
    await door.database.write(end_some)
    before = await door.read(moments)
    await ClockStepService(door.turns).step_back(AHEAD)
    after = await door.read(moments)

    def earlier(rows):
        return [[moment and moment - AHEAD for moment in row] for row in rows]

    for table in ("tasks", "due_reports"):
        assert after[table] == before[table][:1] + earlier(before[table][1:])
    for table in ("camera_health", "camera_looks"):
        assert after[table] == earlier(before[table])
    assert [last_at for *_, last_at in after["alerts"]] == [ahead - AHEAD, ahead]
    for table in ("deliveries", "inbox"):
        assert after[table] == before[table][:-1] + earlier(before[table][-1:])


async def test_an_alarm_that_waited_while_the_clock_was_set_back_is_old_enough_for_other_channels(door):
    draft = Draft(Address.person(WANG.staff_id), MessageKind.ALARM, {}, lane=Lane.ALARM)
    await door.database.write(lambda tx: tx.outbox.add(draft, door.now))
    door.now = MONDAY
    await ClockStepService(door.turns).step_back(AHEAD)
    seen = await door.read(lambda tx: tx.channel_log.waiting_for_telegram(KINDS, MONDAY))
    assert [waiting.kind for waiting in seen] == [MessageKind.ALARM]
    counts = await door.read(lambda tx: tx.outbox.counts(MONDAY))
    assert all(count.oldest_at <= MONDAY for count in counts if count.oldest_at)


def test_an_order_asked_for_while_the_clock_was_ahead_is_not_to_be_confirmed_for_hours():
    order = Order(1, 1, None, (), EMILY.staff_id, MONDAY + AHEAD)
    assert order.is_expired(MONDAY)
    assert not order.is_expired(MONDAY + AHEAD - timedelta(seconds=5))
