"""The command centre's commands and buttons on an incident."""

from __future__ import annotations

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.outcome import Outcome
from bot.domain.sender import IncidentRef, Sender
from bot.errors import Reason, RefusedError
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
from handlers.chat.said import find_severity


class CommandConversation:
    """`/ack /command /severity /note /restrict /cancel /close` and their buttons."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._command = edge.services.command
        self.presses = {
            Verb.ACKNOWLEDGE: self.press_acknowledge,
            Verb.TAKE_COMMAND: self.press_take_command,
            Verb.SEVERITY: self.press_severity,
            Verb.ASK_CANCEL: self.press_ask_cancel,
            Verb.CANCEL: self.press_cancel,
        }

    def handlers(self) -> list[Handler]:
        """One for each command."""
        commands = {
            "ack": self.acknowledge,
            "command": self.command,
            "severity": self.severity,
            "note": self.note,
            "restrict": self.restrict,
            "cancel": self.cancel,
            "close": self.close,
        }
        return [CommandHandler(name, do, TYPED) for name, do in commands.items()]

    async def acknowledge(self, update: Update, _: Context) -> None:
        """`/ack [number]`."""
        if sender := self._edge.sender(update):
            await self._command.acknowledge(sender, only_incident(words_of(update)))

    async def command(self, update: Update, _: Context) -> None:
        """`/command [number] [name]`."""
        if sender := self._edge.sender(update):
            ref, name = incident_first(words_of(update))
            if name:
                await self._command.hand_over(sender, ref, name)
            else:
                await self._command.take_command(sender, ref)

    async def severity(self, update: Update, _: Context) -> None:
        """`/severity [number] [1–4]`."""
        if sender := self._edge.sender(update):
            ref, word = incident_first(words_of(update))
            grade = find_severity(word)
            if grade is None:
                await self._command.ask_severity(sender, ref)
            else:
                await self._command.set_severity(sender, ref, grade)

    async def note(self, update: Update, _: Context) -> None:
        """`/note [number] words`."""
        if sender := self._edge.sender(update):
            await self._command.note(sender, *incident_first(words_of(update)))

    async def restrict(self, update: Update, _: Context) -> None:
        """`/restrict [number] why`."""
        if sender := self._edge.sender(update):
            await self._edge.services.restricting.restrict(sender, *incident_first(words_of(update)))

    async def cancel(self, update: Update, _: Context) -> None:
        """`/cancel [number] [why]`."""
        if sender := self._edge.sender(update):
            ref, words = incident_first(words_of(update))
            # Typed where the incident is plain, it is meant; alone elsewhere it may be a slip.
            if words or ref.number or sender.topic_id:
                await self._command.cancel(sender, ref, words)
            else:
                await self._command.ask_cancel(sender, ref)

    async def close(self, update: Update, _: Context) -> None:
        """`/close [number] outcome`."""
        if sender := self._edge.sender(update):
            await self._command.close(sender, *incident_first(words_of(update)))

    async def press_acknowledge(self, sender: Sender, press: Press) -> Outcome:
        """Seen."""
        return await self._command.acknowledge(sender, IncidentRef(press.subject))

    async def press_take_command(self, sender: Sender, press: Press) -> Outcome:
        """In command."""
        return await self._command.take_command(sender, IncidentRef(press.subject))

    async def press_severity(self, sender: Sender, press: Press) -> Outcome:
        """A grade."""
        grade = find_severity(press.value)
        if grade is None:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._command.set_severity(sender, IncidentRef(press.subject), grade)

    async def press_ask_cancel(self, sender: Sender, press: Press) -> Outcome:
        """False alarm? Asked once more."""
        return await self._command.ask_cancel(sender, IncidentRef(press.subject))

    async def press_cancel(self, sender: Sender, press: Press) -> Outcome:
        """False alarm, confirmed."""
        return await self._command.confirm_cancel(sender, IncidentRef(press.subject), number_in(press))
