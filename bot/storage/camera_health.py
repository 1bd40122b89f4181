"""How each camera is, since when, and how much of the time it worked."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.camera_health import CameraHealth, Uptime
from bot.storage.tables import camera_days, camera_health

_MICROSECOND = timedelta(microseconds=1)


class CameraHealthStore:
    """One row a camera."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, camera_id: str) -> CameraHealth | None:
        """None when it was never probed."""
        row = self._connection.execute(
            select(camera_health).where(camera_health.c.camera_id == camera_id)
        ).one_or_none()
        return None if row is None else _health(row)

    def list_all(self) -> list[CameraHealth]:
        """Every camera that was ever probed, by id; also those taken out of the settings since."""
        return [
            _health(row)
            for row in self._connection.execute(select(camera_health).order_by(camera_health.c.camera_id))
        ]

    def save(self, health: CameraHealth) -> None:
        """Keep it, in place of what was there."""
        values = {
            "camera_id": health.camera_id,
            "state": health.state,
            "since": health.since,
            "last_frame_at": health.last_frame_at,
            "baselines": health.baselines,
            "up_us": health.up // _MICROSECOND,
            "down_us": health.down // _MICROSECOND,
            "counted_at": health.counted_at,
            "trouble": health.trouble,
            "told": health.told,
            "notice_due_at": health.notice_due_at,
        }
        statement = insert(camera_health).values(values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=[camera_health.c.camera_id], set_=values)
        )

    def count(self, camera_id: str, day: date, *, up: timedelta, down: timedelta) -> None:
        """Add to the day's sums."""
        statement = insert(camera_days).values(
            camera_id=camera_id, day=day.isoformat(), up_us=up // _MICROSECOND, down_us=down // _MICROSECOND
        )
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[camera_days.c.camera_id, camera_days.c.day],
                set_={
                    "up_us": camera_days.c.up_us + statement.excluded.up_us,
                    "down_us": camera_days.c.down_us + statement.excluded.down_us,
                },
            )
        )

    def uptimes(self, first: date, last: date) -> dict[str, Uptime]:
        """By camera, over the days from `first` to `last`, both included."""
        query = (
            select(
                camera_days.c.camera_id,
                func.sum(camera_days.c.up_us).label("up"),
                func.sum(camera_days.c.down_us).label("down"),
            )
            .where(camera_days.c.day.between(first.isoformat(), last.isoformat()))
            .group_by(camera_days.c.camera_id)
        )
        return {
            row.camera_id: Uptime(int(row.up) * _MICROSECOND, int(row.down) * _MICROSECOND)
            for row in self._connection.execute(query)
        }

    def notice_due_at(self) -> datetime | None:
        """When the first of the notices that wait falls due."""
        due: datetime | None = self._connection.scalar(select(func.min(camera_health.c.notice_due_at)))
        return due

    def unannounced(self) -> list[CameraHealth]:
        """Those of which people must be told, due or nearly."""
        query = select(camera_health).where(camera_health.c.notice_due_at.is_not(None))
        return [_health(row) for row in self._connection.execute(query.order_by(camera_health.c.camera_id))]

    def announced(self, camera_id: str, told: str) -> None:
        """They were told."""
        self._connection.execute(
            update(camera_health)
            .where(camera_health.c.camera_id == camera_id)
            .values(told=told, notice_due_at=None)
        )


def _health(row: Row[tuple[object, ...]]) -> CameraHealth:
    values = row._asdict()
    up, down = values.pop("up_us"), values.pop("down_us")
    return CameraHealth(**values, up=up * _MICROSECOND, down=down * _MICROSECOND)
