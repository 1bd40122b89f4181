"""What each answer of the Bot API means: what is written about the row, and what the courier keeps in mind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.delivery import metrics
from bot.delivery.centre import CentreGate
from bot.delivery.limiter import ALL, Limiter
from bot.delivery.outage import Outage
from bot.delivery.words import Letter
from bot.domain.message import CENTRE, CHANNEL, Delivery, DeliveryState, Lane, MessageKind
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
from bot.ports import Clock
from bot.storage.centre import note_centre_back, note_centre_gone
from bot.storage.deadlines import DeadlineKind
from bot.storage.moved import keep_move
from bot.storage.transaction import Transaction

# After a server's fault a queue pauses 1, 2, 4 … seconds, at most this long.
LONGEST_PAUSE_S = 30.0
# So many times an alarm is sent again without ever an answer; then a person has to look.
MOST_REPEATS = 5
# A topic that is deleted again and again is not made again for ever.
MOST_TOPICS = 3

# Calls that leave no message of their own; made again, they change nothing.
_NO_MESSAGE = frozenset({MessageKind.TOPIC, MessageKind.PIN, MessageKind.CAMERA_REMOVAL})
# What the command centre is told when another chat is gone than a person's.
_GONE = {CHANNEL: "channel_failed"}

Unit = Callable[[Transaction], None]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of the Bot API; `result` is a message id, a new topic's id, or None for a rename or pin."""

    letter: Letter
    is_unreachable: bool = False
    result: int | None = None

    @property
    def head(self) -> Delivery:
        """The row that stands for the whole message."""
        return self.letter.rows[0]

    @property
    def is_new_topic(self) -> bool:
        """Whether it makes a topic, not only renames one."""
        return self.head.kind is MessageKind.TOPIC and self.head.thread_id is None


