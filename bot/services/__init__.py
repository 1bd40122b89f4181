"""Use cases: one method = one unit of work that writes state, timeline and outbox together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.alerting import AlertService
from bot.services.chasing import ChasingService
from bot.services.commanding import CommandService
from bot.services.drilling import DrillService
from bot.services.enrolling import EnrolmentService
from bot.services.overview import OverviewService
from bot.services.reporting import ReportingService
from bot.services.responding import ResponseService
from bot.services.rostering import RosterService
from bot.services.turn import Turns


@dataclass(frozen=True)
class Services:
    """All of them, for the edges."""

    reporting: ReportingService
    command: CommandService
    response: ResponseService
    drill: DrillService
    enrolment: EnrolmentService
    overview: OverviewService
    chasing: ChasingService
    alerting: AlertService
    rosters: RosterService

    @classmethod
    def of(cls, turns: Turns, alerting: AlertService | None = None) -> Services:
        """Each service on the same turns; without `alerting` no source is known."""
        return cls(
            ReportingService(turns),
            CommandService(turns),
            ResponseService(turns),
            DrillService(turns),
            EnrolmentService(turns),
            OverviewService(turns),
            ChasingService(turns),
            alerting or AlertService(turns, {}),
            RosterService(turns),
        )
