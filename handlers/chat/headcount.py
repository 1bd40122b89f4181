"""The roll call by chat: counting classes, standing in, saying that one is safe, and the links to the pages."""

from __future__ import annotations

import re
from typing import Final

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.headcount import Said
from bot.domain.outcome import Outcome
from bot.domain.page import Page
from bot.domain.roll_call import CheckInState
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from handlers.chat.edge import (
    TYPED,
    Context,
    Edge,
    Handler,
    incident_first,
    only_incident,
    picture_first,
    words_of,
)
from handlers.chat.said import Counted, read_count

MOST_DIGITS: Final = 9
_IDS: Final = re.compile(rf"([0-9]{{1,18}}):([0-9]{{1,{MOST_DIGITS}}})")
_SAID: Final = re.compile(r"([0-9]{1,18}):([a-z_]+)")


class HeadcountConversation:
    """`/headcount /cover /safe /visitors /board /retain /release` and the buttons of the roll call."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._headcounts = edge.services.headcounts
        self._covers = edge.services.covers
        self._check_ins = edge.services.check_ins
        self._holding = edge.services.holding
        self._pictures = edge.services.picture_holding
        self.presses = {
            Verb.COUNT_ALL: self.press_all,
            Verb.COUNT_REST: self.press_rest,
            Verb.COUNT_HELP: self.press_help,
            Verb.COUNT_HELP_OVER: self.press_help_over,
            Verb.COUNT_PICK: self.press_pick,
            Verb.COUNT_PUPIL: self.press_pupil,
            Verb.COUNT_STATE: self.press_state,
            Verb.OPEN_PAGE: self.press_page,
            Verb.LIST_MISSING: self.press_missing,
            Verb.LIST_SILENT: self.press_silent,
            Verb.COVER_END: self.press_cover_end,
            Verb.SAFE: self.press_safe,
            Verb.NEED_HELP: self.press_need_help,
            Verb.AWAY: self.press_away,
            Verb.STAFF_HELPED: self.press_staff_helped,
        }

    def handlers(self) -> list[Handler]:
        """One for each command."""
        commands = {
            "headcount": self.headcount,
            "cover": self.cover,
            "safe": self.safe,
            "visitors": self.visitors,
            "board": self.board,
            "retain": self.retain,
            "release": self.release,
        }
        return [CommandHandler(name, do, TYPED) for name, do in commands.items()]

    async def headcount(self, update: Update, _: Context) -> None:
        """`/headcount [class] [all|N] [paper]`."""
        if sender := self._edge.sender(update):
            said: Counted = read_count(words_of(update))
            await self._headcounts.command(
                sender, said.school_class, said.number, is_all=said.is_all, is_paper=said.is_paper
            )

    async def cover(self, update: Update, _: Context) -> None:
        """`/cover 7-3`."""
        if sender := self._edge.sender(update):
            await self._covers.begin(sender, words_of(update))

    async def safe(self, update: Update, _: Context) -> None:
        """`/safe [where I am]`."""
        if sender := self._edge.sender(update):
            await self._check_ins.say(sender, CheckInState.SAFE, words_of(update))

    async def visitors(self, update: Update, _: Context) -> None:
        """`/visitors 12`."""
        if sender := self._edge.sender(update):
            word = words_of(update)
            number = int(word) if word.isdecimal() and len(word) <= MOST_DIGITS else -1
            await self._check_ins.set_visitors(sender, number)

    async def board(self, update: Update, _: Context) -> None:
        """`/board`: a one-time link."""
        if sender := self._edge.sender(update):
            await self._headcounts.open_page(sender, Page.BOARD)

    async def retain(self, update: Update, _: Context) -> None:
        """`/retain 2026-0007 why`, or `/retain #12 why` for one picture of a camera."""
        if sender := self._edge.sender(update):
            picture, words = picture_first(words_of(update))
            if picture is None:
                await self._holding.hold(sender, *incident_first(words))
            else:
                await self._pictures.hold(sender, picture, words)

    async def release(self, update: Update, _: Context) -> None:
        """`/release 2026-0007`, or `/release #12`."""
        if sender := self._edge.sender(update):
            picture, words = picture_first(words_of(update))
            if picture is None:
                await self._holding.release(sender, only_incident(words))
            else:
                await self._pictures.release(sender, picture)

    async def press_all(self, sender: Sender, press: Press) -> Outcome:
        """All here."""
        return await self._headcounts.say(sender, press.subject, Said.ALL, _page(press.value))

    async def press_rest(self, sender: Sender, press: Press) -> Outcome:
        """The others are here."""
        return await self._headcounts.say(sender, press.subject, Said.REST, _page(press.value))

    async def press_help(self, sender: Sender, press: Press) -> Outcome:
        """Need help."""
        return await self._headcounts.say(sender, press.subject, Said.HELP)

    async def press_help_over(self, sender: Sender, press: Press) -> Outcome:
        """Help is here."""
        return await self._headcounts.say(sender, press.subject, Said.HELP_OVER)

    async def press_pick(self, sender: Sender, press: Press) -> Outcome:
        """Some missing, or another page of the numbers."""
        page, _, edit = press.value.partition(":")
        return await self._headcounts.pick(sender, press.subject, _page(page) or 0, is_new=edit != "edit")

    async def press_pupil(self, sender: Sender, press: Press) -> Outcome:
        """A number in the grid."""
        match = _IDS.fullmatch(press.value)
        if match is None:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._headcounts.press_pupil(sender, press.subject, int(match[1]), int(match[2]))

    async def press_state(self, sender: Sender, press: Press) -> Outcome:
        """What is said about one pupil."""
        match = _SAID.fullmatch(press.value)
        if match is None or match[2] not in {one.value for one in Said}:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._headcounts.press_state(sender, press.subject, int(match[1]), Said(match[2]))

    async def press_page(self, sender: Sender, press: Press) -> Outcome:
        """A link to the list or the board."""
        if press.value not in {page.value for page in Page}:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._headcounts.open_page(sender, Page(press.value))

    async def press_missing(self, sender: Sender, press: Press) -> Outcome:
        """Who is missing."""
        return await self._headcounts.list_lost(sender, press.subject, is_silent=False)

    async def press_silent(self, sender: Sender, press: Press) -> Outcome:
        """Who has not answered."""
        return await self._headcounts.list_lost(sender, press.subject, is_silent=True)

    async def press_cover_end(self, sender: Sender, press: Press) -> Outcome:
        """Undo a cover."""
        return await self._covers.end(sender, press.subject)

    async def press_safe(self, sender: Sender, press: Press) -> Outcome:
        """I am safe."""
        return await self._check_ins.say(sender, CheckInState.SAFE, incident_id=press.subject)

    async def press_need_help(self, sender: Sender, press: Press) -> Outcome:
        """I need help."""
        return await self._check_ins.say(sender, CheckInState.NEEDS_HELP, incident_id=press.subject)

    async def press_staff_helped(self, sender: Sender, press: Press) -> Outcome:
        """Help is with somebody who called for it."""
        return await self._check_ins.note_helped(sender, press.subject, press.value)

    async def press_away(self, sender: Sender, press: Press) -> Outcome:
        """Not on site."""
        return await self._check_ins.say(sender, CheckInState.AWAY, incident_id=press.subject)


def _page(word: str) -> int | None:
    """A page of the grid; None for a button that stands elsewhere."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= MOST_DIGITS else None
