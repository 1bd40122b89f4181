"""The five response actions and the all-clear."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.outcome import Outcome
from bot.domain.place import Campus
from bot.domain.response import WORDS_LIMIT, ResponseAction
from bot.domain.roll_call import CloseReason
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import shorten
from bot.errors import Reason, RefusedError
from handlers.chat.edge import TYPED, Context, Edge, Handler, incident_first, words_of
from handlers.chat.said import read_zones, split_order

# One line of the record.
REASON_LIMIT = 300


class ResponseConversation:
    """`/evacuate [zones][; words]` and its sisters, `/allclear`, the confirmation's buttons."""

    def __init__(self, edge: Edge, campus: Campus) -> None:
        self._edge = edge
        self._campus = campus
        self._response = edge.services.response
        self.presses = {
            Verb.ORDER: self.press_order,
            Verb.ASK_ALL_CLEAR: self.press_all_clear,
            Verb.CONFIRM: self.press_confirm,
            Verb.WITHDRAW: self.press_withdraw,
        }

    def handlers(self) -> list[Handler]:
        """One for each action."""
        fresh = TYPED
        orders = [CommandHandler(a.value.lower(), self._order(a), fresh) for a in ResponseAction]
        return [*orders, CommandHandler("allclear", self.all_clear, fresh)]

    async def all_clear(self, update: Update, _: Context) -> None:
        """`/allclear [number] [reason]`."""
        if sender := self._edge.sender(update):
            ref, words = incident_first(words_of(update))
            await self._response.ask_all_clear(sender, ref, shorten(words, REASON_LIMIT))

    def _order(self, action: ResponseAction) -> Callable[[Update, Context], Coroutine[Any, Any, None]]:
        async def order(update: Update, _: Context) -> None:
            if sender := self._edge.sender(update):
                ref, words = incident_first(words_of(update))
                places, said = split_order(words)
                zones = read_zones(places, self._campus)
                await self._response.ask(sender, ref, action, zones, shorten(said, WORDS_LIMIT))

        return order

    async def press_order(self, sender: Sender, press: Press) -> Outcome:
        """From the card, or "only here" on a confirmation."""
        word, _, zone = press.value.partition(":")
        if word not in {action.value for action in ResponseAction}:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        if zone and zone not in self._campus.zones:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        zones = (zone,) if zone else ()
        return await self._response.ask(sender, IncidentRef(press.subject), ResponseAction(word), zones)

    async def press_all_clear(self, sender: Sender, press: Press) -> Outcome:
        """From the card."""
        return await self._response.ask(sender, IncidentRef(press.subject), None)

    async def press_confirm(self, sender: Sender, press: Press) -> Outcome:
        """It goes out."""
        if press.value and press.value not in {reason.value for reason in CloseReason}:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._response.confirm(sender, press.subject, press.value)

    async def press_withdraw(self, sender: Sender, press: Press) -> Outcome:
        """It does not."""
        return await self._response.withdraw(sender, press.subject)
