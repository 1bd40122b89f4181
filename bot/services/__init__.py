"""Use cases: one method = one unit of work that writes state, timeline and outbox together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.absence import AbsenceService
from bot.services.after_actions import AfterActionService
from bot.services.alerting import AlertService
from bot.services.announcement_clock import AnnouncementClock
from bot.services.announcing import AnnouncementService
from bot.services.answering import AnswerService
from bot.services.arriving import ArrivalService
from bot.services.board import BoardService
from bot.services.calling_out import CallService
from bot.services.camera_list import CameraListService
from bot.services.checking_in import CheckInService
from bot.services.commanding import CommandService
from bot.services.correcting import CorrectiveService
from bot.services.covering import CoverService
from bot.services.dictating import DictationService
from bot.services.digesting import DigestService
from bot.services.dispatching import SceneService
from bot.services.district import DistrictService
from bot.services.drill_calendar import DrillCalendarService
from bot.services.drilling import DrillService
from bot.services.enrolling import EnrolmentService
from bot.services.entering import EntryService
from bot.services.equipping import EquipmentService
from bot.services.falling_due import ChasingService
from bot.services.figures import FiguresService
from bot.services.headcounts import HeadcountService
from bot.services.holding import HoldingService
from bot.services.hot_wash import HotWashService
from bot.services.injured_staff import InjuredStaffService
from bot.services.injuries import InjuryService
from bot.services.inspecting import InspectionService
from bot.services.liaison import LiaisonService
from bot.services.list_page import ListPageService
from bot.services.looking_back import LookingBackService
from bot.services.observing import ObservingService
from bot.services.official_reports import ReportClockService
from bot.services.overview import OverviewService
from bot.services.patrol_reports import PatrolReportService
from bot.services.patrolling import PatrolService
from bot.services.picture_holding import PictureHoldingService
from bot.services.plan_changing import PlanChangeService
from bot.services.plan_deciding import PlanDecisionService
from bot.services.planning import PlanService
from bot.services.publishing import PublicationService
from bot.services.ready_texts import ReadyTextService
from bot.services.readying import ReadinessService
from bot.services.register import RegisterService
from bot.services.reporting import ReportingService
from bot.services.responding import ResponseService
from bot.services.restricting import RestrictingService
from bot.services.rostering import RosterService
from bot.services.signing import Signer
from bot.services.tasking import TaskService
from bot.services.training import TrainingService
from bot.services.turn import Turns
from bot.services.viewing import ViewingService
from bot.services.viewing_page import ViewingPageService
from bot.services.watching import WatchingService


@dataclass(frozen=True)
class Services:
    """All of them, for the edges."""

    reporting: ReportingService
    command: CommandService
    restricting: RestrictingService
    response: ResponseService
    drill: DrillService
    enrolment: EnrolmentService
    overview: OverviewService
    chasing: ChasingService
    alerting: AlertService
    rosters: RosterService
    absence: AbsenceService
    entry: EntryService
    headcounts: HeadcountService
    covers: CoverService
    check_ins: CheckInService
    holding: HoldingService
    list_page: ListPageService
    board: BoardService
    camera_list: CameraListService
    register: RegisterService
    picture_holding: PictureHoldingService
    viewing: ViewingService
    viewing_page: ViewingPageService
    watching: WatchingService
    announcements: AnnouncementService
    publications: PublicationService
    figures: FiguresService
    answers: AnswerService
    ready_texts: ReadyTextService
    dictation: DictationService
    announcement_clock: AnnouncementClock
    plans: PlanService
    tasks: TaskService
    calls: CallService
    reports: ReportClockService
    looking_back: LookingBackService
    observing: ObservingService
    scene: SceneService
    after_actions: AfterActionService
    hot_wash: HotWashService
    corrective: CorrectiveService
    digests: DigestService
    equipment: EquipmentService
    injuries: InjuryService
    liaison: LiaisonService
    plan_changes: PlanChangeService
    plan_decisions: PlanDecisionService
    district: DistrictService
    readiness: ReadinessService
    training: TrainingService
    patrol: PatrolService
    patrol_reports: PatrolReportService
    drill_calendar: DrillCalendarService
    inspections: InspectionService
    arrivals: ArrivalService
    injured_staff: InjuredStaffService

    @classmethod
    def of(cls, turns: Turns, alerting: AlertService | None = None, signer: Signer | None = None) -> Services:
        """Each service on the same turns; without `alerting` no source is known, without `signer` no signature."""
        return cls(
            ReportingService(turns),
            CommandService(turns),
            RestrictingService(turns),
            ResponseService(turns),
            DrillService(turns),
            EnrolmentService(turns),
            OverviewService(turns),
            ChasingService(turns),
            alerting or AlertService(turns, {}),
            RosterService(turns),
            AbsenceService(turns),
            EntryService(turns),
            HeadcountService(turns),
            CoverService(turns),
            CheckInService(turns),
            HoldingService(turns),
            ListPageService(turns),
            BoardService(turns),
            CameraListService(turns),
            RegisterService(turns),
            PictureHoldingService(turns),
            ViewingService(turns),
            ViewingPageService(turns),
            WatchingService(turns),
            AnnouncementService(turns),
            PublicationService(turns),
            FiguresService(turns),
            AnswerService(turns),
            ReadyTextService(turns),
            DictationService(turns),
            AnnouncementClock(turns),
            PlanService(turns),
            TaskService(turns),
            CallService(turns),
            ReportClockService(turns),
            LookingBackService(turns),
            ObservingService(turns),
            SceneService(turns),
            AfterActionService(turns, signer),
            HotWashService(turns),
            CorrectiveService(turns),
            DigestService(turns),
            EquipmentService(turns),
            InjuryService(turns),
            LiaisonService(turns),
            PlanChangeService(turns),
            PlanDecisionService(turns),
            DistrictService(turns),
            ReadinessService(turns),
            TrainingService(turns),
            PatrolService(turns),
            PatrolReportService(turns),
            DrillCalendarService(turns),
            InspectionService(turns),
            ArrivalService(turns),
            InjuredStaffService(turns),
        )
