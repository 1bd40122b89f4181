"""Official announcements: written, approved, read and answered."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from telegram import Update
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.domain.action import Press, Verb
from bot.domain.announcement import Asks
from bot.domain.audience import Group
from bot.domain.outcome import Outcome
from bot.domain.sender import IncidentRef, Sender
from bot.domain.typed_texts import read_texts
from bot.errors import Reason, RefusedError
from handlers.chat.edge import TYPED, Context, Edge, Handler, incident_first, number_in, words_of

OtherWords = Callable[[Update, Context], Awaitable[None]]

_NUMBER_FIRST = re.compile(r"([0-9]{4}-[Aa][0-9]{1,9})(?:\s+(.*)|)", re.DOTALL)
_TIMES = ("publish_at", "expires_at")
_MOST_MINUTES = 60 * 24 * 31


class AnnouncementConversation:
    """`/announce`, `/announcements`, their buttons. `other`: what happens with words that answer no question."""

    def __init__(self, edge: Edge, other: OtherWords) -> None:
        self._edge = edge
        self._services = edge.services
        self._other = other
        self.presses = {
            Verb.ANNOUNCE: self.press_menu,
            Verb.ANNOUNCE_READY: self.press_ready,
            Verb.ANNOUNCE_AUDIENCE: self.press_audience,
            Verb.ANNOUNCE_CHOOSE: self.press_choose,
            Verb.ANNOUNCE_ASKS: self.press_asks,
            Verb.ANNOUNCE_TIME: self.press_time,
            Verb.ANNOUNCE_ABOUT: self.press_about,
            Verb.ANNOUNCE_WORDS: self.press_words,
            Verb.ANNOUNCE_NEVER_MIND: self.press_never_mind,
            Verb.ANNOUNCE_PREVIEW: self.press_preview,
            Verb.ANNOUNCE_SUBMIT: self.press_submit,
            Verb.ANNOUNCE_DROP: self.press_drop,
            Verb.ANNOUNCE_APPROVE: self.press_approve,
            Verb.ANNOUNCE_NOW: self.press_now,
            Verb.ANNOUNCE_ANSWER: self.press_answer,
            Verb.ANNOUNCE_CHASE: self.press_chase,
            Verb.ANNOUNCE_SILENT: self.press_silent,
            Verb.ANNOUNCE_SHOW: self.press_show,
            Verb.ANNOUNCE_ASK_WITHDRAW: self.press_ask_withdraw,
            Verb.ANNOUNCE_WITHDRAW: self.press_withdraw,
        }

    def handlers(self) -> list[Handler]:
        """The commands, and words in private that somebody was asked for."""
        return [
            CommandHandler("announce", self.announce, TYPED),
            CommandHandler("announcements", self.announcements, TYPED),
            MessageHandler(
                TYPED & filters.ChatType.PRIVATE & filters.TEXT & ~filters.Regex(r"^/"), self.words
            ),
        ]

    async def announce(self, update: Update, _: Context) -> None:
        """`/announce [incident|number] [text]`."""
        sender = self._edge.sender(update)
        if sender is None:
            return
        words = words_of(update)
        if match := _NUMBER_FIRST.fullmatch(words):
            await self._about(sender, match[1].upper(), match[2] or "")
            return
        ref, text = incident_first(words)
        if text:
            await self._services.announcements.write(sender, ref, read_texts(text))
        else:
            await self._services.ready_texts.offer(sender, ref)

    async def _about(self, sender: Sender, number: str, text: str) -> None:
        if text:
            await self._services.announcements.rewrite(sender, number, read_texts(text))
        else:
            await self._services.figures.show(sender, number)

    async def announcements(self, update: Update, _: Context) -> None:
        """`/announcements`."""
        if sender := self._edge.sender(update):
            await self._services.figures.list_recent(sender)

    async def words(self, update: Update, context: Context) -> None:
        """The answer to a question, if there is one; else words like any others."""
        sender = self._edge.sender(update)
        if sender is not None and await self._services.dictation.is_asked(sender.user_id):
            await self._services.dictation.answer(sender, words_of(update))
        else:
            await self._other(update, context)

    async def press_menu(self, sender: Sender, press: Press) -> Outcome:
        """From the incident's card."""
        return await self._services.ready_texts.offer(sender, IncidentRef(press.subject))

    async def press_ready(self, sender: Sender, press: Press) -> Outcome:
        """A ready-made text."""
        return await self._services.ready_texts.take(sender, press.subject, press.value)

    async def press_audience(self, sender: Sender, press: Press) -> Outcome:
        """`staff`, `roles:MEDICAL`."""
        group, _, name = press.value.partition(":")
        if group not in set(Group):
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._services.announcements.set_audience(sender, press.subject, Group(group), name)

    async def press_choose(self, sender: Sender, press: Press) -> Outcome:
        """More buttons, or back."""
        return await self._services.announcements.choose(sender, press.subject, press.value)

    async def press_asks(self, sender: Sender, press: Press) -> Outcome:
        """What readers are asked."""
        if press.value not in set(Asks):
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._services.announcements.set_asks(sender, press.subject, Asks(press.value))

    async def press_time(self, sender: Sender, press: Press) -> Outcome:
        """`publish_at:60`: minutes from now."""
        what, _, minutes = press.value.partition(":")
        is_number = minutes.isascii() and minutes.isdigit() and int(minutes) <= _MOST_MINUTES
        if what not in _TIMES or not (is_number or not minutes):
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        after = timedelta(minutes=int(minutes)) if minutes else None
        return await self._services.announcements.set_time(sender, press.subject, what, after)

    async def press_about(self, sender: Sender, press: Press) -> Outcome:
        """About an incident, or about none."""
        return await self._services.announcements.set_about(sender, press.subject, number_in(press))

    async def press_words(self, sender: Sender, press: Press) -> Outcome:
        """Muster asks; the next words are the answer."""
        return await self._services.dictation.ask(sender, press.subject, press.value)

    async def press_never_mind(self, sender: Sender, _: Press) -> Outcome:
        """No answer."""
        return await self._services.dictation.never_mind(sender)

    async def press_preview(self, sender: Sender, press: Press) -> Outcome:
        """As everybody will see it."""
        return await self._services.announcements.preview(sender, press.subject)

    async def press_submit(self, sender: Sender, press: Press) -> Outcome:
        """To who may publish it."""
        return await self._services.announcements.submit(sender, press.subject, press.value)

    async def press_drop(self, sender: Sender, press: Press) -> Outcome:
        """Not at all."""
        return await self._services.announcements.drop(sender, press.subject)

    async def press_approve(self, sender: Sender, press: Press) -> Outcome:
        """Out."""
        return await self._services.publications.approve(sender, press.subject, press.value)

    async def press_now(self, sender: Sender, press: Press) -> Outcome:
        """Out, in spite of quiet hours."""
        return await self._services.publications.approve(sender, press.subject, press.value, is_at_once=True)

    async def press_answer(self, sender: Sender, press: Press) -> Outcome:
        """A reader's answer."""
        return await self._services.answers.answer(sender, press.subject, press.value)

    async def press_chase(self, sender: Sender, press: Press) -> Outcome:
        """Once more to the silent."""
        return await self._services.answers.chase(sender, press.subject)

    async def press_silent(self, sender: Sender, press: Press) -> Outcome:
        """Who they are."""
        return await self._services.answers.list_silent(sender, press.subject)

    async def press_show(self, sender: Sender, press: Press) -> Outcome:
        """From the list, or back."""
        return await self._services.figures.show_pressed(sender, press.subject)

    async def press_ask_withdraw(self, sender: Sender, press: Press) -> Outcome:
        """Take it back? Asked once more."""
        return await self._services.publications.ask_withdrawal(sender, press.subject)

    async def press_withdraw(self, sender: Sender, press: Press) -> Outcome:
        """Taken back."""
        return await self._services.publications.withdraw(sender, press.subject)
