"""The on-scene group by chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from telegram import Update
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.domain.action import Press, Verb
from bot.domain.on_scene import SceneState
from bot.domain.outcome import Outcome
from bot.domain.place import Spot
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from bot.services.arriving import Reading
from handlers.chat.edge import TYPED, Context, Edge, Handler, incident_first, words_of

OtherPlace = Callable[[Update, Context], Awaitable[None]]


class SceneConversation:
    """`/dispatch`, and the buttons and live locations of those who go. `other`: what happens with other places."""

    def __init__(self, edge: Edge, other: OtherPlace) -> None:
        self._edge = edge
        self._scene = edge.services.scene
        self._arrivals = edge.services.arrivals
        self._other = other
        self.presses = {Verb.SCENE_STATE: self.press_state, Verb.SCENE_REPORT: self.press_report}

    def handlers(self) -> list[Handler]:
        """The command, and places in private chats."""
        places = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGES & filters.LOCATION
        return [
            CommandHandler("dispatch", self.dispatch, TYPED),
            MessageHandler(places, self.location),
        ]

    async def dispatch(self, update: Update, _: Context) -> None:
        """`/dispatch [number] [leader]`."""
        if sender := self._edge.sender(update):
            await self._scene.dispatch(sender, *incident_first(words_of(update)))

    async def location(self, update: Update, context: Context) -> None:
        """A live location, or where it is now (an edit: a place that is only pinned never changes)."""
        sender, message = self._edge.sender(update), update.effective_message
        place = message.location if message else None
        if sender is None or message is None or place is None:
            return
        is_first = update.edited_message is None
        is_own_and_live = message.forward_origin is None and "live_period" in place.to_dict()
        if is_first and not (is_own_and_live and await self._arrivals.is_sent(sender.user_id)):
            await self._other(update, context)
            return
        spot = Spot(place.latitude, place.longitude)
        reading = Reading(spot, place.horizontal_accuracy or 0.0, is_first=is_first)
        await self._arrivals.note(sender, reading)

    async def press_state(self, sender: Sender, press: Press) -> Outcome:
        """I go, I am there, I cannot."""
        if press.value not in {state.value for state in SceneState} - {SceneState.ASKED.value}:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._scene.answer(sender, press.subject, SceneState(press.value))

    async def press_report(self, sender: Sender, press: Press) -> Outcome:
        """Conditions, actions, needs."""
        return await self._scene.report(sender, press.subject, press.value)
