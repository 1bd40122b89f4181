"""What the recorders keep, looked into once a day: nothing missing, nothing too short, nothing kept for ever.

Order 799 art. 17: at least thirty days, then deleted once the purpose is met.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot.domain.camera import Camera
from bot.domain.footage import (
    MOST_GAPS,
    Coverage,
    FootageCheck,
    FootageFault,
    Span,
    gaps_between,
    judge_footage,
    required,
)
from bot.domain.message import Address, Lane, MessageKind
from bot.errors import CameraError
from bot.ports import FootageSource
from bot.services.camera_health import right_of, tenders
from bot.services.turn import Turn, Turns

EVERY: Final = timedelta(days=1)
PATIENCE: Final = timedelta(days=1)
"""A recorder that is busy or restarts is asked again every hour, so long before anybody is told."""
SHORTEST_GAP: Final = timedelta(minutes=10)
SEARCH_S: Final = 120.0
"""A month in small files is many pages, and a recorder has other things to do."""

log = structlog.get_logger(__name__)


class RecordingService:
    """The hourly tick: asks about each camera once a day, and tells what is new, all in one message."""

    def __init__(self, turns: Turns, footage: FootageSource) -> None:
        self._turns = turns
        self._footage = footage

    async def tick(self) -> None:
        """Ask about what is due; a recorder that does not answer holds up no other."""
        found = []
        for camera, before in await self._due():
            if check := await self._check(camera, before):
                found.append(check)
        if found:
            await self._turns.tick(lambda turn: note_checks(turn, found))

    async def _due(self) -> list[tuple[Camera, FootageCheck | None]]:
        school, now = self._turns.school, self._turns.clock()
        checks = await self._turns.database.read(lambda tx: tx.footage.checks())
        cameras = (school.cameras[camera_id] for camera_id in school.watching.recorded)
        pairs = [(camera, checks.get(camera.id)) for camera in cameras]
        return [
            (one, before) for one, before in pairs if before is None or not _is_within(EVERY, before, now)
        ]

    async def _check(self, camera: Camera, before: FootageCheck | None) -> FootageCheck | None:
        now = self._turns.clock()
        first_at = min(before.first_at, now) if before else now
        try:
            coverage = await self._coverage(camera, now)
        except CameraError as error:
            log.warning("recorder_not_read", camera=camera.id, error=str(error))
            if before is not None and _is_within(EVERY + PATIENCE, before, now):
                return None
            known = before.coverage if before else Coverage()
            return FootageCheck(camera.id, first_at, now, known, (FootageFault.UNREADABLE,))
        faults = judge_footage(
            coverage,
            now,
            retention_days=camera.retention_days,
            is_continuous=self._turns.school.watching.recorded[camera.id],
            before=before,
        )
        return FootageCheck(camera.id, first_at, now, coverage, faults)

    async def _coverage(self, camera: Camera, now: datetime) -> Coverage:
        oldest_at = await self._footage.oldest(camera, deadline_s=SEARCH_S)
        if oldest_at is None:
            return Coverage()
        begin = max(oldest_at, now - required(camera.retention_days))
        spans = await self._footage.spans(camera, Span(begin, now), deadline_s=SEARCH_S)
        gaps = tuple(gap for gap in gaps_between(spans) if gap.length >= SHORTEST_GAP)
        newest_at = spans[-1].end if spans else oldest_at
        return Coverage(oldest_at, newest_at, gaps[-MOST_GAPS:])


def _is_within(time: timedelta, check: FootageCheck, now: datetime) -> bool:
    """Whether it is so recent; one of the future is not: the clock was ahead."""
    return timedelta() <= now - check.checked_at < time


def note_checks(turn: Turn, found: list[FootageCheck]) -> None:
    """Keep them, and tell those who tend cameras what is new."""
    news = []
    for check in found:
        before = turn.tx.footage.check(check.camera_id)
        turn.tx.footage.save_check(check)
        if _is_news(check, before):
            news.append(_params(turn, check))
    if not news:
        return
    for person in tenders(turn):
        turn.tell(
            Address.person(person.staff_id),
            MessageKind.FOOTAGE_NOTICE,
            {"checks": news},
            lane=Lane.COMMAND,
            needs_right=right_of(person).value,
        )


def _is_news(check: FootageCheck, before: FootageCheck | None) -> bool:
    """A new fault, a newer hole, or that all is well again."""
    known = before.faults if before else ()
    if set(check.faults) - set(known) or (known and not check.faults):
        return True
    gaps, old = check.coverage.gaps, before.coverage.gaps if before else ()
    return FootageFault.GAPS in check.faults and gaps[-1].begin > max(
        (gap.begin for gap in old), default=gaps[0].begin
    )


def _params(turn: Turn, check: FootageCheck) -> dict[str, Any]:
    camera = turn.school.cameras[check.camera_id]
    oldest_at = check.coverage.oldest_at
    return {
        "camera": camera.name.to_params(),
        "faults": [fault.value for fault in check.faults],
        "days": (turn.now - oldest_at).days if oldest_at else 0,
        "must": required(camera.retention_days).days,
        "gaps": [[gap.begin.isoformat(), gap.end.isoformat()] for gap in check.coverage.gaps[-1:]],
    }
