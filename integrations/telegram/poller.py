"""Muster's own long poll: updates are stored as they came, and only then confirmed.

PTB's updater confirms what it holds in memory, drops a whole batch for one update that it cannot read, and
may stall in silence; here a crash at any line costs nothing but a repeat, which the inbox knows by its id.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.errors import StorageError
from integrations.telegram.errors import seconds_of
from integrations.telegram.stopping import Stopping

ALLOWED_UPDATES: Final = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
)
"""Telegram keeps chat_member and reactions back unless asked: https://core.telegram.org/bots/api#getupdates"""

LONG_POLL_S: Final = 25
READ_SLACK_S: Final = 10
"""How much later than asked the server's answer may come."""
TURN_LIMIT_S: Final = LONG_POLL_S + READ_SLACK_S + 15
"""No getUpdates lasts longer, whatever the HTTP client believes."""
STUCK_AFTER_S: Final = 90.0
BACK_OFF_S: Final = 1.0
BACK_OFF_FACTOR: Final = 1.5
BACK_OFF_LIMIT_S: Final = 30.0
CONFLICT_S: Final = 5.0
EMPTY_PAUSE_S: Final = 0.5
"""After an empty answer that came at once: a server without long poll must not be hammered."""

_MAX_UPDATE_ID: Final = 2**62
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """One update for the inbox: its id, the lane of whoever sent it (`tg:<user id>`), and its JSON."""

    external_id: str
    sender: str
    payload: str


StoreUpdates = Callable[[list[RawUpdate]], Awaitable[None]]
"""Returns after the commit; known ids are ignored. Raises when nothing was kept."""
LoadOffset = Callable[[], Awaitable[int]]
SaveOffset = Callable[[int], Awaitable[None]]


class UpdateSource(Protocol):
    """The one thing that the poller wants of a bot."""

    async def fetch_updates(
        self, offset: int, *, timeout_s: int, allowed: Sequence[str], read_timeout_s: float
    ) -> list[Any]:
        """See `MusterBot.fetch_updates`."""

    async def leave_webhook(self) -> None:
        """See `MusterBot.leave_webhook`."""


