"""Messages before they are words, and their way out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from bot.domain.action import Press


class Lane(IntEnum):
    """Priority, best first."""

    ALARM = 0
    COMMAND = 1
    ANNOUNCEMENT = 2
    THREAD = 3
    DIGEST = 4


class DeliveryState(StrEnum):
    """Where one outbox row stands; all but QUEUED are final."""

    QUEUED = "queued"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class MessageKind(StrEnum):
    """What a message is; `bot/messages` renders each."""

    TOPIC = "topic"
    CARD = "card"
    PIN = "pin"
    LINE = "line"
    RECEIPT = "receipt"
    ALARM = "alarm"
    SEEN = "seen"
    NUDGE = "nudge"
    CONFIRM = "confirm"
    ORDER_SETTLED = "order_settled"
    DIRECTIVE = "directive"
    ALL_CLEAR = "all_clear"
    CANCELLED = "cancelled"
    DRILL_SUSPENDED = "drill_suspended"
    ASK_REPORT = "ask_report"
    ASK_SEVERITY = "ask_severity"
    DONE = "done"
    REFUSED = "refused"
    STRANGER = "stranger"
    WELCOME = "welcome"
    HELP = "help"
    WHOAMI = "whoami"
    LANGUAGE = "language"
    STATUS = "status"
    INCIDENTS = "incidents"
    TIMELINE = "timeline"
    KEPT = "kept"
    TROUBLE = "trouble"
    ROSTER = "roster"
    ROSTER_DIFF = "roster_diff"
    ALERT_LINE = "alert_line"
    ALERT_FAULT = "alert_fault"
    ALERT_REVIEW = "alert_review"
    SOURCE_FLOOD = "source_flood"
    SOURCE_SILENT = "source_silent"
    SOURCE_BACK = "source_back"
    SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes, without Telegram's numbers.

    `chat` is `person:<staff_id>`, `user:<telegram id>` (a stranger), `centre` or `channel`; `incident_id` names the
    incident whose topic inside the command centre is meant.
    """

    chat: str
    incident_id: int | None = None

    @classmethod
    def person(cls, staff_id: str) -> Address:
        """A member of staff's private chat."""
        return cls(f"person:{staff_id}")

    @classmethod
    def user(cls, telegram_id: int) -> Address:
        """The private chat of somebody who is not on the roster."""
        return cls(f"user:{telegram_id}")

    @classmethod
    def topic(cls, incident_id: int) -> Address:
        """The incident's topic in the command centre."""
        return cls(CENTRE, incident_id)


CENTRE = "centre"
CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that a unit of work puts into the outbox.

    `coalesce`: while an earlier one with the same key is still waiting, it takes this one's params instead of a
    second message. `edit_of`: the Telegram message to edit. `needs_right`: checked again just before sending.
    """

    to: Address
    kind: MessageKind
    params: dict[str, Any] = field(default_factory=dict)
    lane: Lane = Lane.COMMAND
    incident_id: int | None = None
    is_silent: bool = False
    coalesce: str | None = None
    edit_of: int | None = None
    needs_right: str | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One claimed outbox row, with everything that sending it needs.

    `chat_id` and `thread_id` are Telegram's; `locale` is the reader's; `edit_of` for a CARD is the card's message,
    None when it has to be sent first. `is_repeat`: it may already have been delivered once. `incident_number` and
    `incident_mode` (REAL, DRILL, TEST) are empty when it is about no incident.
    """

    id: int
    to: Address
    kind: MessageKind
    params: dict[str, Any]
    lane: Lane
    incident_id: int | None
    is_silent: bool
    edit_of: int | None
    locale: str
    chat_id: int
    thread_id: int | None
    attempts: int
    is_repeat: bool
    created_at: datetime
    card_message_id: int | None = None
    incident_number: str = ""
    incident_mode: str = ""

    @property
    def queue(self) -> str:
        """First in, first out inside this: one lane to one chat or topic."""
        return queue_of(self.to, self.lane)


def queue_of(to: Address, lane: Lane) -> str:
    """The key of a first-in-first-out queue."""
    return f"{to.chat}/{to.incident_id or ''}/{int(lane)}"


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: a press of Muster's own, or a link."""

    label: str
    press: Press | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in words. `text` is Telegram HTML; `keyboard` rows of the always-visible keyboard, if it changes.

    Of a TOPIC, `text` is the plain title and `icon` the emoji in front of it.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    keyboard: tuple[tuple[str, ...], ...] = ()
    icon: str = ""
