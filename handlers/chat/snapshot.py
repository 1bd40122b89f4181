"""Looking through cameras: `/snapshot [camera or place] [reason]`, and the buttons under pictures."""

from __future__ import annotations

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.outcome import Outcome
from bot.domain.sender import Sender
from handlers.chat.edge import TYPED, Context, Edge, Handler, incident_first, words_of


class SnapshotConversation:
    """Every answer comes in private, wherever it was asked."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._viewing = edge.services.viewing
        self.presses = {
            Verb.CAMERA_CHOOSE: self.press_choose,
            Verb.CAMERA_REFRESH: self.press_refresh,
            Verb.CAMERA_WATCH: self.press_watch,
            Verb.CAMERA_STOP: self.press_stop,
        }

    def handlers(self) -> list[Handler]:
        """The one command."""
        return [CommandHandler("snapshot", self.snapshot, TYPED)]

    async def snapshot(self, update: Update, _: Context) -> None:
        """`/snapshot [number] [camera or place] [reason]`."""
        if sender := self._edge.sender(update):
            await self._viewing.ask(sender, *incident_first(words_of(update)))

    async def press_choose(self, sender: Sender, press: Press) -> Outcome:
        """One of the cameras, or all to choose from."""
        return await self._viewing.choose(sender, press.subject, press.value)

    async def press_refresh(self, sender: Sender, press: Press) -> Outcome:
        """Once more."""
        return await self._viewing.refresh(sender, press.subject)

    async def press_watch(self, sender: Sender, press: Press) -> Outcome:
        """Every few seconds."""
        return await self._viewing.watch(sender, press.subject)

    async def press_stop(self, sender: Sender, press: Press) -> Outcome:
        """No longer."""
        return await self._viewing.stop(sender, press.subject)
