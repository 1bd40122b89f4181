"""`/training`, `/patrol`, `/drills` and their buttons."""

from __future__ import annotations

import re

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.outcome import Outcome
from bot.domain.place import Campus
from bot.domain.sender import Sender
from bot.domain.training import Result
from handlers.chat.edge import TYPED, Context, Edge, Handler, number_in, words_of
from handlers.chat.said import read_report

_NUMBERED = re.compile(r"#?(\d{1,9})(?:\s+(.*))?", re.DOTALL | re.ASCII)
_UNDO = frozenset({"undo", "撤销"})
_RESULTS = {
    "passed": Result.PASSED,
    "通过": Result.PASSED,
    "合格": Result.PASSED,
    "failed": Result.FAILED,
    "未通过": Result.FAILED,
    "不合格": Result.FAILED,
    "absent": Result.ABSENT,
    "缺席": Result.ABSENT,
    "未到": Result.ABSENT,
}


class ReadinessConversation:
    """What the safety office keeps up when nothing happens."""

    def __init__(self, edge: Edge, campus: Campus) -> None:
        self._edge = edge
        self._campus = campus
        self._training = edge.services.training
        self._patrol = edge.services.patrol
        self._drills = edge.services.drill_calendar
        self.presses = {
            Verb.TRAINING_SHOW: self.press_show,
            Verb.TRAINING_WHO: self.press_who,
            Verb.TRAINING_PASSED: self.press_passed,
            Verb.TRAINING_FAILED: self.press_failed,
            Verb.TRAINING_UNDO: self.press_undo,
            Verb.PATROL_ALL_WELL: self.press_all_well,
            Verb.PATROL_FINDING: self.press_finding,
            Verb.PATROL_REPORT: self.press_report,
            Verb.DRILL_DROP: self.press_drop,
        }

    def handlers(self) -> list[Handler]:
        """One for each command."""
        commands = {"training": self.training, "patrol": self.patrol, "drills": self.drills}
        return [CommandHandler(name, do, TYPED) for name, do in commands.items()]

    async def training(self, update: Update, _: Context) -> None:
        """Alone the list; with a number that session and what is entered about it; else a new one."""
        sender, words = self._edge.sender(update), words_of(update)
        if sender is None:
            return
        if not words:
            await self._training.overview(sender)
        elif match := _NUMBERED.fullmatch(words):
            await self._enter(sender, int(match[1]), (match[2] or "").strip())
        else:
            await self._training.begin(sender, words)

    async def _enter(self, sender: Sender, number: int, words: str) -> None:
        first, *rest = words.split(maxsplit=1) or [""]
        if not words:
            await self._training.show(sender, number)
        elif words.casefold() in _UNDO:
            await self._training.undo(sender, number, None)
        elif (result := _RESULTS.get(first.casefold())) is not None:
            await self._training.enter(sender, number, result, "".join(rest))
        else:
            await self._training.enter(sender, number, Result.ATTENDED, words)

    async def press_show(self, sender: Sender, press: Press) -> Outcome:
        """One of the list."""
        return await self._training.show(sender, press.subject)

    async def press_who(self, sender: Sender, press: Press) -> Outcome:
        """The next message says who was there."""
        return await self._training.ask_names(sender, press.subject, Result.ATTENDED)

    async def press_passed(self, sender: Sender, press: Press) -> Outcome:
        """Everybody who was there and did not fail."""
        return await self._training.enter(sender, press.subject, Result.PASSED, "")

    async def press_failed(self, sender: Sender, press: Press) -> Outcome:
        """The next message says who did not pass."""
        return await self._training.ask_names(sender, press.subject, Result.FAILED)

    async def press_undo(self, sender: Sender, press: Press) -> Outcome:
        """The entry that the button stands under."""
        return await self._training.undo(sender, press.subject, number_in(press))

    async def patrol(self, update: Update, _: Context) -> None:
        """`/patrol`."""
        if sender := self._edge.sender(update):
            await self._patrol.overview(sender)

    async def press_all_well(self, sender: Sender, press: Press) -> Outcome:
        """Looked, and all is in order."""
        return await self._patrol.all_well(sender, press.subject)

    async def press_finding(self, sender: Sender, press: Press) -> Outcome:
        """The next message says what is wrong."""
        return await self._patrol.ask_finding(sender, press.subject)

    async def press_report(self, sender: Sender, press: Press) -> Outcome:
        """What was found, as a report."""
        return await self._edge.services.patrol_reports.report(sender, press.subject)

    async def drills(self, update: Update, _: Context) -> None:
        """`/drills [DAY KIND [ZONE] [WHO IS TOLD]]`; alone the calendar."""
        sender, words = self._edge.sender(update), words_of(update)
        if sender is None:
            return
        if not words:
            await self._drills.overview(sender)
            return
        day, *rest = words.split(maxsplit=1)
        told = read_report("".join(rest), self._campus)
        await self._drills.plan(sender, day, told.kind, told.zone, told.words)

    async def press_drop(self, sender: Sender, press: Press) -> Outcome:
        """It is not held after all."""
        return await self._drills.drop(sender, press.subject)
