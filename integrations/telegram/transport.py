"""One rendered message to its chat: the `Transport` that the outbox sends by."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import structlog
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.domain.message import Button, Delivery, Rendered
from bot.domain.text import shorten
from bot.errors import RejectedError
from integrations.telegram.errors import delivery_errors, is_not_modified, is_unparsable
from integrations.telegram.length import fit, plain

MAX_ANSWER: Final = 200
"""https://core.telegram.org/bots/api#answercallbackquery"""
MAX_TITLE: Final = 128
"""https://core.telegram.org/bots/api#createforumtopic"""
GENERAL_TOPIC: Final = 1
"""Telegram refuses this thread id when sending: the general topic is meant by naming none."""
ICONS_WAIT_S: Final = 2.0

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_TOO_OLD = "query is too old"
_log = structlog.get_logger(__name__)


class TelegramTransport:
    """Sends by one bot. Raises from the `DeliveryError` branch and nothing else."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._icons: dict[str, str] | None = None

    async def send(self, delivery: Delivery, message: Rendered) -> int:
        """Send, or edit when `delivery.edit_of` is set; the Telegram message id."""
        content = _content(message)
        with delivery_errors():
            try:
                return await self._deliver(delivery, message, content)
            except BadRequest as error:
                if not is_unparsable(error):
                    raise
                _log.error(
                    "html_refused_sent_plain", delivery=delivery.id, kind=delivery.kind, error=str(error)
                )
            return await self._deliver(
                delivery, message, content | {"text": plain(content["text"]), "parse_mode": None}
            )

    async def _deliver(self, delivery: Delivery, message: Rendered, content: dict[str, Any]) -> int:
        if delivery.edit_of is not None:
            return await self._edit(delivery.chat_id, delivery.edit_of, message, content)
        sent = await self._bot.send_message(
            delivery.chat_id,
            message_thread_id=_thread(delivery),
            disable_notification=delivery.is_silent,
            reply_markup=_buttons(message) or _keyboard(message),
            **content,
        )
        return sent.message_id

    async def _edit(self, chat_id: int, message_id: int, message: Rendered, content: dict[str, Any]) -> int:
        try:
            edited = await self._bot.edit_message_text(
                chat_id=chat_id,
                message_id=message_id,
                # without one, Telegram takes the old buttons away
                reply_markup=_buttons(message),
                **content,
            )
        except BadRequest as error:
            if not is_not_modified(error):
                raise
            return message_id
        return edited.message_id if isinstance(edited, Message) else message_id

    async def create_topic(self, delivery: Delivery, title: str, icon: str) -> int:
        """Make a forum topic; its thread id. `icon` is an emoji; left out if Telegram has no such icon."""
        emoji_id = await self._icon(icon)
        with delivery_errors():
            topic = await self._bot.create_forum_topic(
                delivery.chat_id, shorten(title, MAX_TITLE), icon_custom_emoji_id=emoji_id
            )
            return topic.message_thread_id

    async def rename_topic(self, delivery: Delivery, title: str, icon: str) -> None:
        """Give the topic `delivery.thread_id` its new title; an unchanged one is success."""
        thread_id = _thread(delivery)
        if thread_id is None:
            raise RejectedError("no topic to rename")
        emoji_id = await self._icon(icon)
        with delivery_errors():
            try:
                await self._bot.edit_forum_topic(
                    delivery.chat_id, thread_id, name=shorten(title, MAX_TITLE), icon_custom_emoji_id=emoji_id
                )
            except BadRequest as error:
                if not is_not_modified(error):
                    raise

    async def pin(self, delivery: Delivery, message_id: int) -> None:
        """Pin a message in its topic, silently; a pinned one is success."""
        with delivery_errors():
            try:
                await self._bot.pin_chat_message(delivery.chat_id, message_id, disable_notification=True)
            except BadRequest as error:
                if not is_not_modified(error):
                    raise

    async def answer_callback(self, query_id: str, text: str = "", *, show_alert: bool = False) -> None:
        """Answer a press. Never raises: the press is already kept, and an old query takes no answer."""
        try:
            await self._bot.answer_callback_query(
                query_id, shorten(text, MAX_ANSWER) or None, show_alert=show_alert
            )
        except TelegramError as error:
            if _TOO_OLD not in error.message.lower():
                _log.warning("callback_not_answered", error=error.message)

    async def download(self, file_id: str) -> bytes:
        """A file that somebody sent, at most 20 MB (Bot API, getFile). Raises from the DeliveryError branch."""
        with delivery_errors():
            file = await self._bot.get_file(file_id)
            return bytes(await file.download_as_bytearray())

    async def _icon(self, emoji: str) -> str | None:
        """The custom emoji of a topic icon. A failed look-up costs the icon, never the topic."""
        if not emoji:
            return None
        if self._icons is None:
            try:
                async with asyncio.timeout(ICONS_WAIT_S):
                    self._icons = await self._ask_icons()
            except Exception as error:  # noqa: BLE001 - an icon is worth no topic
                _log.warning("topic_icons_unknown", error=str(error) or type(error).__name__)
                return None
        return self._icons.get(emoji)

    async def _ask_icons(self) -> dict[str, str]:
        """Emoji to custom emoji; empty on a server that has none."""
        try:
            stickers = await self._bot.get_forum_topic_icon_stickers()
        except InvalidToken:  # which is how PTB reads the 404 of an unknown method
            return {}
        return {one.emoji: one.custom_emoji_id for one in stickers if one.emoji and one.custom_emoji_id}


def _content(message: Rendered) -> dict[str, Any]:
    return {"text": fit(message.text), "parse_mode": ParseMode.HTML, "link_preview_options": _NO_PREVIEW}


def _thread(delivery: Delivery) -> int | None:
    return delivery.thread_id if delivery.thread_id not in (None, 0, GENERAL_TOPIC) else None


def _buttons(message: Rendered) -> InlineKeyboardMarkup | None:
    if not message.buttons:
        return None
    return InlineKeyboardMarkup([[_button(one) for one in row] for row in message.buttons])


def _button(button: Button) -> InlineKeyboardButton:
    if button.press is None:
        return InlineKeyboardButton(button.label, url=button.url)
    try:
        return InlineKeyboardButton(button.label, callback_data=button.press.encode())
    except ValueError as error:
        raise RejectedError(f"button: {error}") from error


def _keyboard(message: Rendered) -> ReplyKeyboardMarkup | None:
    if not message.keyboard:
        return None
    return ReplyKeyboardMarkup(message.keyboard, resize_keyboard=True, is_persistent=True)
