"""How the cameras are, who looked through them, and what they recorded."""

from __future__ import annotations

import re

from telegram import Update
from telegram.ext import CommandHandler

from handlers.chat.edge import TYPED, Context, Edge, Handler, incident_first, words_of

_DAYS = re.compile(r"[0-9]{1,4}")


class CameraWatchConversation:
    """`/cameras /register /footage /observe`."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._list = edge.services.camera_list
        self._register = edge.services.register
        self._looking_back = edge.services.looking_back
        self._observing = edge.services.observing

    def handlers(self) -> list[Handler]:
        """One for each command."""
        commands = {
            "cameras": self.cameras,
            "register": self.register,
            "footage": self.footage,
            "observe": self.observe,
        }
        return [CommandHandler(name, do, TYPED) for name, do in commands.items()]

    async def cameras(self, update: Update, _: Context) -> None:
        """`/cameras`."""
        if sender := self._edge.sender(update):
            await self._list.show(sender)

    async def register(self, update: Update, _: Context) -> None:
        """`/register [days]`, or the five parts of a line to enter."""
        if sender := self._edge.sender(update):
            words = words_of(update)
            if not words:
                await self._register.show(sender)
            elif _DAYS.fullmatch(words):
                await self._register.show(sender, int(words))
            else:
                await self._register.enter(sender, words)

    async def footage(self, update: Update, _: Context) -> None:
        """`/footage [number] camera 10:00-10:05 [why]`."""
        if sender := self._edge.sender(update):
            await self._looking_back.ask(sender, *incident_first(words_of(update)))

    async def observe(self, update: Update, _: Context) -> None:
        """`/observe [number] time; place; what; clothing; direction`."""
        if sender := self._edge.sender(update):
            await self._observing.observe(sender, *incident_first(words_of(update)))
