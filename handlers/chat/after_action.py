"""`/afteraction`, the questions after an incident, and their buttons."""

from __future__ import annotations

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.after_action import IN_WORDS, Grade, Question
from bot.domain.outcome import Outcome
from bot.domain.sender import IncidentRef, Sender
from bot.errors import Reason, RefusedError
from handlers.chat.edge import TYPED, Context, Edge, Handler, incident_first, number_in, words_of

# What people call the questions, besides their English names.
_QUESTIONS = {
    **{question.value: question for question in IN_WORDS},
    "原因": Question.CAUSE,
    "经过": Question.COURSE,
    "影响": Question.SCOPE,
    "效果": Question.EFFECT,
    "做得好": Question.WELL,
    "改进": Question.IMPROVE,
}
_SUBMIT = frozenset({"submit", "提交"})
_ACCEPT = frozenset({"accept", "同意", "批准"})
_RETURN = frozenset({"return", "退回"})


class AfterActionConversation:
    """The report of an incident: read it, complete it, submit it, accept or return it."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._reports = edge.services.after_actions
        self._hot_wash = edge.services.hot_wash
        self.presses = {
            Verb.HOT_WASH_GRADE: self.press_grade,
            Verb.HOT_WASH_WORDS: self.press_words,
            Verb.REPORT_WORDS: self.press_official,
            Verb.REPORT_SUBMIT: self.press_submit,
            Verb.REPORT_ACCEPT: self.press_accept,
            Verb.REPORT_RETURN: self.press_return,
            Verb.REPORT_SHOW: self.press_show,
        }

    def handlers(self) -> list[Handler]:
        """The command."""
        return [CommandHandler("afteraction", self.after_action, TYPED)]

    async def after_action(self, update: Update, _: Context) -> None:
        """`/afteraction [number] [submit|accept|return REMARKS|QUESTION WORDS]`."""
        sender = self._edge.sender(update)
        if sender is None:
            return
        ref, said = incident_first(words_of(update))
        word, __, rest = said.partition(" ")
        word = word.casefold()
        if word in _SUBMIT:
            await self._reports.submit(sender, ref)
        elif word in _ACCEPT:
            await self._reports.accept(sender, ref)
        elif word in _RETURN:
            await self._reports.give_back(sender, ref, rest.strip())
        elif word in _QUESTIONS:
            await self._hot_wash.write(sender, ref, _QUESTIONS[word], rest.strip())
        else:
            await self._reports.show(sender, ref)

    async def press_grade(self, sender: Sender, press: Press) -> Outcome:
        """How it went."""
        if press.value not in set(Grade):
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._hot_wash.grade(sender, press.subject, Grade(press.value))

    async def press_words(self, sender: Sender, press: Press) -> Outcome:
        """Somebody who took part wants to say something."""
        return await self._hot_wash.ask(sender, press.subject, _question(press), is_official=False)

    async def press_official(self, sender: Sender, press: Press) -> Outcome:
        """The school's own text."""
        return await self._hot_wash.ask(sender, press.subject, _question(press), is_official=True)

    async def press_submit(self, sender: Sender, press: Press) -> Outcome:
        """To the principal."""
        return await self._reports.submit(sender, IncidentRef(press.subject))

    async def press_accept(self, sender: Sender, press: Press) -> Outcome:
        """Accepted."""
        return await self._reports.accept(sender, IncidentRef(press.subject), number_in(press))

    async def press_return(self, sender: Sender, press: Press) -> Outcome:
        """Returned; the next message says why."""
        return await self._hot_wash.ask_remarks(sender, press.subject, number_in(press))

    async def press_show(self, sender: Sender, press: Press) -> Outcome:
        """The newest version once more."""
        return await self._reports.show(sender, IncidentRef(press.subject))


def _question(press: Press) -> Question:
    if press.value not in {question.value for question in IN_WORDS}:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return Question(press.value)
