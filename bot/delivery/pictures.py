"""A row that asks for a picture becomes one when it is its turn: taken, developed, and noted with the answer.

The row names camera and purpose only. What was queued during an outage is taken when it is over, and all rules are
asked again then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from bot.delivery.limiter import Limiter
from bot.delivery.verdicts import Attempt, Unit
from bot.delivery.words import Letter, Render, fallback
from bot.domain.look import Shot
from bot.domain.message import Address, Delivery, Draft, Lane, MessageKind
from bot.errors import DeliveryError, RejectedError, ServerFaultError, UncertainError
from bot.ports import Transport
from bot.storage.claim import Claimed
from bot.storage.transaction import Transaction

_log = structlog.get_logger(__name__)

WAITS_S: Final = 3.0
LOOKS_EVERY_S: Final = 0.05

DELETABLE_FOR: Final = timedelta(hours=47, minutes=30)
"""Bot API, deleteMessage: only within 48 hours; half an hour is for an outage."""


class Photographer(Protocol):
    """Takes the picture that a row asks for, and notes who saw it."""

    async def take(self, delivery: Delivery) -> Shot:
        """All rules asked anew, then the picture or why there is none. Never raises for a camera's sake."""

    def note(self, tx: Transaction, shot: Shot, *, is_sure: bool) -> None:
        """It was shown, or perhaps (no answer); or refused. In the unit that settles the row."""


class Pictures:
    """What the courier does differently for a picture."""

    def __init__(
        self,
        photographer: Photographer,
        transport: Transport,
        render: Render,
        limiter: Limiter,
        monotonic: Callable[[], float],
    ) -> None:
        self._photographer = photographer
        self._transport = transport
        self._render = render
        self._limiter = limiter
        self._monotonic = monotonic

    async def ready(self, claimed: Claimed, plain: AbstractSet[int], *, is_probe: bool) -> Letter:
        """The letter with the picture, or with the sentence that stands for it; it is its chat's turn. DeliveryError.

        `is_probe`: Telegram was out of reach a moment ago. Then, and at every further try, no camera is asked before
        it answers: nobody could see the picture.
        """
        try:
            letter = await self._compose(claimed.delivery, plain, is_probe=is_probe)
        except DeliveryError:
            raise
        except Exception as error:
            _log.exception("picture_not_composed", delivery=claimed.delivery.id)
            raise ServerFaultError(repr(error)) from error
        await self._turn_of(claimed.delivery)
        return letter

    async def _turn_of(self, head: Delivery) -> None:
        """Wait for it, but not so long that the picture would be one of then: it is taken anew."""
        ends_at = self._monotonic() + WAITS_S
        while (now := self._monotonic()) < ends_at:
            if self._limiter.slots(now)[0] > 0 and head.to.chat not in self._limiter.shut(now):
                return
            await asyncio.sleep(LOOKS_EVERY_S)
        raise ServerFaultError("the chat's turn did not come in time")

    async def _compose(self, head: Delivery, plain: AbstractSet[int], *, is_probe: bool) -> Letter:
        if head.id in plain:
            return Letter(fallback(head), (head,))
        if not head.to.chat.startswith("person:"):
            raise RejectedError("a camera's picture has no address but a member of staff's own chat")
        if is_probe or head.attempts > 1:
            await self._transport.announce_picture(head)
        shot = await self._photographer.take(head)
        if shot.is_refused:
            # What they may not see any more is taken out of the chat, so the sentence needs a message of its own.
            head = replace(head, edit_of=None)
        told = replace(head, params={**head.params, **shot.params})
        message = replace(
            self._render(told), photo=shot.picture, is_protected=bool(head.params.get("is_protected"))
        )
        return Letter(message, (head,), shot=shot)

    def noting(self, unit: Unit, attempt: Attempt, now: datetime, error: DeliveryError | None) -> Unit:
        """The verdict's unit, and with it what the register and the chat need to know."""
        shot, head, result = attempt.letter.shot, attempt.head, attempt.result
        is_perhaps_seen = isinstance(error, UncertainError) and shot is not None and shot.picture is not None
        if shot is None or (error is not None and not is_perhaps_seen):
            return unit

        def both(tx: Transaction) -> None:
            unit(tx)
            self._photographer.note(tx, shot, is_sure=error is None)
            if shot.picture is not None and result is not None:
                look = tx.looks.get(shot.look.id)
                tx.outbox.add(_removal(head, shot, result, now, is_over=bool(look and look.ended_at)), now)

        return both


def _removal(head: Delivery, shot: Shot, message_id: int, now: datetime, *, is_over: bool) -> Draft:
    """To the account and not to the person: it has to go as well when they have left the roster.

    `is_over`: the look ended while its picture was on the way.
    """
    after = timedelta(seconds=0 if is_over else float(head.params.get("deleted_after_s", 0)))
    params: dict[str, Any] = {"message_id": message_id, "staff_id": shot.look.staff_id}
    params |= {"standing": head.standing, "chat": head.to.chat}
    return Draft(
        Address.user(head.chat_id),
        MessageKind.CAMERA_REMOVAL,
        params,
        lane=Lane.THREAD,
        incident_id=head.incident_id,
        is_silent=True,
        coalesce=shot.look.removal_key,
        due_at=now + min(after, DELETABLE_FOR),
    )
