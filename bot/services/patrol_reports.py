"""What a patrol found becomes a report like any other, by one press."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incident import JOIN_WINDOW, Kind
from bot.domain.outcome import Outcome
from bot.domain.patrol import VisitState
from bot.domain.permission import Right
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from bot.services.reporting import Told, declare_or_join
from bot.services.turn import Turn, Turns


class PatrolReportService:
    """The button under a finding."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def report(self, sender: Sender, visit_id: int) -> Outcome:
        """By who found it, or the desk; once."""
        return await self._turns.run(sender, report_finding, visit_id)


def report_finding(turn: Turn, visit_id: int) -> Outcome:
    """The place is the point's, the words are the finding's; the kind is asked for as after any report."""
    turn.require(Right.REPORT)
    visit = turn.tx.patrols.get(visit_id)
    if visit is None or visit.state is not VisitState.FINDING:
        raise RefusedError(Reason.NOT_YOUR_VISIT)
    if visit.staff_id != turn.person.staff_id:
        turn.require(Right.RUN_DESK, "patrol finding")
    known = turn.tx.incidents.get(visit.incident_id) if visit.incident_id else None
    if known is not None and not turn.may_know(known) and visit.staff_id != turn.person.staff_id:
        raise RefusedError(Reason.NOT_YOUR_VISIT)
    if known is not None:
        raise RefusedError(Reason.FINDING_REPORTED, number=known.number)
    outcome = declare_or_join(turn, Told(Kind.OTHER, visit.zone, visit.words))
    report = turn.tx.reports.latest_of(turn.person.staff_id, since=turn.now - JOIN_WINDOW, now=turn.now)
    if report is not None:
        turn.tx.patrols.save(replace(visit, incident_id=report.incident_id))
    return outcome
