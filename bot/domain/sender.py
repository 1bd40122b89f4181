"""Who sent something, and from where; what a handler makes of a Telegram update."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.message import CENTRE, Address
from bot.domain.roster import Person


@dataclass(frozen=True, slots=True)
class Sender:
    """One person's command, text or press.

    `inbox` is (source, external id) of the stored update, so that the effect and its settling are one transaction.
    `topic_id`: the command centre's thread, None in private chats. `message_id`: the message pressed or written.
    """

    user_id: int
    inbox: tuple[str, str]
    locale: str | None
    is_private: bool
    is_press: bool
    message_id: int
    topic_id: int | None = None

    def reply_to(self, person: Person, incident_id: int | None) -> Address:
        """Where the answer goes: back to where it was said."""
        return Address.person(person.staff_id) if self.is_private else Address(CENTRE, incident_id)


@dataclass(frozen=True, slots=True)
class IncidentRef:
    """Which incident somebody means: by id (a button), by number (typed), or left out."""

    id: int | None = None
    number: str | None = None
