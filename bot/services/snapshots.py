"""Keeping a picture, holding it beyond its time, erasing it: each as one unit, with its line in the audit chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.clearance import SHORTEST_REASON
from bot.domain.signature import is_genuine
from bot.domain.snapshot import Act, Part, RegisterEntry, Snapshot
from bot.domain.text import clean_line
from bot.errors import Reason, RefusedError
from bot.services.signing import Signer
from bot.storage.transaction import Transaction

MakeKey = Callable[[Snapshot, Part], bytes]
MUSTER = "muster"
RETENTION_OVER = "retention over"


def keep(
    tx: Transaction, snapshot: Snapshot, make_key: MakeKey, *, by: str
) -> tuple[Snapshot, Mapping[Part, bytes]]:
    """Row, keys and hashes before the files: the kept snapshot with its id, and the wrapped key of each part.

    Write the files after the commit; one that is missing then was lost in a crash, and the hash still says so.
    """
    kept = replace(snapshot, id=tx.snapshots.add(snapshot))
    keys = {part: make_key(kept, part) for part in kept.hashes()}
    for part, wrapped in keys.items():
        tx.snapshots.add_key(kept.id, part, wrapped)
    details = {"camera": kept.camera_id, "captured_at": kept.captured_at.isoformat(), **_hashes(kept)}
    tx.audit.append("keep picture", at=kept.kept_at, actor=by, subject=str(kept.id), details=details)
    return kept, keys


def hold(tx: Transaction, snapshot_id: int, *, by: str, reason: str, at: datetime) -> None:
    """Keep it beyond its time. RefusedError without a reason, or when it is erased already or unknown."""
    said = _stated(reason)
    _require_kept(tx, snapshot_id)
    tx.snapshots.hold(snapshot_id, at=at, by=by, reason=said)
    tx.audit.append("hold picture", at=at, actor=by, subject=str(snapshot_id), details={"reason": said})


def release(tx: Transaction, snapshot_id: int, *, by: str, at: datetime) -> None:
    """Its time counts again."""
    _require_kept(tx, snapshot_id)
    tx.snapshots.release(snapshot_id)
    tx.audit.append("release picture", at=at, actor=by, subject=str(snapshot_id))


def hold_incident(tx: Transaction, incident_id: int, *, by: str, reason: str, at: datetime) -> None:
    """Keep all of its pictures beyond their time, also those to come. RefusedError without a reason."""
    said = _stated(reason)
    tx.snapshots.hold_incident(incident_id, at=at, by=by, reason=said)
    tx.audit.append("hold pictures", at=at, actor=by, subject=str(incident_id), details={"reason": said})


def release_incident(tx: Transaction, incident_id: int, *, by: str, at: datetime) -> None:
    """Their time counts again, but of those that somebody holds by themselves."""
    tx.snapshots.release_incident(incident_id)
    tx.audit.append("release pictures", at=at, actor=by, subject=str(incident_id))


def erase_due(
    tx: Transaction, signer: Signer, *, at: datetime, limit: int = 100
) -> list[tuple[Snapshot, dict[str, Any]]]:
    """Erase what is over and held by nobody; each with its certificate. Run again, it finds nothing: nothing twice.

    The pictures cannot be read any more once this is committed; remove the files afterwards.
    """
    return [
        (snapshot, certificate)
        for snapshot in tx.snapshots.due(at, limit)
        if (certificate := erase(tx, snapshot, signer, at=at, why=RETENTION_OVER)) is not None
    ]


def erase(
    tx: Transaction, snapshot: Snapshot, signer: Signer, *, at: datetime, why: str
) -> dict[str, Any] | None:
    """Destroy the keys, note it in register and chain; the signed certificate. None when that was done before."""
    if not tx.snapshots.erase(snapshot.id, at=at, why=why):
        return None
    details = {"camera": snapshot.camera_id, "why": why, **_hashes(snapshot)}
    tx.audit.append("erase picture", at=at, actor=MUSTER, subject=str(snapshot.id), details=details)
    tx.register.append(
        RegisterEntry(
            at,
            Act.DELETION,
            snapshot.camera_id,
            name=MUSTER,
            unit="",
            reason=why,
            content=snapshot.captured_at.isoformat(),
            snapshot_id=snapshot.id,
            incident_id=snapshot.incident_id,
            sha256=snapshot.original_sha256,
        )
    )
    row, digest = tx.audit.head()
    return signer.sign(
        {
            "certificate": "erasure",
            "snapshot": snapshot.id,
            "camera": snapshot.camera_id,
            "captured_at": snapshot.captured_at.isoformat(),
            **_hashes(snapshot),
            "erased_at": at.isoformat(),
            "why": why,
            "by": MUSTER,
            "audit_row": row,
            "audit_hash": digest,
        }
    )


def is_certified(tx: Transaction, certificate: Mapping[str, Any], *, public_key: str | None = None) -> bool:
    """Whether the certificate is genuine, and the chain and the row of this database say the same."""
    if not is_genuine(dict(certificate), public_key=public_key):
        return False
    snapshot = tx.snapshots.get(int(certificate["snapshot"]))
    return (
        snapshot is not None
        and snapshot.erased_at is not None
        and tx.audit.hash_at(int(certificate["audit_row"])) == certificate["audit_hash"]
        and {name: certificate.get(name) for name in _hashes(snapshot)} == _hashes(snapshot)
    )


def _stated(reason: str) -> str:
    said = clean_line(reason)
    if len(said) < SHORTEST_REASON:
        raise RefusedError(Reason.REASON_TOO_SHORT)
    return said


def _require_kept(tx: Transaction, snapshot_id: int) -> None:
    snapshot = tx.snapshots.get(snapshot_id)
    if snapshot is None or snapshot.erased_at is not None:
        raise RefusedError(Reason.PICTURE_GONE)


def _hashes(snapshot: Snapshot) -> dict[str, str]:
    return {f"{part.value}_sha256": digest for part, digest in snapshot.hashes().items()}
