"""The injured by chat."""

from __future__ import annotations

import re

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.injured import Injury
from bot.domain.outcome import Outcome
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from bot.messages.injured import NOT_INJURED
from handlers.chat.edge import TYPED, Context, Edge, Handler, incident_first, words_of
from handlers.chat.said import NO_NUMBERS, read_injured, read_injured_name

_CHANGE = re.compile(r"([a-z]+):([0-9]{1,5}):([0-9]{1,5})")


class InjuredConversation:
    """`/injured`, its buttons, and those under an injured pupil."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._injuries = edge.services.injuries
        self._staff = edge.services.injured_staff
        self.presses = {
            Verb.INJURED: self.press_number,
            Verb.INJURED_PUPIL: self.press_pupil,
            Verb.INJURED_STAFF: self.press_staff,
        }

    def handlers(self) -> list[Handler]:
        """The command."""
        return [CommandHandler("injured", self.injured, TYPED)]

    async def injured(self, update: Update, _: Context) -> None:
        """`/injured [number] [2 light 1 serious]`, or a colleague by name."""
        if sender := self._edge.sender(update):
            ref, words = incident_first(words_of(update))
            numbers = read_injured(words)
            if numbers == NO_NUMBERS:
                await self._staff.say(sender, ref, *read_injured_name(words))
            else:
                await self._injuries.say(sender, ref, numbers)

    async def press_number(self, sender: Sender, press: Press) -> Outcome:
        """One more, or one fewer."""
        match = _CHANGE.fullmatch(press.value)
        if match is None:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._injuries.change(
            sender, press.subject, _state(match[1]), int(match[2]), int(match[3])
        )

    async def press_pupil(self, sender: Sender, press: Press) -> Outcome:
        """Light, serious, critical."""
        return await self._injuries.say_of_pupil(sender, press.subject, _state(press.value))

    async def press_staff(self, sender: Sender, press: Press) -> Outcome:
        """Light, serious, critical, or not injured."""
        state = None if press.value == NOT_INJURED else _state(press.value)
        return await self._staff.change(sender, press.subject, state)


def _state(word: str) -> Injury:
    if word not in {state.value for state in Injury} - {Injury.UNKNOWN.value}:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return Injury(word)
