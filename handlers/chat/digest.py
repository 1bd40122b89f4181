"""`/digest`, `/review`, `/corrective`, `/corrected` and their buttons."""

from __future__ import annotations

import re

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.digest import DigestKind
from bot.domain.outcome import Outcome
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from handlers.chat.edge import TYPED, Context, Edge, Handler, incident_first, words_of

_SPANS = {
    "": DigestKind.EVENING,
    "today": DigestKind.EVENING,
    "今天": DigestKind.EVENING,
    "今日": DigestKind.EVENING,
    "week": DigestKind.WEEKLY,
    "本周": DigestKind.WEEKLY,
    "周": DigestKind.WEEKLY,
    "term": DigestKind.TERMLY,
    "学期": DigestKind.TERMLY,
    "本学期": DigestKind.TERMLY,
}
_NUMBERED = re.compile(r"#?(\d{1,9})(?:\s+(.*))?", re.DOTALL | re.ASCII)


class DigestConversation:
    """What the principal reads, and what is done about it."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._digests = edge.services.digests
        self._corrective = edge.services.corrective
        self.presses = {
            Verb.DIGEST_SHOW: self.press_digest,
            Verb.CORRECTIVE_DONE: self.press_done,
        }

    def handlers(self) -> list[Handler]:
        """One for each command."""
        commands = {
            "digest": self.digest,
            "review": self.review,
            "corrective": self.corrective,
            "corrected": self.corrected,
        }
        return [CommandHandler(name, do, TYPED) for name, do in commands.items()]

    async def digest(self, update: Update, _: Context) -> None:
        """`/digest [today|week|term]`; any other word means today."""
        if sender := self._edge.sender(update):
            kind = _SPANS.get(words_of(update).casefold(), DigestKind.EVENING)
            await self._digests.show(sender, kind)

    async def review(self, update: Update, _: Context) -> None:
        """`/review`."""
        if sender := self._edge.sender(update):
            await self._digests.review(sender)

    async def corrective(self, update: Update, _: Context) -> None:
        """`/corrective [number] [OWNER DATE WORDS]`; alone it lists them."""
        sender = self._edge.sender(update)
        if sender is None:
            return
        ref, words = incident_first(words_of(update))
        if words:
            await self._corrective.agree(sender, ref, words)
        else:
            await self._corrective.list_open(sender)

    async def corrected(self, update: Update, _: Context) -> None:
        """`/corrected NUMBER PROOF`."""
        sender = self._edge.sender(update)
        if sender is None:
            return
        match = _NUMBERED.fullmatch(words_of(update))
        number, proof = (int(match[1]), (match[2] or "").strip()) if match else (0, "")
        await self._corrective.finish(sender, number, proof)

    async def press_digest(self, sender: Sender, press: Press) -> Outcome:
        """The week, as a document."""
        kind = _SPANS.get(press.value)
        if kind is None:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._digests.show(sender, kind)

    async def press_done(self, sender: Sender, press: Press) -> Outcome:
        """Done; the next message says how it can be seen."""
        return await self._corrective.ask_proof(sender, press.subject)
