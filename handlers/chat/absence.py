"""Who is away today."""

from __future__ import annotations

from telegram import Update
from telegram.ext import CommandHandler

from handlers.chat.edge import TYPED, Context, Edge, Handler, words_of


class AbsenceConversation:
    """`/absent`; it has no buttons."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    def handlers(self) -> list[Handler]:
        """The command."""
        return [CommandHandler("absent", self.absent, TYPED)]

    async def absent(self, update: Update, _: Context) -> None:
        """`/absent [class] [number | pupils… | none]`."""
        if sender := self._edge.sender(update):
            await self._edge.services.absence.absent(sender, words_of(update))
