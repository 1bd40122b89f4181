"""Everything that Muster itself raises.

MusterError
├── RefusedError            a person asked for what cannot be done; carries a `Refusal`, never a sentence
├── ConfigError             school.toml or a roster file is wrong; carries every problem found
├── StartError              the program cannot begin; says why and what to do
├── StorageError            the database did not keep it; nothing of the unit remains
│   └── StorageBusyError    … because another process holds it, or the disk is full: try again later
└── DeliveryError           a message did not go out; `is_retryable` says whether trying again helps
    ├── UnreachableError    no connection: surely not delivered
    ├── UncertainError      sent, no answer read: perhaps delivered
    │   └── BrokenOffError  the connection broke before any answer
    ├── ServerFaultError    the server answered 5xx
    ├── RetryAfterError     429; `seconds`, `is_global`
    ├── ChatMigratedError   the group has a new id; `new_chat_id`
    ├── ChatGoneError       blocked, kicked, never started, not found
    ├── TopicGoneError      the forum topic was deleted
    ├── MessageGoneError    the message to edit is no longer there
    └── RejectedError       400 for any other reason: the same request will always fail
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class MusterError(Exception):
    """Root of the tree."""


class Reason(StrEnum):
    """Why a request was refused; `bot/messages/answers.py` has the sentence for each."""

    NOT_ALLOWED = "not_allowed"
    NO_OPEN_INCIDENT = "no_open_incident"
    WHICH_INCIDENT = "which_incident"
    UNKNOWN_INCIDENT = "unknown_incident"
    INCIDENT_ENDED = "incident_ended"
    NOT_YET_ALL_CLEAR = "not_yet_all_clear"
    ALREADY_ALL_CLEAR = "already_all_clear"
    ALREADY_ACKNOWLEDGED = "already_acknowledged"
    ALREADY_COMMANDER = "already_commander"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_ZONE = "unknown_zone"
    UNKNOWN_PERSON = "unknown_person"
    CANNOT_COMMAND = "cannot_command"
    WORDS_MISSING = "words_missing"
    ORDER_EXPIRED = "order_expired"
    ORDER_DONE = "order_done"
    ORDER_WITHDRAWN = "order_withdrawn"
    REAL_INCIDENT_OPEN = "real_incident_open"
    DRILL_OPEN = "drill_open"
    DRILL_SUSPENDED = "drill_suspended"
    NOT_THE_REPORTER = "not_the_reporter"
    REPORT_PARTED = "report_parted"
    INVITE_INVALID = "invite_invalid"
    INVITE_TAKEN = "invite_taken"
    UNKNOWN_BUTTON = "unknown_button"
    ROSTER_FILE = "roster_file"
    STRANGER = "stranger"
    ALERT_DECIDED = "alert_decided"
    UNREACHABLE = "unreachable"
    ALERT_NOT_NOW = "alert_not_now"
    UNKNOWN_COMMAND = "unknown_command"
    TOO_MANY_REPORTS = "too_many_reports"


@dataclass(frozen=True)
class Refusal:
    """A refused request as a value: why, and what the sentence needs (JSON scalars and names only)."""

    reason: Reason
    params: dict[str, Any] = field(default_factory=dict)


class RefusedError(MusterError):
    """A unit refuses by raising this; what it wrote is rolled back, the refusal itself is kept and answered."""

    def __init__(self, reason: Reason, **params: Any) -> None:
        super().__init__(reason.value)
        self.refusal = Refusal(reason, params)


class ConfigError(MusterError):
    """Settings or roster files are wrong; `problems` has one line each: file, key or line, reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class StartError(MusterError):
    """The program cannot begin; the text says why and what to do."""


class StorageError(MusterError):
    """Nothing of the unit was kept."""


class StorageBusyError(StorageError):
    """Nothing was kept, and trying again later can help (lock, full disk)."""


class DeliveryError(MusterError):
    """A message did not go out, as far as is known."""

    is_retryable = True


class UnreachableError(DeliveryError):
    """The server could not be connected to, so nothing was delivered."""


class UncertainError(DeliveryError):
    """The request went out and no answer came: it may have been delivered."""


class BrokenOffError(UncertainError):
    """The connection broke before an answer came: hardly delivered, and trying again helps."""


class ServerFaultError(DeliveryError):
    """The server answered 5xx, or something that is no Bot API answer."""


class RetryAfterError(DeliveryError):
    """429. `seconds` to wait; `is_global` when the answer was about the whole bot, not one chat."""

    def __init__(self, seconds: float, *, is_global: bool = False) -> None:
        super().__init__(f"retry after {seconds} s")
        self.seconds = seconds
        self.is_global = is_global


class ChatMigratedError(DeliveryError):
    """The group became a supergroup; the same message must go to `new_chat_id`."""

    def __init__(self, new_chat_id: int) -> None:
        super().__init__(f"migrated to {new_chat_id}")
        self.new_chat_id = new_chat_id


class ChatGoneError(DeliveryError):
    """Blocked, kicked, never started or unknown: permanent until the person does something."""

    is_retryable = False


class TopicGoneError(DeliveryError):
    """The forum topic no longer exists; it must be made again first."""


class MessageGoneError(DeliveryError):
    """The message to edit no longer exists."""

    is_retryable = False


class RejectedError(DeliveryError):
    """The Bot API refuses this request for good (400)."""

    is_retryable = False
