"""How long it is known who was where: until the retention rule purges it, unless somebody holds it with a reason.

The cameras' pictures of the incident are held and released with it, but for those that somebody holds by themselves.

Emergency Response Law art. 84-85: data obtained for an emergency is destroyed when the response ends; kept longer
only as evidence or for an investigation.
"""

from __future__ import annotations

from datetime import date, datetime

from bot.domain.incident import Incident
from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roll_call import RollCall
from bot.domain.sender import IncidentRef, Sender
from bot.domain.snapshot import Snapshot
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services import snapshots
from bot.services.turn import Turn, Turns
from bot.services.witnessing import forget_asides
from bot.storage.transaction import Transaction

# Messages that say which pupil; what they said is forgotten with the rest.
PERSONAL = (
    MessageKind.HEADCOUNT_PICK,
    MessageKind.HEADCOUNT_PUPIL,
    MessageKind.HEADCOUNT_LIST,
    MessageKind.PUPIL_FOUND,
    MessageKind.PUPIL_INJURED,
)


class HoldingService:
    """`/retain`, `/release`, and the hourly purge."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def hold(self, sender: Sender, ref: IncidentRef, reason: str) -> Outcome:
        """`/retain 2026-0007 why`."""
        return await self._turns.run(sender, hold, ref, reason)

    async def release(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """`/release 2026-0007`: the retention rule holds again."""
        return await self._turns.run(sender, release, ref)

    async def tick(self) -> None:
        """Purge what is over and held by nobody."""
        now = self._turns.clock()
        before = now - self._turns.school.counting.kept
        if await self._turns.database.read(lambda tx: tx.roll_calls.purgeable(before)):
            await self._turns.tick(purge)
        await self._turns.database.write(forget_absences, before, self._turns.school.day(before))
        await self._turns.database.write(forget_asides, now)


def forget_absences(tx: Transaction, before: datetime, day: date) -> None:
    """Who was away before that `day`, and what `/absent` answered about it before that moment."""
    tx.absences.purge(day)
    tx.outbox.forget_kind(MessageKind.ABSENCES, before)


def hold(turn: Turn, ref: IncidentRef, reason: str) -> Outcome:
    """Keep the statuses by name, and the cameras' pictures, beyond their time, with who and why on record."""
    turn.require(Right.KEEP_ROSTER, "retain")
    if not reason:
        raise RefusedError(Reason.WORDS_MISSING, command="retain")
    incident, roll_call, pictures = _what_is_kept(turn, ref)
    if roll_call is not None and roll_call.purged_at is None:
        turn.tx.roll_calls.save(
            roll_call.id, held_at=turn.now, held_by=turn.person.staff_id, held_reason=reason
        )
    elif not pictures:
        raise RefusedError(Reason.PURGED)
    snapshots.hold_incident(turn.tx, incident.id, by=turn.person.staff_id, reason=reason, at=turn.now)
    turn.record(incident, Event.COUNT_HELD, is_quiet=True, words=reason)
    return Outcome(Done.COUNT_HELD, {"number": incident.number})


def release(turn: Turn, ref: IncidentRef) -> Outcome:
    """No longer held."""
    turn.require(Right.KEEP_ROSTER, "release")
    incident, roll_call, _ = _what_is_kept(turn, ref)
    if roll_call is not None:
        turn.tx.roll_calls.save(roll_call.id, held_at=None, held_by=None, held_reason="")
    snapshots.release_incident(turn.tx, incident.id, by=turn.person.staff_id, at=turn.now)
    turn.record(incident, Event.COUNT_RELEASED, is_quiet=True)
    return Outcome(Done.COUNT_RELEASED, {"number": incident.number})


def _what_is_kept(turn: Turn, ref: IncidentRef) -> tuple[Incident, RollCall | None, list[Snapshot]]:
    incident = turn.incident(ref)
    roll_call = turn.tx.roll_calls.of_incident(incident.id)
    pictures = turn.tx.snapshots.of_incident(incident.id)
    if roll_call is None and not pictures:
        raise RefusedError(Reason.NOT_COUNTED_YET, number=incident.number)
    return incident, roll_call, pictures


def purge(turn: Turn) -> None:
    """Erase who was where; the classes' figures and times stay."""
    for roll_call in turn.tx.roll_calls.purgeable(turn.now - turn.school.counting.kept):
        erased = turn.tx.headcounts.forget([roll_call.id])
        turn.tx.roll_calls.forget([roll_call.id])
        turn.tx.outbox.forget(roll_call, PERSONAL)
        turn.tx.roll_calls.save(roll_call.id, purged_at=turn.now)
        turn.audit("purge headcount", subject=str(roll_call.incident_id), rows=erased)
        incident = turn.tx.incidents.get(roll_call.incident_id)
        if incident is not None:
            turn.record(incident, Event.COUNT_PURGED, is_quiet=True)
