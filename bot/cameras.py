"""From `[[cameras]]` to pictures: source, darkroom, vault and signer. Part of the wiring, like `alert_sources`."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from bot.config import Settings
from bot.domain.camera import Camera, Cameras
from bot.domain.look import Shot
from bot.domain.recipe import Faces
from bot.errors import CameraError, DevelopingError, MusterError
from bot.i18n import Languages
from bot.messages.camera import mark
from bot.scheduler import Tick
from bot.services.picturing import PictureService
from bot.services.school import ViewingRules
from bot.services.signing import AUDIT_KEY, Signer, sign_head
from bot.services.turn import Turns
from bot.services.watching import WatchingService
from bot.storage.key_file import KEY_BYTES, load_or_make_key
from bot.storage.outbox import OUTBOX
from bot.storage.transaction import Transaction
from bot.storage.vault import Vault
from integrations.cameras import CameraSource
from integrations.vision.darkroom import Darkroom
from integrations.vision.weights import Weights

FOLLOW_EVERY_S: Final = 10.0
FOLLOW_PAUSE_S: Final = 0.05
"""While thousands of messages go out, every one of them is a commit."""
RENEW_EVERY_S: Final = 1.0
SIGN_EVERY_S: Final = 3600.0
MEGABYTE: Final = 1_000_000

log = structlog.get_logger(__name__)


def cameras_of(settings: Settings) -> Cameras:
    """For the school."""
    return Cameras(tuple(entry.camera() for entry in settings.cameras))


def viewing_of(settings: Settings) -> ViewingRules:
    """`[camera_policy]` for the services."""
    policy = settings.camera_policy
    return ViewingRules(
        is_in_chat=policy.deliver == "chat",
        is_protected=policy.protect,
        deleted_after=timedelta(seconds=policy.delete_after_s),
        watch_every=timedelta(seconds=policy.watch_every_s),
        watch_for=timedelta(seconds=policy.watch_for_s),
        faces=Faces(policy.faces),
        faces_shown_to=frozenset(policy.faces_shown_to),
    )


class CameraParts:
    """What pictures of cameras need. `start` once; `vault`, `signer` and `pictures` are there from then on.

    `source` refuses private places by itself, `darkroom` starts its children when somebody first needs them.
    """

    vault: Vault
    signer: Signer
    pictures: PictureService

    def __init__(
        self, settings: Settings, turns: Turns, watching: WatchingService, languages: Languages
    ) -> None:
        policy, school = settings.camera_policy, turns.school
        self.cameras = school.cameras
        self.source = CameraSource(
            self.cameras.values(), hosts=policy.allow_hosts, zones=school.campus.zones, clock=turns.clock
        )
        self.darkroom = Darkroom(
            weights=Weights(settings.path_of(policy.face_model), policy.face_model_sha256)
            if policy.face_model
            else None
        )
        self._turns = turns
        self._watching = watching
        self._languages = languages
        self._has_pictures = bool(self.cameras) or bool(settings.alert_sources)
        self._key_path = settings.path_of(policy.key_file)
        self._budget_bytes = policy.disk_budget_mb * MEGABYTE
        self._awake = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def start(self, parts: AsyncExitStack) -> None:
        """Load the keys (StartError) and follow the incidents; the database is open, `parts` closes it."""
        parts.push_async_callback(self.close)
        folder = self._turns.database.folder
        key, seed = await asyncio.to_thread(self._keys, folder)
        self.vault = Vault(folder / "vault", key, budget_bytes=self._budget_bytes)
        self.signer = Signer(seed)
        self.pictures = PictureService(
            self._turns, self.source, self.darkroom, self.vault, lambda p, to: mark(p, self._languages[to])
        )
        if self.cameras:
            self._turns.database.listen(OUTBOX, self._awake.set)
            self._following = asyncio.create_task(self._follow(), name="cameras")

    async def close(self) -> None:
        """End streams, children and connections."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self.source.close()
        await self.darkroom.close()

    async def show(self, look_id: int, locale: str) -> Shot:
        """One picture for the page; once `start` is through."""
        return await self.pictures.show(look_id, locale)

    def ticks(self) -> list[Tick]:
        """What the scheduler does for cameras."""
        return [
            Tick("sign", SIGN_EVERY_S, self._sign),
            Tick("watches", RENEW_EVERY_S, self._watching.tick),
            Tick("old looks", SIGN_EVERY_S, self._watching.purge),
        ]

    def _keys(self, folder: Path) -> tuple[bytes, bytes]:
        """The pictures' key and the signer's. Where nothing ever brings a picture there is no key file for them."""
        is_needed = self._has_pictures or self._key_path.exists()
        key = load_or_make_key(self._key_path) if is_needed else secrets.token_bytes(KEY_BYTES)
        return key, load_or_make_key(folder / AUDIT_KEY)

    async def _sign(self) -> None:
        await self._turns.database.write(sign_head, self.signer, at=self._turns.clock())

    async def _follow(self) -> None:
        """After every commit that tells somebody something, and now and then: who needs which camera."""
        while True:
            self._awake.clear()
            try:
                await self._watching.tick()
                await self._prepare(await self._turns.database.read(self._wanted))
            except MusterError as error:
                log.warning("cameras_not_prepared", error=str(error))
            except Exception:
                log.exception("cameras_not_followed")
            await asyncio.sleep(FOLLOW_PAUSE_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(FOLLOW_EVERY_S):
                    await self._awake.wait()

    def _wanted(self, tx: Transaction) -> list[Camera]:
        """The cameras of the places where something is going on."""
        open_now = [one for one in tx.incidents.list_open() if one.is_in_force and one.suspended_at is None]
        places = {zone for incident in open_now for zone in (incident.zone, *incident.action_zones)}
        zones = self._turns.school.campus.zones
        lawful = {zone.id for zone in zones.values() if zone.id in places and not zone.is_private}
        return [camera for camera in self.cameras.values() if camera.zone in lawful]

    async def _prepare(self, wanted: list[Camera]) -> None:
        """Open their streams, and have somebody ready to develop; what nobody needs any more ends."""
        with suppress(CameraError):  # what is not allowed is told to whoever asks for it
            await self.source.warm.keep_only(wanted)
        if wanted:
            with suppress(DevelopingError):  # tried again with the first picture
                await self.darkroom.warm_up()
