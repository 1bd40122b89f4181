"""SOS, reports and what people add to them.

The way of one report: here (who, what, where) → `bot/services/reporting.py` (declare or join) →
`bot/delivery/outbox.py` (claim) → `bot/messages/incident.py` (words) → `integrations/telegram/transport.py`.
"""

from __future__ import annotations

import re

from telegram import Message, Update
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.domain.action import Press, Verb
from bot.domain.incident import Kind
from bot.domain.media import Media, MediaKind
from bot.domain.outcome import Outcome
from bot.domain.place import Campus
from bot.domain.sender import Sender
from bot.domain.text import clean_text
from bot.errors import Reason, RefusedError
from bot.services.reporting import Told
from handlers.chat.edge import TYPED, Context, Edge, Handler, words_of
from handlers.chat.said import keys, read_report

# Who types these words in private means the button.
CRY = re.compile(r"^\s*(sos|救命|救我|求救|紧急求助|快来人|help me)[\s!！.。]*$", re.IGNORECASE)


class ReportConversation:
    """`/sos`, `/report`, their buttons, and free text."""

    def __init__(self, edge: Edge, campus: Campus) -> None:
        self._edge = edge
        self._campus = campus
        self.presses = {
            Verb.REPORT_KIND: self.press_kind,
            Verb.REPORT_ZONE: self.press_zone,
            Verb.REPORT_PLACES: self.press_page,
            Verb.SOMETHING_ELSE: self.press_part,
            Verb.IS_REAL: self.press_part,
            Verb.NEW_REPORT_KIND: self.press_new_kind,
            Verb.NEW_REPORT_ZONE: self.press_new_zone,
            Verb.NEW_REPORT_PLACES: self.press_new_page,
            Verb.ADD_WORDS: self.press_add,
        }

    def handlers(self) -> list[Handler]:
        """In the order in which they are tried."""
        fresh = TYPED
        return [
            CommandHandler("sos", self.sos, fresh),
            MessageHandler(fresh & filters.Text(list(keys().sos)), self.sos),
            MessageHandler(fresh & filters.ChatType.PRIVATE & filters.Regex(CRY), self.sos),
            CommandHandler("report", self.report, fresh),
            MessageHandler(fresh & filters.Text(list(keys().report)), self.report),
        ]

    def free_text(self) -> Handler:
        """What nothing else understood, in private chats only; it comes last."""
        written = filters.UpdateType.MESSAGES & ~filters.StatusUpdate.ALL
        return MessageHandler(filters.ChatType.PRIVATE & written, self.words)

    async def sos(self, update: Update, _: Context) -> None:
        """One press: the incident exists before anything is asked."""
        if sender := self._edge.sender(update):
            await self._edge.services.reporting.sos(sender)

    async def report(self, update: Update, _: Context) -> None:
        """In one line, or guided when the line is empty."""
        sender = self._edge.sender(update)
        if sender is None:
            return
        words = "" if words_of(update) in keys().report else words_of(update)
        if not words:
            await self._edge.services.reporting.ask(sender, None)
        else:
            await self._edge.services.reporting.report(sender, read_report(words, self._campus))

    async def words(self, update: Update, _: Context) -> None:
        """Free text and captions join the incident that their writer reported."""
        sender, message = self._edge.sender(update), update.effective_message
        if sender is None or message is None:
            return
        text, media = clean_text(_shown(message)), media_of(message)
        if media is None and not text:
            media = Media(MediaKind.FILE)
        await self._edge.services.reporting.add_words(sender, text or "–", media=media)

    async def press_kind(self, sender: Sender, press: Press) -> Outcome:
        """What it is."""
        kind = _kind(press.value)
        return await self._edge.services.reporting.enrich(sender, press.subject, kind=kind)

    async def press_zone(self, sender: Sender, press: Press) -> Outcome:
        """Where it is."""
        return await self._edge.services.reporting.enrich(sender, press.subject, zone=press.value)

    async def press_page(self, sender: Sender, press: Press) -> Outcome:
        """More places."""
        page = int(press.value) if press.value.isascii() and press.value.isdigit() else 0
        return await self._edge.services.reporting.turn_page(sender, press.subject, page)

    async def press_part(self, sender: Sender, press: Press) -> Outcome:
        """Something else, or not a drill."""
        return await self._edge.services.reporting.part(sender, press.subject)

    async def press_add(self, sender: Sender, press: Press) -> Outcome:
        """What was written before belongs to this incident."""
        return await self._edge.services.reporting.add_aside(sender, press.subject)

    async def press_new_kind(self, sender: Sender, press: Press) -> Outcome:
        """Guided report: what; the place is asked next."""
        return await self._edge.services.reporting.ask(sender, _kind(press.value))

    async def press_new_page(self, sender: Sender, press: Press) -> Outcome:
        """Guided report: more places."""
        kind, _, page = press.value.partition(":")
        number = int(page) if page.isascii() and page.isdigit() else 0
        return await self._edge.services.reporting.ask(sender, _kind(kind), number)

    async def press_new_zone(self, sender: Sender, press: Press) -> Outcome:
        """Guided report: where; now it is one."""
        kind, _, zone = press.value.partition(":")
        place = zone if zone in self._campus.zones else None
        told = Told(_kind(kind), place, is_place_unknown=not zone)
        return await self._edge.services.reporting.report(sender, told)


def _shown(message: Message) -> str:
    """What can be read of a message: its text or caption, a place as coordinates, a sticker as its sign."""
    if message.location:
        return f"📍 {message.location.latitude:.5f}, {message.location.longitude:.5f}"
    if message.sticker:
        return message.sticker.emoji or ""
    if message.contact:
        return f"☎ {message.contact.phone_number}"
    return message.text or message.caption or ""


def media_of(message: Message) -> Media | None:
    """What was sent besides words; None for text, a place, a contact."""
    if sound := message.voice or message.audio:
        return Media(MediaKind.VOICE, sound.file_id)
    if message.photo:
        return Media(MediaKind.PHOTO, message.photo[-1].file_id)
    if film := message.video or message.video_note or message.animation:
        return Media(MediaKind.VIDEO, film.file_id)
    if message.document:
        return Media(MediaKind.FILE, message.document.file_id)
    return Media(MediaKind.FILE) if message.caption else None


def _kind(value: str) -> Kind:
    if value not in {kind.value for kind in Kind}:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return Kind(value)
