"""What the command centre answers about alerts: open, join, dismiss; and the sources."""

from __future__ import annotations

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.outcome import Outcome
from bot.domain.sender import Sender
from bot.messages.alert import REASONS
from handlers.chat.edge import TYPED, Context, Edge, Handler, number_in


class AlertConversation:
    """`/sources`, and the buttons of an alert that asks."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._alerts = edge.services.alerting
        self.presses = {
            Verb.ALERT_OPEN: self.press_open,
            Verb.ALERT_JOIN: self.press_join,
            Verb.ALERT_DISMISS: self.press_dismiss,
            Verb.UNMUTE: self.press_unmute,
        }

    def handlers(self) -> list[Handler]:
        """One for each command."""
        return [CommandHandler("sources", self.sources, TYPED)]

    async def sources(self, update: Update, _: Context) -> None:
        """`/sources`."""
        if sender := self._edge.sender(update):
            await self._alerts.sources(sender)

    async def press_open(self, sender: Sender, press: Press) -> Outcome:
        """It is an incident."""
        return await self._alerts.open(sender, press.subject)

    async def press_join(self, sender: Sender, press: Press) -> Outcome:
        """It belongs to that one."""
        return await self._alerts.join(sender, press.subject, number_in(press))

    async def press_dismiss(self, sender: Sender, press: Press) -> Outcome:
        """It is nothing; the second press says why."""
        reason = press.value if press.value in REASONS else ""
        return await self._alerts.dismiss(sender, press.subject, reason)

    async def press_unmute(self, sender: Sender, press: Press) -> Outcome:
        """Listen again."""
        return await self._alerts.unmute(sender, press.value)
