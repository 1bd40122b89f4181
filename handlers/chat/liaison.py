"""Links for people outside, and notices to the district, by chat."""

from __future__ import annotations

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.outcome import Outcome
from bot.domain.sender import IncidentRef, Sender
from handlers.chat.edge import (
    TYPED,
    Context,
    Edge,
    Handler,
    incident_first,
    number_in,
    only_incident,
    words_of,
)


class LiaisonConversation:
    """`/liaison /district` and their buttons."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._liaison = edge.services.liaison
        self._district = edge.services.district
        self.presses = {
            Verb.LIAISON_REVOKE: self.press_revoke,
            Verb.DISTRICT_ASK: self.press_ask,
            Verb.DISTRICT_SEND: self.press_send,
        }

    def handlers(self) -> list[Handler]:
        """One for each command."""
        return [
            CommandHandler("liaison", self.liaison, TYPED),
            CommandHandler("district", self.district, TYPED),
        ]

    async def liaison(self, update: Update, _: Context) -> None:
        """`/liaison [number] [unit, name]`."""
        if sender := self._edge.sender(update):
            await self._liaison.make(sender, *incident_first(words_of(update)))

    async def press_revoke(self, sender: Sender, press: Press) -> Outcome:
        """Take it back."""
        return await self._liaison.revoke(sender, press.subject)

    async def district(self, update: Update, _: Context) -> None:
        """`/district [number]`."""
        if sender := self._edge.sender(update):
            await self._district.ask(sender, only_incident(words_of(update)))

    async def press_ask(self, sender: Sender, press: Press) -> Outcome:
        """From the report clock's warning."""
        return await self._district.ask(sender, IncidentRef(press.subject))

    async def press_send(self, sender: Sender, press: Press) -> Outcome:
        """Send it."""
        return await self._district.send(sender, press.subject, number_in(press))
