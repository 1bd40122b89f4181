"""What goes wrong on the way to the Bot API, told finely enough to act on, and the same in Muster's words.

    telegram.error.TelegramError
    ├── NetworkError
    │   ├── NotSentError        no connection: surely nothing arrived
    │   ├── BadAnswerError      5xx, or an answer that no Bot API server gives (a proxy's page, cut JSON)
    │   └── TimedOut
    │       └── NoAnswerError   the request went out, and no answer came whole: it may have been carried out
    │           └── HungUpError the connection was closed before a word of it
    └── RetryAfter
        └── FloodError          429; `retry_after` is a timedelta, without PTB's deprecation warning

PTB's other errors (BadRequest, Forbidden, ChatMigrated, InvalidToken, Conflict) keep their meaning, and are
raised only for what the Bot API itself said: a school's firewall that answers 403 with a page must not look
like a person who blocked the bot.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import structlog
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.errors import (
    BrokenOffError,
    ChatGoneError,
    ChatMigratedError,
    DeliveryError,
    MessageGoneError,
    RejectedError,
    RetryAfterError,
    ServerFaultError,
    TopicGoneError,
    UncertainError,
    UnreachableError,
)

_log = structlog.get_logger(__name__)


class NotSentError(NetworkError):
    """No connection could be made, or none became free: nothing of the request left this computer."""


class NoAnswerError(TimedOut):
    """The request was on its way; the answer never came, or not whole."""


class HungUpError(NoAnswerError):
    """The server, or something before it, closed the connection without a word."""


class BadAnswerError(NetworkError):
    """The server failed (5xx), or what answered is no Bot API server."""


class FloodError(RetryAfter):
    """429. `is_global`: not the Bot API but something in front of it refused, so every chat has to wait."""

    def __init__(self, seconds: float, *, is_global: bool = False) -> None:
        super().__init__(dt.timedelta(seconds=seconds))
        self.seconds = seconds
        self.is_global = is_global

    @property
    def retry_after(self) -> dt.timedelta:
        """The time to wait. PTB's own property warns unless an environment variable is set."""
        return self._retry_after


# Descriptions of a 400, as Telegram's servers word them (upper case comes from MTProto).
_BY_DESCRIPTION: tuple[tuple[re.Pattern[str], type[DeliveryError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), error)
    for pattern, error in (
        (r"thread not found|TOPIC_DELETED|TOPIC_ID_INVALID", TopicGoneError),
        (r"message to (?:edit|pin) not found|message can't be edited|MESSAGE_ID_INVALID", MessageGoneError),
        (
            r"(?:chat|user) not found|(?:PEER|CHAT|USER)_ID_INVALID|group .*deactivated",
            ChatGoneError,
        ),
    )
)
_NOT_MODIFIED = re.compile(r"not[ _]modified", re.IGNORECASE)
_GONE = re.compile(r"message to delete not found|MESSAGE_ID_INVALID", re.IGNORECASE)
_NO_ORIGINAL = re.compile(
    r"message to copy not found|message can't be copied|MESSAGE_ID_INVALID", re.IGNORECASE
)
_NO_TEXT = re.compile(r"no text in the message to edit", re.IGNORECASE)
_UNPARSABLE = re.compile(r"can't parse entities", re.IGNORECASE)


def is_not_modified(error: BadRequest) -> bool:
    """Whether the message, topic or pin already is as it was asked for."""
    return _NOT_MODIFIED.search(error.message) is not None


def is_gone(error: BadRequest) -> bool:
    """Whether the message to delete is not there (any more)."""
    return _GONE.search(error.message) is not None


def has_no_original(error: BadRequest) -> bool:
    """Whether the message to copy is not there (any more): whoever sent it has deleted it."""
    return _NO_ORIGINAL.search(error.message) is not None


def has_no_text(error: BadRequest) -> bool:
    """Whether the message is a picture, whose words are its caption."""
    return _NO_TEXT.search(error.message) is not None


def is_unparsable(error: BadRequest) -> bool:
    """Whether Telegram could not read the text's HTML."""
    return _UNPARSABLE.search(error.message) is not None


@contextmanager
def delivery_errors() -> Iterator[None]:
    """Around one call of the Bot API: whatever it raises leaves as a `DeliveryError`."""
    try:
        yield
    except TelegramError as error:
        raise translate(error) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # PTB could not read the result
        raise ServerFaultError(f"unreadable answer: {error!r}") from error


def translate(error: TelegramError) -> DeliveryError:
    """The same fact in Muster's tree."""
    for kind, translated in _BY_TYPE:
        if isinstance(error, kind):
            return translated(error)
    return UncertainError(error.message)


def _rejected(error: TelegramError) -> DeliveryError:
    for pattern, kind in _BY_DESCRIPTION:
        if pattern.search(error.message):
            return kind(error.message)
    return RejectedError(error.message)


def _flood(error: TelegramError) -> DeliveryError:
    return RetryAfterError(seconds_of(error), is_global=getattr(error, "is_global", False))


def _migrated(error: TelegramError) -> DeliveryError:
    return ChatMigratedError(cast("ChatMigrated", error).new_chat_id)


def _loud(error: TelegramError) -> DeliveryError:
    _log.critical("telegram_refuses_the_bot", error=error.message)
    return ServerFaultError(error.message)


def seconds_of(error: TelegramError) -> float:
    """How long a 429 asks to wait; PTB has an int or a timedelta there."""
    wait = getattr(error, "retry_after", 0)
    return wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)


# The first that fits; subclasses stand above their parents.
_BY_TYPE: tuple[tuple[type[TelegramError], Callable[[TelegramError], DeliveryError]], ...] = (
    (RetryAfter, _flood),
    (ChatMigrated, _migrated),
    (Forbidden, lambda error: ChatGoneError(error.message)),
    (InvalidToken, _loud),
    (Conflict, _loud),
    (EndPointNotFound, lambda error: RejectedError(error.message)),
    (BadRequest, _rejected),
    (NotSentError, lambda error: UnreachableError(error.message)),
    (BadAnswerError, lambda error: ServerFaultError(error.message)),
    (HungUpError, lambda error: BrokenOffError(error.message)),
    (TimedOut, lambda error: UncertainError(error.message)),
    (NetworkError, lambda error: UncertainError(error.message)),
)
