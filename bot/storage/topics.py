"""An incident's topic and card in the command centre, and messages that stand: kept, lost, made again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, text, update

from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.storage.incidents import IncidentStore
from bot.storage.tables import deliveries, incidents

if TYPE_CHECKING:
    from bot.storage.outbox import OutboxStore

_d = deliveries.c


class TopicStore:
    """What Telegram gave to incidents. `outbox`: what has to be made again is queued there; `places` keeps it."""

    def __init__(self, connection: Connection, outbox: OutboxStore, places: IncidentStore) -> None:
        self._connection = connection
        self._outbox = outbox
        self._places = places

    def keep_topic(self, incident_id: int, topic_id: int) -> None:
        """The incident's thread; 0: there can be none, everything goes to General. Wakes what waited for it."""
        self._outbox.wake()
        self._places.set_place(incident_id, topic_id=topic_id)

    def lose_topic(self, incident_id: int, topic_id: int, now: datetime) -> bool:
        """The thread was deleted: forget it and its card and have both made again. False: known already."""
        if not self._places.set_place(
            incident_id, incidents.c.topic_id == topic_id, topic_id=None, card_message_id=None
        ):
            return False
        self._again(incident_id, MessageKind.TOPIC, now)
        self._again(incident_id, MessageKind.CARD, now)
        return True

    def keep_card(self, incident_id: int, message_id: int, now: datetime) -> None:
        """The card's message; it is pinned next."""
        self._places.set_place(incident_id, card_message_id=message_id)
        draft = Draft(
            Address.topic(incident_id),
            MessageKind.PIN,
            {"message_id": message_id},
            lane=Lane.THREAD,
            incident_id=incident_id,
            is_silent=True,
            coalesce=f"pin:{incident_id}",
        )
        self._outbox.add(draft, now)

    def lose_standing(self, key: str, chat: str) -> None:
        """The message that stood was deleted: the next one is sent anew."""
        statement = update(deliveries).where(
            _d.coalesce_key == key, _d.chat == chat, text("message_id IS NOT NULL")
        )
        self._connection.execute(statement.values(message_id=None))

    def lose_card(self, incident_id: int, message_id: int) -> None:
        """The card's message was deleted: the next card is sent anew."""
        self._places.set_place(incident_id, incidents.c.card_message_id == message_id, card_message_id=None)

    def renew_card(self, incident_id: int, now: datetime) -> None:
        """Have the card say again what is known here."""
        self._again(incident_id, MessageKind.CARD, now)

    def _again(self, incident_id: int, kind: MessageKind, now: datetime) -> None:
        """Queue the newest known content of the incident's topic or card once more."""
        newest = (
            select(_d.params)
            .where(_d.incident_id == incident_id, _d.kind == kind, _d.topic_of == incident_id)
            .order_by(_d.id.desc())
            .limit(1)
        )
        params = self._connection.scalar(newest)
        if params is not None:
            lane = Lane.ALARM if kind is MessageKind.TOPIC else Lane.COMMAND
            key = f"{kind}:{incident_id}"
            to = Address.topic(incident_id)
            self._outbox.add(Draft(to, kind, params, lane=lane, incident_id=incident_id, coalesce=key), now)
