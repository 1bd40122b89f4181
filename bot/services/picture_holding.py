"""Kept pictures that somebody needs beyond their time: held with the reason on record, and released again."""

from __future__ import annotations

from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.sender import Sender
from bot.services import snapshots
from bot.services.turn import Turn, Turns


class PictureHoldingService:
    """`/retain #12 why` and `/release #12`; those of a whole incident go with `/retain 2026-0007 why`."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def hold(self, sender: Sender, snapshot_id: int, reason: str) -> Outcome:
        """The picture with this number in the register."""
        return await self._turns.run(sender, hold_one, snapshot_id, reason)

    async def release(self, sender: Sender, snapshot_id: int) -> Outcome:
        """It is erased at the end of its time again."""
        return await self._turns.run(sender, release_one, snapshot_id)


def hold_one(turn: Turn, snapshot_id: int, reason: str) -> Outcome:
    """RefusedError without a reason, or for a picture that is not kept."""
    turn.require(Right.KEEP_ROSTER, "retain")
    snapshots.hold(turn.tx, snapshot_id, by=turn.person.staff_id, reason=reason, at=turn.now)
    return Outcome(Done.PICTURES_HELD, {"number": str(snapshot_id)})


def release_one(turn: Turn, snapshot_id: int) -> Outcome:
    """RefusedError for a picture that is not kept."""
    turn.require(Right.KEEP_ROSTER, "release")
    snapshots.release(turn.tx, snapshot_id, by=turn.person.staff_id, at=turn.now)
    return Outcome(Done.PICTURES_RELEASED, {"number": str(snapshot_id)})
