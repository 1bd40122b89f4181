"""Pictures of cameras that were kept: rows here, keys beside them, files in the vault."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.snapshot import Part, Snapshot
from bot.storage.tables import erasure_certificates, incident_holds, picture_keys, snapshots


class SnapshotStore:
    """Rows stay for good; `erase` takes away the keys, without which no copy of the files can be read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, snapshot: Snapshot) -> int:
        """Keep a new row; its id. `snapshot.id` is not used."""
        values = asdict(snapshot)
        del values["id"]
        made = self._connection.execute(snapshots.insert().values(values).returning(snapshots.c.id))
        return int(made.scalar_one())

    def get(self, snapshot_id: int) -> Snapshot | None:
        """The row, erased or not."""
        row = self._connection.execute(select(snapshots).where(snapshots.c.id == snapshot_id)).one_or_none()
        return None if row is None else _snapshot(row)

    def list_kept(self, camera_id: str | None = None, limit: int | None = 1000) -> list[Snapshot]:
        """Those that are not erased, newest first; of one camera or of all."""
        query = select(snapshots).where(snapshots.c.erased_at.is_(None))
        if camera_id is not None:
            query = query.where(snapshots.c.camera_id == camera_id)
        return [
            _snapshot(row)
            for row in self._connection.execute(query.order_by(snapshots.c.id.desc()).limit(limit))
        ]

    def of_incident(self, incident_id: int) -> list[Snapshot]:
        """Those of an incident that are not erased, oldest first."""
        query = select(snapshots).where(
            snapshots.c.incident_id == incident_id, snapshots.c.erased_at.is_(None)
        )
        return [_snapshot(row) for row in self._connection.execute(query.order_by(snapshots.c.id))]

    def same(self, camera_id: str, sha256: str, since: datetime) -> Snapshot | None:
        """The newest with these bytes that was captured after `since` and is not erased."""
        query = select(snapshots).where(
            snapshots.c.camera_id == camera_id,
            snapshots.c.captured_at >= since,
            snapshots.c.original_sha256 == sha256,
            snapshots.c.erased_at.is_(None),
        )
        row = self._connection.execute(query.order_by(snapshots.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else _snapshot(row)

    def put_into(self, incident_id: int, snapshot_id: int) -> None:
        """It belongs to this incident; one that belongs to another already stays there."""
        self._connection.execute(
            update(snapshots)
            .where(snapshots.c.id == snapshot_id, snapshots.c.incident_id.is_(None))
            .values(incident_id=incident_id)
        )

    def due(self, now: datetime, limit: int = 500) -> list[Snapshot]:
        """Those whose time is over and that nobody holds, by themselves or with their incident, oldest first."""
        is_held = exists().where(incident_holds.c.incident_id == snapshots.c.incident_id)
        query = select(snapshots).where(
            snapshots.c.erased_at.is_(None),
            snapshots.c.held_at.is_(None),
            snapshots.c.expires_at <= now,
            ~is_held,
        )
        return [
            _snapshot(row)
            for row in self._connection.execute(
                query.order_by(snapshots.c.expires_at, snapshots.c.id).limit(limit)
            )
        ]

    def bytes_kept(self) -> int:
        """The sum of what is not erased, before encryption."""
        size = snapshots.c.original_size + func.coalesce(snapshots.c.derivative_size, 0)
        total = self._connection.scalar(select(func.sum(size)).where(snapshots.c.erased_at.is_(None)))
        return int(total or 0)

    def hold(self, snapshot_id: int, *, at: datetime, by: str, reason: str) -> None:
        """Keep it beyond its time; one that is erased already stays so."""
        self._save(snapshot_id, held_at=at, held_by=by, held_reason=reason)

    def release(self, snapshot_id: int) -> None:
        """Its time counts again."""
        self._save(snapshot_id, held_at=None, held_by=None, held_reason="")

    def hold_incident(self, incident_id: int, *, at: datetime, by: str, reason: str) -> None:
        """Keep all of an incident's beyond their time, also those that come later; the newest reason stands."""
        values = {"held_at": at, "held_by": by, "held_reason": reason}
        statement = insert(incident_holds).values(incident_id=incident_id, **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["incident_id"], set_=values))

    def release_incident(self, incident_id: int) -> None:
        """The time of those that nobody holds by themselves counts again."""
        self._connection.execute(delete(incident_holds).where(incident_holds.c.incident_id == incident_id))

    def add_key(self, snapshot_id: int, part: Part, wrapped: bytes) -> None:
        """Keep the wrapped key of one of its files."""
        self._connection.execute(
            picture_keys.insert().values(snapshot_id=snapshot_id, part=part.value, wrapped=wrapped)
        )

    def key(self, snapshot_id: int, part: Part) -> bytes | None:
        """The wrapped key; None when the picture was erased, or has no such part."""
        wrapped: bytes | None = self._connection.scalar(
            select(picture_keys.c.wrapped).where(
                picture_keys.c.snapshot_id == snapshot_id, picture_keys.c.part == part.value
            )
        )
        return wrapped

    def erase(self, snapshot_id: int, *, at: datetime, why: str) -> bool:
        """Destroy its keys and note it; False when that was done before. The hashes stay."""
        # Deleted rows are overwritten with zeros in a SQLite file: https://sqlite.org/pragma.html#pragma_secure_delete
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql("PRAGMA secure_delete=ON")
        self._connection.execute(delete(picture_keys).where(picture_keys.c.snapshot_id == snapshot_id))
        return self._save(snapshot_id, erased_at=at, erased_why=why)

    def keep_certificate(self, snapshot_id: int, certificate: dict[str, Any]) -> None:
        """The signed proof that it was erased."""
        self._connection.execute(
            erasure_certificates.insert().values(snapshot_id=snapshot_id, certificate=certificate)
        )

    def certificate(self, snapshot_id: int) -> dict[str, Any] | None:
        """That proof; None while the picture is kept."""
        found: dict[str, Any] | None = self._connection.scalar(
            select(erasure_certificates.c.certificate).where(
                erasure_certificates.c.snapshot_id == snapshot_id
            )
        )
        return found

    def _save(self, snapshot_id: int, **values: object) -> bool:
        changed = self._connection.execute(
            update(snapshots)
            .where(snapshots.c.id == snapshot_id, snapshots.c.erased_at.is_(None))
            .values(**values)
        )
        return changed.rowcount == 1


def _snapshot(row: Row[tuple[object, ...]]) -> Snapshot:
    return Snapshot(**row._asdict())
