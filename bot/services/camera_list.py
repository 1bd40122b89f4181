"""`/cameras`: how each camera is, for those who repair them and those who rely on them. No pictures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from bot.domain.camera import Camera
from bot.domain.camera_health import CameraHealth, Uptime
from bot.domain.footage import FootageCheck
from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.sender import Sender
from bot.services.camera_health import right_of
from bot.services.turn import Turn, Turns

UPTIME_DAYS: Final = 7


class CameraListService:
    """The list."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def show(self, sender: Sender) -> Outcome:
        """`/cameras`."""
        return await self._turns.run(sender, show)


def show(turn: Turn) -> Outcome:
    """Every camera of the settings, in their order."""
    turn.require(right_of(turn.person), "cameras")
    today = turn.school.day(turn.now)
    uptimes = turn.tx.camera_health.uptimes(today - timedelta(days=UPTIME_DAYS - 1), today)
    health = {one.camera_id: one for one in turn.tx.camera_health.list_all()}
    checks = turn.tx.footage.checks()
    rows = [
        _row(turn, camera)
        | _health_of(health.get(camera.id), uptimes.get(camera.id))
        | _footage_of(turn, checks.get(camera.id))
        for camera in turn.school.cameras.values()
    ]
    turn.reply(MessageKind.CAMERAS, {"cameras": rows, "days": UPTIME_DAYS, "now": turn.now.isoformat()})
    return Outcome(Done.NOTHING)


def _row(turn: Turn, camera: Camera) -> dict[str, Any]:
    filing = turn.school.watching.filings.get(camera.id)
    is_owed = filing is not None and filing.filed_on is None and filing.due_on is not None
    return {
        "camera": camera.name.to_params(),
        "filing_due": turn.school.noon(filing.due_on).isoformat()
        if is_owed and filing and filing.due_on
        else None,
    }


def _health_of(health: CameraHealth | None, uptime: Uptime | None) -> dict[str, Any]:
    if health is None:
        return {"state": "", "since": None, "trouble": "", "last_frame_at": None, "uptime": None}
    return {
        "state": health.state,
        "since": health.since.isoformat(),
        "trouble": health.trouble,
        "last_frame_at": health.last_frame_at.isoformat() if health.last_frame_at else None,
        "uptime": uptime.share if uptime else None,
    }


def _footage_of(turn: Turn, check: FootageCheck | None) -> dict[str, Any]:
    if check is None:
        return {}
    oldest_at = check.coverage.oldest_at
    return {
        "recorded_days": (turn.now - oldest_at).days if oldest_at else None,
        "faults": [fault.value for fault in check.faults],
    }
