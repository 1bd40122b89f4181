"""One open transaction and the stores that speak through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Connection

from bot.storage.absences import AbsenceStore
from bot.storage.after_actions import AfterActionStore
from bot.storage.agency_calls import AgencyCallStore
from bot.storage.alerts import AlertStore
from bot.storage.announcements import AnnouncementStore
from bot.storage.audit import AuditStore
from bot.storage.camera_health import CameraHealthStore
from bot.storage.channel_log import ChannelLogStore
from bot.storage.corrective_actions import CorrectiveActionStore
from bot.storage.covers import CoverStore
from bot.storage.deadlines import DeadlineStore
from bot.storage.digests import DigestStore
from bot.storage.documents import DocumentStore
from bot.storage.due_reports import DueReportStore
from bot.storage.equipment import EquipmentStore
from bot.storage.facts import FactStore
from bot.storage.footage import FootageStore
from bot.storage.gates import GateStore
from bot.storage.headcounts import HeadcountStore
from bot.storage.inbox import InboxStore
from bot.storage.incidents import IncidentStore
from bot.storage.injured import InjuredStore
from bot.storage.inspections import InspectionStore
from bot.storage.invites import InviteStore
from bot.storage.liaison_links import LiaisonLinkStore
from bot.storage.looks import LookStore
from bot.storage.on_scene import OnSceneStore
from bot.storage.orders import OrderStore
from bot.storage.outbox import OutboxStore
from bot.storage.pages import PageStore
from bot.storage.patrols import PatrolStore
from bot.storage.people import PersonStore
from bot.storage.pictures import PictureStore
from bot.storage.plan_changes import PlanChangeStore
from bot.storage.planned_drills import PlannedDrillStore
from bot.storage.readers import ReaderStore
from bot.storage.register import RegisterStore
from bot.storage.reports import ReportStore
from bot.storage.roll_calls import RollCallStore
from bot.storage.roster import RosterStore
from bot.storage.snapshots import SnapshotStore
from bot.storage.sources import SourceStore
from bot.storage.tasks import TaskStore
from bot.storage.timeline import TimelineStore
from bot.storage.told_once import ToldOnceStore
from bot.storage.topics import TopicStore
from bot.storage.trainings import TrainingStore


class Transaction:
    """What a unit of work gets. Stores are made on first use; none of them commits.

    `touched` names what waits for the commit ("outbox", "inbox"); the database wakes its listeners afterwards.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.touched: set[str] = set()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of the unit: what it wrote is undone when it fails, and what it read forgotten."""
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            self.people.forget()
            self.incidents.forget()
            raise

    @cached_property
    def people(self) -> PersonStore:
        """Staff."""
        return PersonStore(self.connection)

    @cached_property
    def roster(self) -> RosterStore:
        """Classes, pupils and duty."""
        return RosterStore(self.connection)

    @cached_property
    def invites(self) -> InviteStore:
        """Invite links."""
        return InviteStore(self.connection)

    @cached_property
    def incidents(self) -> IncidentStore:
        """Incidents."""
        return IncidentStore(self.connection)

    @cached_property
    def reports(self) -> ReportStore:
        """What people told about incidents."""
        return ReportStore(self.connection)

    @cached_property
    def timeline(self) -> TimelineStore:
        """The record of each incident."""
        return TimelineStore(self.connection)

    @cached_property
    def orders(self) -> OrderStore:
        """Actions that wait for their confirmation."""
        return OrderStore(self.connection)

    @cached_property
    def deadlines(self) -> DeadlineStore:
        """What falls due, and who was rung already."""
        return DeadlineStore(self.connection)

    @cached_property
    def alerts(self) -> AlertStore:
        """Alerts from machines."""
        return AlertStore(self.connection)

    @cached_property
    def sources(self) -> SourceStore:
        """Where alerts come from."""
        return SourceStore(self.connection)

    @cached_property
    def pictures(self) -> PictureStore:
        """Pictures that came with alerts."""
        return PictureStore(self.connection)

    @cached_property
    def snapshots(self) -> SnapshotStore:
        """Pictures of cameras that were kept."""
        return SnapshotStore(self.connection)

    @cached_property
    def register(self) -> RegisterStore:
        """Who saw which camera, and why."""
        return RegisterStore(self.connection)

    @cached_property
    def looks(self) -> LookStore:
        """Who looks through which camera."""
        return LookStore(self.connection)

    @cached_property
    def camera_health(self) -> CameraHealthStore:
        """How each camera is."""
        return CameraHealthStore(self.connection)

    @cached_property
    def footage(self) -> FootageStore:
        """What recorders have, and who asked for it."""
        return FootageStore(self.connection)

    @cached_property
    def absences(self) -> AbsenceStore:
        """Who is away today."""
        return AbsenceStore(self.connection)

    @cached_property
    def pages(self) -> PageStore:
        """Links to the pages, and their sessions."""
        return PageStore(self.connection)

    @cached_property
    def roll_calls(self) -> RollCallStore:
        """Roll calls, and members of staff in them."""
        return RollCallStore(self.connection, self.touched)

    @cached_property
    def headcounts(self) -> HeadcountStore:
        """Classes and pupils in roll calls."""
        return HeadcountStore(self.connection, self.touched)

    @cached_property
    def covers(self) -> CoverStore:
        """Who stands in for whom."""
        return CoverStore(self.connection)

    @cached_property
    def announcements(self) -> AnnouncementStore:
        """Official announcements, a row a revision."""
        return AnnouncementStore(self.connection)

    @cached_property
    def readers(self) -> ReaderStore:
        """Whom announcements were for, and what they answered."""
        return ReaderStore(self.connection)

    @cached_property
    def agency_calls(self) -> AgencyCallStore:
        """Calls outside."""
        return AgencyCallStore(self.connection)

    @cached_property
    def due_reports(self) -> DueReportStore:
        """Reports to the authorities."""
        return DueReportStore(self.connection)

    @cached_property
    def on_scene(self) -> OnSceneStore:
        """Who was sent to the scene."""
        return OnSceneStore(self.connection)

    @cached_property
    def tasks(self) -> TaskStore:
        """Tasks, and the plans that they came from."""
        return TaskStore(self.connection)

    @cached_property
    def documents(self) -> DocumentStore:
        """What is printed."""
        return DocumentStore(self.connection)

    @cached_property
    def after_actions(self) -> AfterActionStore:
        """What came of incidents."""
        return AfterActionStore(self.connection)

    @cached_property
    def corrective_actions(self) -> CorrectiveActionStore:
        """What is done so that it goes better."""
        return CorrectiveActionStore(self.connection)

    @cached_property
    def digests(self) -> DigestStore:
        """Which digest was sent last."""
        return DigestStore(self.connection)

    @cached_property
    def equipment(self) -> EquipmentStore:
        """Emergency equipment."""
        return EquipmentStore(self.connection)

    @cached_property
    def injured(self) -> InjuredStore:
        """How many are injured."""
        return InjuredStore(self.connection)

    @cached_property
    def liaison_links(self) -> LiaisonLinkStore:
        """Links for people outside."""
        return LiaisonLinkStore(self.connection)

    @cached_property
    def trainings(self) -> TrainingStore:
        """Training sessions."""
        return TrainingStore(self.connection)

    @cached_property
    def patrols(self) -> PatrolStore:
        """Who looked at which point."""
        return PatrolStore(self.connection)

    @cached_property
    def planned_drills(self) -> PlannedDrillStore:
        """Drills that are planned."""
        return PlannedDrillStore(self.connection)

    @cached_property
    def told_once(self) -> ToldOnceStore:
        """What is told once."""
        return ToldOnceStore(self.connection)

    @cached_property
    def inspections(self) -> InspectionStore:
        """Who has looked at which piece."""
        return InspectionStore(self.connection)

    @cached_property
    def inbox(self) -> InboxStore:
        """What came in."""
        return InboxStore(self.connection, self.touched)

    @cached_property
    def plan_changes(self) -> PlanChangeStore:
        """Changes to the plans, and the versions that came of them."""
        return PlanChangeStore(self.connection)

    @cached_property
    def outbox(self) -> OutboxStore:
        """What goes out."""
        return OutboxStore(self.connection, self.touched)

    @cached_property
    def topics(self) -> TopicStore:
        """Topics, cards and messages that stand."""
        return TopicStore(self.connection, self.outbox, self.incidents)

    @cached_property
    def channel_log(self) -> ChannelLogStore:
        """What channels were told."""
        return ChannelLogStore(self.connection)

    @cached_property
    def gates(self) -> GateStore:
        """Penalties that Telegram imposed."""
        return GateStore(self.connection)

    @cached_property
    def facts(self) -> FactStore:
        """Small facts of the running program."""
        return FactStore(self.connection)

    @cached_property
    def audit(self) -> AuditStore:
        """The hash-chained log of rights used and refused."""
        return AuditStore(self.connection)
