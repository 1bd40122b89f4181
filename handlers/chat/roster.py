"""A roster file from the safety office."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from telegram import Update
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.domain.action import Press, Verb
from bot.domain.outcome import Outcome
from bot.domain.sender import Sender
from bot.domain.text import clean_line
from bot.errors import DeliveryError, Reason, RefusedError
from bot.services.rostering import mark_of
from handlers.chat.edge import TYPED, Context, Edge, Handler, log

OtherFile = Callable[[Update, Context], Awaitable[None]]

_ENDINGS = (".csv", ".xlsx", ".xls", ".txt")


class RosterConversation:
    """The file, its diff, the press. `other`: what happens with files of people who keep no roster."""

    def __init__(self, edge: Edge, other: OtherFile) -> None:
        self._edge = edge
        self._rosters = edge.services.rosters
        self._other = other
        self.presses = {Verb.ROSTER_APPLY: self.press_apply}

    def handlers(self) -> list[Handler]:
        """The command, and documents in private chats."""
        return [
            CommandHandler("roster", self.roster, TYPED),
            MessageHandler(filters.ChatType.PRIVATE & filters.Document.ALL, self.document),
        ]

    async def roster(self, update: Update, _: Context) -> None:
        """`/roster`."""
        if sender := self._edge.sender(update):
            await self._rosters.show(sender)

    async def document(self, update: Update, context: Context) -> None:
        """A roster file when the safety office sends it, else a file for the incident."""
        sender, message = self._edge.sender(update), update.effective_message
        file = message.document if message else None
        name = clean_line((file and file.file_name) or "")
        is_roster = file is not None and name.casefold().endswith(_ENDINGS)
        if (
            sender is None
            or file is None
            or not is_roster
            or not await self._rosters.may_import(sender.user_id)
        ):
            await self._other(update, context)
            return
        try:
            files = await self._edge.read_roster(file.file_id, name)
        except DeliveryError as error:
            log.warning("roster_file_not_fetched", error=str(error))
            await self._rosters.refuse(sender)
            return
        await self._rosters.preview(sender, files, {"file_id": file.file_id, "name": name})

    async def press_apply(self, sender: Sender, press: Press) -> Outcome:
        """Fetch the file again and apply it; only the file that stands above the button."""
        document = await self._rosters.document_of(sender.user_id)
        if document is None or mark_of(document["file_id"]) != press.value:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        try:
            files = await self._edge.read_roster(document["file_id"], document["name"])
        except DeliveryError:
            raise RefusedError(Reason.ROSTER_FILE) from None
        return await self._rosters.apply(sender, files)
