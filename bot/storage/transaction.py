"""One open transaction and the stores that speak through it."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import Connection

from bot.storage.alerts import AlertStore
from bot.storage.audit import AuditStore
from bot.storage.deadlines import DeadlineStore
from bot.storage.facts import FactStore
from bot.storage.inbox import InboxStore
from bot.storage.incidents import IncidentStore
from bot.storage.invites import InviteStore
from bot.storage.orders import OrderStore
from bot.storage.outbox import OutboxStore
from bot.storage.people import PersonStore
from bot.storage.pictures import PictureStore
from bot.storage.reports import ReportStore
from bot.storage.roster import RosterStore
from bot.storage.sources import SourceStore
from bot.storage.timeline import TimelineStore


class Transaction:
    """What a unit of work gets. Stores are made on first use; none of them commits.

    `touched` names what waits for the commit ("outbox", "inbox"); the database wakes its listeners afterwards.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.touched: set[str] = set()

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
    def inbox(self) -> InboxStore:
        """What came in."""
        return InboxStore(self.connection, self.touched)

    @cached_property
    def outbox(self) -> OutboxStore:
        """What goes out."""
        return OutboxStore(self.connection, self.touched)

    @cached_property
    def facts(self) -> FactStore:
        """Small facts of the running program."""
        return FactStore(self.connection)

    @cached_property
    def audit(self) -> AuditStore:
        """The hash-chained log of rights used and refused."""
        return AuditStore(self.connection)
