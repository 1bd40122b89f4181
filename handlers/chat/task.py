"""Plans and tasks by chat."""

from __future__ import annotations

import re

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.outcome import Outcome
from bot.domain.sender import IncidentRef, Sender
from handlers.chat.edge import TYPED, Context, Edge, Handler, incident_first, words_of
from handlers.chat.said import read_due, read_kind

_SENT = re.compile(r"(?:sent|已报|已上报|报了)\s*(.*)", re.IGNORECASE | re.DOTALL)


class TaskConversation:
    """`/plan /task /call /reporting` and the buttons of a task."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._plans = edge.services.plans
        self._tasks = edge.services.tasks
        self._calls = edge.services.calls
        self._reports = edge.services.reports
        self.presses = {
            Verb.TASK_ACCEPT: self.press_accept,
            Verb.TASK_DECLINE: self.press_decline,
            Verb.TASK_DONE: self.press_done,
            Verb.TASK_COLLEAGUE: self.press_colleague,
            Verb.TASK_HAND_OVER: self.press_hand_over,
            Verb.TASKS: self.press_tasks,
            Verb.REPORT_DRAFT: self.press_draft,
            Verb.REPORT_SENT: self.press_sent,
            Verb.CALL: self.press_call,
            Verb.CALL_ANSWERED: self.press_answered,
            Verb.CALL_SILENT: self.press_no_answer,
        }

    def handlers(self) -> list[Handler]:
        """One for each command."""
        return [
            CommandHandler("plan", self.plan, TYPED),
            CommandHandler("task", self.task, TYPED),
            CommandHandler("call", self.call, TYPED),
            CommandHandler("reporting", self.reporting, TYPED),
        ]

    async def plan(self, update: Update, _: Context) -> None:
        """`/plan [kind]`."""
        if sender := self._edge.sender(update):
            words = words_of(update)
            await self._plans.show(sender, read_kind(words)[0], words)

    async def task(self, update: Update, _: Context) -> None:
        """`/task [number] [@name words by 10:20]`; alone, how the tasks stand."""
        sender, message = self._edge.sender(update), update.effective_message
        if sender is None or message is None:
            return
        ref, words = incident_first(words_of(update))
        if not words:
            await self._tasks.show_tasks(sender, ref)
            return
        said, due = read_due(words)
        await self._tasks.give(sender, ref, said, due)

    async def call(self, update: Update, _: Context) -> None:
        """`/call [number] 119 [what was answered]`."""
        if sender := self._edge.sender(update):
            ref, words = incident_first(words_of(update))
            agency, *answer = words.split(maxsplit=1) or [""]
            await self._calls.show(sender, ref, agency, "".join(answer))

    async def reporting(self, update: Update, _: Context) -> None:
        """`/reporting [number] [sent [to whom]]`."""
        sender = self._edge.sender(update)
        if sender is None:
            return
        ref, words = incident_first(words_of(update))
        match = _SENT.match(words)
        if match is None:
            await self._reports.draft(sender, ref)
        else:
            await self._reports.sent_to(sender, ref, match[1])

    async def press_draft(self, sender: Sender, press: Press) -> Outcome:
        """The text, from a warning."""
        return await self._reports.draft(sender, IncidentRef(press.subject))

    async def press_sent(self, sender: Sender, press: Press) -> Outcome:
        """It is out."""
        return await self._reports.sent(sender, press.subject)

    async def press_call(self, sender: Sender, press: Press) -> Outcome:
        """The text for this agency, from the topic's list of calls."""
        return await self._calls.show(sender, IncidentRef(press.subject), press.value, "")

    async def press_answered(self, sender: Sender, press: Press) -> Outcome:
        """I have called, they answered."""
        return await self._calls.answered(sender, press.subject)

    async def press_no_answer(self, sender: Sender, press: Press) -> Outcome:
        """I have called, nobody answered."""
        return await self._calls.no_answer(sender, press.subject)

    async def press_accept(self, sender: Sender, press: Press) -> Outcome:
        """I do it."""
        return await self._tasks.accept(sender, press.subject)

    async def press_decline(self, sender: Sender, press: Press) -> Outcome:
        """I cannot."""
        return await self._tasks.decline(sender, press.subject)

    async def press_done(self, sender: Sender, press: Press) -> Outcome:
        """Done."""
        return await self._tasks.finish(sender, press.subject)

    async def press_colleague(self, sender: Sender, press: Press) -> Outcome:
        """Hand over."""
        return await self._tasks.ask_colleague(sender, press.subject)

    async def press_hand_over(self, sender: Sender, press: Press) -> Outcome:
        """To this colleague."""
        return await self._tasks.hand_over(sender, press.subject, press.value)

    async def press_tasks(self, sender: Sender, press: Press) -> Outcome:
        """From the card."""
        return await self._tasks.show_tasks(sender, IncidentRef(press.subject))
