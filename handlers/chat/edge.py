"""What every conversation shares: the services behind it, who speaks, and how a press is answered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog
from telegram import CallbackQuery, Chat, Message, Update, User
from telegram.constants import ChatType
from telegram.ext import BaseHandler, CallbackContext, filters

from bot.domain.action import Press
from bot.domain.lost_time import LostTime
from bot.domain.outcome import Outcome
from bot.domain.roster_file import RosterFile
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import clean_text
from bot.errors import Reason, RefusedError
from bot.i18n import Languages, normalise_locale
from bot.messages.answers import toast
from bot.services import Services

SOURCE = "telegram"
Context = CallbackContext[Any, Any, Any, Any]
Handler = BaseHandler[Update, Context, None]
ReadRoster = Callable[[str, str], Awaitable[list[RosterFile]]]
AnswerPress = Callable[[str, str], Awaitable[None]]

_NUMBER_FIRST = re.compile(r"([0-9]{4}-[0-9]+)(?:\s+(.*)|)", re.DOTALL)

# As many digits as a 64-bit id takes in any database.
_NUMBER = re.compile(r"[0-9]{1,18}")

_PICTURE_FIRST = re.compile(r"[#＃]([0-9]{1,12})(?:\s+(.*)|)", re.DOTALL)

# What its sender typed or pressed. Another's words, passed on, are words and no command.
TYPED = filters.UpdateType.MESSAGE & ~filters.FORWARDED & ~filters.VIA_BOT

log = structlog.get_logger(__name__)


async def _no_roster(_: str, name: str) -> list[RosterFile]:
    raise LookupError(f"no way to fetch {name}")


async def _no_look() -> None:
    """There is nothing to look at."""


@dataclass
class Edge:
    """`centres`: the command centre's chat ids, old and new after a migration.

    `read_roster` fetches a file by Telegram's id and name, and reads it. `look_at_centre` sees whether it is fit.
    `lost_time`: buttons that were shown in it may mean something else now.
    """

    services: Services
    languages: Languages
    answer_press: AnswerPress
    centres: set[int]
    read_roster: ReadRoster = _no_roster
    look_at_centre: Callable[[], Awaitable[None]] = _no_look
    lost_time: LostTime = field(default_factory=LostTime)
    _answering: set[asyncio.Task[None]] = field(default_factory=set)

    def sender(self, update: Update) -> Sender | None:
        """Who speaks; None for channels, anonymous admins and groups that are not the school's."""
        user, chat = update.effective_user, update.effective_chat
        if user is None or chat is None or user.is_bot or not self._is_ours(chat):
            return None
        query = update.callback_query
        message = query.message if query else update.effective_message
        return Sender(
            user_id=user.id,
            inbox=(SOURCE, str(update.update_id)),
            locale=_phone_locale(user),
            is_private=chat.type == ChatType.PRIVATE,
            is_press=query is not None,
            message_id=message.message_id if message else 0,
            topic_id=_topic_of(message) if isinstance(message, Message) else None,
        )

    def _is_ours(self, chat: Chat) -> bool:
        return chat.type == ChatType.PRIVATE or chat.id in self.centres

    def is_lost(self, query: CallbackQuery) -> bool:
        """Whether the button was shown or changed in lost time; one that nobody can date may have been."""
        message = query.message
        if not isinstance(message, Message):
            return bool(self.lost_time.spans)
        return self.lost_time.has(message.edit_date or message.date)

    def answer(self, query: CallbackQuery, outcome: Outcome) -> None:
        """Say on the pressed button what came of it; after the commit, outside the sender's lane."""
        self.in_background(self.answer_press(query.id, toast(outcome, self.languages)))

    def in_background(self, work: Coroutine[Any, Any, None] | Awaitable[None]) -> None:
        """Let network answers run beside the lane; `settle` waits for them at the end."""
        task = asyncio.ensure_future(work)
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def settle(self) -> None:
        """Wait for the answers still under way."""
        if self._answering:
            await asyncio.wait(list(self._answering), timeout=1)


def _phone_locale(user: User) -> str | None:
    return normalise_locale(user.language_code)


def _topic_of(message: Message) -> int | None:
    """A forum's thread; elsewhere a thread id only says what was replied to."""
    return message.message_thread_id if message.is_topic_message else None


def words_of(update: Update) -> str:
    """What was typed, cleaned; without the command if there is one."""
    message = update.effective_message
    text = clean_text((message and (message.text or message.caption)) or "")
    if text.startswith("/"):
        _, *rest = text.split(maxsplit=1)
        text = "".join(rest)
    return text


def incident_first(words: str) -> tuple[IncidentRef, str]:
    """An incident number may stand first: `2026-0007 rest`. Without one the topic, or the only open one, is meant."""
    if match := _NUMBER_FIRST.fullmatch(words):
        return IncidentRef(number=match[1]), match[2] or ""
    return IncidentRef(), words


def only_incident(words: str) -> IncidentRef:
    """For commands that take nothing else: `2026-0007`, or just `7`."""
    ref, rest = incident_first(words)
    return IncidentRef(number=rest) if rest else ref


def picture_first(words: str) -> tuple[int | None, str]:
    """A kept picture's number may stand first: `#12 rest`."""
    if match := _PICTURE_FIRST.fullmatch(words):
        return int(match[1]), match[2] or ""
    return None, words


def number_in(press: Press) -> int:
    """The number that the button's value is. UNKNOWN_BUTTON for anything else, and for what no database can hold."""
    if not _NUMBER.fullmatch(press.value):
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return int(press.value)


def press_of(update: Update) -> Press:
    """The pressed button. BadPressError when it is none of Muster's."""
    query = update.callback_query
    return Press.decode((query and query.data) or "")
