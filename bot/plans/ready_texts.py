"""The ready-made announcements of `announcements.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.announcement import LANGUAGES, Asks, Text
from bot.domain.audience import Audience, Group
from bot.domain.incident import Kind
from bot.domain.ready_text import ReadyText
from bot.domain.response import ResponseAction

_FILE = Path(__file__).with_name("announcements.toml")


@cache
def ready_texts() -> Mapping[str, ReadyText]:
    """By id, in the file's order. ValueError for one with an unknown blank or without one of the languages."""
    entries = tomllib.loads(_FILE.read_text("utf-8"))["texts"]
    return {entry["id"]: _text(entry) for entry in entries}


def _text(entry: Mapping[str, Any]) -> ReadyText:
    return ReadyText(
        id=entry["id"],
        name=entry["name"],
        texts={language: Text(entry[language]["body"], entry[language]["title"]) for language in LANGUAGES},
        kind=Kind(entry["kind"]) if "kind" in entry else None,
        action=ResponseAction(entry["action"]) if "action" in entry else None,
        audience=Audience(Group(entry["audience"])),
        asks=Asks(entry["asks"]),
        is_life_safety=entry.get("life_safety", False),
        holds_for=timedelta(hours=entry["valid_hours"]),
    )
