"""All conversations as PTB handlers, in the order in which they are tried."""

from __future__ import annotations

import re
from difflib import get_close_matches

import structlog
from telegram import Update
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, MessageHandler, filters

from bot.domain.action import BadPressError, Verb
from bot.domain.outcome import Outcome
from bot.domain.place import Campus
from bot.errors import Reason, Refusal, RefusedError
from bot.messages.people import DESK, EVERYONE, LEADS
from handlers.chat.absence import AbsenceConversation
from handlers.chat.after_action import AfterActionConversation
from handlers.chat.alerts import AlertConversation
from handlers.chat.announce import AnnouncementConversation
from handlers.chat.camera_watch import CameraWatchConversation
from handlers.chat.command import CommandConversation
from handlers.chat.desk import DeskConversation
from handlers.chat.digest import DigestConversation
from handlers.chat.edge import TYPED, Context, Edge, Handler, press_of
from handlers.chat.equipment import EquipmentConversation
from handlers.chat.headcount import HeadcountConversation
from handlers.chat.injured import InjuredConversation
from handlers.chat.liaison import LiaisonConversation
from handlers.chat.plan_change import PlanChangeConversation
from handlers.chat.readiness import ReadinessConversation
from handlers.chat.report import ReportConversation
from handlers.chat.respond import ResponseConversation
from handlers.chat.roster import RosterConversation
from handlers.chat.scene import SceneConversation
from handlers.chat.snapshot import SnapshotConversation
from handlers.chat.task import TaskConversation

# `/evcuate@bot now`, but no path and no date; to another bot it is none of ours.
_COMMAND = re.compile(r"^/([A-Za-z_]{2,32})(?![/\w])(?!@)")

# A call for help means the same whenever its button was made.
_ALWAYS_HEARD = frozenset({Verb.NEED_HELP})

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
            AfterActionConversation(edge),
            DigestConversation(edge),
            PlanChangeConversation(edge),
            ReadinessConversation(edge, campus),
            HeadcountConversation(edge),
            SnapshotConversation(edge),
            TaskConversation(edge),
            SceneConversation(edge, self._report.words),
            EquipmentConversation(edge, campus),
            InjuredConversation(edge),
            LiaisonConversation(edge),
            RosterConversation(edge, self._report.words),
            AnnouncementConversation(edge, self._report.words),
        )
        self._presses = dict(self._report.presses)
        for conversation in self._others:
            self._presses |= conversation.presses

    def handlers(self) -> list[Handler]:
        """For `Application.add_handlers`: SOS first, free text last."""
        found = [*self._report.handlers(), *AbsenceConversation(self._edge).handlers()]
        found += CameraWatchConversation(self._edge).handlers()
        for conversation in self._others:
            found += conversation.handlers()
        return [
            *found,
            CallbackQueryHandler(self.press),
            ChatMemberHandler(self.membership, ChatMemberHandler.MY_CHAT_MEMBER),
            MessageHandler(filters.StatusUpdate.MIGRATE, self.migrate),
            MessageHandler(TYPED & filters.Regex(_COMMAND), self.unknown_command),
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
            if press.verb in _ALWAYS_HEARD or not self._edge.is_lost(query):
                outcome = await self._presses[press.verb](sender, press)
            else:
                outcome = Outcome(refusal=Refusal(Reason.LOST_BUTTON), locale=sender.locale)
        except BadPressError:
            log.info("press_not_understood", data=(query.data or "")[:64])
            outcome = Outcome(refusal=Refusal(Reason.UNKNOWN_BUTTON), locale=sender.locale)
        except RefusedError as refused:
            outcome = Outcome(refusal=refused.refusal, locale=sender.locale)
        self._edge.answer(query, outcome)

    async def unknown_command(self, update: Update, _: Context) -> None:
        """Mistyped under stress: say so, and what may have been meant."""
        sender, message = self._edge.sender(update), update.effective_message
        match = _COMMAND.match((message and message.text) or "")
        if sender is None or match is None:
            return
        word = match[1].casefold()
        known = [command for command, *_ in (*EVERYONE, *LEADS, *DESK)]
        nearest = get_close_matches(word, known, n=1, cutoff=0.7)
        await self._edge.services.enrolment.unknown_command(sender, word, "".join(nearest))

    async def membership(self, update: Update, _: Context) -> None:
        """The bot was removed from the command centre, let in again, or has other rights there."""
        chat = update.effective_chat
        if chat is not None and chat.id in self._edge.centres:
            self._edge.in_background(self._edge.look_at_centre())

    async def migrate(self, update: Update, _: Context) -> None:
        """The command centre became a supergroup with a new id."""
        message = update.effective_message
        if message and message.migrate_to_chat_id and message.chat_id in self._edge.centres:
            self._edge.centres.add(message.migrate_to_chat_id)
            await self._edge.services.enrolment.follow_centre(message.chat_id, message.migrate_to_chat_id)
            self._edge.in_background(self._edge.look_at_centre())
