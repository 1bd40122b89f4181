"""For the watch's tests: a school with three cameras and one behind a private door; a probe that is told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from bot.domain.camera import Camera, Cameras
from bot.domain.camera_health import Filing, Finding, Trouble
from bot.domain.condition import Change, Condition
from bot.domain.place import Name
from bot.services.school import School, WatchingRules

GATE = Camera("gate", "A3", Name("东门", "East gate"), "http://10.0.0.5/p")
GYM = Camera("gym", "gym", Name("体育馆", "Gym"), "http://10.0.0.6/p")
HALL = Camera("hall", "A3", Name("走廊", "Corridor"), "http://10.0.0.7/p")
DORM = Camera("dorm", "dorm", Name("宿舍", "Dormitory"), "http://10.0.0.8/p")


def watched_school(school: School, *more: Camera, **rules: Any) -> School:
    """The cast's school with cameras; the settings would refuse DORM, the watch must do so, too."""
    filings = {GATE.id: Filing(GATE.id, date(2025, 5, 20), date(2025, 6, 30))}
    return replace(
        school,
        cameras=Cameras((GATE, GYM, HALL, *more)),
        watching=replace(WatchingRules(filings=filings), **rules),
    )


@dataclass
class FakeProbe:
    """Finds what it is told; `asked` names every camera that was looked at."""

    clock: Any
    found: dict[str, tuple[Condition, Trouble]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    restored: dict[str, dict[str, Any]] = field(default_factory=dict)
    _states: dict[str, tuple[Condition, Any]] = field(default_factory=dict)

    async def probe(self, camera: Camera) -> Finding:
        self.asked.append(camera.id)
        now = self.clock()
        after, trouble = self.found.get(camera.id, (Condition.OK, Trouble.NONE))
        before, since = self._states.get(camera.id, (Condition.OK, now))
        changes = ()
        if after is not before:
            since = now - timedelta(minutes=1)
            changes = (Change(camera.id, before, after, since, now),)
        self._states[camera.id] = (after, since)
        captured_at = None if trouble else now
        return Finding(camera.id, now, after, since, changes, captured_at, trouble)

    def learned(self, camera_id: str) -> dict[str, Any]:
        return {"of": camera_id}

    def restore(self, camera_id: str, told: dict[str, Any]) -> None:
        self.restored[camera_id] = told
