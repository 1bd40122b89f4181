"""All conversations as PTB handlers, in the order in which they are tried."""

from __future__ import annotations

import structlog
from telegram import Update
from telegram.ext import CallbackQueryHandler, MessageHandler, filters

from bot.domain.action import BadPressError
from bot.domain.outcome import Outcome
from bot.domain.place import Campus
from bot.errors import Reason, Refusal, RefusedError
from handlers.chat.alerts import AlertConversation
from handlers.chat.command import CommandConversation
from handlers.chat.desk import DeskConversation
from handlers.chat.edge import Context, Edge, Handler, press_of
from handlers.chat.report import ReportConversation
from handlers.chat.respond import ResponseConversation
from handlers.chat.roster import RosterConversation

log = structlog.get_logger(__name__)


class Conversations:
    """What an update can mean."""

    def __init__(self, edge: Edge, campus: Campus) -> None:
        self._edge = edge
        self._report = ReportConversation(edge, campus)
        self._others = (
            CommandConversation(edge),
            ResponseConversation(edge, campus),
            DeskConversation(edge, campus),
            AlertConversation(edge),
            RosterConversation(edge, self._report.words),
        )
        self._presses = dict(self._report.presses)
        for conversation in self._others:
            self._presses |= conversation.presses

    def handlers(self) -> list[Handler]:
        """For `Application.add_handlers`: SOS first, free text last."""
        found = list(self._report.handlers())
        for conversation in self._others:
            found += conversation.handlers()
        return [
            *found,
            CallbackQueryHandler(self.press),
            MessageHandler(filters.StatusUpdate.MIGRATE, self.migrate),
            self._report.free_text(),
        ]

    async def press(self, update: Update, _: Context) -> None:
        """Any button. Old, foreign and forged ones are answered and change nothing."""
        sender, query = self._edge.sender(update), update.callback_query
        if query is None:
            return
        if sender is None:
            self._edge.answer(query, Outcome(refusal=Refusal(Reason.UNKNOWN_BUTTON)))
            return
        try:
            press = press_of(update)
            outcome = await self._presses[press.verb](sender, press)
        except BadPressError:
            log.info("press_not_understood", data=(query.data or "")[:64])
            outcome = Outcome(refusal=Refusal(Reason.UNKNOWN_BUTTON), locale=sender.locale)
        except RefusedError as refused:
            outcome = Outcome(refusal=refused.refusal, locale=sender.locale)
        self._edge.answer(query, outcome)

    async def migrate(self, update: Update, _: Context) -> None:
        """The command centre became a supergroup with a new id."""
        message = update.effective_message
        if message and message.migrate_to_chat_id and message.chat_id in self._edge.centres:
            self._edge.centres.add(message.migrate_to_chat_id)
            await self._edge.services.enrolment.follow_centre(message.migrate_to_chat_id)
