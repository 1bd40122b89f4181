"""The clock's part: what fell due, each by the rule of its kind."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from bot.domain.incident import Incident
from bot.services.broadcasting import show_channels
from bot.services.chasing import chase_acknowledgement, nudge_for_commander
from bot.services.count_chasing import chase_count, show_tally
from bot.services.leaving import is_to_take_back, take_back
from bot.services.planning import start_plan_for_anything
from bot.services.report_clock import chase_reports
from bot.services.situation import tell_situation
from bot.services.task_chasing import chase_tasks
from bot.services.turn import Turn, Turns
from bot.storage.deadlines import Deadline, DeadlineKind

RULES: dict[DeadlineKind, Callable[[Turn, Incident, Deadline], None]] = {
    DeadlineKind.ACKNOWLEDGE: chase_acknowledgement,
    DeadlineKind.COMMANDER: nudge_for_commander,
    DeadlineKind.COUNT: chase_count,
    DeadlineKind.TALLY: show_tally,
    DeadlineKind.CHANNELS: show_channels,
    DeadlineKind.PLAN: start_plan_for_anything,
    DeadlineKind.SITUATION: tell_situation,
}
# A loudspeaker answers the all-clear after the end of the danger.
ALSO_AFTERWARDS = frozenset({DeadlineKind.CHANNELS})

log = structlog.get_logger(__name__)


class ChasingService:
    """Ticks every second."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def tick(self) -> None:
        """Deal with everything that is due now."""
        if await self._turns.database.read(lambda tx: tx.deadlines.due(self._turns.clock())):
            await self._turns.tick(chase)
        if await self._turns.database.read(lambda tx: tx.tasks.due(self._turns.clock())):
            await self._turns.tick(chase_tasks)
        if await self._turns.database.read(lambda tx: tx.due_reports.due(self._turns.clock())):
            await self._turns.tick(chase_reports)
        if await self._turns.database.read(is_to_take_back):
            await self._turns.tick(take_back)


def chase(turn: Turn) -> None:
    """Each due deadline once; one that cannot be dealt with waits and holds up no other."""
    for deadline in turn.tx.deadlines.due(turn.now):
        try:
            with turn.tx.savepoint():
                _chase_one(turn, deadline)
        except Exception:
            log.exception("deadline_failed", incident=deadline.incident_id, kind=deadline.kind)
            turn.tx.deadlines.next_step(deadline, turn.now + turn.school.acknowledge_within)


def _chase_one(turn: Turn, deadline: Deadline) -> None:
    incident = turn.tx.incidents.get(deadline.incident_id)
    is_over = incident is None or not incident.is_in_force or incident.suspended_at is not None
    if incident is None or (is_over and deadline.kind not in ALSO_AFTERWARDS):
        turn.tx.deadlines.clear(deadline.incident_id, *(set(DeadlineKind) - ALSO_AFTERWARDS))
    else:
        RULES[deadline.kind](turn, incident, deadline)
