"""A wish to look back survives a restart, is answered once, and only to who may still see it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.domain.camera import Frame
from bot.domain.footage import RequestState, Span
from bot.domain.message import MessageKind, Rendered
from bot.domain.recipe import Faces
from bot.domain.snapshot import Act
from bot.errors import CameraUnreachableError, DevelopingError, NoFootageError
from bot.services.looking_back import FootageWorker
from bot.storage.vault import Vault
from tests.support.cast import CHEN, EMILY, LI, SUN, WANG
from tests.support.door import open_door
from tests.support.watched import DORM, GATE, watched_school

pytestmark = pytest.mark.both_databases

MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5))
MINUTE = timedelta(minutes=1)


@dataclass
class Recording:
    """Has the last ten minutes; every second shows something else. `failing`: which moments cannot be had."""

    door: object
    is_down: bool = False
    is_empty: bool = False
    failing: set[int] = field(default_factory=set)
    asked: list[object] = field(default_factory=list)

    async def spans(self, camera, wanted, *, deadline_s):
        if self.is_down:
            raise CameraUnreachableError(camera.id, "no connection")
        return [] if self.is_empty else [wanted]

    async def oldest(self, camera, *, deadline_s):
        return self.door.now - 10 * MINUTE

    async def frame(self, camera, at, *, deadline_s):
        self.asked.append(at)
        if len(self.asked) in self.failing:
            raise NoFootageError(camera.id, "no key frame")
        return Frame(camera.id, f"{at:%H:%M:%S}".encode(), at, is_original=False)


@dataclass
class Darkroom:
    """Marks what it has masked; every picture differs wholly from every other."""

    masked: list[bytes] = field(default_factory=list)
    is_broken: bool = False

    async def develop(self, data, recipe):
        assert recipe.faces is Faces.SHOWN
        self.masked.append(data)
        return b"masked " + data

    async def sketch(self, data, masks):
        if self.is_broken:
            raise DevelopingError("no time")
        return bytes((sum(data) * 37 + cell * 11) % 256 for cell in range(64))


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        one.turns.school = watched_school(one.school, DORM, recorded={"gate": True, "dorm": True})
        one.turns.school = replace(
            one.turns.school, viewing=replace(one.turns.school.viewing, is_in_chat=True)
        )
        words = one._renderer
        # A picture has words once the courier has taken it, which is another test's story.
        one._renderer = lambda delivery: (
            Rendered("") if delivery.kind is MessageKind.CAMERA_PICTURE else words(delivery)
        )
        yield one


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "vault", bytes(32), budget_bytes=1_000_000)


@pytest.fixture
def recording(door):
    return Recording(door)


@pytest.fixture
def darkroom():
    return Darkroom()


@pytest.fixture
def worker(door, recording, darkroom, vault):
    return FootageWorker(door.turns, recording, darkroom, darkroom.sketch, vault)


async def answered(door, worker):
    """What comes of everything that waits, by kind."""
    await worker.work()
    said = await door.collect()
    return [one for one in said if one.kind in {MessageKind.FOOTAGE, MessageKind.CAMERA_PICTURE}]


async def test_the_answer_is_up_to_five_pictures_for_who_asked_and_is_given_once(door, worker, recording):
    (asked,) = await door.send(CHEN, "/footage gate 9:50-9:55 核实翻墙情况")
    assert (asked.to, asked.needs_right) == (f"person:{CHEN.staff_id}", "see_cameras")
    told, *pictures = await answered(door, worker)
    assert "共 5 张画面有变化的图片" in told.text
    assert [one.kind for one in pictures] == [MessageKind.CAMERA_PICTURE] * 5
    assert {one.to for one in pictures} == {f"person:{CHEN.staff_id}"}
    assert len(recording.asked) == 16
    assert await answered(door, worker) == []
    request = await door.read(lambda tx: tx.footage.get(1))
    assert request.state is RequestState.READY
    assert request.span == Span(door.now - 10 * MINUTE, door.now - 5 * MINUTE)
    frames = await door.read(lambda tx: tx.footage.frames(1))
    kept = [await door.read(lambda tx, one=one: tx.snapshots.get(one)) for one in frames]
    assert all(request.begin_at <= one.captured_at <= request.end_at for one in kept)


async def test_masks_are_painted_before_anything_is_kept(door, worker, darkroom, vault):
    masked = replace(GATE, masks=(MASK,))
    cameras = type(door.turns.school.cameras)((masked,))
    door.turns.school = replace(door.turns.school, cameras=cameras)
    await door.send(CHEN, "/footage gate 9:50-9:55 核实翻墙情况")
    await answered(door, worker)
    assert len(darkroom.masked) == 5


async def test_a_restart_in_between_goes_on_with_the_question(door, recording, darkroom, vault):
    await door.send(CHEN, "/footage gate 9:50-9:55 核实翻墙情况")
    again = FootageWorker(door.turns, recording, darkroom, darkroom.sketch, vault)
    assert len(await answered(door, again)) == 6


async def test_what_nobody_waits_for_any_more_is_given_up(door, worker, recording):
    await door.send(CHEN, "/footage gate 9:50-9:55 核实翻墙情况")
    door.now += 11 * MINUTE
    (told,) = await answered(door, worker)
    assert "等待时间过长" in told.text
    assert recording.asked == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [("is_down", "录像机无应答"), ("is_empty", "该时段没有录像")],
)
async def test_why_there_is_nothing_is_told(door, worker, recording, broken, said):
    setattr(recording, broken, True)
    await door.send(CHEN, "/footage gate 9:50-9:55 核实翻墙情况")
    (told,) = await answered(door, worker)
    assert said in told.text
    assert (await door.read(lambda tx: tx.footage.get(1))).state is RequestState.FAILED


async def test_moments_that_cannot_be_had_are_left_out_and_all_of_them_are_told(door, worker, recording):
    recording.failing = set(range(1, 15))
    await door.send(CHEN, "/footage gate 9:50-9:55 核实翻墙情况")
    told, *pictures = await answered(door, worker)
    assert len(pictures) == 2
    recording.failing = set(range(1, 100))
    await door.send(CHEN, "/footage gate 9:50-9:55 核实翻墙情况")
    (told,) = await answered(door, worker)
    assert "录像机无应答" in told.text


async def test_nothing_unmasked_is_shown_when_the_darkroom_fails_or_the_disk_is_full(
    door, recording, darkroom, tmp_path
):
    full = Vault(tmp_path / "full", bytes(32), budget_bytes=0)
    worker = FootageWorker(door.turns, recording, darkroom, darkroom.sketch, full)
    await door.send(CHEN, "/footage gate 9:50-9:55 核实翻墙情况")
    (told,) = await answered(door, worker)
    assert "图片未能留存" in told.text
    darkroom.is_broken = True
    await door.send(CHEN, "/footage gate 9:50-9:55 核实翻墙情况")
    (told,) = await answered(door, worker)
    assert "未能完成遮挡" in told.text


async def test_a_private_place_is_refused_whatever_the_settings_say(door, worker, recording):
    said = await door.send(CHEN, "/footage 宿舍 9:50-9:55 核实翻墙情况")
    assert {one.kind for one in said} == {MessageKind.REFUSED}
    assert await answered(door, worker) == []
    assert recording.asked == []
    (line,) = await door.read(lambda tx: tx.register.last())
    assert (line.act, line.outcome) == (Act.REFUSAL, "private_place")


async def test_a_camera_without_a_recorder_says_so_at_once(door, worker):
    (refused,) = await door.send(SUN, "/footage gym 9:50-9:55 because of it")
    assert "No recorder is set" in refused.text
    assert await answered(door, worker) == []


@pytest.mark.parametrize("who", [EMILY, LI])
async def test_who_may_not_see_cameras_may_not_look_back(door, worker, who):
    await door.send(who, "/footage gate 9:50-9:55 核实翻墙情况")
    assert await answered(door, worker) == []
    assert await door.read(lambda tx: tx.footage.waiting()) == []


async def test_an_incident_that_became_restricted_meanwhile_is_not_named_in_the_answer(door, worker):
    await door.send(WANG, "/report fire A3")
    await door.send(CHEN, "/footage 2026-0001 gate 9:50-9:55")

    def restrict(tx):
        tx.incidents.save(replace(tx.incidents.get(1), is_restricted=True))

    await door.database.write(restrict)
    (told,) = await answered(door, worker)
    assert "等待时间过长" in told.text
    assert "2026-0001" not in told.text
    assert (await door.read(lambda tx: tx.footage.get(1))).state is RequestState.FAILED
