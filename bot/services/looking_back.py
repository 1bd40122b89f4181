"""`/footage`: what was recorded, under the rules of the present: right, certificate, incident or reason, register.

Asking is one unit; then the recorder is looked into, which takes seconds; what differs is kept, encrypted, and shown
like every other picture. A restart in between goes on with the question.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog

from bot.domain.camera import Camera, Frame
from bot.domain.clearance import Barrier, barrier_of
from bot.domain.footage import (
    LONGEST_LOOK,
    FootageRequest,
    RequestState,
    Span,
    key_frames,
    read_span,
    sample_times,
)
from bot.domain.incident import Incident
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.recipe import Faces, Recipe
from bot.domain.sender import IncidentRef, Sender
from bot.domain.snapshot import Act, Part, RegisterEntry, Snapshot, expiry
from bot.domain.text import clean_line, shorten
from bot.domain.timeline import Event
from bot.errors import CameraError, DevelopingError, MusterError, Reason, RefusedError
from bot.ports import Developer, FootageSource, Sketch
from bot.services import register, snapshots
from bot.services.showing import begin_look, show
from bot.services.sighting import NO_CAMERA, incident_params, may_look, reason_of
from bot.services.turn import Turn, Turns
from bot.services.viewing import LONGEST_REASON, cause_there, incident_meant, refuse
from bot.storage.vault import Label, Vault

SAMPLES: Final = 16
"""Moments looked at: each is one playback of a second or two, two at a time."""
SEARCH_S: Final = 15.0
FRAMES_S: Final = 60.0
"""For all of them; what a slow recorder has not given by then is left out."""
GIVEN_UP_AFTER: Final = timedelta(minutes=10)
"""A question that a long outage held up is not answered with pictures that nobody waits for."""

log = structlog.get_logger(__name__)


class LookingBackService:
    """The question."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def ask(self, sender: Sender, ref: IncidentRef, words: str) -> Outcome:
        """`/footage [2026-0007] gate 10:00-10:05 [why]`."""
        return await self._turns.run(sender, ask, ref, words)


def ask(turn: Turn, ref: IncidentRef, words: str) -> Outcome:
    """Keep the question, with its line in the register; or say why not."""
    incident = incident_meant(turn, ref)
    if barrier := barrier_of(turn.person, turn.school.day(turn.now)):
        return refuse(turn, NO_CAMERA, barrier, incident, clean_line(words))
    camera, span, said = _meant(turn, words)
    cause = cause_there(turn, camera, incident)
    cleared = may_look(turn.school, turn.person, camera, incident=cause, reason=said, now=turn.now)
    if isinstance(cleared, Barrier):
        return refuse(turn, camera.id, cleared, incident, said)
    if cause is None and camera.id not in turn.school.watching.recorded:
        raise RefusedError(Reason.NOT_RECORDED)
    turn.audit(Right.SEE_CAMERAS.value, subject=f"{camera.id} recorded")
    request = FootageRequest(
        id=0,
        staff_id=turn.person.staff_id,
        camera_id=camera.id,
        incident_id=cause.id if cause else None,
        reason=cleared.reason,
        begin_at=span.begin,
        end_at=span.end,
        asked_at=turn.now,
    )
    request = replace(request, id=turn.tx.footage.ask(request))
    line = _register(turn, request, camera, cause)
    _tell(turn, request, camera, cause, state="asked", register=line.id)
    is_private = turn.sender is not None and turn.sender.is_private
    return Outcome(Done.PICTURE_COMING, is_told=is_private)


def _meant(turn: Turn, words: str) -> tuple[Camera, Span, str]:
    camera, rest = turn.school.cameras.read(words)
    if camera is None:
        if not words:
            raise RefusedError(Reason.NOT_A_SPAN, example=next(iter(turn.school.cameras), ""))
        raise RefusedError(Reason.NO_SUCH_CAMERA, word=words.split(maxsplit=1)[0])
    span, said = read_span(rest, turn.now, turn.school.timezone)
    if span is None or span.end < span.begin:
        raise RefusedError(Reason.NOT_A_SPAN, example=camera.id)
    if span.length > LONGEST_LOOK:
        raise RefusedError(Reason.SPAN_TOO_LONG)
    return camera, span, shorten(clean_line(said), LONGEST_REASON)


def _register(
    turn: Turn, request: FootageRequest, camera: Camera, incident: Incident | None
) -> RegisterEntry:
    """Art. 16(3) asks for retrievals like for views; each picture that is then seen has a line of its own."""
    zone = turn.school.timezone
    begin, end = (at.astimezone(zone) for at in (request.begin_at, request.end_at))
    return register.enter(
        turn.tx,
        turn.person,
        Act.EXPORT,
        camera.id,
        at=turn.now,
        reason=reason_of(incident, request.reason),
        content=f"{camera.name.zh} 录像 {begin:%Y-%m-%d %H:%M:%S} 至 {end:%H:%M:%S}",
        incident_id=request.incident_id,
    )


def _tell(
    turn: Turn, request: FootageRequest, camera: Camera, incident: Incident | None, **more: Any
) -> None:
    params = {
        **incident_params(incident, turn.school),
        "camera": camera.name.to_params(),
        "begin": request.begin_at.isoformat(),
        "end": request.end_at.isoformat(),
        **more,
    }
    turn.tell(
        Address.person(request.staff_id),
        MessageKind.FOOTAGE,
        params,
        incident,
        lane=Lane.COMMAND,
        needs_right=Right.SEE_CAMERAS.value,
        coalesce=f"footage:{request.id}",
    )