class Verdicts:
    """Turns answers into units of work. Pauses go by `monotonic`, what is stored by `clock`."""

    def __init__(
        self,
        claimed_by: str,
        *,
        limiter: Limiter,
        outage: Outage,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._mine = claimed_by
        self._limiter = limiter
        self._outage = outage
        self._clock = clock
        self._monotonic = monotonic
        self._faults: dict[str, int] = {}
        self._doubts: dict[int, int] = {}
        self._topics_lost: dict[int, set[int]] = {}
        # What the next claims have to know.
        self.waiting: dict[str, tuple[int, float]] = {}
        self.plain: set[int] = set()
        self.unmerged: dict[str, int] = {}
        self.centre = CentreGate(monotonic)
        # When Telegram last took something.
        self.taken_at = monotonic()

    def of_success(self, attempt: Attempt, *, is_call: bool = True) -> Unit:
        """It is out: settle, and keep what Telegram gave."""
        if is_call:  # a title that stands already asked Telegram nothing
            self._outage.answered()
            self.taken_at = self._monotonic()
        head, now = attempt.head, self._clock()
        is_back = is_call and self.centre.comes_back(head.to.chat)
        self._forget(head)
        self._count(attempt, DeliveryState.SENT)
        for row in attempt.letter.rows:
            if row.is_repeat:
                metrics.REPEATS.labels(row.lane.name).inc()

        def unit(tx: Transaction) -> None:
            for row in attempt.letter.rows:
                sent = tx.outbox.settle_sent(
                    row.id, claimed_by=self._mine, message_id=_message_id(attempt), now=now
                )
                if not sent:
                    _log.warning("delivery_lease_lost", delivery=row.id)
            if is_back:
                note_centre_back(tx)
            self._give_back_left(tx, attempt)
            _keep_what_telegram_gave(tx, attempt, now)

        return unit

    def of_error(self, attempt: Attempt, error: DeliveryError) -> Unit:
        """It is not out, as far as is known."""
        metrics.FAILURES.labels(type(error).__name__).inc()
        if _is_outage(error):
            self._outage.failed(self._monotonic())
        else:
            self._outage.answered()
        for kind, judge in self._judges.items():
            if isinstance(error, kind):
                return judge(self, attempt, error)
        return self._of_server_fault(attempt, error)

    # ── passing troubles: the rows go back to the queue ────────────────────────────────────────────────────
    def _of_unreachable(self, attempt: Attempt, error: DeliveryError) -> Unit:
        return self._again(attempt, error, is_burnt=False)

    def _of_retry_after(self, attempt: Attempt, error: RetryAfterError) -> Unit:
        chat = ALL if error.is_global else attempt.head.to.chat
        self._limiter.close(chat, self._monotonic() + error.seconds)
        now = self._clock()
        _log.warning("told_to_wait", chat=chat, seconds=error.seconds)
        back = self._again(attempt, error)

        def unit(tx: Transaction) -> None:
            tx.gates.shut(chat, error.seconds, now)
            back(tx)

        return unit

    def _of_server_fault(self, attempt: Attempt, error: DeliveryError) -> Unit:
        return self._again(attempt, error, pause_s=self._pause(attempt.head))

    def _of_doubt(self, attempt: Attempt, error: DeliveryError) -> Unit:
        head = attempt.head
        is_edit = head.edit_of is not None or head.kind in _NO_MESSAGE
        if is_edit:
            return self._again(attempt, error, pause_s=self._pause(head))
        if isinstance(error, BrokenOffError):  # an outage in front of Telegram looks like this, for hours
            return self._again(attempt, error, pause_s=self._pause(head), is_repeat=True)
        doubts = self._doubts[head.id] = self._doubts.get(head.id, 0) + 1
        if head.lane <= Lane.COMMAND and doubts <= MOST_REPEATS:
            return self._again(attempt, error, pause_s=self._pause(head), is_repeat=True)
        problem = "uncertain" if head.lane <= Lane.COMMAND else ""
        return self._end(attempt, DeliveryState.UNCERTAIN, error, problem)

    def _of_migration(self, attempt: Attempt, error: ChatMigratedError) -> Unit:
        chat, new_chat_id = attempt.head.to.chat, error.new_chat_id
        if chat.partition(":")[0] not in {CENTRE, CHANNEL} or new_chat_id == attempt.head.chat_id:
            return self._end(attempt, DeliveryState.FAILED, error, "rejected")
        _log.warning("chat_migrated", chat=chat, new_chat_id=new_chat_id)
        back = self._again(attempt, error)

        def unit(tx: Transaction) -> None:
            keep_move(tx.facts, chat, old=attempt.head.chat_id, new=new_chat_id)
            back(tx)

        return unit

    # ── what is gone, and what can be made again ───────────────────────────────────────────────────────────
    def _of_chat_gone(self, attempt: Attempt, error: ChatGoneError) -> Unit:
        chat = attempt.head.to.chat
        if chat == CENTRE:
            return self._of_centre_gone(attempt, error)
        problem = _GONE.get(chat.partition(":")[0], "chat_gone")
        failed = self._end(attempt, DeliveryState.FAILED, error, problem)
        now = self._clock()

        def unit(tx: Transaction) -> None:
            kind, _, staff_id = chat.partition(":")
            if kind == "person":
                tx.people.mark_unreachable(staff_id)
                # Whoever counts a class may be the one: the next of its grade is asked at once.
                for roll_call in tx.roll_calls.list_running():
                    tx.deadlines.start_if_none(roll_call.incident_id, DeadlineKind.TALLY, now)
            failed(tx)

        return unit

    def _of_centre_gone(self, attempt: Attempt, error: ChatGoneError) -> Unit:
        _log.critical("command_centre_gone", error=str(error))
        self.centre.shut(f"the command centre cannot be used ({error}): is the bot in the group?")
        back, now = self._again(attempt, error, is_burnt=False), self._clock()

        def unit(tx: Transaction) -> None:
            note_centre_gone(tx, now)
            back(tx)

        return unit

    def _of_topic_gone(self, attempt: Attempt, error: DeliveryError) -> Unit:
        head = attempt.head
        incident_id, thread_id = head.to.incident_id, head.thread_id
        if incident_id is None or thread_id is None:
            return self._of_rejection(attempt, error)
        lost = self._topics_lost.setdefault(incident_id, set())
        lost.add(thread_id)
        is_hopeless = len(lost) > MOST_TOPICS
        is_made_anew = head.kind in {MessageKind.TOPIC, MessageKind.PIN}
        back = (
            self._end(attempt, DeliveryState.SUPERSEDED, error)
            if is_made_anew
            else self._again(attempt, error)
        )
        now_stored = self._clock()

        def unit(tx: Transaction) -> None:
            back(tx)
            if tx.topics.lose_topic(incident_id, thread_id, now_stored) and is_hopeless:
                tx.topics.keep_topic(incident_id, 0)
                tx.outbox.trouble("topic_refused", head.incident_number, now_stored, error=str(error))

        return unit

    def _of_message_gone(self, attempt: Attempt, error: DeliveryError) -> Unit:
        head = attempt.head
        incident_id, message_id = head.to.incident_id, head.edit_of
        is_card = head.kind is MessageKind.CARD and incident_id is not None and message_id is not None
        if not is_card and not head.standing:
            return self._end(attempt, DeliveryState.FAILED, error)
        back = self._again(attempt, error)

        def unit(tx: Transaction) -> None:
            if head.standing:
                tx.topics.lose_standing(head.standing, head.to.chat)
            elif incident_id is not None and message_id is not None:
                tx.topics.lose_card(incident_id, message_id)
            back(tx)

        return unit

    def _of_rejection(self, attempt: Attempt, error: DeliveryError) -> Unit:
        head = attempt.head
        if head.kind is MessageKind.PIN:
            return self._end(attempt, DeliveryState.FAILED, error)
        if head.kind is MessageKind.CAMERA_REMOVAL:
            return self._end(attempt, DeliveryState.FAILED, error, "picture_not_deleted")
        if head.kind is MessageKind.TOPIC:
            return self._end(attempt, DeliveryState.FAILED, error, "topic_refused")
        if len(attempt.letter.rows) > 1:
            self.unmerged[head.queue] = attempt.letter.rows[-1].id
            return self._again(attempt, error)
        if head.id in self.plain:
            return self._end(attempt, DeliveryState.FAILED, error, "rejected")
        _log.error("delivery_rejected_trying_plain", delivery=head.id, kind=head.kind, error=str(error))
        self.plain.add(head.id)
        return self._again(attempt, error)

    _judges: Mapping[type[DeliveryError], Callable[[Verdicts, Attempt, Any], Unit]] = {
        UnreachableError: _of_unreachable,
        RetryAfterError: _of_retry_after,
        ServerFaultError: _of_server_fault,
        UncertainError: _of_doubt,
        ChatMigratedError: _of_migration,
        ChatGoneError: _of_chat_gone,
        TopicGoneError: _of_topic_gone,
        MessageGoneError: _of_message_gone,
        RejectedError: _of_rejection,
    }

    # ── the two ends of an attempt ─────────────────────────────────────────────────────────────────────────
    def _again(
        self,
        attempt: Attempt,
        error: DeliveryError,
        *,
        pause_s: float = 0.0,
        is_repeat: bool = False,
        is_burnt: bool = True,
    ) -> Unit:
        """Back to the queue; the head holds it up for `pause_s`."""
        retry_at = self._clock() + timedelta(seconds=pause_s) if pause_s else None

        def unit(tx: Transaction) -> None:
            for row in attempt.letter.rows:
                tx.outbox.retry(
                    row.id,
                    claimed_by=self._mine,
                    retry_at=retry_at if row is attempt.head else None,
                    is_repeat=is_repeat,
                    is_burnt=is_burnt,
                    error=_told(error),
                )
            self._give_back_left(tx, attempt)

        return unit

    def _end(self, attempt: Attempt, state: DeliveryState, error: DeliveryError, problem: str = "") -> Unit:
        """Never again; `problem` is told to the command centre. What waited for a topic goes without one."""
        head, now = attempt.head, self._clock()
        self._forget(head)
        self._count(attempt, state)
        _log.warning(
            "delivery_ended",
            delivery=head.id,
            kind=head.kind,
            lane=head.lane.name,
            state=state,
            error=_told(error),
        )

        def unit(tx: Transaction) -> None:
            for row in attempt.letter.rows:
                tx.outbox.settle(row.id, state, claimed_by=self._mine, now=now, error=_told(error))
            self._give_back_left(tx, attempt)
            if attempt.is_new_topic and head.to.incident_id is not None:
                tx.topics.keep_topic(head.to.incident_id, 0)
            if problem and not _is_counted(head):
                tx.outbox.trouble(problem, _subject(head), now, error=str(error))

        return unit

    def _give_back_left(self, tx: Transaction, attempt: Attempt) -> None:
        for row in attempt.letter.left:
            tx.outbox.retry(row.id, claimed_by=self._mine, is_burnt=False)

    def _pause(self, head: Delivery) -> float:
        faults = self._faults[head.queue] = self._faults.get(head.queue, 0) + 1
        pause_s = min(2.0 ** (faults - 1), LONGEST_PAUSE_S)
        self.waiting[head.queue] = (head.id, self._monotonic() + pause_s)
        return pause_s

    def _forget(self, head: Delivery) -> None:
        self._faults.pop(head.queue, None)
        self._doubts.pop(head.id, None)
        self.plain.discard(head.id)
        if head.id >= self.unmerged.get(head.queue, head.id + 1):
            del self.unmerged[head.queue]

    def _count(self, attempt: Attempt, state: DeliveryState) -> None:
        for row in attempt.letter.rows:
            metrics.DELIVERIES.labels(row.lane.name, state.value).inc()


def _keep_what_telegram_gave(tx: Transaction, attempt: Attempt, now: datetime) -> None:
    head, result = attempt.head, attempt.result
    kind, _, staff_id = head.to.chat.partition(":")
    if attempt.is_unreachable and kind == "person":
        tx.people.mark_reachable(staff_id)
    if head.kind is MessageKind.CAMERA_REMOVAL:
        tx.topics.lose_standing(head.params["standing"], head.params["chat"])
    if head.to.incident_id is None or result is None:
        return
    if attempt.is_new_topic:
        tx.topics.keep_topic(head.to.incident_id, result)
    if head.kind is MessageKind.CARD and head.edit_of is None:
        tx.topics.keep_card(head.to.incident_id, result, now)


def _is_outage(error: DeliveryError) -> bool:
    """Whether the Bot API itself was not heard: one probe at a time, until it is."""
    return isinstance(error, UnreachableError) or (isinstance(error, RetryAfterError) and error.is_global)


def _message_id(attempt: Attempt) -> int | None:
    return None if attempt.head.kind in _NO_MESSAGE else attempt.result


def _is_counted(head: Delivery) -> bool:
    """Whom an announcement does not reach stands on its author's card, by the hundred if need be."""
    return head.kind is MessageKind.ANNOUNCEMENT and head.to.chat.startswith("person:")


def _subject(head: Delivery) -> str:
    """Whom or what the command centre should look after."""
    kind, _, key = head.to.chat.partition(":")
    if head.kind is MessageKind.CAMERA_REMOVAL:
        return str(head.params["staff_id"])
    if kind == CHANNEL:
        return key or kind
    return key if kind == "person" else head.incident_number or head.to.chat


def _told(error: DeliveryError) -> str:
    return f"{type(error).__name__}: {error}"
