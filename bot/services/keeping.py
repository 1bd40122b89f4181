"""Kept pictures at the end of their time, and the disk that holds them.

Order 799 art. 17: at least thirty days, then erased. Who needs one longer holds it, with the reason on record.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from bot.domain.message import Address, Lane, MessageKind
from bot.domain.snapshot import Snapshot
from bot.services.camera_health import right_of, tenders
from bot.services.signing import Signer
from bot.services.snapshots import erase_due
from bot.services.turn import Turn, Turns
from bot.storage.transaction import Transaction
from bot.storage.vault import Label, Usage, Vault

WARNED_FACT: Final = "vault:warned"
A_UNIT: Final = 100
"""Pictures erased in one transaction: the writer serves others, too."""

log = structlog.get_logger(__name__)


class KeepingService:
    """The hourly tick. Keys are destroyed first, in the database; the files, unreadable from then on, afterwards."""

    def __init__(self, turns: Turns, vault: Vault, signer: Signer) -> None:
        self._turns = turns
        self._vault = vault
        self._signer = signer
        self.usage = Usage(0, 0)

    async def tick(self) -> int:
        """Erase what is due, look after the disk; how many pictures went."""
        erased = await self._erase_due()
        await self._sweep()
        self.usage = await asyncio.to_thread(self._vault.usage)
        await self._turns.tick(lambda turn: warn_of_disk(turn, self.usage))
        return erased

    async def _erase_due(self) -> int:
        count = 0
        while gone := await self._turns.database.write(self._erase_some, self._turns.clock()):
            for snapshot in gone:
                await asyncio.to_thread(self._remove, snapshot)
            count += len(gone)
        return count

    def _erase_some(self, tx: Transaction, now: datetime) -> list[Snapshot]:
        erased = erase_due(tx, self._signer, at=now, limit=A_UNIT)
        for snapshot, certificate in erased:
            tx.snapshots.keep_certificate(snapshot.id, certificate)
        return [snapshot for snapshot, _ in erased]

    def _remove(self, snapshot: Snapshot) -> None:
        for part in snapshot.hashes():
            self._vault.erase(Label.of(snapshot, part))

    async def _sweep(self) -> None:
        """Files of erased pictures, and halves, that a crash left.

        Listed first, then read: what is kept meanwhile is no stray.
        """
        files = await asyncio.to_thread(self._vault.files)
        wanted = await self._turns.database.read(_file_names)
        strays = [path for path in files if path.name not in wanted]
        if strays := [*strays, *await asyncio.to_thread(self._vault.halves)]:
            log.info("vault_swept", files=len(strays))
            await asyncio.to_thread(_unlink, strays)


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _file_names(tx: Transaction) -> set[str]:
    return {
        Label.of(snapshot, part).file_name
        for snapshot in tx.snapshots.list_kept(limit=None)
        for part in snapshot.hashes()
    }


def warn_of_disk(turn: Turn, usage: Usage) -> None:
    """Once a day while it is tight, before anything is refused."""
    today = turn.school.day(turn.now).isoformat()
    if not usage.is_tight or turn.tx.facts.get(WARNED_FACT) == today:
        return
    turn.tx.facts.set(WARNED_FACT, today)
    params = {"used": usage.used, "budget": usage.budget, "is_over": usage.is_over}
    for person in tenders(turn):
        turn.tell(
            Address.person(person.staff_id),
            MessageKind.VAULT_TIGHT,
            params,
            lane=Lane.COMMAND,
            needs_right=right_of(person).value,
        )
