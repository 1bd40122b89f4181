"""Real footage, its faults and its nights, through the whole probe: frame, darkroom's measuring, watch."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import cv2
import numpy as np
import pytest

from bot.domain.camera import Camera, Frame
from bot.domain.camera_health import Trouble
from bot.domain.condition import Condition
from bot.domain.place import Name
from bot.errors import (
    CameraBusyError,
    CameraForbiddenError,
    CameraRefusedError,
    CameraUnreachableError,
    DevelopingError,
    NoPictureError,
    StalePictureError,
)
from integrations.vision.measuring import measure
from integrations.vision.probing import Prober
from tests.support.footage import PLACES
from tests.support.skips import skip_missing

ZONE = timezone(timedelta(hours=8))
# 09:00 at the school.
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CAMERA = Camera("gate", "gate", Name("东门"), "http://10.0.0.5/p")
SIZE = (320, 180)


@pytest.fixture(scope="module")
def footage():
    """Every fifth frame of real footage: pedestrians in a yard."""
    source = next((place for place in PLACES if place.exists()), None)
    if source is None:
        skip_missing("vtest.avi of Debian's opencv-doc")
    reader, frames = cv2.VideoCapture(str(source)), []
    while (read := reader.read())[0]:
        frames.append(cv2.resize(read[1], SIZE))
    return frames[::5]


@dataclass
class Scene:
    """A camera and a darkroom in one: shows what it is told, now."""

    now: datetime = START
    shown: object = None
    offset_s: float | None = None
    masks: tuple = ()

    async def grab(self, camera, *, deadline_s):
        if isinstance(self.shown, Exception):
            raise self.shown
        data = self.shown
        if not isinstance(data, bytes):
            data = cv2.imencode(".jpg", data, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
        return Frame(camera.id, data, self.now)

    async def measure(self, frame_bytes, masks=()):
        return measure(frame_bytes, masks)

    async def ask_clock(self, _camera):
        return self.offset_s

    def prober(self):
        return Prober(self, self, self.ask_clock, zone=ZONE, clock=lambda: self.now)


async def seen(scene, prober, picture, *, pause=MINUTE):
    """One probe of that picture, so much later."""
    scene.now += pause
    scene.shown = picture
    return await prober.probe(CAMERA)


async def learned(footage):
    scene = Scene()
    prober = scene.prober()
    for number in range(30):
        finding = await seen(scene, prober, footage[number])
        assert (finding.condition, finding.changes, finding.trouble) == (Condition.OK, (), Trouble.NONE)
    return scene, prober


def noisy(picture, seed, sigma=2.0):
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


FAULTS = {
    Condition.BLACK: lambda picture, n: noisy(np.zeros_like(picture), n, 1),
    Condition.COVERED: lambda picture, n: noisy(np.full_like(picture, 60), n, 3),
    Condition.DEFOCUSED: lambda picture, n: noisy(cv2.GaussianBlur(picture, (0, 0), 4), n),
    Condition.MOVED: lambda picture, n: np.roll(picture, 75, 1)[:, ::-1].copy(),
}
WITHIN = {Condition.BLACK: 180, Condition.COVERED: 180, Condition.DEFOCUSED: 300, Condition.MOVED: 300}


async def until(scene, prober, pictures, wanted, *, pause):
    """Seconds from the first of these pictures until it is named."""
    begun = scene.now + pause
    for picture in pictures:
        finding = await seen(scene, prober, picture, pause=pause)
        if finding.changes:
            assert [change.after for change in finding.changes] == [wanted]
            return (scene.now - begun).total_seconds()
        assert finding.is_in_doubt
    raise AssertionError(f"{wanted} was never named")


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_of_a_real_picture_is_named_within_its_time_and_so_is_its_end(fault, footage):
    scene, prober = await learned(footage)
    broken = (FAULTS[fault](footage[40 + n], n) for n in range(20))
    took = await until(scene, prober, broken, fault, pause=timedelta(seconds=30))
    assert took <= WITHIN[fault]
    well = (footage[60 + n] for n in range(10))
    assert await until(scene, prober, well, Condition.OK, pause=timedelta(seconds=30)) <= 120


async def test_a_picture_that_stands_still_is_named_within_two_minutes(footage):
    scene, prober = await learned(footage)
    finding = await seen(scene, prober, footage[40])
    assert not finding.is_in_doubt
    took = await until(scene, prober, [footage[40]] * 10, Condition.FROZEN, pause=timedelta(seconds=30))
    assert took <= 120


async def test_a_lost_camera_is_named_after_its_minute_of_grace_and_no_sooner(footage):
    scene, prober = await learned(footage)
    gone = CameraUnreachableError("gate", "no connection")
    took = await until(scene, prober, [gone] * 10, Condition.OFFLINE, pause=timedelta(seconds=20))
    assert took == 60
    finding = await seen(scene, prober, gone)
    assert (finding.trouble, finding.captured_at) == (Trouble.UNREACHABLE, None)


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (CameraRefusedError("gate", "401"), Trouble.REFUSED),
        (CameraBusyError("gate", "503"), Trouble.BUSY),
        (NoPictureError("gate", "HTML"), Trouble.NO_PICTURE),
        (CameraForbiddenError("gate", "redirect"), Trouble.FORBIDDEN),
        (b"\xff\xd8 garbage", Trouble.NO_PICTURE),
    ],
)
async def test_why_there_is_no_picture_is_told_apart(footage, error, trouble):
    scene, prober = await learned(footage)
    finding = await seen(scene, prober, error)
    assert finding.trouble is trouble
    assert finding.is_in_doubt


async def test_an_old_picture_means_a_wrong_clock_or_one_that_stands_still(footage):
    for offset_s, wanted in ((-3600.0, Condition.CLOCK_WRONG), (None, Condition.FROZEN)):
        scene, prober = await learned(footage)
        scene.offset_s = offset_s
        old = StalePictureError("gate", 3600)
        await until(scene, prober, [old] * 20, wanted, pause=timedelta(seconds=30))


async def test_a_wrong_clock_is_named_though_the_picture_is_well(footage):
    scene, prober = await learned(footage)
    scene.offset_s = 95.0
    await until(scene, prober, footage[40:60], Condition.CLOCK_WRONG, pause=timedelta(seconds=30))


async def test_a_darkroom_without_time_says_nothing_of_the_camera(footage):
    scene, prober = await learned(footage)

    async def busy(_frame, _masks=()):
        raise DevelopingError("64 pictures are waiting already")

    scene.measure = busy
    for _ in range(10):
        finding = await seen(scene, prober, footage[40])
        assert (finding.condition, finding.changes, finding.is_in_doubt) == (Condition.OK, (), False)


async def test_what_was_learned_of_a_real_camera_survives_a_restart(footage):
    scene, prober = await learned(footage)
    told = json.loads(json.dumps(prober.learned("gate")))
    again = scene.prober()
    again.restore("gate", told)
    moved = (FAULTS[Condition.MOVED](footage[40 + n], n) for n in range(20))
    assert await until(scene, again, moved, Condition.MOVED, pause=timedelta(seconds=30)) <= 300
    again.restore("gate", {"camera_id": "gate"})
    assert (await seen(scene, again, footage[80])).condition is Condition.OK


def at_this_hour(picture, now, random):
    """The yard at that time: sun, infrared at night, headlights, rain, wind."""
    local = now.astimezone(ZONE)
    hour = local.hour + local.minute / 60
    shake = random.uniform(-3, 3) if 14 <= hour < 19 else 0
    turned = np.array([[1, 0, shake], [0, 1, 0]], np.float32)
    scene = cv2.warpAffine(picture, turned, SIZE, borderMode=cv2.BORDER_REFLECT).astype(np.float32)
    sun = max(math.sin((hour - 6.5) / 11 * math.pi), 0) if 6.5 < hour < 17.5 else 0
    if sun < 0.1:
        grey = cv2.cvtColor(scene.astype(np.uint8), cv2.COLOR_BGR2GRAY).astype(np.float32)
        scene = cv2.merge([grey * 0.45 + 18] * 3)
        if random.random() < 0.05:
            y, x = np.mgrid[: SIZE[1], : SIZE[0]]
            lights = 150 * np.exp(-((x - random.uniform(0, SIZE[0])) ** 2 + (y - 110) ** 2) / 2 / 40**2)
            scene += lights[..., None]
    else:
        scene *= 0.35 + 0.7 * sun
    sigma = 12 if 21 <= hour < 23 else 5 if sun < 0.1 else 2
    return np.clip(scene + random.normal(0, sigma, scene.shape), 0, 255).astype(np.uint8)


async def test_a_day_and_a_night_of_the_real_yard_cause_no_notice(footage):
    scene, random = Scene(), np.random.default_rng(5)
    prober = scene.prober()
    told = []
    for number in range(24 * 30):
        picture = at_this_hour(footage[number % len(footage)], scene.now + 2 * MINUTE, random)
        told += (await seen(scene, prober, picture, pause=2 * MINUTE)).changes
    assert told == []
