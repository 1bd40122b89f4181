"""The server's clock was wrong, 8 hours or months ahead, and is set right: nobody is left alone because of that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.domain.camera_health import CameraHealth
from bot.domain.message import Address, Draft, MessageKind
from bot.domain.report_clock import Stage
from bot.services.clock_step import ClockStepService, ClockWatch
from bot.storage.tables import camera_health, deliveries, due_reports, inbox, tasks
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
    tables = (tasks, due_reports, camera_health, deliveries, inbox)
    names = ("started_at", "due_at", "look_at", "notice_due_at", "retry_at")
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
    for table in ("camera_health", "inbox"):
        assert after[table] == earlier(before[table])
    assert after["deliveries"] == before["deliveries"][:-1] + earlier(before["deliveries"][-1:])
