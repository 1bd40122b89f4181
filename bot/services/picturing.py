"""Taking one picture for one look: ask the rules, grab, develop, keep, hand over, note who saw it.

What is kept is encrypted; nothing here ever reaches a log, a group or the database in clear.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot.domain.camera import Frame
from bot.domain.clearance import Barrier, Grounds, faces_for
from bot.domain.look import Look, Shot
from bot.domain.message import Delivery
from bot.domain.recipe import Faces, Recipe
from bot.domain.snapshot import Act, Part, Snapshot, expiry
from bot.errors import (
    CameraBusyError,
    CameraError,
    CameraForbiddenError,
    CameraRefusedError,
    CameraUnreachableError,
    DevelopingError,
    NoFootageError,
    NoPictureError,
    StalePictureError,
    StorageError,
)
from bot.ports import Developer, FrameSource, MarkWords
from bot.services import register, snapshots
from bot.services.sighting import Sight, end_look, incident_params, look_again, note_refusal
from bot.services.turn import Turns
from bot.storage.transaction import Transaction
from bot.storage.vault import Label, Vault

GRAB_S: Final = 5.0
"""For the whole attempt at one camera, its stream as second way included."""
LATE_AFTER: Final = timedelta(minutes=2)
"""Who asked so long ago with a reason of then is asked again, not shown the present."""

PROBLEMS: dict[type[Exception], str] = {
    StalePictureError: "stale",
    CameraBusyError: "busy",
    CameraRefusedError: "refused",
    CameraForbiddenError: "forbidden",
    CameraUnreachableError: "unreachable",
    NoPictureError: "no_picture",
    NoFootageError: "erased",
    DevelopingError: "not_developed",
    StorageError: "not_kept",
}
"""What went wrong, by the word that `bot/messages/camera.py` has a sentence for; the first that fits."""

log = structlog.get_logger(__name__)


class PictureService:
    """Implements the courier's `Photographer`, and serves the school's own page."""

    def __init__(
        self, turns: Turns, source: FrameSource, developer: Developer, vault: Vault, words: MarkWords
    ) -> None:
        self._turns = turns
        self._source = source
        self._developer = developer
        self._vault = vault
        self._words = words

    async def take(self, delivery: Delivery) -> Shot:
        """For the chat. Who asked too long ago, with a reason of then, gets a sentence."""
        asked_at = datetime.fromisoformat(delivery.params["asked_at"])
        is_late = self._turns.clock() - asked_at > LATE_AFTER
        return await self._take(int(delivery.params["look"]), delivery.locale, is_late=is_late)

    async def show(self, look_id: int, locale: str) -> Shot:
        """For the page: taken and noted, so that what is given to the browser is in the register."""
        shot = await self._take(look_id, locale)
        await self._turns.database.write(self.note, shot, is_sure=True)
        return shot

    def note(self, tx: Transaction, shot: Shot, *, is_sure: bool) -> None:
        """One line of the register: seen, perhaps seen, not to be had, or refused; a refused look has ended."""
        look, now = shot.look, self._turns.clock()
        person = tx.people.get(look.staff_id)
        if person is None:
            return
        said = {"reason": shot.params.get("reason", look.reason), "content": shot.params.get("content", "")}
        if shot.is_refused:
            barrier = Barrier(shot.params["barrier"])
            note_refusal(tx, person, look.camera_id, barrier, at=now, incident_id=look.incident_id, **said)
            end_look(tx, look, now)
            return
        outcome = f"no picture: {shot.params['problem']}" if shot.picture is None else "done"
        register.enter(
            tx,
            person,
            Act.VIEW,
            look.camera_id,
            at=now,
            snapshot_id=shot.snapshot_id,
            incident_id=look.incident_id,
            sha256=shot.sha256,
            outcome=outcome if is_sure else "perhaps delivered",
            **said,
        )

    async def _take(self, look_id: int, locale: str, *, is_late: bool = False) -> Shot:
        look, sight, until = await self._turns.database.read(self._asked, look_id)
        if look is None:
            raise LookupError(f"no look {look_id}")
        if isinstance(sight, Barrier):
            # The message still waiting was made when they might know of the incident.
            nameless = {"number": ""} if sight is Barrier.LOOK_OVER else {}
            return self._without(look, barrier=sight.value, until=until, **nameless)
        params = self._params(sight)
        if is_late and sight.grounds is Grounds.REASON:
            return Shot(look, params | {"problem": "late"})
        try:
            return await self._developed(sight, locale, params)
        except (CameraError, DevelopingError, StorageError) as error:
            log.warning("no_picture", camera=look.camera_id, error=str(error))
            return Shot(look, params | _problem(error))

    def _asked(self, tx: Transaction, look_id: int) -> tuple[Look | None, Sight | Barrier, str | None]:
        look = tx.looks.get(look_id)
        person = tx.people.get(look.staff_id) if look else None
        sight = look_again(tx, self._turns.school, look_id, self._turns.clock())
        until = person.camera_training_until if person else None
        return look, sight, until.isoformat() if until else None

    async def _developed(self, sight: Sight, locale: str, params: dict[str, Any]) -> Shot:
        camera, rules = sight.camera, self._turns.school.viewing
        stored = sight.look.snapshot_id
        frame = await (
            self._source.grab(camera, deadline_s=GRAB_S) if stored is None else self._recorded(sight, stored)
        )
        params |= {"captured_at": frame.captured_at.isoformat(), "content": self._content(sight, frame)}
        is_shown = rules.faces is Faces.SHOWN
        faces = Faces.SHOWN if is_shown else faces_for(sight.person, rules.faces_shown_to)
        recipe = Recipe(camera.masks, faces, self._words(params, locale))
        picture = await self._developer.develop(frame.data, recipe)
        if stored is not None:
            sha256 = hashlib.sha256(picture).hexdigest()
            return Shot(sight.look, params, picture, snapshot_id=stored, sha256=sha256)
        kept = await self._keep(sight, frame, picture)
        return Shot(sight.look, params, picture, snapshot_id=kept.id, sha256=kept.hashes()[Part.DERIVATIVE])

    async def _recorded(self, sight: Sight, snapshot_id: int) -> Frame:
        """A key frame of a recording, from the vault. VaultError: erased meanwhile, or never written."""
        snapshot, key = await self._turns.database.read(
            lambda tx: (tx.snapshots.get(snapshot_id), tx.snapshots.key(snapshot_id, Part.ORIGINAL))
        )
        if snapshot is None or key is None:
            raise NoFootageError(sight.camera.id, "the picture is erased")
        label = Label.of(snapshot, Part.ORIGINAL)
        data = await asyncio.to_thread(self._vault.read, label, key)
        return Frame(snapshot.camera_id, data, snapshot.captured_at, is_original=False)

    async def _keep(self, sight: Sight, frame: Frame, picture: bytes) -> Snapshot:
        """Hashes into the audit chain before anybody sees it; then the files. A full disk costs the files only."""
        original = await self._masked(sight, frame)
        now = self._turns.clock()
        snapshot = Snapshot(
            id=0,
            camera_id=sight.camera.id,
            captured_at=frame.captured_at,
            kept_at=now,
            original_sha256=hashlib.sha256(original).hexdigest(),
            original_size=len(original),
            expires_at=expiry(now, sight.camera.retention_days),
            incident_id=sight.look.incident_id,
            derivative_sha256=hashlib.sha256(picture).hexdigest(),
            derivative_size=len(picture),
        )
        kept, keys = await self._turns.database.write(
            lambda tx: snapshots.keep(tx, snapshot, self._make_key, by=sight.person.staff_id)
        )
        files = {Part.ORIGINAL: original, Part.DERIVATIVE: picture}
        try:
            await asyncio.to_thread(self._file, kept, keys, files)
        except StorageError as error:
            log.error("picture_not_kept", snapshot=kept.id, error=str(error))  # noqa: TRY400 - no traceback
        return kept

    async def _masked(self, sight: Sight, frame: Frame) -> bytes:
        """The camera's own bytes; with masks, only what they leave: the rest is not kept (Order 799 art. 8)."""
        masks = sight.camera.masks
        return await self._developer.develop(frame.data, Recipe(masks, Faces.SHOWN)) if masks else frame.data

    def _make_key(self, snapshot: Snapshot, part: Part) -> bytes:
        return self._vault.make_key(Label.of(snapshot, part))

    def _file(self, kept: Snapshot, keys: Mapping[Part, bytes], files: Mapping[Part, bytes]) -> None:
        for part, data in files.items():
            self._vault.keep(Label.of(kept, part), keys[part], data)

    def _params(self, sight: Sight) -> dict[str, Any]:
        """What caption, mark and register say of it."""
        return {
            **incident_params(sight.incident, self._turns.school),
            "camera": sight.camera.name.to_params(),
            "is_recorded": sight.look.snapshot_id is not None,
            "viewer": sight.person.name.to_params(),
            "staff_id": sight.person.staff_id,
            "said": sight.look.reason,
            "reason": sight.reason,
            "content": sight.camera.name.zh,
            "taken_at": self._turns.clock().isoformat(),
        }

    def _without(self, look: Look, **why: str | None) -> Shot:
        camera = self._turns.school.cameras.get(look.camera_id)
        name = camera.name.to_params() if camera else {"zh": look.camera_id, "en": look.camera_id}
        return Shot(look, {"camera": name, "content": name["zh"], **why})

    def _content(self, sight: Sight, frame: Frame) -> str:
        """The law's 内容: which camera, of when."""
        local = frame.captured_at.astimezone(self._turns.school.timezone)
        recorded = "录像 " if sight.look.snapshot_id is not None else ""
        return f"{sight.camera.name.zh} {recorded}{local:%Y-%m-%d %H:%M:%S}"


def _problem(error: Exception) -> dict[str, Any]:
    word = next(word for kind, word in PROBLEMS.items() if isinstance(error, kind))
    return {"problem": word, **({"age_s": error.age_s} if isinstance(error, StalePictureError) else {})}