class Poller:
    """One long poll after the other until `stop`. `load_offset` gives 0 when nothing was ever confirmed."""

    def __init__(
        self,
        bot: UpdateSource,
        store: StoreUpdates,
        *,
        load_offset: LoadOffset,
        save_offset: SaveOffset,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bot = bot
        self._store = store
        self._load_offset = load_offset
        self._save_offset = save_offset
        self._clock = clock
        self._stopping = Stopping()
        self._offset: int | None = None
        self._pause_s = BACK_OFF_S
        self._succeeded_at = clock()

    def age_s(self) -> float:
        """Seconds since updates were last asked for, answered and kept; at first, since the start."""
        return self._clock() - self._succeeded_at

    @property
    def is_stuck(self) -> bool:
        """Whether the watchdog should bark."""
        return self.age_s() > STUCK_AFTER_S

    def stop(self) -> None:
        """End `run` soon. A poll under way is given up: what it would have brought is not confirmed."""
        self._stopping.tell()

    async def run(self) -> None:
        """Poll until `stop`; no error of network, server or storage ends it."""
        self._succeeded_at = self._clock()
        while not self._stopping:
            try:
                pause_s = await self._turn()
                self._pause_s = BACK_OFF_S
            except Conflict as error:
                pause_s = await self._after_conflict(error)
            except Exception as error:  # noqa: BLE001 - the loop outlives whatever a turn meets
                pause_s = self._after(error)
            if pause_s:
                await self._stopping.sleep(pause_s)

    async def _turn(self) -> float:
        """One getUpdates, kept and confirmed; the seconds to rest."""
        if self._offset is None:
            self._offset = await self._load_offset()
        started_at = self._clock()
        updates = await self._fetch(self._offset)
        if updates is None:
            return 0.0
        if updates:
            await self._keep(updates)
        self._succeeded_at = self._clock()
        is_too_quick = not updates and self._succeeded_at - started_at < EMPTY_PAUSE_S
        return EMPTY_PAUSE_S if is_too_quick else 0.0

    async def _fetch(self, offset: int) -> list[Any] | None:
        """The updates, or None when `stop` came first."""
        fetching = self._bot.fetch_updates(
            offset,
            timeout_s=LONG_POLL_S,
            allowed=ALLOWED_UPDATES,
            read_timeout_s=LONG_POLL_S + READ_SLACK_S,
        )
        return await self._stopping.unless(fetching, TURN_LIMIT_S)

    async def _keep(self, updates: list[Any]) -> None:
        """Store the batch, then move the offset behind it."""
        await self._store([raw_update(update) for update in updates])
        ids = [update_id for update in updates if (update_id := _id_of(update)) is not None]
        if not ids:
            raise ValueError("no update in the batch has an id, so it cannot be confirmed")
        self._offset = max(ids) + 1
        await self._save_offset(self._offset)

    async def _after_conflict(self, error: Conflict) -> float:
        """A webhook is still set from before: leave it. Otherwise a second program polls with this token."""
        if "webhook" not in error.message.lower():
            _log.critical("poll_conflict_second_program_with_this_token", error=error.message)
            return CONFLICT_S
        _log.warning("webhook_left_for_polling")
        try:
            await self._stopping.unless(self._bot.leave_webhook())
        except (TelegramError, TimeoutError) as failure:
            return self._after(failure)
        return 0.0

    def _after(self, error: Exception) -> float:
        """Tell what went wrong; the seconds to wait."""
        if isinstance(error, RetryAfter):
            _log.warning("poll_told_to_wait", seconds=seconds_of(error))
            return seconds_of(error)
        pause_s, self._pause_s = self._pause_s, min(self._pause_s * BACK_OFF_FACTOR, BACK_OFF_LIMIT_S)
        if isinstance(error, InvalidToken):
            _log.critical("poll_token_refused", error=error.message, pause_s=pause_s)
        elif isinstance(error, TelegramError | TimeoutError):
            _log.warning("poll_failed", error=str(error), pause_s=pause_s)
        elif isinstance(error, StorageError):
            _log.error("updates_not_kept", error=str(error), pause_s=pause_s)
        else:
            _log.error("poll_broken", exc_info=error, pause_s=pause_s)
        return pause_s


def raw_update(update: object) -> RawUpdate:
    """What the inbox keeps of one update, of any shape. Without an id it is parked under its own hash."""
    payload = _json(update)
    update_id = _id_of(update)
    if update_id is None:
        _log.error("update_without_id", payload=payload[:200])
        return RawUpdate(f"parked:{hashlib.sha256(payload.encode()).hexdigest()[:32]}", "tg:0", payload)
    return RawUpdate(str(update_id), f"tg:{_sender_of(update)}", payload)


def _json(update: object) -> str:
    """As text that every database takes: lone surrogates, legal in JSON, become U+FFFD."""
    text = json.dumps(update, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _is_torn(text) else text


def _is_torn(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _id_of(update: object) -> int | None:
    update_id = update.get("update_id") if isinstance(update, dict) else None
    is_one = (
        isinstance(update_id, int) and not isinstance(update_id, bool) and 0 <= update_id < _MAX_UPDATE_ID
    )
    return update_id if is_one else None


def _sender_of(update: object) -> int:
    """The user who did it: `from` of a message, press or membership, `user` of a reaction; 0: nobody."""
    contents = update.values() if isinstance(update, dict) else ()
    for content in contents:
        if not isinstance(content, dict):
            continue
        for key in ("from", "user", "sender_chat", "actor_chat"):
            person = content.get(key)
            if isinstance(person, dict) and isinstance(person.get("id"), int):
                return int(person["id"])
    return 0
