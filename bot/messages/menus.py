"""The command menus behind Telegram's menu button, by language and scope."""

from __future__ import annotations

from bot.i18n import Language
from bot.messages.people import DESK, EVERYONE


def everyone(language: Language) -> tuple[tuple[str, str], ...]:
    """For private chats."""
    return tuple((command, str(language.say(text))) for command, text in EVERYONE)


def centre(language: Language) -> tuple[tuple[str, str], ...]:
    """For the command centre's group: its own commands first."""
    return tuple((command, str(language.say(text))) for command, text, *_ in (*DESK, *EVERYONE))
