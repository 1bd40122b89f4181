"""Any order of any commands by anybody keeps what must always hold of incidents."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.incident import IN_FORCE, Kind, Mode, Severity, Status
from bot.domain.permission import Right, has_right
from bot.domain.response import ResponseAction
from bot.domain.sender import IncidentRef, Sender
from bot.services.reporting import Told
from bot.storage.deadlines import DeadlineKind
from tests.support.cast import CAST, CHEN, LI, SUN, WANG, ZHAO
from tests.support.door import open_door

NEXT = {
    Status.REPORTED: {Status.REPORTED, Status.ACTIVE, Status.ALL_CLEAR, Status.CANCELLED},
    Status.ACTIVE: {Status.ACTIVE, Status.ALL_CLEAR, Status.CANCELLED},
    Status.ALL_CLEAR: {Status.ALL_CLEAR, Status.CLOSED},
    Status.CLOSED: {Status.CLOSED},
    Status.CANCELLED: {Status.CANCELLED},
}
WITH_RIGHTS = (CHEN, LI, SUN, ZHAO)

# Those with rights as often as all the others, or hardly anything would ever happen.
people = st.one_of(st.sampled_from(WITH_RIGHTS), st.sampled_from(CAST))
small = st.integers(1, 3)
ref = st.builds(IncidentRef, id=st.one_of(st.none(), small))
kinds = st.one_of(st.none(), st.sampled_from([Kind.FIRE, Kind.MEDICAL, Kind.UTILITY]))
zones = st.one_of(st.none(), st.sampled_from(["A3", "gym"]))
texts = st.sampled_from(["", "words", "x" * 4096, "<b>", "火"])


class LifeCycle(RuleBasedStateMachine):
    """The services on a real database; `seen` is each incident and the length of its timeline as they were."""

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.opened = open_door(Path(self.folder.name))
        self.door = self.runner.run(self.opened.__aenter__())
        self.services = self.door.services
        self.ids = itertools.count(1)
        self.seen = {}

    def teardown(self):
        broken = self.runner.run(self.door.read(lambda tx: tx.audit.first_broken()))
        self.runner.run(self.opened.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()
        assert broken is None

    def do(self, person, method, *args, is_press=False, **kwargs):
        key = str(next(self.ids))

        async def turn():
            await self.door.database.write(
                lambda tx: tx.inbox.add_many("telegram", [(key, "x", "{}")], self.door.now)
            )
            sender = Sender(person.telegram_id, ("telegram", key), "en", True, is_press, 1)
            before = await self.door.read(snapshot)
            outcome = await method(sender, *args, **kwargs)
            if outcome.refusal is not None:
                assert await self.door.read(snapshot) == before, "a refusal changes nothing"
            assert not await self.door.database.write(lambda tx: tx.inbox.settle("telegram", key))

        self.runner.run(turn())

    @rule(who=people)
    def sos(self, who):
        self.do(who, self.services.reporting.sos)

    @rule(who=people, kind=kinds, zone=zones, words=texts, is_press=st.booleans())
    def report(self, who, kind, zone, words, is_press):
        self.do(who, self.services.reporting.report, Told(kind, zone, words), is_press=is_press)

    @rule(who=people, report=small, kind=kinds, zone=zones)
    def enrich(self, who, report, kind, zone):
        self.do(who, self.services.reporting.enrich, report, kind=kind, zone=zone, is_press=True)

    @rule(who=st.sampled_from((WANG, *WITH_RIGHTS)), report=small)
    def part(self, who, report):
        self.do(who, self.services.reporting.part, report, is_press=True)

    @rule(who=people, words=texts)
    def write(self, who, words):
        self.do(who, self.services.reporting.add_words, words)

    @rule(who=people, ref=ref)
    def acknowledge(self, who, ref):
        self.do(who, self.services.command.acknowledge, ref)

    @rule(who=people, ref=ref)
    def take_command(self, who, ref):
        self.do(who, self.services.command.take_command, ref)

    @rule(who=people, ref=ref, to=people)
    def hand_over(self, who, ref, to):
        self.do(who, self.services.command.hand_over, ref, to.staff_id)

    @rule(who=people, ref=ref, severity=st.sampled_from(Severity))
    def grade(self, who, ref, severity):
        self.do(who, self.services.command.set_severity, ref, severity)

    @rule(who=people, ref=ref, words=texts)
    def note(self, who, ref, words):
        self.do(who, self.services.command.note, ref, words)

    @rule(who=people, ref=ref, action=st.one_of(st.none(), st.sampled_from(ResponseAction)), zone=zones)
    def order(self, who, ref, action, zone):
        self.do(who, self.services.response.ask, ref, action, (zone,) if zone else ())

    @rule(
        who=st.sampled_from(WITH_RIGHTS),
        ref=ref,
        action=st.one_of(st.none(), st.sampled_from(ResponseAction)),
    )
    def order_at_once(self, who, ref, action):
        """What would hardly ever happen by chance: the confirmation follows its order."""
        self.do(who, self.services.response.ask, ref, action)
        newest = self.runner.run(self.door.read(count_orders))
        self.do(who, self.services.response.confirm, newest, is_press=True)

    @rule(who=people, order=st.integers(1, 6))
    def confirm(self, who, order):
        self.do(who, self.services.response.confirm, order, is_press=True)

    @rule(who=people, order=st.integers(1, 6))
    def withdraw(self, who, order):
        self.do(who, self.services.response.withdraw, order, is_press=True)

    @rule(who=people, ref=ref, words=texts, is_sure=st.sampled_from([False, False, True]))
    def cancel(self, who, ref, words, is_sure):
        ask, cancel = self.services.command.ask_cancel, self.services.command.cancel
        self.do(who, cancel, ref, words) if is_sure else self.do(who, ask, ref)

    @rule(who=people, ref=ref, words=texts)
    def close(self, who, ref, words):
        self.do(who, self.services.command.close, ref, words)

    @rule(who=people, kind=kinds, zone=zones)
    def drill(self, who, kind, zone):
        self.do(who, self.services.drill.start, kind, kind_word="fire", zone_word=zone or "")

    @rule(seconds=st.sampled_from([1, 61, 121, 601, 3600]))
    def wait(self, seconds):
        self.door.now += timedelta(seconds=seconds)
        self.runner.run(self.services.chasing.tick())

    @rule()
    def deliver(self):
        self.runner.run(self.door.collect())

    @invariant()
    def holds(self):
        now = {one.id: (one, entries, due) for one, entries, due in self.runner.run(self.door.read(look))}
        for incident_id, (incident, entries, due) in now.items():
            before, entries_before = self.seen.get(incident_id, (None, 0))
            if before is None:
                assert incident.status in IN_FORCE | {Status.CLOSED}
                assert entries > 0
                continue
            assert entries >= entries_before, "the timeline only grows"
            if incident != before:
                assert entries > entries_before, "every change has an entry"
            if before.is_ended:
                assert (incident, entries) == (before, entries_before), "what is over never changes"
            drill_ended_early = before.mode is Mode.DRILL and before.suspended_at is not None
            assert incident.status in NEXT[before.status] | ({Status.CLOSED} if drill_ended_early else set())
            fixed = ("number", "mode", "opened_at", "reporter_id")
            assert all(getattr(incident, name) == getattr(before, name) for name in fixed)
            assert before.acknowledged_by in (None, incident.acknowledged_by), (
                "the first to see it stays the first"
            )
            assert self.is_consistent(incident, due)
        in_force = [one for one, _, _ in now.values() if one.is_in_force and one.suspended_at is None]
        drills = [one for one in in_force if one.mode is Mode.DRILL]
        assert len(drills) <= 1
        assert not drills or drills == in_force, "nobody drills while something real is in force"
        self.seen = {key: (incident, entries) for key, (incident, entries, _) in now.items()}

    def is_consistent(self, incident, due):
        leaders = {person.staff_id for person in CAST if has_right(person, Right.COMMAND)}
        assert incident.commander_id is None or incident.commander_id in leaders
        assert incident.commander_id is None or incident.acknowledged_by is not None
        assert incident.status is not Status.REPORTED or incident.acknowledged_by is None
        assert incident.action is None or incident.acknowledged_by is not None
        assert (incident.ended_at is not None) == incident.is_ended
        assert DeadlineKind.ACKNOWLEDGE not in due or incident.acknowledged_by is None
        assert DeadlineKind.COMMANDER not in due or incident.commander_id is None
        assert not due or (incident.is_in_force and incident.suspended_at is None), (
            "nobody is chased for what is over"
        )
        return True


FAR_OFF = datetime(2100, 1, 1, tzinfo=UTC)


def look(tx):
    """Each incident, how long its timeline is, and what falls due; Telegram's numbers are the courier's."""
    found = []
    for incident in tx.incidents.list_recent(1000):
        due = {d.kind for d in tx.deadlines.due(FAR_OFF) if d.incident_id == incident.id}
        bare = replace(incident, topic_id=None, card_message_id=None)
        found.append((bare, len(tx.timeline.all(incident.id)), due))
    return found


def count_orders(tx):
    return next(number for number in itertools.count() if tx.orders.get(number + 1) is None)


def snapshot(tx):
    """All that a refusal must leave alone."""
    return [
        (incident, entries, due, tx.reports.of_incident(incident.id), tx.deadlines.rung(incident.id))
        for incident, entries, due in look(tx)
    ], [tx.orders.get(number) for number in range(1, 7)]


LifeCycle.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestLifeCycle = LifeCycle.TestCase
