"""Where Telegram has moved a group or channel of the settings to: a group that grows gets another number."""

from __future__ import annotations

from typing import Any

from bot.storage.facts import FactStore

# Before the chat's own name, `centre`, `channel` or `channel:<id>`.
PREFIX = "chat:"


def keep_move(facts: FactStore, chat: str, *, old: int, new: int) -> None:
    """Telegram says that `old` is `new` now; of several moves the first number stays known."""
    before = facts.get(PREFIX + chat)
    first = before["from"] if isinstance(before, dict) and before["to"] == old else old
    facts.set(PREFIX + chat, {"from": first, "to": new})


def number_now(moved: Any, setting: int | None) -> int | None:
    """The chat's number, by what is kept of its move (None: nothing) and by the settings.

    Another number in the settings than the one that moved is another group: it holds.
    """
    if not isinstance(moved, dict):
        return moved or setting
    return int(moved["to"]) if moved["from"] == setting else setting
