"""The clock's part of announcements: what goes out at its time, what is out of date, figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.domain.announcement import Announcement, AnnouncementState
from bot.errors import RefusedError
from bot.services.addressing import goes_out_at, incident_of
from bot.services.announcement_cards import ask_approval, refresh_cards
from bot.services.drafts import end_of_draft
from bot.services.figures import update_figures
from bot.services.publishing import is_overtaken, publish, require_timely
from bot.services.turn import Turn, Turns
from bot.storage.readers import Figures
from bot.storage.transaction import Transaction

State = AnnouncementState
TRY_AGAIN = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class AnnouncementClock:
    """Ticks every second."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def tick(self) -> None:
        """Deal with everything that is due now. Counting thousands of messages holds up nobody who writes."""
        counted = await self._turns.database.read(_count, self._turns.clock())
        if counted:
            await self._turns.tick(lambda turn: keep_time(turn, counted))


def _count(tx: Transaction, now: datetime) -> dict[int, Figures]:
    """The figures of each that is due; of a draft there are none yet."""
    return {one.id: tx.readers.figures(one.id) for one in tx.announcements.due(now)}


def keep_time(turn: Turn, counted: Mapping[int, Figures]) -> None:
    """Each that is due once; one that cannot be dealt with waits and holds up no other."""
    for announcement in turn.tx.announcements.due(turn.now):
        figures = counted.get(announcement.id) or turn.tx.readers.figures(announcement.id)
        try:
            with turn.tx.savepoint():
                _keep(turn, announcement, figures)
        except Exception:
            log.exception("announcement_failed", number=announcement.number)
            turn.tx.announcements.set_due(announcement.id, turn.now + TRY_AGAIN)


def _keep(turn: Turn, announcement: Announcement, figures: Figures) -> None:
    is_over = announcement.expires_at is not None and announcement.expires_at <= turn.now
    if announcement.state is State.PUBLISHED and is_over:
        turn.tx.announcements.move(announcement.id, State.EXPIRED)
        update_figures(turn, replace(announcement, state=State.EXPIRED), figures)
    elif announcement.published_at is not None:
        update_figures(turn, announcement, figures)
    elif announcement.state is State.APPROVED and not is_over and not is_overtaken(turn, announcement):
        _publish_at_last(turn, announcement)
    elif announcement.is_unpublished:
        _expire(turn, announcement)


def _expire(turn: Turn, announcement: Announcement) -> None:
    expired = replace(announcement, state=State.EXPIRED)
    turn.tx.announcements.save(expired, due_at=None)
    refresh_cards(turn, expired)


def _publish_at_last(turn: Turn, announcement: Announcement) -> None:
    """What is no longer true is out of date. Who approved must still have the right; else it is asked for anew.

    So it is after a restore, which leaves nobody who approved. What was due while Muster was down and would now
    disturb the night waits for the morning.
    """
    try:
        require_timely(turn, announcement)
    except RefusedError:
        _expire(turn, announcement)
        return
    if (at := goes_out_at(turn, announcement)) > turn.now:
        turn.tx.announcements.set_due(announcement.id, at)
        return
    approver = turn.tx.people.get(announcement.approver_id or "")
    rules = turn.school.announcing
    if approver is not None and rules.may_publish(approver, announcement, incident_of(turn, announcement)):
        publish(turn, announcement)
        return
    again = replace(announcement, state=State.SUBMITTED, approver_id=None)
    turn.tx.announcements.save(again, due_at=end_of_draft(turn, again))
    ask_approval(turn, again)
    refresh_cards(turn, again)
