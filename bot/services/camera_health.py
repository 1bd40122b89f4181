"""Cameras' health: every look is counted, and a change is told once, together with those of the same minute.

A private place is never looked into (Order 799 art. 8), also when the settings let it through.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.camera import Camera
from bot.domain.camera_health import BLIND, CameraHealth, Finding
from bot.domain.condition import Condition
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.permission import Right, has_right
from bot.domain.place import Name
from bot.domain.roster import Person, Role
from bot.ports import CameraProbe
from bot.services.school import School
from bot.services.turn import Turn, Turns

GATHER: Final = timedelta(seconds=20)
"""When a switch dies, its cameras are found out one after the other; they are one notice."""
LONGEST_COUNTED: Final = timedelta(minutes=10)
"""A longer pause between two looks is Muster's own absence: nobody knows how the camera was."""
KEEP_LEARNED_EVERY: Final = timedelta(minutes=10)


class CameraWatchService:
    """Looks and tells; who calls it, and when, is the wiring's."""

    def __init__(self, turns: Turns, probe: CameraProbe) -> None:
        self._turns = turns
        self._probe = probe
        self._learned_at: dict[str, datetime] = {}

    def watched(self) -> list[Camera]:
        """The cameras that may be looked at."""
        return watched(self._turns.school)

    async def restore(self) -> None:
        """What was learned of each camera before the last stop."""
        for health in await self._turns.database.read(lambda tx: tx.camera_health.list_all()):
            if health.baselines:
                self._probe.restore(health.camera_id, health.baselines)

    async def probe(self, camera: Camera) -> Finding | None:
        """One look at one camera, written down; None when it must not be looked at."""
        if camera not in self.watched():
            return None
        finding = await self._probe.probe(camera)
        learned = self._probe.learned(camera.id) if self._is_worth_keeping(finding) else None
        await self._turns.tick(lambda turn: note_finding(turn, finding, learned))
        return finding

    async def announce(self) -> None:
        """Tell what is due; every few seconds."""
        due_at = await self._turns.database.read(lambda tx: tx.camera_health.notice_due_at())
        if due_at is not None and due_at <= self._turns.clock():
            await self._turns.tick(announce)

    def _is_worth_keeping(self, finding: Finding) -> bool:
        """The baselines are large and change slowly."""
        kept_at = self._learned_at.get(finding.camera_id)
        if not finding.changes and kept_at is not None and finding.at - kept_at < KEEP_LEARNED_EVERY:
            return False
        self._learned_at[finding.camera_id] = finding.at
        return True


def watched(school: School) -> list[Camera]:
    """Those in places that the school knows and that are not private, unless the settings leave them alone."""
    zones = school.campus.zones
    return [
        camera
        for camera in school.cameras.values()
        if (zone := zones.get(camera.zone)) is not None
        and not zone.is_private
        and camera.id not in school.watching.not_watched
    ]


def note_finding(turn: Turn, finding: Finding, learned: dict[str, Any] | None) -> None:
    """Count the time since the last look, keep the state, and set when a change must be told."""
    before = turn.tx.camera_health.get(finding.camera_id) or CameraHealth(
        finding.camera_id, Condition.OK.value, finding.at, finding.at
    )
    up, down = _counted(turn, before, finding)
    turn.tx.camera_health.save(
        replace(
            before,
            state=finding.condition.value,
            since=finding.since or before.since,
            counted_at=finding.at,
            last_frame_at=finding.captured_at or before.last_frame_at,
            baselines=before.baselines if learned is None else learned,
            up=before.up + up,
            down=before.down + down,
            trouble=finding.trouble.value,
            notice_due_at=before.notice_due_at or (finding.at + GATHER if finding.changes else None),
        )
    )


def _counted(turn: Turn, before: CameraHealth, finding: Finding) -> tuple[timedelta, timedelta]:
    passed = finding.at - before.counted_at
    if not timedelta() < passed <= LONGEST_COUNTED:
        return timedelta(), timedelta()
    is_down = Condition(before.state) in BLIND or before.trouble != ""
    up, down = (timedelta(), passed) if is_down else (passed, timedelta())
    turn.tx.camera_health.count(finding.camera_id, turn.school.day(finding.at), up=up, down=down)
    return up, down


def announce(turn: Turn) -> None:
    """One message to each of those who tend cameras, about every camera that changed."""
    pending = turn.tx.camera_health.unannounced()
    told = [health for health in pending if _is_news(health)]
    for health in pending:
        turn.tx.camera_health.announced(health.camera_id, health.state)
    if not told:
        return
    known = {health.camera_id: health.state for health in turn.tx.camera_health.list_all()}
    states = [known[camera_id] for camera_id in turn.school.cameras if camera_id in known]
    is_everything = len(states) > 1 and all(state == Condition.OFFLINE.value for state in states)
    params = {
        "changes": [_change(turn, health) for health in told],
        "lost": len(states) if is_everything else 0,
    }
    for person in tenders(turn):
        turn.tell(
            Address.person(person.staff_id),
            MessageKind.CAMERA_NOTICE,
            params,
            lane=Lane.COMMAND,
            needs_right=right_of(person).value,
        )


def _is_news(health: CameraHealth) -> bool:
    """A camera that was lost and is back before anybody heard of it is none."""
    return bool(health.told) or health.state != Condition.OK.value


def _change(turn: Turn, health: CameraHealth) -> dict[str, Any]:
    return {
        "camera": _name(turn, health.camera_id).to_params(),
        "state": health.state,
        "before": health.told,
        "since": health.since.isoformat(),
        "trouble": health.trouble,
        "last_frame_at": health.last_frame_at and health.last_frame_at.isoformat(),
    }


def tenders(turn: Turn) -> list[Person]:
    """The IT centre, or the safety office where nobody of it can be reached."""
    reachable = [
        person
        for person in turn.tx.people.list_active()
        if person.telegram_id is not None and not person.is_unreachable
    ]
    tending = [person for person in reachable if has_right(person, Right.TEND_CAMERAS)]
    return tending or [person for person in reachable if Role.SAFETY_OFFICE in person.roles]


def right_of(person: Person) -> Right:
    """By which right somebody may know how the cameras are: the IT centre's, else the desk's."""
    return Right.TEND_CAMERAS if has_right(person, Right.TEND_CAMERAS) else Right.RUN_DESK


def _name(turn: Turn, camera_id: str) -> Name:
    camera = turn.school.cameras.get(camera_id)
    return camera.name if camera else Name(camera_id, camera_id)
