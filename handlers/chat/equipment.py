"""`/equipment`, 器材, and their buttons."""

from __future__ import annotations

import re

from telegram import Update
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.domain.action import Press, Verb
from bot.domain.equipment import EquipmentKind
from bot.domain.outcome import Outcome
from bot.domain.place import Campus
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from handlers.chat.edge import TYPED, Context, Edge, Handler, words_of
from handlers.chat.said import read_equipment

# Telegram's commands are Latin: the same word in Chinese, alone or with a blank behind it, in private.
ASKED = re.compile(r"^\s*器材(?:\s+(.*))?$", re.DOTALL)


class EquipmentConversation:
    """Where equipment is and how it is used."""

    def __init__(self, edge: Edge, campus: Campus) -> None:
        self._edge = edge
        self._campus = campus
        self._equipment = edge.services.equipment
        self._inspections = edge.services.inspections
        self.presses = {
            Verb.EQUIPMENT_USE: self.press_use,
            Verb.EQUIPMENT_NEAR: self.press_near,
            Verb.INSPECT: self.press_inspect,
            Verb.INSPECT_UNDO: self.press_undo,
        }

    def handlers(self) -> list[Handler]:
        """The command, and the Chinese word."""
        asked = TYPED & filters.ChatType.PRIVATE & filters.Regex(ASKED)
        return [
            CommandHandler("equipment", self.equipment, TYPED),
            CommandHandler("inspections", self.inspections, TYPED),
            MessageHandler(asked, self.equipment),
        ]

    async def equipment(self, update: Update, _: Context) -> None:
        """`/equipment [kind] [place]`, in either order."""
        if sender := self._edge.sender(update):
            words = words_of(update)
            if match := ASKED.match(words):
                words = match[1] or ""
            await self._equipment.show(sender, *read_equipment(words, self._campus))

    async def inspections(self, update: Update, _: Context) -> None:
        """`/inspections`."""
        if sender := self._edge.sender(update):
            await self._inspections.show(sender)

    async def press_inspect(self, sender: Sender, press: Press) -> Outcome:
        """I stand before it."""
        return await self._inspections.ask(sender, press.subject)

    async def press_undo(self, sender: Sender, press: Press) -> Outcome:
        """It was another one."""
        return await self._inspections.undo(sender, press.subject)

    async def press_near(self, sender: Sender, press: Press) -> Outcome:
        """From the card."""
        return await self._equipment.near(sender, press.subject)

    async def press_use(self, sender: Sender, press: Press) -> Outcome:
        """How to use it."""
        if press.value not in {kind.value for kind in EquipmentKind}:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._equipment.explain(sender, EquipmentKind(press.value))
