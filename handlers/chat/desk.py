"""Questions, drills, and who is who: what is not about acting on one incident."""

from __future__ import annotations

from telegram import Update
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.domain.action import Press, Verb
from bot.domain.outcome import Outcome
from bot.domain.patrol import PREFIX
from bot.domain.place import Campus
from bot.domain.sender import IncidentRef, Sender
from bot.errors import Reason, RefusedError
from bot.i18n import LOCALES, normalise_locale
from handlers.chat.edge import TYPED, Context, Edge, Handler, only_incident, words_of
from handlers.chat.said import keys, read_kind


class DeskConversation:
    """`/start /help /whoami /language /status /incidents /timeline /drill /revoke`."""

    def __init__(self, edge: Edge, campus: Campus) -> None:
        self._edge = edge
        self._services = edge.services
        self._campus = campus
        self.presses = {Verb.LANGUAGE: self.press_language, Verb.TIMELINE: self.press_timeline}

    def handlers(self) -> list[Handler]:
        """One for each command, and the keyboard's keys."""
        fresh = TYPED
        commands = {
            "start": self.start,
            "help": self.help,
            "whoami": self.whoami,
            "language": self.language,
            "status": self.status,
            "incidents": self.incidents,
            "timeline": self.timeline,
            "drill": self.drill,
            "revoke": self.revoke,
        }
        return [
            *(CommandHandler(name, do, fresh) for name, do in commands.items()),
            MessageHandler(fresh & filters.Text(list(keys().status)), self.status),
            MessageHandler(fresh & filters.Text(list(keys().help)), self.help),
        ]

    async def start(self, update: Update, _: Context) -> None:
        """`/start [invite code]`, or the code at a point of the patrol."""
        sender, code = self._edge.sender(update), words_of(update)
        if sender is None:
            return
        if code.startswith(PREFIX):
            await self._services.patrol.check_in(sender, code.removeprefix(PREFIX))
        else:
            await self._services.enrolment.start(sender, code)

    async def help(self, update: Update, _: Context) -> None:
        """`/help`."""
        if sender := self._edge.sender(update):
            await self._services.enrolment.help(sender)

    async def whoami(self, update: Update, _: Context) -> None:
        """`/whoami`."""
        if sender := self._edge.sender(update):
            await self._services.enrolment.whoami(sender)

    async def language(self, update: Update, _: Context) -> None:
        """`/language [zh|en]`."""
        sender = self._edge.sender(update)
        if sender is None:
            return
        locale = normalise_locale(words_of(update))
        if locale:
            await self._services.enrolment.choose_language(sender, locale)
        else:
            await self._services.enrolment.ask_language(sender)

    async def status(self, update: Update, _: Context) -> None:
        """`/status`."""
        if sender := self._edge.sender(update):
            await self._services.overview.status(sender)

    async def incidents(self, update: Update, _: Context) -> None:
        """`/incidents`."""
        if sender := self._edge.sender(update):
            await self._services.overview.incidents(sender)

    async def timeline(self, update: Update, _: Context) -> None:
        """`/timeline [number]`."""
        if sender := self._edge.sender(update):
            await self._services.overview.timeline(sender, only_incident(words_of(update)))

    async def drill(self, update: Update, __: Context) -> None:
        """`/drill kind [zone]`."""
        if sender := self._edge.sender(update):
            words = words_of(update)
            kind, zone = read_kind(words)
            await self._services.drill.start(sender, kind, kind_word=words, zone_word=zone)

    async def revoke(self, update: Update, _: Context) -> None:
        """`/revoke staff`."""
        if sender := self._edge.sender(update):
            await self._services.enrolment.revoke(sender, words_of(update))

    async def press_language(self, sender: Sender, press: Press) -> Outcome:
        """One of two buttons."""
        if press.value not in LOCALES:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._services.enrolment.choose_language(sender, press.value)

    async def press_timeline(self, sender: Sender, press: Press) -> Outcome:
        """From the card."""
        return await self._services.overview.timeline(sender, IncidentRef(press.subject))
