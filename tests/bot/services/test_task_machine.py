"""In whatever order people accept, decline, hand over, and the process dies: one owner, asked once."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from bot.domain.incident import Kind, Severity
from bot.domain.message import MessageKind
from bot.domain.outcome import Done
from bot.domain.sender import IncidentRef, Sender
from bot.domain.task import OfferState, TaskState
from bot.services import tasking
from bot.services.reporting import Told
from bot.storage.tables import deliveries
from tests.support.cast import CAST, CHEN, LI, SUN, WANG, ZHAO
from tests.support.door import open_door

STEPS = (accept, decline, finish) = (tasking.accept, tasking.decline, tasking.finish)
people = st.sampled_from(CAST)
leaders = st.sampled_from([CHEN, SUN, ZHAO])
kinds = st.sampled_from([Kind.FIRE, Kind.MEDICAL, Kind.OTHER, Kind.CROWD_CRUSH])


class CrashError(Exception):
    """The process dies here."""


class Tasks(RuleBasedStateMachine):
    """The services on a real database. `chosen` numbers go round among the tasks that there are."""

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.opened = open_door(Path(self.folder.name))
        self.door = self.runner.run(self.opened.__aenter__())
        self.ids = itertools.count(1)

    def teardown(self):
        self.runner.run(self.opened.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()

    def run(self, person, unit, *args):
        """One turn, as an update that Telegram may hand over again."""
        key = str(next(self.ids))

        async def turn():
            row = (key, "x", "{}")
            await self.door.database.write(lambda tx: tx.inbox.add_many("telegram", [row], self.door.now))
            sender = Sender(person.telegram_id, ("telegram", key), "en", True, True, 1)
            first = await self.door.turns.run(sender, unit, *args)
            again = await self.door.turns.run(sender, unit, *args)
            assert again.done is Done.REPEATED
            return first

        return self.runner.run(turn())

    def read(self, fn, *args):
        return self.runner.run(self.door.read(fn, *args))

    def task(self, chosen):
        tasks = self.read(lambda tx: tx.tasks.of_incident(1))
        return tasks[chosen % len(tasks)]

    @initialize(kind=kinds)
    def report(self, kind):
        service = self.door.services.reporting
        told = Told(kind, "A3")
        key = str(next(self.ids))
        sender = Sender(WANG.telegram_id, ("telegram", key), "en", True, False, 1)
        row = (key, "x", "{}")
        self.runner.run(
            self.door.database.write(lambda tx: tx.inbox.add_many("telegram", [row], self.door.now))
        )
        self.runner.run(service.report(sender, told))

    @rule(person=people, chosen=st.integers(0, 40), step=st.sampled_from(STEPS))
    def press(self, person, chosen, step):
        self.run(person, step, self.task(chosen).id)

    @rule(chosen=st.integers(0, 40), step=st.sampled_from(STEPS))
    def press_as_who_was_asked(self, chosen, step):
        task = self.task(chosen)
        asked = list(self.read(lambda tx: tx.tasks.offers(task.id)))
        if asked:
            person = next(one for one in CAST if one.staff_id == asked[-1])
            self.run(person, step, task.id)

    @rule(chosen=st.integers(0, 40), to=people)
    def hand_over(self, chosen, to):
        task = self.task(chosen)
        owner = next((one for one in CAST if one.staff_id == task.owner_id), None)
        if owner is not None:
            self.run(owner, tasking.hand_over, task.id, to.staff_id)

    @rule(leader=leaders, severity=st.sampled_from(Severity))
    def grade(self, leader, severity):
        key = str(next(self.ids))
        sender = Sender(leader.telegram_id, ("telegram", key), "en", True, False, 1)

        async def turn():
            row = (key, "x", "{}")
            await self.door.database.write(lambda tx: tx.inbox.add_many("telegram", [row], self.door.now))
            await self.door.services.command.set_severity(sender, IncidentRef(1), severity)

        self.runner.run(turn())

    @rule(person=st.sampled_from([LI, CHEN]), to=people)
    def give(self, person, to):
        self.run(person, tasking.give, IncidentRef(1), f"@{to.staff_id} look", None)

    @rule(seconds=st.sampled_from([1, 60, 121, 600, 7200]))
    def wait(self, seconds):
        self.door.now += timedelta(seconds=seconds)
        self.runner.run(self.door.services.chasing.tick())

    @rule(person=people, chosen=st.integers(0, 40), step=st.sampled_from(STEPS))
    def crash(self, person, chosen, step):
        """In the middle of a step, before the commit; what the step would have done is not there."""
        task = self.task(chosen)
        before = self.read(lambda tx: tx.tasks.of_incident(1))

        def dying(turn, task_id):
            step(turn, task_id)
            raise CrashError

        with suppress(CrashError):
            assert self.run(person, dying, task.id).refusal is not None, "it did not live"
        assert self.read(lambda tx: tx.tasks.of_incident(1)) == before
        self.runner.run(self.door.database.close())
        self.runner.run(self.door.database.open())

    @rule()
    def send(self):
        """Everything that waits goes out."""
        self.runner.run(self.door.collect())

    @invariant()
    def every_open_task_has_one_owner_or_is_with_somebody(self):
        for task in self.read(lambda tx: tx.tasks.of_incident(1)):
            offers = self.read(lambda tx, task=task: tx.tasks.offers(task.id))
            held = [one for one in offers.values() if one.staff_id == task.owner_id]
            if task.state in (TaskState.ACCEPTED, TaskState.DONE):
                assert len(held) == 1, task
            elif task.state is TaskState.OFFERED:
                assert task.owner_id is None
                assert task.look_at is not None, "the clock brings it up"
                assert any(one.state is OfferState.OPEN for one in offers.values())
            elif task.state is TaskState.ESCALATED:
                assert task.owner_id is None
                assert any(one.is_above for one in offers.values())
            elif task.state is TaskState.WAITING:
                assert not offers

    @invariant()
    def nobody_is_sent_the_same_task_twice(self):
        rows = self.read(
            lambda tx: list(
                tx.connection.execute(
                    select(deliveries.c.chat, deliveries.c.coalesce_key).where(
                        deliveries.c.kind == MessageKind.TASK,
                        deliveries.c.edit_of.is_(None),
                        deliveries.c.is_standing.is_(False),
                    )
                )
            )
        )
        assert [pair for pair, count in Counter(map(tuple, rows)).items() if count > 1] == []

    @invariant()
    def no_task_is_there_twice(self):
        keys = Counter(task.key for task in self.read(lambda tx: tx.tasks.of_incident(1)))
        assert all(count == 1 for count in keys.values())


Tasks.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestTasks = Tasks.TestCase