@dataclass(frozen=True)
class Found:
    """The key frames of one answer, kept already, or why there are none."""

    snapshots: tuple[int, ...] = ()
    failure: str = ""


class FootageWorker:
    """Answers the questions, one after the other: a recorder has room for few playbacks."""

    def __init__(
        self, turns: Turns, footage: FootageSource, developer: Developer, sketch: Sketch, vault: Vault
    ) -> None:
        self._turns = turns
        self._footage = footage
        self._developer = developer
        self._sketch = sketch
        self._vault = vault

    async def work(self) -> None:
        """Everything that waits now."""
        for request in await self._turns.database.read(lambda tx: tx.footage.waiting()):
            found = await self._find(request)
            await self._turns.tick(partial(answer, request=request, found=found))

    async def _find(self, request: FootageRequest) -> Found:
        camera = self._turns.school.cameras.get(request.camera_id)
        if camera is None or self._turns.clock() - request.asked_at > GIVEN_UP_AFTER:
            return Found(failure="given_up")
        try:
            frames = await self._frames(camera, request.span)
            chosen = await self._chosen(camera, frames)
        except CameraError as error:
            log.warning("no_footage", camera=camera.id, error=str(error))
            return Found(failure="unreachable")
        except DevelopingError as error:
            log.warning("footage_not_developed", camera=camera.id, error=str(error))
            return Found(failure="not_developed")
        if not chosen:
            return Found(failure="nothing")
        try:
            return Found(tuple([await self._keep(request, camera, frame) for frame in chosen]))
        except MusterError as error:
            log.warning("footage_not_kept", camera=camera.id, error=str(error))
            return Found(failure="not_kept")

    async def _frames(self, camera: Camera, span: Span) -> list[Frame]:
        """From what is there of the time; a moment that cannot be had is left out, all of them are an error."""
        spans = await self._footage.spans(camera, span, deadline_s=SEARCH_S)
        times = [at for at in sample_times(span, most=SAMPLES) if any(one.has(at) for one in spans)]
        times = times or [one.begin for one in spans[:1]]
        tried = await asyncio.gather(
            *(self._footage.frame(camera, at, deadline_s=FRAMES_S) for at in times),
            return_exceptions=True,
        )
        frames = [one for one in tried if isinstance(one, Frame)]
        for one in tried:
            if isinstance(one, BaseException) and not (isinstance(one, CameraError) and frames):
                raise one
        return frames

    async def _chosen(self, camera: Camera, frames: list[Frame]) -> list[Frame]:
        sketches = [await self._sketch(frame.data, camera.masks) for frame in frames]
        return [frames[index] for index in key_frames(sketches)]

    async def _keep(self, request: FootageRequest, camera: Camera, frame: Frame) -> int:
        """Into the vault: masked where the camera has masks, else as it was recorded."""
        data = frame.data
        if camera.masks:
            data = await self._developer.develop(data, Recipe(camera.masks, Faces.SHOWN))
        now = self._turns.clock()
        snapshot = Snapshot(
            id=0,
            camera_id=camera.id,
            captured_at=frame.captured_at,
            kept_at=now,
            original_sha256=hashlib.sha256(data).hexdigest(),
            original_size=len(data),
            expires_at=expiry(now, camera.retention_days),
            incident_id=request.incident_id,
        )
        kept, keys = await self._turns.database.write(
            lambda tx: snapshots.keep(tx, snapshot, self._make_key, by=request.staff_id)
        )
        label = Label.of(kept, Part.ORIGINAL)
        await asyncio.to_thread(self._vault.keep, label, keys[Part.ORIGINAL], data)
        return kept.id

    def _make_key(self, snapshot: Snapshot, part: Part) -> bytes:
        return self._vault.make_key(Label.of(snapshot, part))


def answer(turn: Turn, request: FootageRequest, found: Found) -> None:
    """Show the key frames to who asked, who is checked again when each goes out."""
    known = turn.tx.footage.get(request.id)
    if known is None or known.state is not RequestState.ASKED:
        return
    person, camera = turn.tx.people.get(request.staff_id), turn.school.cameras.get(request.camera_id)
    incident = turn.tx.incidents.get(request.incident_id) if request.incident_id is not None else None
    if incident is not None and not turn.may_know(incident, person):
        incident, found = None, Found(failure="given_up")
    if person is None or camera is None or found.failure:
        turn.tx.footage.settle(request.id, RequestState.FAILED, found.failure or "given_up")
        if camera is not None:
            _tell(turn, request, camera, incident, state=found.failure)
        return
    looks = []
    for snapshot_id in found.snapshots:
        turn.tx.footage.add_frame(request.id, snapshot_id)
        looks.append(begin_look(turn, person, camera, incident, request.reason, snapshot_id=snapshot_id))
    turn.tx.footage.settle(request.id, RequestState.READY)
    _tell(turn, request, camera, incident, state="ready", n=len(looks))
    show(turn, person, looks, incident)
    if incident is not None:
        turn.record(
            incident,
            Event.FOOTAGE_SEEN,
            actor=person.name.to_params(),
            camera=camera.name.to_params(),
            begin=request.begin_at.isoformat(),
            end=request.end_at.isoformat(),
        )
