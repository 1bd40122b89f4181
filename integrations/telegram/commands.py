"""The list of commands behind Telegram's menu button: one a scope and language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import structlog
from telegram import Bot, BotCommand, BotCommandScope
from telegram.error import TelegramError

_log = structlog.get_logger(__name__)


class Menu(NamedTuple):
    """Commands as Telegram shows them in one scope to people with one language.

    `scope` is the Bot API's word: `default`, `all_private_chats`, `all_group_chats`,
    `all_chat_administrators`, or with `chat_id` `chat` and `chat_administrators`. `language_code` has two
    letters (Chinese is `zh`, whatever the script); empty is everybody else: the school's own language.
    """

    scope: str
    language_code: str
    commands: tuple[tuple[str, str], ...]
    chat_id: int | None = None


def language_code(locale: str) -> str:
    """Telegram's code for one of Muster's locales: `zh_Hans` is `zh`."""
    return locale.partition("_")[0].lower()


async def publish_commands(bot: Bot, menus: Iterable[Menu]) -> bool:
    """Bring each menu that differs from Telegram's to Telegram. Whether all are right now; never raises."""
    are_right = True
    for menu in menus:
        try:
            await _publish(bot, menu)
        except TelegramError as error:
            are_right = False
            _log.warning(
                "commands_not_published", scope=menu.scope, language=menu.language_code, error=str(error)
            )
    return are_right


async def _publish(bot: Bot, menu: Menu) -> None:
    where: dict[str, Any] = {"scope": _scope(menu), "language_code": menu.language_code or None}
    wanted = tuple(BotCommand(command, description) for command, description in menu.commands)
    if await bot.get_my_commands(**where) == wanted:
        return
    if wanted:
        await bot.set_my_commands(wanted, **where)
    else:
        await bot.delete_my_commands(**where)


def _scope(menu: Menu) -> BotCommandScope:
    where: dict[str, Any] = {"type": menu.scope}
    if menu.chat_id is not None:
        where["chat_id"] = menu.chat_id
    return BotCommandScope.de_json(where, None)
