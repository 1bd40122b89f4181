"""One picture: rules, grab, develop, keep, note; and at every step what happens when it fails."""

from __future__ import annotations

import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.domain.camera import Camera, Cameras, Frame
from bot.domain.look import Look
from bot.domain.place import Name
from bot.domain.recipe import Faces, Mark
from bot.domain.roster import Role
from bot.domain.snapshot import Act, Part
from bot.errors import (
    CameraForbiddenError,
    CameraRefusedError,
    CameraUnreachableError,
    StalePictureError,
    StorageBusyError,
    UndevelopableError,
)
from bot.services.picturing import PictureService
from bot.services.school import ViewingRules
from bot.storage.vault import Label, Vault
from tests.support.cast import CHEN, EMILY
from tests.support.door import MONDAY, open_door

JPEG = b"\xff\xd8 the corridor \xff\xd9"
PRESET = ViewingRules()
MASK = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))


@dataclass
class Source:
    """Gives one frame, or fails."""

    error: Exception | None = None
    asked: int = 0

    async def grab(self, camera, *, deadline_s):
        self.asked += 1
        if self.error:
            raise self.error
        return Frame(camera.id, JPEG, MONDAY)

    async def close(self):
        pass


@dataclass
class Developer:
    """Writes the recipe under the picture."""

    error: Exception | None = None
    recipes: list = field(default_factory=list)

    async def develop(self, frame_bytes, recipe):
        self.recipes.append(recipe)
        if self.error:
            raise self.error
        return frame_bytes + repr((recipe.masks, recipe.faces, recipe.mark)).encode()


@dataclass
class Set:
    """The service, and what is before and behind it."""

    door: object
    service: PictureService
    source: Source
    developer: Developer
    vault: Vault

    async def show(self, look_id=1):
        return await self.service.show(look_id, "zh_Hans")

    async def register(self):
        return await self.door.read(lambda tx: tx.register.last())


@asynccontextmanager
async def a_set(tmp_path, *, masks=(), rules=PRESET):
    async with open_door(tmp_path) as door:
        camera = Camera("A3", "A3", Name("走廊"), "http://127.0.0.1/", masks=masks)
        door.turns.school = replace(door.school, cameras=Cameras((camera,)), viewing=rules)
        source, developer = Source(), Developer()
        vault = Vault(tmp_path / "vault", bytes(32), budget_bytes=10**6)
        service = PictureService(
            door.turns, source, developer, vault, lambda p, locale: Mark(p["camera"]["zh"], p["captured_at"])
        )
        await door.send(EMILY, "/report fire A3")
        await door.database.write(lambda tx: tx.looks.add(Look(0, CHEN.staff_id, "A3", MONDAY, 1)))
        yield Set(door, service, source, developer, vault)


@pytest.fixture
async def studio(tmp_path):
    async with a_set(tmp_path) as one:
        yield one


async def test_what_is_shown_is_kept_encrypted_beside_the_cameras_own(studio):
    shot = await studio.show()
    kept = await studio.door.read(lambda tx: tx.snapshots.get(shot.snapshot_id))
    assert kept.original_sha256 == hashlib.sha256(JPEG).hexdigest()
    assert kept.derivative_sha256 == shot.sha256 == hashlib.sha256(shot.picture).hexdigest()
    assert (kept.incident_id, kept.expires_at) == (1, MONDAY + timedelta(days=30))
    for part, data in ((Part.ORIGINAL, JPEG), (Part.DERIVATIVE, shot.picture)):
        key = await studio.door.read(lambda tx, part=part: tx.snapshots.key(kept.id, part))
        assert studio.vault.read(Label.of(kept, part), key) == data
    [line] = await studio.register()
    assert (line.act, line.name, line.unit, line.content) == (
        Act.VIEW,
        "陈刚",
        "",
        "走廊 2026-11-23 10:00:00",
    )
    assert (line.reason, line.sha256, line.outcome) == ("应急事件 2026-0001", shot.sha256, "done")
    assert ("T3", "keep picture", "done") in await studio.door.audited()


async def test_what_a_mask_hides_is_not_kept_either(tmp_path):
    async with a_set(tmp_path, masks=(MASK,)) as studio:
        shot = await studio.show()
        kept = await studio.door.read(lambda tx: tx.snapshots.get(shot.snapshot_id))
        assert kept.original_sha256 != hashlib.sha256(JPEG).hexdigest()
        shown, original = studio.developer.recipes
        assert (shown.masks, original.masks) == ((MASK,), (MASK,))
        assert (original.faces, original.mark) == (Faces.SHOWN, None)


@pytest.mark.parametrize(
    ("rules", "faces"),
    [
        (ViewingRules(), Faces.PIXELATED),
        (ViewingRules(faces=Faces.SHOWN), Faces.SHOWN),
        (ViewingRules(faces_shown_to=frozenset({Role.COMMANDER})), Faces.SHOWN),
        (ViewingRules(faces_shown_to=frozenset({Role.PRINCIPAL})), Faces.PIXELATED),
    ],
)
async def test_faces_are_shown_as_the_viewers_clearance_says(tmp_path, rules, faces):
    async with a_set(tmp_path, rules=rules) as studio:
        await studio.show()
        assert studio.developer.recipes[0].faces is faces


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (CameraUnreachableError("A3", "no answer"), "unreachable"),
        (CameraRefusedError("A3", "401"), "refused"),
        (CameraForbiddenError("A3", "redirect"), "forbidden"),
        (StalePictureError("A3", 47.0), "stale"),
    ],
)
async def test_a_camera_that_fails_is_a_problem_with_a_word(studio, error, problem):
    studio.source.error = error
    shot = await studio.show()
    assert (shot.picture, shot.params["problem"], shot.snapshot_id) == (None, problem, None)
    [line] = await studio.register()
    assert (line.act, line.outcome, line.sha256) == (Act.VIEW, f"no picture: {problem}", None)


async def test_what_cannot_be_developed_is_neither_shown_nor_kept(studio):
    studio.developer.error = UndevelopableError("garbage")
    shot = await studio.show()
    assert (shot.picture, shot.params["problem"]) == (None, "not_developed")
    assert studio.vault.files() == []


async def test_a_full_vault_costs_the_copy_and_not_the_sight(studio, monkeypatch):
    def full(*_):
        raise StorageBusyError("the disk budget for pictures is spent")

    monkeypatch.setattr(studio.vault, "keep", full)
    shot = await studio.show()
    assert shot.picture is not None
    assert (await studio.register())[0].sha256 == shot.sha256


async def test_what_cannot_be_registered_is_not_shown(studio, monkeypatch):
    whole = studio.door.database.write

    async def full(fn, *args, **kwargs):
        raise StorageBusyError("disk full")

    monkeypatch.setattr(studio.door.database, "write", full)
    with pytest.raises(StorageBusyError):
        await studio.show()
    monkeypatch.setattr(studio.door.database, "write", whole)
    assert await studio.register() == []


async def test_a_refusal_opens_no_frame_and_ends_the_look(studio):
    await studio.door.send(CHEN, "/cancel 2026-0001 burnt toast")
    shot = await studio.show()
    assert (shot.is_refused, shot.params["barrier"], studio.source.asked) == (True, "no_reason", 0)
    assert (await studio.door.read(lambda tx: tx.looks.get(1))).ended_at == MONDAY
    [line] = await studio.register()
    assert (line.act, line.outcome) == (Act.REFUSAL, "no_reason")


async def test_the_picture_shows_in_no_printed_shot(studio):
    shot = await studio.show()
    assert "corridor" not in repr(shot)
