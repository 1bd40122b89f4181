"""One rendered message to its chat: the `Transport` that the outbox sends by."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import structlog
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    WebAppInfo,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.domain.message import Button, Delivery, Original, Rendered
from bot.domain.text import shorten
from bot.errors import RejectedError
from integrations.telegram.errors import (
    delivery_errors,
    has_no_original,
    has_no_text,
    is_gone,
    is_not_modified,
    is_unparsable,
)
from integrations.telegram.length import fit, plain

MAX_ANSWER: Final = 200
"""https://core.telegram.org/bots/api#answercallbackquery"""
MAX_CAPTION: Final = 1024
"""https://core.telegram.org/bots/api#sendphoto, #senddocument and #copymessage"""
MAX_TITLE: Final = 128
"""https://core.telegram.org/bots/api#createforumtopic"""
PICTURE_NAME: Final = "picture.jpg"
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
            field = "caption" if "caption" in content else "text"
            return await self._deliver(
                delivery, message, content | {field: plain(content[field]), "parse_mode": None}
            )

    async def _deliver(self, delivery: Delivery, message: Rendered, content: dict[str, Any]) -> int:
        if delivery.edit_of is not None:
            return await self._edit(delivery.chat_id, delivery.edit_of, message, content)
        if message.photo is not None:
            return await self._send_photo(delivery, message, message.photo, content)
        content = content | {
            "message_thread_id": _thread(delivery),
            "disable_notification": delivery.is_silent,
            "reply_markup": _buttons(message, delivery.chat_id) or _keyboard(message),
            "protect_content": message.is_protected or None,
        }
        if message.copy_of is not None:
            return await self._copy(delivery, message.copy_of, content)
        if message.attachment is not None:
            file = InputFile(message.attachment.content, message.attachment.filename)
            sent = await self._bot.send_document(delivery.chat_id, file, **content)
        else:
            sent = await self._bot.send_message(delivery.chat_id, **content)
        return sent.message_id

    async def _copy(self, delivery: Delivery, original: Original, content: dict[str, Any]) -> int:
        """Without the original, the words about it go alone."""
        try:
            copied = await self._bot.copy_message(
                delivery.chat_id, original.chat_id, original.message_id, **content
            )
        except BadRequest as error:
            if not has_no_original(error):
                raise
            text = content.pop("caption")
            sent = await self._bot.send_message(delivery.chat_id, text=text, **content)
            return sent.message_id
        return copied.message_id

    async def _send_photo(
        self, delivery: Delivery, message: Rendered, photo: bytes, content: dict[str, Any]
    ) -> int:
        """Private chats only: a camera's picture in a group cannot be taken back from who saw it."""
        if delivery.chat_id < 0:
            raise RejectedError("no pictures in groups")
        sent = await self._bot.send_photo(
            delivery.chat_id,
            photo,
            filename=PICTURE_NAME,
            disable_notification=delivery.is_silent,
            reply_markup=_buttons(message, delivery.chat_id),
            protect_content=message.is_protected or None,
            **_caption(content),
        )
        return sent.message_id

    async def _edit(self, chat_id: int, message_id: int, message: Rendered, content: dict[str, Any]) -> int:
        # without buttons, Telegram takes the old ones away
        which = {
            "chat_id": chat_id,
            "message_id": message_id,
            "reply_markup": _buttons(message, chat_id),
        }
        try:
            edited = await self._edit_to(message, which, content)
        except BadRequest as error:
            if not is_not_modified(error):
                raise
            return message_id
        return edited.message_id if isinstance(edited, Message) else message_id

    async def _edit_to(
        self, message: Rendered, which: dict[str, Any], content: dict[str, Any]
    ) -> Message | bool:
        """Text stays text, or becomes a picture; words for a picture stand beneath it."""
        if message.photo is not None:
            media = InputMediaPhoto(message.photo, filename=PICTURE_NAME, **_caption(content))
            return await self._bot.edit_message_media(media, **which)
        try:
            return await self._bot.edit_message_text(**which, **content)
        except BadRequest as error:
            if not has_no_text(error):
                raise
            return await self._bot.edit_message_caption(**which, **_caption(content))

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

    async def delete(self, delivery: Delivery, message_id: int) -> None:
        """Delete a message of ours; one that is gone already is success."""
        with delivery_errors():
            try:
                await self._bot.delete_message(delivery.chat_id, message_id)
            except BadRequest as error:
                if not is_gone(error):
                    raise

    async def announce_picture(self, delivery: Delivery) -> None:
        """Show in the chat that a picture is on its way."""
        with delivery_errors():
            await self._bot.send_chat_action(delivery.chat_id, ChatAction.UPLOAD_PHOTO)

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
    if message.attachment is not None or message.copy_of is not None:
        return {"caption": fit(message.text, MAX_CAPTION), "parse_mode": ParseMode.HTML}
    return {"text": fit(message.text), "parse_mode": ParseMode.HTML, "link_preview_options": _NO_PREVIEW}


def _caption(content: dict[str, Any]) -> dict[str, Any]:
    return {"caption": fit(content["text"], MAX_CAPTION), "parse_mode": content["parse_mode"]}


def _thread(delivery: Delivery) -> int | None:
    return delivery.thread_id if delivery.thread_id not in (None, 0, GENERAL_TOPIC) else None


def _buttons(message: Rendered, chat_id: int) -> InlineKeyboardMarkup | None:
    if not message.buttons:
        return None
    return InlineKeyboardMarkup([[_button(one, chat_id) for one in row] for row in message.buttons])


def _button(button: Button, chat_id: int) -> InlineKeyboardButton:
    if button.press is None:
        return _link(button, chat_id)
    try:
        return InlineKeyboardButton(button.label, callback_data=button.press.encode())
    except ValueError as error:
        raise RejectedError(f"button: {error}") from error


def _link(button: Button, chat_id: int) -> InlineKeyboardButton:
    """A Mini App in a group would cost the whole message (BUTTON_TYPE_INVALID), so there it is a link."""
    if button.web_app and chat_id > 0:
        return InlineKeyboardButton(button.label, web_app=WebAppInfo(button.web_app))
    return InlineKeyboardButton(button.label, url=button.web_app or button.url)


def _keyboard(message: Rendered) -> ReplyKeyboardMarkup | None:
    if not message.keyboard:
        return None
    return ReplyKeyboardMarkup(message.keyboard, resize_keyboard=True, is_persistent=True)
