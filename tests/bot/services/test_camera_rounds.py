"""Each camera is looked at in its turn; in doubt sooner; and when one is lost, the others at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise

from bot.domain.camera_health import Finding, Trouble
from bot.domain.condition import Condition
from bot.services.camera_rounds import AT_ONCE, HURRY_S, CameraRounds
from tests.support.engine import simulate, simulated_clock
from tests.support.watched import GATE, GYM, HALL

CAMERAS = (GATE, GYM, HALL)


@dataclass
class Eyes:
    """Notes when each camera was looked at, in simulated seconds."""

    looked: dict[str, list[float]] = field(default_factory=dict)
    lost_from: float = float("inf")
    strange: set[str] = field(default_factory=set)
    takes_s: float = 0.5
    inside: int = 0
    most_inside: int = 0
    failing: set[str] = field(default_factory=set)

    async def probe(self, camera):
        now = asyncio.get_running_loop().time()
        self.looked.setdefault(camera.id, []).append(now)
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        await asyncio.sleep(self.takes_s)
        self.inside -= 1
        if camera.id in self.failing:
            raise OSError("the database is full")
        is_lost = now >= self.lost_from
        trouble = Trouble.UNREACHABLE if is_lost else Trouble.NONE
        is_in_doubt = is_lost or camera.id in self.strange
        return Finding(
            camera.id, simulated_clock(), Condition.OK, None, trouble=trouble, is_in_doubt=is_in_doubt
        )


def watched_for(seconds, eyes, cameras=CAMERAS, every_s=60.0):
    async def story():
        rounds = CameraRounds(eyes.probe, cameras, every_s=every_s)
        running = [asyncio.create_task(rounds.run(camera)) for camera in cameras]
        await asyncio.sleep(seconds)
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    simulate(story)
    return eyes


def pauses(times):
    return [after - before for before, after in pairwise(times)]


def test_a_camera_that_is_well_is_looked_at_about_once_a_minute():
    eyes = watched_for(3600, Eyes())
    for times in eyes.looked.values():
        assert times[0] <= HURRY_S
        assert all(48 <= pause <= 73 for pause in pauses(times))
        assert 50 <= len(times) <= 72


def test_when_the_network_dies_every_camera_is_looked_at_within_seconds_of_the_first():
    eyes = watched_for(900, Eyes(lost_from=600))
    first = [min(at for at in times if at >= 600) for times in eyes.looked.values()]
    assert max(first) - min(first) <= HURRY_S + eyes.takes_s
    for times in eyes.looked.values():
        after = [at for at in times if at >= max(first)]
        assert all(pause <= 20 + HURRY_S + eyes.takes_s for pause in pauses(after))


def test_a_strange_picture_is_looked_at_again_after_half_a_minute():
    eyes = watched_for(600, Eyes(strange={"gate"}))
    assert all(pause <= 31 for pause in pauses(eyes.looked["gate"]))
    assert all(pause >= 48 for pause in pauses(eyes.looked["gym"]))


def test_no_more_than_four_are_looked_at_side_by_side():
    many = tuple(type(GATE)(f"c{n}", "A3", GATE.name, "http://10.0.0.5/p") for n in range(40))
    eyes = watched_for(60, Eyes(takes_s=3), many)
    assert eyes.most_inside == AT_ONCE
    assert len(eyes.looked) == 40


def test_a_look_that_fails_ends_nobodys_rounds():
    eyes = watched_for(600, Eyes(failing={"gate"}))
    assert len(eyes.looked["gate"]) >= 9
    assert len(eyes.looked["gym"]) >= 8
