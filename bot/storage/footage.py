"""What recorders have of each camera, and who asked to look back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.footage import Coverage, FootageCheck, FootageFault, FootageRequest, RequestState, Span
from bot.storage.tables import footage_checks, footage_frames, footage_requests


class FootageStore:
    """One check a camera, the newest; requests stay."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def check(self, camera_id: str) -> FootageCheck | None:
        """The newest check; None before the first."""
        row = self._connection.execute(
            select(footage_checks).where(footage_checks.c.camera_id == camera_id)
        ).one_or_none()
        return None if row is None else _check(row)

    def checks(self) -> dict[str, FootageCheck]:
        """All of them by camera."""
        return {row.camera_id: _check(row) for row in self._connection.execute(select(footage_checks))}

    def save_check(self, check: FootageCheck) -> None:
        """Keep it, in place of the one before."""
        values = {
            "camera_id": check.camera_id,
            "first_at": check.first_at,
            "checked_at": check.checked_at,
            "oldest_at": check.coverage.oldest_at,
            "newest_at": check.coverage.newest_at,
            "gaps": [[gap.begin.isoformat(), gap.end.isoformat()] for gap in check.coverage.gaps],
            "faults": [fault.value for fault in check.faults],
        }
        statement = insert(footage_checks).values(values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=[footage_checks.c.camera_id], set_=values)
        )

    def ask(self, request: FootageRequest) -> int:
        """Keep a new request; its id. `request.id` is not used."""
        values = asdict(request) | {"state": request.state.value}
        del values["id"]
        made = self._connection.execute(
            footage_requests.insert().values(values).returning(footage_requests.c.id)
        )
        return int(made.scalar_one())

    def get(self, request_id: int) -> FootageRequest | None:
        """The request, done or not."""
        row = self._connection.execute(
            select(footage_requests).where(footage_requests.c.id == request_id)
        ).one_or_none()
        return None if row is None else _request(row)

    def waiting(self) -> list[FootageRequest]:
        """Those that nobody has answered yet, oldest first."""
        query = select(footage_requests).where(footage_requests.c.state == RequestState.ASKED.value)
        return [_request(row) for row in self._connection.execute(query.order_by(footage_requests.c.id))]

    def settle(self, request_id: int, state: RequestState, failure: str = "") -> None:
        """It was answered."""
        self._connection.execute(
            update(footage_requests)
            .where(footage_requests.c.id == request_id)
            .values(state=state.value, failure=failure)
        )

    def add_frame(self, request_id: int, snapshot_id: int) -> None:
        """One of its key frames."""
        self._connection.execute(
            footage_frames.insert().values(request_id=request_id, snapshot_id=snapshot_id)
        )

    def frames(self, request_id: int) -> list[int]:
        """The snapshots of its key frames, in order."""
        query = select(footage_frames.c.snapshot_id).where(footage_frames.c.request_id == request_id)
        return list(self._connection.scalars(query.order_by(footage_frames.c.snapshot_id)))


def _check(row: Row[tuple[object, ...]]) -> FootageCheck:
    gaps = (Span(datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in row.gaps)
    return FootageCheck(
        row.camera_id,
        row.first_at,
        row.checked_at,
        Coverage(row.oldest_at, row.newest_at, tuple(gaps)),
        tuple(FootageFault(fault) for fault in row.faults),
    )


def _request(row: Row[tuple[object, ...]]) -> FootageRequest:
    values = row._asdict()
    return FootageRequest(**(values | {"state": RequestState(row.state)}))
