"""Actions asked for and waiting for their one confirmation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.domain.response import Order, OrderState, ResponseAction
from bot.storage.tables import orders


class OrderStore:
    """Orders by id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        incident_id: int,
        action: ResponseAction | None,
        *,
        zones: tuple[str, ...],
        asked_by: str,
        asked_at: datetime,
        words: str = "",
    ) -> Order:
        """Keep a new order; `action` None is the all-clear."""
        result = self._connection.execute(
            orders.insert().values(
                incident_id=incident_id,
                action=action and action.value,
                zones=list(zones),
                asked_by=asked_by,
                asked_at=asked_at,
                reason=words,
                state=OrderState.ASKED.value,
            )
        )
        (key,) = result.inserted_primary_key or (0,)
        return Order(key, incident_id, action, zones, asked_by, asked_at, words=words)

    def get(self, order_id: int) -> Order | None:
        """By id."""
        row = self._connection.execute(select(orders).where(orders.c.id == order_id)).one_or_none()
        if row is None:
            return None
        return Order(
            id=row.id,
            incident_id=row.incident_id,
            action=ResponseAction(row.action) if row.action else None,
            zones=tuple(row.zones),
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            state=OrderState(row.state),
            words=row.reason,
        )

    def settle(self, order_id: int, state: OrderState) -> None:
        """It was confirmed or withdrawn."""
        self._connection.execute(update(orders).where(orders.c.id == order_id).values(state=state.value))
